"""Spans of a line: named ranges counted back from its newest day, or days from and to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticker.market.history import RANGES, Span, months_before
from ticker.market.observation import Observation

LINE = tuple(Observation(date(2026, 3, 31) - timedelta(days=n), Decimal(n)) for n in reversed(range(4000)))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-01-15", 3, "2025-10-15"),
        ("2026-03-31", 12, "2025-03-31"),
    ],
)
def test_months_before(day: str, months: int, before: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 240))
def test_months_are_counted_right_whatever_the_day(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("named", "first"), [("1m", "2026-02-28"), ("1y", "2025-03-31"), ("5y", "2021-03-31"), ("max", "2015-04-19")]
)
def test_a_range_is_counted_back_from_the_newest_day(named: str, first: str) -> None:
    part = Span(range=named).of(LINE)
    assert (str(part[0].day), part[-1]) == (first, LINE[-1])
    assert len(part) == (LINE[-1].day - part[0].day).days + 1  # nothing thinned


def test_both_ends_are_included() -> None:
    part = Span(date(2026, 3, 1), date(2026, 3, 3)).of(LINE)
    assert [o.day.day for o in part] == [1, 2, 3]


@pytest.mark.parametrize("named", RANGES)
def test_a_line_without_figures_has_none_in_any_range(named: str) -> None:
    assert Span(range=named).of(()) == ()
