from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel import Locale, localedata
from hypothesis import example, given
from hypothesis import strategies as st

from ticker.render import numbers
from ticker.render.language import languages

LOCALES = [Locale.parse(tag) for tag in ("en", "en_IN", "es", "es_VE", "es_MX", "pt", "pt_PT")]
figures = st.decimals(-999_999, 999_999, places=4)


def read(text: str, locale: Locale) -> Decimal:
    """What a reader of that locale understands."""
    symbols = locale.number_symbols["latn"]
    plain = text.replace(symbols["group"], "").replace(symbols["decimal"], ".").replace("−", "-")
    return Decimal(plain.removesuffix("%").strip())


@given(figures, st.sampled_from(LOCALES))
def test_a_number_can_be_read_back_with_all_its_decimals(value: Decimal, locale: Locale) -> None:
    text = numbers.decimal(value, 4, locale)
    assert read(text, locale) == value
    assert len(text.rpartition(locale.number_symbols["latn"]["decimal"])[2]) == 4
    assert "-" not in text
    assert text.startswith("−") == (value < 0)


@given(figures, st.sampled_from(LOCALES))
def test_a_change_has_its_sign_and_zero_has_none(value: Decimal, locale: Locale) -> None:
    text = numbers.change(value, 4, locale)
    assert read(text, locale) == value
    assert text[0] == ("+" if value > 0 else "−" if value < 0 else "0")


@given(st.decimals(-9999, 9999, places=2), st.sampled_from(LOCALES))
def test_a_percentage_is_not_scaled_twice(value: Decimal, locale: Locale) -> None:
    text = numbers.percent(value, locale)
    assert read(text, locale) == value
    assert text.endswith("%")


@given(figures, st.sampled_from(localedata.locale_identifiers()), st.sampled_from([0, 2, 3, 4]), st.booleans())
@example(Decimal("1234567.8"), "hi", 2, False)  # not by threes
@example(Decimal("-0.001"), "ar", 2, True)
def test_every_locale_of_cldr_is_written_as_babel_writes_it(
    value: Decimal, tag: str, decimals: int, plus: bool
) -> None:
    locale = Locale.parse(tag)
    for pattern in (locale.decimal_formats[None].pattern, locale.percent_formats[None].pattern):
        babel = numbers._by_babel(value, pattern, decimals, locale, plus=plus)
        assert numbers._formed(value, pattern, decimals, locale, plus=plus) == babel


@pytest.mark.parametrize(
    ("tag", "number", "percent"),
    [("en", "−1,234.50", "+5.17%"), ("es", "−1.234,50", "+5,17\u00a0%"), ("es_MX", "−1,234.50", "+5.17%"),
     ("pt_BR", "−1.234,50", "+5,17%")],
)  # fmt: skip
def test_forms_are_cldrs(tag: str, number: str, percent: str) -> None:
    locale = Locale.parse(tag)
    assert numbers.decimal(Decimal("-1234.5"), 2, locale) == number
    assert numbers.percent(Decimal("5.17"), locale) == percent


@pytest.mark.parametrize(
    ("tag", "below", "share"),
    [("en_US", "−$36.980", "5.17%"), ("es", "−36,980\u00a0US$", "5,17\u00a0%"), ("es_VE", "−USD\u00a036,980", "5,17%"),
     ("pt_BR", "−US$\u00a036,980", "5,17%"), ("en_IN", "−$36.980", "5.17%")],
)  # fmt: skip
def test_money_has_its_sign_in_front_and_the_decimals_asked_for(tag: str, below: str, share: str) -> None:
    locale = Locale.parse(tag)
    assert numbers.money(Decimal("-36.98"), "USD", 3, locale) == below
    assert numbers.share(Decimal("-5.17"), locale) == numbers.share(Decimal("5.17"), locale) == share


@pytest.mark.parametrize(
    ("tag", "this_year", "another"),
    [("en_US", "March 1", "March 1, 2026"), ("en_GB", "1 March", "1 March 2026"),
     ("es", "1 de marzo", "1 de marzo de 2026"), ("pt_BR", "1 de março", "1 de março de 2026")],
)  # fmt: skip
def test_a_day_in_full_has_its_year_where_that_is_another(tag: str, this_year: str, another: str) -> None:
    locale = Locale.parse(tag)
    assert numbers.long_day(date(2026, 3, 1), 2026, locale) == this_year
    assert numbers.long_day(date(2026, 3, 1), 2025, locale) == another
    assert numbers.long_day(date(2026, 3, 1), 0, locale) == another


def test_a_number_without_decimals_has_no_point() -> None:
    assert [numbers.decimal(Decimal(1500), 0, Locale.parse(tag)) for tag in languages()] == ["1,500", "1.500", "1.500"]
