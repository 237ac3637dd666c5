"""Figures that a reader can add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.market.history import PUBLISHERS, instrument, observations
from ticker.market.figures import direction, line, percent, quotient, rounded
from ticker.market.instrument import Link
from ticker.market.observation import Observation, Series, Standing
from ticker.market.quote import quote

published = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 8)
)
above_zero = published.filter(lambda value: value > 0)
places = st.integers(0, 8)
DAY = date(2026, 3, 2)


def halves_to_even(value: Fraction, decimals: int) -> Fraction:
    return Fraction(round(value * 10**decimals), 10**decimals)  # Python rounds fractions half-even


def exactly(value: Decimal, expected: Fraction, decimals: int) -> bool:
    return Fraction(value) == expected and value.as_tuple().exponent == -decimals


@settings(deadline=None)
@given(published, places)
def test_rounding_is_exact_and_half_even(value: Decimal, decimals: int) -> None:
    assert exactly(rounded(value, decimals), halves_to_even(Fraction(value), decimals), decimals)


@settings(deadline=None)
@given(st.integers(-(10**6), 10**6), places)
def test_ties_go_to_the_even_neighbour(tens: int, decimals: int) -> None:
    tie = Decimal(tens * 10 + 5).scaleb(-decimals - 1)
    assert int(rounded(tie, decimals).scaleb(decimals)) % 2 == 0


@settings(deadline=None)
@given(published, above_zero, places)
def test_trap_09_a_quotient_is_exact_and_half_even(numerator: Decimal, denominator: Decimal, decimals: int) -> None:
    expected = halves_to_even(Fraction(numerator) / Fraction(denominator), decimals)
    assert exactly(quotient(numerator, denominator, decimals), expected, decimals)


@settings(deadline=None)
@given(above_zero, above_zero)
def test_percent_is_of_the_figures_as_shown(value: Decimal, previous: Decimal) -> None:
    found = percent(value, previous)
    assert found is not None
    assert exactly(found, halves_to_even((Fraction(value) - Fraction(previous)) / Fraction(previous) * 100, 2), 2)


@settings(deadline=None)
@given(published, published)
def test_there_is_no_percent_from_or_to_zero_or_less(value: Decimal, previous: Decimal) -> None:
    assume(value <= 0 or previous <= 0)
    assert percent(value, previous) is None


@pytest.mark.parametrize("text", ["-0.004", "-0", "0.00", "-0.005", "0.005"])
def test_a_zero_has_no_sign(text: str) -> None:
    assert str(rounded(Decimal(text), 2)) == "0.00"


@settings(deadline=None)
@given(published, published, st.integers(0, 4))
def test_change_adds_up_and_percent_is_worked_out_from_what_is_shown(old: Decimal, new: Decimal, decimals: int) -> None:
    figures = {"eia:RWTC": (Observation(DAY, old), Observation(DAY + timedelta(1), new))}
    found = quote(instrument("eia: RWTC", decimals=decimals), figures, PUBLISHERS, datetime(2026, 3, 4, tzinfo=UTC), {})
    assert found.latest is not None
    assert found.previous is not None
    assert found.change is not None
    assert found.previous.value + found.change == found.latest.value
    for shown in (found.latest.value, found.previous.value, found.change):
        assert shown.as_tuple().exponent == -decimals
    assert found.change_percent == percent(found.latest.value, found.previous.value)
    assert found.direction == ("up" if found.change > 0 else "down" if found.change < 0 else "flat")


def test_a_change_too_small_to_show_is_flat() -> None:
    figures = {"eia:RWTC": observations(("2026-03-02", "61.001"), ("2026-03-03", "61.004"))}
    found = quote(instrument("eia: RWTC"), figures, PUBLISHERS, datetime(2026, 3, 4, tzinfo=UTC), {})
    assert (found.direction, str(found.change), str(found.change_percent)) == ("flat", "0.00", "0.00")


def test_henry_hub_of_january_2026_is_shown_as_it_was() -> None:
    assert percent(Decimal("30.72"), Decimal("8.42")) == Decimal("264.85")
    assert direction(Decimal("22.30")) == "up"


@pytest.mark.parametrize(("value", "previous"), [("-36.98", "18.31"), ("8.91", "-36.98"), ("8.91", "0.00"), ("0", "1")])
def test_april_2020_has_no_percent(value: str, previous: str) -> None:
    assert percent(Decimal(value), Decimal(previous)) is None


rows = st.dictionaries(st.integers(0, 20).map(lambda n: DAY + timedelta(n)), above_zero, max_size=12)


def as_series(found: dict[date, Decimal]) -> Series:
    return tuple(Observation(day, value) for day, value in sorted(found.items()))


@settings(deadline=None)
@given(rows, rows)
def test_a_cross_has_the_days_that_both_have(above: dict[date, Decimal], below: dict[date, Decimal]) -> None:
    pair = instrument("ecb: USD / GBP", decimals=4)
    found = line(pair, pair.chain[0], {"ecb:USD": as_series(above), "ecb:GBP": as_series(below)})
    assert [o.day for o in found] == sorted(set(above) & set(below))
    for o in found:
        assert Fraction(o.value) == halves_to_even(Fraction(above[o.day]) / Fraction(below[o.day]), 4)


@settings(deadline=None)
@given(rows, rows)
def test_every_rate_times_100_leaves_every_cross_as_it_was(usd: dict[date, Decimal], inr: dict[date, Decimal]) -> None:
    """So ranges must stand on series as well as on instruments (rule 10)."""
    pair = instrument("ecb: INR / USD", decimals=4)
    right = line(pair, pair.chain[0], {"ecb:USD": as_series(usd), "ecb:INR": as_series(inr)})
    wrong = {
        "ecb:USD": as_series({d: v * 100 for d, v in usd.items()}),
        "ecb:INR": as_series({d: v * 100 for d, v in inr.items()}),
    }
    assert line(pair, pair.chain[0], wrong) == right


def test_a_cross_is_no_firmer_than_the_less_firm_of_its_figures() -> None:
    pair = instrument("ecb: USD / GBP", decimals=4)
    figures = {
        "ecb:USD": observations(("2026-03-02", "1.1")),
        "ecb:GBP": observations(("2026-03-02", "0.8"), standing=Standing.SEED),
    }
    assert [o.standing for o in line(pair, pair.chain[0], figures)] == [Standing.SEED]


def test_a_denominator_of_zero_has_no_cross() -> None:
    pair = instrument("ecb: USD / GBP", decimals=4)
    figures = {"ecb:USD": observations(("2026-03-02", "1.1")), "ecb:GBP": observations(("2026-03-02", "0"))}
    assert line(pair, pair.chain[0], figures) == ()


def test_what_is_not_possible_is_left_out_of_the_line() -> None:
    crude = instrument("eia: RWTC", low="-100", high="300")
    figures = {"eia:RWTC": observations(("2026-03-02", "9612"), ("2026-03-03", "-100"), ("2026-03-04", "300"))}
    assert [str(o.value) for o in line(crude, crude.chain[0], figures)] == ["-100.00", "300.00"]


@pytest.mark.parametrize(
    ("text", "source", "codes", "formula"),
    [
        ("eia: RWTC", "eia", ("RWTC",), None),
        (" ecb:USD/GBP ", "ecb", ("USD", "GBP"), "USD / GBP"),
        ("ecb : USD / GBP", "ecb", ("USD", "GBP"), "USD / GBP"),
    ],
)
def test_a_link_is_read(text: str, source: str, codes: tuple[str, ...], formula: str | None) -> None:
    found = Link.parse(text)
    assert (found.source, found.codes, found.formula) == (source, codes, formula)


@pytest.mark.parametrize(
    "text", ["", "RWTC", "eia:", ": RWTC", "ecb: USD /", "ecb: USD / GBP / INR", "ECB: USD", "a b: C"]
)
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not 'source: CODE'"):
        Link.parse(text)
