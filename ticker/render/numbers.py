"""Numbers and days in a locale, by CLDR. Digits are 0 to 9, the minus is a true one."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal, get_minus_sign_symbol

MINUS = "−"
_FRACTION = re.compile(r"0(\.[0#]+)?(?=[^0#,.]*$)")


def decimal(value: Decimal, decimals: int, locale: Locale) -> str:
    """The value with exactly that many decimals; a sign only where it is below zero."""
    return _formed(value, locale.decimal_formats[None].pattern, decimals, locale, plus=False)


def change(value: Decimal, decimals: int, locale: Locale) -> str:
    """The change with its sign, plus or minus; zero has none."""
    return _formed(value, locale.decimal_formats[None].pattern, decimals, locale, plus=True)


def percent(value: Decimal, locale: Locale) -> str:
    """The change in percent (`5.17` is 5.17%), two decimals, with its sign; zero has none."""
    return _formed(value.scaleb(-2), locale.percent_formats[None].pattern, 2, locale, plus=True)


def day(of: date, year: int, locale: Locale) -> str:
    """The day in short, `18 Mar`; with its year where that is not `year`."""
    return format_skeleton("MMMd" if of.year == year else "yMMMd", of, locale=locale)


def _formed(value: Decimal, pattern: str, decimals: int, locale: Locale, *, plus: bool) -> str:
    zeros = "0." + "0" * decimals if decimals else "0"
    fixed = _FRACTION.sub(zeros, pattern.partition(";")[0], count=1)
    if value == 0 or (value > 0 and not plus):
        return format_decimal(abs(value), fixed, locale, numbering_system="latn")
    # CLDR has no pattern for an explicit plus: it is the negative form with the sign exchanged.
    minus = get_minus_sign_symbol(locale, numbering_system="latn")
    below = format_decimal(-abs(value), fixed, locale, numbering_system="latn")
    return below.replace(minus, "+" if value > 0 else MINUS, 1)
