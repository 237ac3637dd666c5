"""Choices: what an editor has chosen in the builder. A choice is the query of the builder's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from ticker.errors import BadParameter
from ticker.market.instrument import Catalog
from ticker.render.forms import FORMS, forms_of
from ticker.render.variant import WIDGETS, Variant, parse_variant

WIDTHS = ("300", "360", "640")
"""How wide a preview is, in pixels."""

GROUNDS = ("light", "dark")
EDITS = ("add", "remove", "open", "earlier", "later")
"""What can be done to one item; `open` puts a group's instruments in its place."""


@dataclass(frozen=True)
class Choice:
    """A widget as chosen: its variant, and `items`, the groups and instruments in the words of the editor.

    `form` is how it gets into a page; `width` and `ground` are the preview's.
    """

    variant: Variant
    items: tuple[str, ...]
    form: str = "element"
    width: int = 300
    ground: str = "light"
    is_default: bool = False

    def parameters(self) -> dict[str, str]:
        """The widget's parameters: `i`, and what differs from its default."""
        return dict(parse_qsl(self.variant.query())) | {"i": ",".join(self.items)}

    def widget_query(self, **more: str) -> str:
        """The query of the widget's own address."""
        return urlencode(self.parameters() | more, safe=",")

    def query(self) -> str:
        """The query of the builder's address, in canonical form; empty for what it shows first."""
        said = {"widget": self.variant.widget, **self.parameters()}
        said |= {"form": self.form, "width": str(self.width), "ground": self.ground}
        plain = {"widget": "list", "form": "element", "width": _usual_width(self.variant.widget), "ground": "light"}
        if self.variant.theme != "auto":
            plain["ground"] = self.ground
        if self.is_default:
            plain["i"] = said["i"]
        return urlencode({name: value for name, value in said.items() if value != plain.get(name)}, safe=",")


def parse_choice(args: Mapping[str, str], catalog: Catalog) -> Choice:
    """The choice that a query makes. BadParameter for a wrong value, saying what is allowed.

    A parameter that the widget or the form has no use for makes no new choice. `i` may be empty, as a form sends it.
    """
    widget = _one_of("widget", args, tuple(WIDGETS))
    form = _one_of("form", args, forms_of(widget))
    width, ground = _one_of("width", args, WIDTHS, _usual_width(widget)), _one_of("ground", args, GROUNDS)
    given = {name: value for name, value in args.items() if value or name != "i"}
    parse_variant(widget, given, catalog)
    heeded = {name: value for name, value in given.items() if name not in FORMS[form].ignores}
    variant = parse_variant(widget, heeded, catalog)
    usual = default_items(widget, catalog)
    items = _names(given["i"]) if "i" in given else usual
    ground = ground if variant.theme == "auto" else variant.theme
    return Choice(variant, items, form, int(width), ground, items == usual)


def edited(args: Mapping[str, str], catalog: Catalog) -> Choice:
    """The choice after an edit, `edit=later:energy`, made to fit.

    Another widget may take fewer instruments, or not come in the form that was chosen.
    """
    said = dict(args)
    edit, widget = said.pop("edit", ""), _one_of("widget", args, tuple(WIDGETS))
    if said.pop("was", widget) != widget:
        said.pop("width", None)  # another widget has another usual place
    if said.get("form") in FORMS and said["form"] not in forms_of(widget):
        del said["form"]
    items = _names(said.get("i", "")) or (default_items(widget, catalog) if edit else ())
    most = WIDGETS[widget].most
    items = _after(edit, items, most, catalog) if edit else items
    said["i"] = ",".join(fitted(items, most, catalog))
    return parse_choice(said, catalog)


def default_items(widget: str, catalog: Catalog) -> tuple[str, ...]:
    """What a widget shows where nothing is chosen, as groups where it can be said so."""
    shown = parse_variant(widget, {}, catalog).instruments
    groups = tuple(group.key for group in catalog.groups if group.default)
    return groups if expanded(groups, catalog) == shown else shown


def expanded(items: tuple[str, ...], catalog: Catalog) -> tuple[str, ...]:
    """The instruments of these groups and instruments, each once; what we do not know stays as it is."""
    return tuple(dict.fromkeys(key for item in items for key in catalog.members.get(item, (item,))))


def fitted(items: tuple[str, ...], most: int, catalog: Catalog) -> tuple[str, ...]:
    """The items, or as many of their instruments as there may be."""
    keys = expanded(items, catalog)
    return items if len(keys) <= most else keys[:most]


def _after(edit: str, items: tuple[str, ...], most: int, catalog: Catalog) -> tuple[str, ...]:
    verb, _, key = edit.partition(":")
    if verb not in EDITS or (key not in items and verb != "add"):
        raise BadParameter("edit", edit, f"{', '.join(EDITS)}, a colon, and a group or instrument that is chosen")
    if verb == "add":
        return (key,) if most == 1 else tuple(dict.fromkeys((*items, key)))
    at = items.index(key)
    before, after = items[:at], items[at + 1 :]
    if verb == "remove":
        return before + after or items
    if verb == "open":
        return tuple(dict.fromkeys((*before, *expanded((key,), catalog), *after)))
    to = max(at - 1, 0) if verb == "earlier" else at + 1
    rest = before + after
    return (*rest[:to], key, *rest[to:])


def _names(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in said.split(","))) if said else ()


def _usual_width(widget: str) -> str:
    """A strip stands at the top of a page, all else in its sidebar."""
    return WIDTHS[-1] if widget == "strip" else WIDTHS[0]


def _one_of(name: str, args: Mapping[str, str], allowed: tuple[str, ...], usual: str = "") -> str:
    value = args.get(name, usual or ("list" if name == "widget" else allowed[0]))
    if value not in allowed:
        raise BadParameter(name, value, ", ".join(allowed))
    return value
