"""Statistics and comparisons, held against plain loops over the figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.world import everything
from ticker.market.comparison import rebase
from ticker.market.figures import line
from ticker.market.history import last_of_each, period, unbroken
from ticker.market.instrument import Cadence, Catalog
from ticker.market.observation import Observation, Series
from ticker.market.statistics import extremes, statistics

DAY = date(2026, 3, 16)


def series(*figures: object, step: int = 1, last: date = DAY) -> Series:
    first = last - timedelta(days=step * (len(figures) - 1))
    return tuple(Observation(first + timedelta(days=step * n), Decimal(str(v))) for n, v in enumerate(figures))


lines = st.lists(st.decimals(-100, 300, places=2), min_size=1, max_size=500).map(lambda values: series(*values))


@given(lines)
def test_every_move_is_the_difference_of_two_figures_of_the_line(shown: Series) -> None:
    found = statistics(shown)
    assert found
    values = {o.day: o.value for o in shown}
    for move in found.moves:
        assert values[move.start.day] == move.start.value
        assert move.change == shown[-1].value - move.start.value
        if min(shown[-1].value, move.start.value) <= 0:
            assert move.percent is None
        else:
            exact = Fraction(move.change) * 100 / Fraction(move.start.value)
            assert move.percent is not None
            assert abs(Fraction(move.percent) - exact) <= Fraction(1, 200)


def test_spans_begin_with_their_first_figure_and_are_left_out_where_the_line_is_shorter() -> None:
    daily = series(*range(1, 801))
    found = statistics(daily)
    assert found
    assert {move.key: move.start.day for move in found.moves} == {
        "1w": date(2026, 3, 9),
        "1m": date(2026, 2, 16),
        "3m": date(2025, 12, 16),
        "1y": date(2025, 3, 16),
        "ytd": date(2025, 12, 31),
    }
    short = statistics(series(1, 2, 3))
    assert short
    assert short.moves == ()
    assert short.year is None
    assert short.ever.high.value == 3


def test_a_span_whose_first_day_has_no_figure_begins_with_the_next() -> None:
    weekly = series(*range(1, 200), step=7)  # Mondays
    found = statistics(weekly)
    assert found
    starts = {move.key: move.start.day for move in found.moves}
    assert starts["1m"] == date(2026, 2, 16)
    assert starts["1y"] == date(2025, 3, 17)
    assert starts["ytd"] == date(2025, 12, 29)


def test_of_equal_extremes_the_newest_is_named() -> None:
    found = extremes(series(5, 9, 1, 9, 1, 4))
    assert (found.low.day, found.high.day) == (DAY - timedelta(days=1), DAY - timedelta(days=2))
    assert statistics(()) is None


def test_the_statistics_of_the_real_wti(ours: Catalog) -> None:
    wti = ours.get("wti")
    assert wti
    whole = tuple(o for o in line(wti, wti.chain[0], everything()) if o.day <= DAY)
    if len(whole) < 1000:
        pytest.skip("the public series are not in ../shared/upstreams")
    found = statistics(whole)
    assert found
    assert found.year
    assert [(str(move.start.day), str(move.change), str(move.percent)) for move in found.moves] == [
        ("2026-03-09", "-1.26", "-1.33"),
        ("2026-02-17", "30.86", "49.35"),
        ("2025-12-16", "37.95", "68.45"),
        ("2025-03-17", "25.55", "37.66"),
        ("2025-12-31", "36.13", "63.10"),
    ]
    assert (found.year.high.day, found.year.low.day) == (date(2026, 3, 13), date(2025, 12, 16))
    assert (found.ever.high.value, found.ever.low.value) == (Decimal("145.31"), Decimal("-36.98"))


@given(st.lists(lines, min_size=2, max_size=3))
def test_a_comparison_begins_where_all_have_a_figure_above_zero_and_are_a_hundred_there(
    shown: list[Series],
) -> None:
    found = rebase(shown)
    days = set.intersection(*({o.day for o in s if o.value > 0} for s in shown))
    if not days:
        assert found is None
        return
    assert found
    assert found.base == min(days)
    for whole, rebased in zip(shown, found.lines, strict=True):
        assert rebased[0] == Observation(found.base, Decimal("100.0"))
        start = next(o.value for o in whole if o.day == found.base)
        for o, r in zip((o for o in whole if o.day >= found.base), rebased, strict=True):
            assert o.day == r.day
            assert r.value.as_tuple().exponent == -1
            assert abs(Fraction(r.value) - Fraction(o.value) * 100 / Fraction(start)) <= Fraction(1, 20)


def test_a_line_breaks_where_publication_stopped() -> None:
    assert unbroken((), "daily") == ()
    daily = (*series(1, 2, last=date(2005, 9, 22)), *series(3, 4, last=date(2005, 10, 10)))
    assert [len(part) for part in unbroken(daily, "daily")] == [2, 2]
    easter = (*series(1, 2, last=date(2026, 4, 2)), *series(3, last=date(2026, 4, 7)))
    assert len(unbroken(easter, "daily")) == 1
    weekly = (*series(1, 2, step=7, last=date(1990, 12, 3)), *series(3, 4, step=7, last=date(1991, 1, 28)))
    assert [len(part) for part in unbroken(weekly, "weekly")] == [2, 2]
    assert len(unbroken(series(1, 2, 3, step=14), "weekly")) == 1


@pytest.mark.parametrize(
    ("days", "cadence", "found"),
    [(32, "daily", "every"), (33, "daily", "week"), (190, "daily", "week"), (191, "daily", "month"),
     (370, "daily", "month"), (371, "daily", "quarter"), (1850, "daily", "quarter"), (1851, "daily", "year"),
     (190, "weekly", "every"), (191, "weekly", "month")],
)  # fmt: skip
def test_the_longer_a_span_the_longer_the_periods_of_its_table(days: int, cadence: Cadence, found: str) -> None:
    assert period(days, cadence) == found


@given(lines)
def test_a_table_has_real_figures_at_most_some_forty_and_the_newest(shown: Series) -> None:
    for days, cadence in ((30, "daily"), (180, "daily"), (366, "daily"), (1826, "daily"), (15_000, "daily")):
        part = tuple(o for o in shown if o.day > shown[-1].day - timedelta(days=days))
        rows = last_of_each(part, period(days, "daily"))
        assert set(rows) <= set(part)
        assert rows[-1] == part[-1]
        assert len(rows) <= 45
        assert cadence == "daily"
