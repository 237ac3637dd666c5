"""Numbers and days in a locale, by CLDR. Digits are 0 to 9, the minus is a true one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
    parse_pattern,
)

MINUS = "−"
_NO_BREAK = "\u00a0"
_FRACTION = re.compile(r"0(\.[0#]+)?(?=[^0#,.]*$)")


def decimal(value: Decimal, decimals: int, locale: Locale) -> str:
    """The value with exactly that many decimals; a sign only where it is below zero."""
    return _formed(value, locale.decimal_formats[None].pattern, decimals, locale, plus=False)


def change(value: Decimal, decimals: int, locale: Locale) -> str:
    """The change with its sign, plus or minus; zero has none."""
    return _formed(value, locale.decimal_formats[None].pattern, decimals, locale, plus=True)


def percent(value: Decimal, locale: Locale) -> str:
    """The change in percent (`5.17` is 5.17%), two decimals, with its sign; zero has none."""
    return _formed(value, locale.percent_formats[None].pattern, 2, locale, plus=True)


def share(value: Decimal, locale: Locale) -> str:
    """How large a change in percent is (`-5.17` is 5.17%), two decimals, without a sign: a word says which way."""
    return _formed(abs(value), locale.percent_formats[None].pattern, 2, locale, plus=False)


def money(value: Decimal, currency: str, decimals: int, locale: Locale, plain: Mapping[str, str] | None = None) -> str:
    """The amount with its currency's symbol where the locale puts it, with exactly that many decimals.

    `plain` has symbols that a language prefers to CLDR's, such as $ for USD; see `symbol`.
    """
    sign = symbol(currency, locale, plain or {})
    before, _, after = _formed(
        value, locale.currency_formats["standard"].pattern, decimals, locale, plus=False
    ).partition("¤")
    # CLDR's currency spacing, which Babel leaves out: a letter does not touch a digit.
    left = _NO_BREAK if before[-1:].isdigit() and _is_letter(sign[0]) else ""
    right = _NO_BREAK if after[:1].isdigit() and _is_letter(sign[-1]) else ""
    return f"{before}{left}{sign}{right}{after}"


def symbol(currency: str, locale: Locale, plain: Mapping[str, str]) -> str:
    """The currency's symbol: the plain one where there is one and the region means no other currency by it.

    In such a language no other currency is shown by a plain symbol either: in en-CA the Canadian dollar is CA$.
    """
    own = str(get_currency_symbol(currency, locale))
    if currency in plain:
        wanted = plain[currency]
        taken = any(sign == wanted and code != currency for code, sign in locale.currency_symbols.items())
        return own if taken else wanted
    return str(get_currency_symbol(currency, Locale(locale.language))) if own in plain.values() else own


@lru_cache(maxsize=1024)  # ten quotes say few different days
def day(of: date, year: int, locale: Locale) -> str:
    """The day in short, `18 Mar`; with its year where that is not `year`."""
    return format_skeleton("MMMd" if of.year == year else "yMMMd", of, locale=locale)


def long_day(of: date, year: int, locale: Locale) -> str:
    """The day in full, `18 March`; with its year where that is not `year`."""
    return format_skeleton("MMMMd", of, locale=locale) if of.year == year else format_date(of, "long", locale=locale)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] not in "SZ"


def tick(of: date, unit: Literal["day", "month", "year"], locale: Locale) -> str:
    """What an axis says of a day: the day in short, its month, or its year."""
    if unit == "month":
        return format_date(of, "LLL", locale)
    return format_skeleton("MMMd" if unit == "day" else "y", of, locale=locale)


@dataclass(frozen=True)
class _Form:
    """What stands around a number of so many decimals, without a sign or with one, and the locale's comma and point."""

    plain: tuple[str, str]
    plus: tuple[str, str]
    minus: tuple[str, str]
    signs: Mapping[int, str]


def _formed(value: Decimal, pattern: str, decimals: int, locale: Locale, *, plus: bool) -> str:
    form = _form(pattern, decimals, locale)
    if form is None:
        return _by_babel(value, pattern, decimals, locale, plus=plus)
    before, after = form.minus if value < 0 else form.plus if plus and value > 0 else form.plain
    digits = f"{abs(value):,.{decimals}f}".translate(form.signs)
    return f"{before}{digits}{after}"


@lru_cache(maxsize=512)
def _form(pattern: str, decimals: int, locale: Locale) -> _Form | None:
    """From how Babel writes one, looked at once, for it reads the pattern anew each time. None: not by threes."""
    if parse_pattern(pattern).grouping != (3, 3):
        return None
    point, group = (of(locale, numbering_system="latn") for of in (get_decimal_symbol, get_group_symbol))
    one = f"1{point}{'0' * decimals}" if decimals else "1"

    def around(value: int, *, plus: bool) -> tuple[str, str]:
        before, _, after = _by_babel(Decimal(value), pattern, decimals, locale, plus=plus).partition(one)
        return before, after

    return _Form(
        plain=around(1, plus=False),
        plus=around(1, plus=True),
        minus=around(-1, plus=False),
        signs={ord(","): group, ord("."): point},
    )


def _by_babel(value: Decimal, pattern: str, decimals: int, locale: Locale, *, plus: bool) -> str:
    zeros = "0." + "0" * decimals if decimals else "0"
    fixed = _FRACTION.sub(zeros, pattern.partition(";")[0], count=1)
    value = value.scaleb(-2) if "%" in fixed else value
    if value == 0 or (value > 0 and not plus):
        return format_decimal(abs(value), fixed, locale, numbering_system="latn")
    # CLDR has no pattern for an explicit plus: it is the negative form with the sign exchanged.
    minus = get_minus_sign_symbol(locale, numbering_system="latn")
    below = format_decimal(-abs(value), fixed, locale, numbering_system="latn")
    return below.replace(minus, "+" if value > 0 else MINUS, 1)
