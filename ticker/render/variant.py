"""Variants: a widget with its parameters in canonical form. The closed set of things that can be rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from ticker.errors import BadParameter
from ticker.market.history import RANGES
from ticker.market.instrument import Catalog
from ticker.render.language import canonical

MOST = 20
"""Instruments in one widget, at most."""


@dataclass(frozen=True)
class Widget:
    """A shape we serve: its template in `templates/widgets/`, its default `i`, what else it heeds, instruments at most.

    The default None stands for all groups that the catalog shows by default; `pictured` says whether there are pictures
    of it.
    """

    template: str
    default: str | None
    heeds: frozenset[str]
    most: int = MOST
    pictured: bool = True


_COMMON = frozenset(("i", "lang", "theme", "up", "link", "style"))
WIDGETS: Mapping[str, Widget] = {
    "strip": Widget("strip.html", None, _COMMON),
    "list": Widget("list.html", None, _COMMON | {"spark"}),
    "card": Widget("card.html", "wti", _COMMON),
    "chart": Widget("chart.html", "wti", _COMMON | {"range"}, most=3),
    "inline": Widget("inline.html", "wti", _COMMON - {"up"}, most=1, pictured=False),
}
"""Every widget, by its name in addresses."""

PICTURED = tuple(name for name, widget in WIDGETS.items() if widget.pictured)
"""The widgets of which there are pictures."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("auto", "light", "dark"),
    "up": ("green", "red"),
    "spark": ("1", "0"),
    "link": ("0", "1"),
    "style": ("1", "0"),
    "range": tuple(RANGES),
}
"""The parameters with a few fixed values."""

DEFAULTS: Mapping[str, str] = {"theme": "auto", "up": "green", "spark": "1", "link": "0", "style": "1", "range": "1y"}
"""What each of them is where nothing is asked for."""


@dataclass(frozen=True)
class Variant:
    """A widget and its parameters; two of the same meaning are equal. `instruments` are keys, in the order shown."""

    widget: str
    instruments: tuple[str, ...]
    lang: str = "en"
    theme: str = "auto"
    up: str = "green"
    spark: bool = True
    link: bool = False
    style: bool = True
    range: str = "1y"

    def query(self) -> str:
        """The canonical query string: the instruments, and what differs from its default."""
        said = {"i": ",".join(self.instruments), "lang": self.lang, "theme": self.theme, "up": self.up}
        said |= {"spark": str(int(self.spark)), "link": str(int(self.link)), "style": str(int(self.style))}
        said |= {"range": self.range}
        plain = {"lang": "en", **DEFAULTS}
        return urlencode({name: value for name, value in said.items() if value != plain.get(name)}, safe=",")


def parse_variant(widget: str, args: Mapping[str, str], catalog: Catalog) -> Variant:
    """The variant that a query asks for.

    BadParameter, saying what is allowed, for an unknown widget (named `widget`) and for a wrong value of any widget
    parameter, even one that this widget has no use for; such a one, and an unknown name, makes no new variant. A
    mapping has one value for a name: of a name given twice, Flask's has the first.
    """
    if widget not in WIDGETS:
        raise BadParameter("widget", widget, ", ".join(WIDGETS))
    row = WIDGETS[widget]
    said = {name: _chosen(name, args) for name in CHOICES}
    said = {name: value if name in row.heeds else DEFAULTS[name] for name, value in said.items()}
    return Variant(
        widget=widget,
        instruments=_instruments(args["i"], catalog, row.most) if "i" in args else _default(row, catalog),
        lang=canonical(args.get("lang", "en")),
        theme=said["theme"],
        up=said["up"],
        spark=said["spark"] == "1",
        link=said["link"] == "1",
        style=said["style"] == "1",
        range=said["range"],
    )


def chosen_instruments(said: str, catalog: Catalog) -> tuple[str, ...]:
    """The keys of the instruments and groups that a parameter names; BadParameter, saying which there are."""
    return _instruments(said, catalog, MOST)


def _chosen(name: str, args: Mapping[str, str]) -> str:
    allowed = CHOICES[name]
    value = args.get(name, DEFAULTS[name])
    if value not in allowed:
        raise BadParameter(name, value, ", ".join(allowed))
    return value


def _instruments(said: str, catalog: Catalog, most: int) -> tuple[str, ...]:
    names = [name.strip() for name in said.split(",")]
    if not all(name in catalog.members for name in names):
        groups, keys = [group.key for group in catalog.groups], [i.key for i in catalog.instruments]
        there = f"groups {', '.join(groups)}; instruments {', '.join(keys)}"
        raise BadParameter("i", said, f"{there}; comma separated, at most {most}")
    found = tuple(dict.fromkeys(key for name in names for key in catalog.members[name]))
    if not found or len(found) > most:
        raise BadParameter("i", said, f"{_most(most)}, and these are {len(found)}")
    return found


def _most(most: int) -> str:
    return f"1 to {most} instruments" if most > 1 else "one instrument"


def _default(row: Widget, catalog: Catalog) -> tuple[str, ...]:
    """What is shown where nothing is asked for; an operator's catalog need not have our groups or instruments."""
    if row.default is not None:
        return (row.default,) if catalog.get(row.default) else (catalog.instruments[0].key,)
    shown = [i.key for group in catalog.groups if group.default for i in group.instruments]
    return tuple(shown or [i.key for i in catalog.instruments])[:MOST]
