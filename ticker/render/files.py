"""Names of files for addresses: a host of files knows no query, so what is asked for stands in the name.

`/w/list?i=energy&lang=es` is the file `w/list_i=energy_lang=es.html`. In a browser `static/files/name.js` says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, quote, urlencode

from ticker.render.variant import DEFAULTS

ORDER = (
    "i", "lang", "range", "spark", "link", "theme", "up", "style", "size", "scale", "on", "above", "below",
    "from", "to",
)  # fmt: skip
"""Parameters in the order in which they stand in a name."""

_HEEDED: Mapping[str, frozenset[str]] = {
    "w": frozenset(ORDER[:8]),
    "embed": frozenset(ORDER[:5]),  # the page itself puts on the look that it is asked for
    "i": frozenset(("lang",)),
    "img": frozenset(("i", "lang", "range", "theme", "up", "size", "scale", "on")),
    "feeds": frozenset(("lang", "above", "below")),
    "v1": frozenset(("i", "range", "from", "to")),
}
"""By the first part of an address: the parameters that make another file."""

_EXPLORED = frozenset(("i", "lang", "range"))
_PLAIN = {**DEFAULTS, "lang": "en", "size": "600", "scale": "1"}
_ENDINGS = {"v1": ".json"}
_ENDED = (".json", ".csv", ".atom", ".svg", ".png")


def asked(address: str) -> str:
    """The address in the form that has a file of its own: what makes no difference is left out. Without a host."""
    path, said = _said(address)
    return path + (f"?{urlencode(said, safe=',')}" if said else "")


def file_of(address: str) -> str:
    """The name of its file, below the root: `img/chart_i=wti_range=5y.png`."""
    path, said = _said(address)
    name, ending = PurePosixPath(path), _ENDINGS.get(_room(path), ".html")
    if name.suffix in _ENDED or _room(path) not in _HEEDED:
        name, ending = name.with_suffix(""), name.suffix
    told = "".join(f"_{key}={quote(value, safe=',')}" for key, value in said.items())
    return f"{str(name).removeprefix('/')}{told}{ending}"


def _said(address: str) -> tuple[str, dict[str, str]]:
    path, _, query = address.partition("?")
    given = {name: "".join(value.split()) for name, value in reversed(parse_qsl(query))}  # of two the first counts
    heeded = _EXPLORED if path.endswith("/chart.json") else _HEEDED.get(_room(path), frozenset())
    plain = {} if _room(path) == "v1" else _PLAIN
    other = {name: value for name, value in given.items() if value and value != plain.get(name)}
    return path, {name: other[name] for name in ORDER if name in heeded and name in other}


def _room(path: str) -> str:
    return path.split("/")[1] if path.startswith("/") else ""
