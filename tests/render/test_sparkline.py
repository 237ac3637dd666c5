from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from ticker.market.observation import Observation, Series
from ticker.render.plot import path
from ticker.render.sparkline import SPARK, YEAR, sparkline, year

DAY = date(2026, 3, 18)
values = st.lists(st.decimals(-100, 300, places=2), min_size=1, max_size=90)


def line(*figures: Decimal | int, step: int = 1) -> Series:
    first = DAY - timedelta(days=step * (len(figures) - 1))
    return tuple(Observation(first + timedelta(days=step * n), Decimal(v)) for n, v in enumerate(figures))


def points(drawn: str) -> list[tuple[int, int]]:
    """The corners of a path, as a browser finds them."""
    start, _, steps = drawn.removeprefix("M").removesuffix("h0").partition("l")
    x, y = map(int, start.split())
    moves = [int(n) for n in re.findall(r"-?\d+", steps)]
    return list(zip(accumulate([x, *moves[::2]]), accumulate([y, *moves[1::2]]), strict=True))


@given(values)
def test_a_sparkline_ends_at_the_right_at_its_dot_and_stays_in_its_box(figures: list[Decimal]) -> None:
    spark = sparkline(line(*figures), "daily")
    assert spark
    drawn = points(spark.path)
    assert drawn[-1][0] == SPARK[0]
    assert spark.dot == f"M{SPARK[0]} {drawn[-1][1]}h0"
    assert all(0 <= x <= SPARK[0] and 0 <= y <= SPARK[1] for x, y in drawn)


@given(st.lists(st.integers(-100, 300), min_size=2, max_size=60, unique=True))
def test_the_highest_figure_is_at_the_top_and_the_lowest_at_the_bottom(figures: list[int]) -> None:
    spark = sparkline(line(*figures), "daily")
    assert spark
    heights = [y for _, y in points(spark.path)]
    assert heights[figures.index(max(figures))] == 0
    assert heights[figures.index(min(figures))] == SPARK[1]


def test_only_the_last_sixty_days_or_twenty_six_weeks_are_drawn() -> None:
    figures = range(100)
    daily, weekly = sparkline(line(*figures), "daily"), sparkline(line(*figures, step=7), "weekly")
    assert daily
    assert weekly
    assert len(points(daily.path)) == 60
    assert len(points(weekly.path)) == 26


def test_one_figure_is_a_dot_a_flat_line_is_in_the_middle_and_nothing_is_nothing() -> None:
    assert sparkline((), "daily") is None
    one = sparkline(line(5), "daily")
    assert one
    assert one.path == "M118 15"
    flat = sparkline(line(*[7] * 60), "daily")
    assert flat
    assert {y for _, y in points(flat.path)} == {15}


def test_a_short_history_is_a_short_line() -> None:
    spark = sparkline(line(1, 2, 3), "daily")
    assert spark
    assert [x for x, _ in points(spark.path)] == [114, 116, 118]


def test_paths_are_compact() -> None:
    assert path([(0, 9), (2, 6), (4, 6), (4, 6), (6, 7)]) == "M0 9l2-3 2 0 2 1"


@given(st.lists(st.decimals(-100, 300, places=2), min_size=2, max_size=500))
def test_a_year_keeps_its_extremes_and_its_last_value(figures: list[Decimal]) -> None:
    found = year(line(*figures), "daily")
    assert found
    shown = figures[-365:]
    assert (found.low, found.high) == (min(shown), max(shown))
    drawn = points(found.path)
    assert len({x for x, _ in drawn}) <= 130
    assert drawn[-1][0] == YEAR[0]
    if found.at is None:
        assert found.low == found.high
    else:
        heights = [y for _, y in drawn]
        assert (min(heights), max(heights)) == (0, YEAR[1])
        assert abs(heights[-1] - (100 - found.at) * YEAR[1] / 100) <= 1


def test_a_weekly_year_goes_in_steps_which_its_area_follows() -> None:
    found = year(line(3, 5, 5, 4, step=7), "weekly")
    assert found
    assert found.stepped
    assert found.path == "M244 80h4v-80h6h4v40"
    assert found.area == f"{found.path}V80H244z"
    daily = year(line(3, 5, 5, 4, step=7), "daily")
    assert daily
    assert not daily.stepped
    assert daily.path == "M244 80l4-80 6 0 4 40"


def test_the_area_under_a_line_that_crosses_zero_ends_at_zero() -> None:
    for figures, base in (((10, 20), 80), ((30, -10), 60), ((-10, -20), 0)):
        found = year(line(*figures), "daily")
        assert found
        assert found.area.endswith(f"V{base}H{points(found.path)[0][0]}z")


def test_a_short_year_says_where_it_begins_and_one_figure_is_no_year() -> None:
    assert year(line(1), "daily") is None
    assert year((), "daily") is None
    short, whole = year(line(1, 2, 3), "daily"), year(line(*range(400)), "daily")
    assert short
    assert short.first == DAY - timedelta(days=2)
    assert whole
    assert whole.first is None
