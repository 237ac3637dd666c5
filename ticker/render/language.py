"""Languages: a message file is one, and nothing else is needed. Numbers and days come from CLDR."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.lists import format_list
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_name

from ticker.errors import BadParameter
from ticker.market.instrument import Group, Instrument, Kind
from ticker.render import numbers

FOLDER = Path(__file__).with_name("messages")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLAIN_OR_REGION = re.compile(r"[a-z]{2,3}(_[A-Z]{2}|_[0-9]{3})?")


@dataclass(frozen=True)
class Dated:
    """Words around a day: `since `, the day as ISO and as shown, and what follows it."""

    before: str
    iso: str
    day: str
    after: str


@dataclass(frozen=True, eq=False)
class Language:
    """Words, numbers and days of one tag. The words are its message file's, the forms are its locale's."""

    tag: str
    locale: Locale
    messages: Mapping[str, Any]

    def word(self, key: str) -> str:
        """A word or phrase of the message file's `[words]`."""
        return str(self.messages["words"][key])

    def kind(self, kind: Kind) -> str:
        """What figures of that kind are called."""
        return str(self.messages["kinds"][kind])

    def around(self, key: str, name: str) -> tuple[str, str]:
        """What stands before and after a phrase's one blank, `{name}`."""
        before, _, after = self.word(key).partition("{" + name + "}")
        return before, after

    def label(self, i: Instrument) -> str:
        """The instrument's short label."""
        return self._of(i, "label") or i.label

    def detail(self, i: Instrument) -> str:
        """What stands under the label: grade, pair, kind of price."""
        return self._of(i, "detail") or i.detail

    def name(self, i: Instrument) -> str:
        """The instrument's whole name."""
        return self._of(i, "name") or i.name

    def subject(self, i: Instrument) -> str:
        """What a sentence calls the instrument, as in the midst of one: `the British pound`. Else its name."""
        return self._of(i, "subject") or self._of(i, "name") or i.subject or i.name

    def about(self, i: Instrument) -> str:
        """What the figure is and how it is measured; empty where nobody wrote that."""
        own = i.translations.get(self._language, {}).get("about")
        return own or str(self.messages.get("instruments_about", {}).get(i.key, i.about))

    def say(self, table: str, key: str, **blanks: str) -> str:
        """A pattern of a table, such as `sentences.over`, with its blanks filled."""
        found: Any = self.messages
        for name in (*table.split("."), key):
            found = found[name]
        return str(found).format(**blanks)

    def listed(self, items: Sequence[str]) -> str:
        """`a, b and c`."""
        return format_list(items, locale=self.locale)

    def group(self, group: Group) -> str:
        """The group's title."""
        own = group.translations.get(self._language, {}).get("label")
        return own or str(self.messages.get("groups", {}).get(group.key, group.label))

    def unit(self, unit: str) -> str:
        """The unit as shown."""
        return str(self.messages["units"].get(unit, {}).get("short", unit))

    def spoken(self, unit: str) -> str:
        """The unit in full, for a screen reader; a currency's name is CLDR's."""
        found = self.messages["units"].get(unit)
        return str(found["spoken"]) if found else get_currency_name(unit, count=2, locale=self.locale)

    def currency(self, code: str, count: int) -> str:
        """CLDR's name of a currency, as in the midst of a sentence: `US dollar`, or `US dollars` for a count of two."""
        name = get_currency_name(code, count=count, locale=self.locale)
        return name[:1].lower() + name[1:] if self.messages["lower_currencies"] else name

    def measure(self, unit: str) -> str:
        """The unit in the midst of a sentence: `US dollars per barrel`, `Brazilian reals`."""
        found = self.messages["units"].get(unit)
        return str(found["spoken"]) if found else self.currency(unit, 2) if _CURRENCY.fullmatch(unit) else unit

    def number(self, value: Decimal, decimals: int) -> str:
        """The value with exactly that many decimals."""
        return numbers.decimal(value, decimals, self.locale)

    def change(self, value: Decimal, decimals: int) -> str:
        """The change with its sign."""
        return numbers.change(value, decimals, self.locale)

    def money(self, value: Decimal, unit: str, decimals: int) -> str:
        """The value as an amount of the unit's currency; a unit of no currency follows its number."""
        currency = unit.partition("/")[0]
        if not _CURRENCY.fullmatch(currency):
            return f"{self.number(value, decimals)}\u00a0{self.unit(unit)}"
        return numbers.money(value, currency, decimals, self.locale, self.messages.get("symbols", {}))

    def each(self, money: str, unit: str) -> str:
        """The amount with what it is for, where a sentence says that: `$3.720 a gallon`."""
        return str(self.messages["units"].get(unit, {}).get("each", "{money}")).format(money=money)

    def share(self, value: Decimal) -> str:
        """How large a change in percent is, without its sign."""
        return numbers.share(value, self.locale)

    def long_day(self, day: date, year: int) -> str:
        """The day in full. `year` is the one that goes without saying."""
        return numbers.long_day(day, year, self.locale)

    def tick(self, day: date, unit: Literal["day", "month", "year"]) -> str:
        """What an axis says of a day: the day in short, its month, or its year."""
        return numbers.tick(day, unit, self.locale)

    def range(self, key: str) -> tuple[str, str]:
        """What a named range of days is called, as shown and as spoken."""
        found = self.messages["ranges"][key]
        return str(found["short"]), str(found["spoken"])

    def chart(self, key: str, **blanks: str) -> str:
        """A word or phrase of charts."""
        return str(self.messages["chart"][key]).format(**blanks)

    def page(self, key: str, **blanks: str) -> str:
        """A word or phrase of an instrument's page."""
        return str(self.messages["page"][key]).format(**blanks)

    def page_around(self, key: str, name: str) -> tuple[str, str]:
        """What stands before and after the one blank of a phrase of an instrument's page."""
        before, _, after = str(self.messages["page"][key]).partition("{" + name + "}")
        return before, after

    def percent(self, value: Decimal | None) -> str:
        """The change in percent with its sign, or the word for none."""
        return self.word("none") if value is None else numbers.percent(value, self.locale)

    def dated(self, key: str, day: date, year: int) -> Dated:
        """A phrase with a day in it; an empty key is the day alone. `year` is the one that goes without saying."""
        before, after = self.around(key, "day") if key else ("", "")
        return Dated(before, day.isoformat(), numbers.day(day, year, self.locale), after)

    @property
    def _language(self) -> str:
        return self.tag.partition("-")[0]

    def _of(self, i: Instrument, field: str) -> str | None:
        own = i.translations.get(self._language, {}).get(field)
        return own or self.messages.get("instruments", {}).get(i.key, {}).get(field)


def canonical(tag: str) -> str:
    """The tag as we write it, `es-VE` for `ES-ve`; BadParameter where we have no words or CLDR no such locale."""
    found = _tags().get(tag.lower())
    if found is None:
        names = ", ".join(languages())
        raise BadParameter("lang", tag, f"{names}, each also with a region, such as en-GB, es-VE or pt-BR")
    return found


@cache
def languages() -> tuple[str, ...]:
    """The languages that we have words for: one for each message file."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def tags() -> tuple[str, ...]:
    """Every tag that is allowed, in canonical form."""
    return tuple(sorted(_tags().values()))


@cache
def language(tag: str) -> Language:
    """The language of a tag in canonical form; BadParameter for any other."""
    canonical(tag)
    messages = tomllib.loads((FOLDER / f"{tag.partition('-')[0]}.toml").read_text("utf-8"))
    form = tag if "-" in tag else messages["locale"]
    return Language(tag, Locale.parse(form, sep="-"), messages)


@cache
def _tags() -> Mapping[str, str]:
    """Every tag that is allowed, by its lower-case form. Scripts are left out: a message file is in one."""
    known = (name for name in locale_identifiers() if _PLAIN_OR_REGION.fullmatch(name))
    ours = (name.replace("_", "-") for name in known if name.partition("_")[0] in languages())
    return {tag.lower(): tag for tag in ours}
