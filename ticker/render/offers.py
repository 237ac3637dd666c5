"""What the builder offers: the chosen items, what can be added, and the options of each parameter."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from ticker.market.instrument import Catalog
from ticker.render.choice import Choice, expanded
from ticker.render.language import language, languages
from ticker.render.variant import CHOICES, WIDGETS, Variant

_REGIONS = ("en-GB", "es-AR", "es-CO", "es-ES", "es-MX", "es-VE", "pt-BR", "pt-PT")
"""Tags with a region that are offered beside the plain ones; any other may be written into the address."""

_PARAMETERS = {  # what each is called, and its values in words
    "theme": ("Theme", {"auto": "as the page around it", "light": "light", "dark": "dark"}),
    "up": ("A rise is", {"green": "green", "red": "red"}),
    "range": ("Range", {}),
    "spark": ("Small charts", {"1": "with", "0": "without"}),
    "link": ("Names", {"0": "plain", "1": "lead to their charts"}),
    "style": ("Style", {"1": "with ours", "0": "without, for rules of yours"}),
}


@dataclass(frozen=True)
class Item:
    """A group or an instrument: its key, name, and what it is; `words` is what a search looks through."""

    key: str
    name: str
    note: str
    is_group: bool = False
    words: str = ""
    found: bool = True


@dataclass(frozen=True)
class Option:
    """A parameter as a control: its name, label, values with their words, and the one that is chosen."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]
    value: str


def items_of(choice: Choice, catalog: Catalog) -> list[Item]:
    """What is chosen, in order."""
    known = {item.key: item for item in _all(catalog)}
    return [known[key] for key in choice.items]


def offers_of(choice: Choice, catalog: Catalog, find: str = "") -> list[Item]:
    """What can be added: all that is not shown yet and has room. `found` tells whether a search finds it."""
    there, most = choice.variant.instruments, WIDGETS[choice.variant.widget].most
    offers = []
    for item in _all(catalog):
        more = expanded((item.key,), catalog)
        room = len(set(more) | set(there)) <= most or (most == 1 and not item.is_group)
        if room and not set(more) <= set(there):
            offers.append(Item(item.key, item.name, item.note, item.is_group, item.words, find in item.words))
    return offers


def options_of(variant: Variant, heeds: Collection[str]) -> list[Option]:
    """The parameters with a few values that this widget and form heed."""
    tags = dict.fromkeys((*languages(), *(tag for tag in _REGIONS if tag[:2] in languages()), variant.lang))
    named = {
        tag: str(language(tag).locale.get_display_name() if "-" in tag else language(tag).locale.language_name)
        for tag in tags
    }
    options = [Option("lang", "Language", tuple(sorted(named.items())), variant.lang)]
    ranges = {key: language("en").range(key)[1] for key in CHOICES["range"]}
    for name, (label, words) in _PARAMETERS.items():
        if name in heeds:
            said = getattr(variant, name)
            values = ranges if name == "range" else words
            options.append(
                Option(name, label, tuple(values.items()), said if isinstance(said, str) else str(int(said)))
            )
    return options


def plain(text: str) -> str:
    """The text as a search compares it: without accents and capitals."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold().strip()


def _all(catalog: Catalog) -> list[Item]:
    english, items = language("en"), []
    for group in catalog.groups:
        label = english.group(group)
        items.append(Item(group.key, label, f"all {len(group.instruments)}", True, plain(f"{group.key} {label}")))
        for i in group.instruments:
            words = plain(f"{i.key} {english.name(i)} {english.label(i)} {english.detail(i)} {label}")
            items.append(Item(i.key, english.name(i), english.detail(i), False, words))
    return items
