"""What is published: addresses of ours, as readers would ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl

from ticker.errors import ConfigError
from ticker.market.history import RANGES
from ticker.market.instrument import Catalog
from ticker.render.files import ORDER, asked
from ticker.render.language import languages
from ticker.render.variant import PICTURED, WIDGETS

MOST = 2000
"""Addresses that a file may list."""

EVERYTHING = "everything"
"""Stands in a list for all that is published where there is no list."""

_ROOMS = ("w", "embed", "i", "img", "feeds", "v1")
_MOST_BYTES = 200_000


def everything(catalog: Catalog) -> Iterator[str]:
    """Every widget for the default, every group and every instrument, in each language; pictures, feeds and data."""
    groups, keys = [group.key for group in catalog.groups], [i.key for i in catalog.instruments]
    shown = [group for group in catalog.groups if group.default]
    whole = ",".join(group.key for group in shown)  # the default, as snippets spell it
    for lang in languages():
        for widget, row in WIDGETS.items():
            several = groups if row.most > max(len(group.instruments) for group in catalog.groups) else []
            if several and len(shown) > 1 and sum(len(group.instruments) for group in shown) <= row.most:
                several = [*groups, whole]
            for i in ("", *several, *keys):
                query = f"?i={i}&lang={lang}" if i else f"?lang={lang}"
                yield f"/w/{widget}{query}"
                if widget in PICTURED and (widget != "card" or i not in several):
                    yield from (f"/img/{widget}.{form}{query}" for form in ("svg", "png"))
        yield from (f"/i/{key}?lang={lang}" for key in keys)
        yield from (f"/feeds/{key}.atom?lang={lang}" for key in keys)
    yield from ("/v1/quotes", "/v1/instruments")
    yield from (f"/v1/quotes/{key}" for key in keys)


def listed(file: Path) -> list[str]:
    """The addresses that a file lists, one a line, and EVERYTHING; ConfigError that names the line for what is neither.

    `#` begins a remark. A parameter that is none of ours is refused: it would be published as if it were not there.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ConfigError(f"{file} has more than {_MOST_BYTES:,} bytes.")
        lines = [line.partition("#")[0].strip() for line in file.read_text("utf-8-sig").splitlines()]
    except (OSError, ValueError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8"
        raise ConfigError(f"{file} cannot be read: {why}.") from wrong
    for number, line in enumerate(lines, 1):
        if line and line != EVERYTHING and (allowed := _refused(line)):
            raise ConfigError(f"{file}, line {number}: {line[:60]!r} cannot be published; {allowed}.")
    found = [line for line in lines if line]
    if not 0 < len(found) <= MOST:
        raise ConfigError(f"{file} lists {len(found)} addresses; there may be 1 to {MOST:,}.")
    return found


def _refused(address: str) -> str:
    """What would be allowed instead; nothing for an address that may be listed."""
    path, _, query = address.partition("?")
    if not path.startswith(tuple(f"/{room}/" for room in _ROOMS)) or ".." in path:
        return f"a line is {EVERYTHING!r}, or begins with one of {', '.join(f'/{room}/' for room in _ROOMS)}"
    foreign = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name not in ORDER]
    return f"{foreign[0]!r} is no parameter, those are {', '.join(ORDER)}" if foreign else ""


def completed(lines: Iterable[str], catalog: Catalog) -> list[str]:
    """These, each once and in the form that has a file, with what browsers ask for to show them."""
    addresses = (each for line in lines for each in (everything(catalog) if line == EVERYTHING else (line,)))
    return list(dict.fromkeys(asked(found) for address in addresses for found in _with_what_it_needs(address)))


def _with_what_it_needs(address: str) -> Iterator[str]:
    path, _, query = address.partition("?")
    widget = path.removeprefix("/w/").removeprefix("/embed/")
    if path.startswith("/i/"):
        key = path.removeprefix("/i/")
        yield from (f"/img/chart.{form}?i={key}&size=1200&{query}" for form in ("svg", "png"))
        yield from (f"/v1/history/{key}{form}{span}" for form in ("", ".csv") for span in ("", "?range=1y"))
        yield f"/feeds/{key}.atom?{query}"
        yield from _with_what_it_needs(f"/w/chart?i={key}&{query}")
    elif path.startswith(("/w/", "/embed/")) and widget in WIDGETS:
        yield from _shown(widget, f"&{query}")
    yield address


def _shown(widget: str, query: str) -> Iterator[str]:
    """A widget as a fragment and in a frame, with and without links; a chart at every range."""
    rooms = ("w", "embed") if widget in PICTURED else ("w",)
    for span in [f"&range={name}" for name in RANGES] if widget == "chart" else [""]:
        yield from (f"/{room}/{widget}?link={link}{span}{query}" for room in rooms for link in "01")
        if span:
            yield from (f"/w/chart?style=0&link={link}{span}{query}" for link in "01")
            yield f"/w/chart.json?{span}{query}"
