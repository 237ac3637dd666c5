"""Scales, plots and charts: round ticks, peaks that are kept, labels that keep clear of each other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.world import crossed, everything
from ticker import catalog
from ticker.market.comparison import rebase
from ticker.market.figures import line
from ticker.market.history import RANGES, Span
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation, Series
from ticker.render.chart import BOX, ROOMS, Chart, chart, window
from ticker.render.language import language
from ticker.render.mark import Mark
from ticker.render.plot import Trace, joined, plot, thinned
from ticker.render.scale import day_ticks, scale
from ticker.render.sheet import overlap

TEN = ("wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")
LAST = date(2026, 3, 16)
amounts = st.decimals(-200, 2000, places=4)


def whole(ours: Catalog, key: str) -> Series:
    i = ours.get(key)
    assert i
    return tuple(o for o in line(i, i.chain[0], everything()) if o.day <= LAST)


def corners(path: str) -> list[list[tuple[int, int]]]:
    """The corners of each part of a path, as a browser finds them."""
    parts = []
    for part in path.split("M")[1:]:
        start, *_ = re.match(r"(-?\d+) (-?\d+)", part).groups(), None  # type: ignore[union-attr]
        x, y = map(int, start)
        found = [(x, y)]
        for command, arguments in re.findall(r"([lhv])([^lhv]*)", part):
            numbers = [int(n) for n in re.findall(r"-?\d+", arguments)]
            if command == "h":
                numbers = [numbers[0], 0]
            elif command == "v":
                numbers = [0, numbers[0]]
            for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = x + dx, y + dy
                found.append((x, y))
        parts.append(found)
    return parts


@given(amounts, amounts, st.integers(0, 4))
def test_ticks_are_round_evenly_spaced_and_in_the_scale(a: Decimal, b: Decimal, decimals: int) -> None:
    low, high = sorted(v.quantize(Decimal(1).scaleb(-decimals)) for v in (a, b))
    found = scale(low, high, decimals)
    assert found.low < low <= high < found.high
    assert 1 <= len(found.ticks) <= 7
    steps = {b - a for a, b in pairwise(found.ticks)}
    assert len(steps) <= 1
    for step in steps:
        digits = str(step.normalize().scaleb(-step.normalize().adjusted()).normalize())
        assert digits in ("1", "2", "2.5", "5")
        assert all(tick % step == 0 for tick in found.ticks)
    assert all(found.low <= tick <= found.high for tick in found.ticks)
    if low >= 0:
        assert all(tick >= 0 for tick in found.ticks)
    assert all(-tick.as_tuple().exponent == found.decimals for tick in found.ticks)  # type: ignore[operator]


def test_a_flat_line_is_in_the_middle_of_a_scale() -> None:
    found = scale(Decimal("3.03"), Decimal("3.03"), 2)
    assert 0.4 < found.down(Decimal("3.03")) < 0.6
    assert len(found.ticks) >= 2


@given(st.dates(date(1980, 1, 1), date(2026, 1, 1)), st.integers(0, 17_000))
def test_an_axis_names_at_most_nine_days_all_in_the_window(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = day_ticks(first, last)
    assert len(found) <= 9
    assert all(first <= tick.day <= last for tick in found)
    assert len({tick.day for tick in found}) == len(found)


@given(st.lists(st.decimals(-100, 300, places=2), min_size=1, max_size=3000))
def test_every_peak_is_drawn(values: list[Decimal]) -> None:
    first = LAST - timedelta(days=len(values) - 1)
    shown = tuple(Observation(first + timedelta(days=n), v) for n, v in enumerate(values))
    drawn = plot([Trace(shown, "daily")], first, LAST, 2)
    (part,) = corners(joined(drawn.points(drawn.traces[0], *BOX), drawn.traces[0].cadence))
    heights = [y for _, y in part]
    at = [round(drawn.scale.down(v) * BOX[1]) for v in (max(values), min(values))]
    assert (min(heights), max(heights)) == tuple(at)
    assert part[-1] == (BOX[0], round(drawn.scale.down(values[-1]) * BOX[1]))
    assert part[0][1] == round(drawn.scale.down(values[0]) * BOX[1])
    assert all(a[0] <= b[0] for a, b in pairwise(part))
    assert len(part) <= 2 * (BOX[0] // 2 + 1) + 2


def test_a_column_keeps_its_least_and_greatest_in_order_of_time() -> None:
    values = [5, 1, 9, 4, 2, 8]
    shown = tuple(Observation(LAST + timedelta(days=n), Decimal(v)) for n, v in enumerate(values))
    assert [int(o.value) for o in thinned(shown, [])] == [5, 1, 9, 8]


def test_a_weekly_line_is_drawn_in_steps_and_broken_where_publication_stopped(ours: Catalog) -> None:
    gasoline = whole(ours, "gasoline")
    drawn = plot([Trace(gasoline, "weekly")], gasoline[0].day, gasoline[-1].day, 3)
    path = joined(drawn.points(drawn.traces[0], *BOX), drawn.traces[0].cadence)
    assert "l" not in path
    if len(gasoline) > 100:
        assert path.count("M") == 2  # the winter of 1990


@pytest.mark.parametrize("named", RANGES)
@pytest.mark.parametrize("key", TEN)
def test_labels_of_real_charts_keep_clear_of_each_other(ours: Catalog, key: str, named: str) -> None:
    i, shown = ours.get(key), whole(ours, key)
    assert i
    found = chart([i], [shown], window([shown], named), language("en"))
    assert found
    for tick in found.values:
        assert abs(tick.at - found.lines[0].at) * 170 >= 15
    assert all(0 <= t.at <= 1 for t in (*found.values, *found.days))
    assert found.lines[0].end == language("en").number(shown[-1].value, i.decimals)
    narrow = [t for t in found.days if not t.wide]
    for left, right in pairwise(narrow):
        assert (right.at - left.at) * 220 > 20
    below = any(o.value < 0 for o in shown if o.day >= window([shown], named)[0])
    assert bool(found.base) == below


@pytest.mark.parametrize("named", RANGES)
@pytest.mark.parametrize("key", TEN)
def test_figures_are_written_near_their_points_clear_of_the_line_and_of_each_other(
    ours: Catalog, key: str, named: str
) -> None:
    i, shown = ours.get(key), whole(ours, key)
    assert i
    found = chart([i], [shown], window([shown], named), language("en"))
    assert found
    assert {mark.figure.kind for mark in found.marks} >= {figure.kind for figure in found.marked} - {"first"}
    for mark in first_marks(found):  # a hairline that ended before a figure would be read as its minus
        top, bottom = mark.line - ROOMS[0].ascent, mark.line + ROOMS[0].descent
        assert mark.lead is None or not top < mark.lead < bottom
        assert bool(mark.along) == bool(mark.shift)
    turns = [(x / BOX[0], y / BOX[1]) for part in corners(found.lines[0].path) for x, y in part]
    for n, room in enumerate(ROOMS):
        marks = [mark for mark in found.marks if mark.room in (None, n)]
        for width in (room.narrow, (room.narrow + room.wide) / 2, room.wide):
            line = [(x * width, y * room.height) for x, y in turns]
            boxes = {mark.figure: room.box(mark, width) for mark in marks}
            assert len(boxes) == len(marks)
            assert not any(overlap(a, b) for a, b in combinations(boxes.values(), 2))
            for figure, (left, top, right, bottom) in boxes.items():
                assert -0.01 <= left <= right <= width + 0.01
                assert -room.over <= top <= bottom <= room.height + room.under
                x, y = figure.across * width, figure.down * room.height
                assert left - x <= room.aside
                assert max(top - y, y - bottom) <= room.away
                assert not crossed((left, top, right, bottom), line), figure


def first_marks(found: Chart) -> list[Mark]:
    return [mark for mark in found.marks if mark.figure.kind == "first"]


def test_a_first_figure_without_a_clear_place_is_left_out_where_that_is() -> None:
    """Up and down over all the height, faster the narrower the plot is."""
    saw = tuple(Observation(LAST - timedelta(days=399 - n), Decimal((50, 0, 100)[n % 3])) for n in range(400))
    found = chart([catalog.load().instruments[0]], [saw], window([saw], "max"), language("en"))
    assert found
    assert [figure.kind for figure in found.marked] == ["first", "low", "high"]
    assert first_marks(found) == []
    calm = (*saw[:1], *(replace(o, value=Decimal(40 + n)) for n, o in enumerate(saw[1:])))
    found = chart([catalog.load().instruments[0]], [calm], window([calm], "max"), language("en"))
    assert found
    assert first_marks(found)


def test_a_window_begins_no_earlier_than_the_first_figure() -> None:
    two = tuple(Observation(day, Decimal(25)) for day in (date(1986, 1, 2), date(1986, 1, 3)))
    for named in RANGES:
        assert window([two], named) == (date(1986, 1, 2), date(1986, 1, 3))
        assert window([two[1:], two], named) == (date(1986, 1, 2), date(1986, 1, 3))
    assert [tick.day for tick in day_ticks(*window([two], "1y"))] == [o.day for o in two]
    assert [tick.day for tick in day_ticks(*window([two[:1]], "1y"))] == [two[0].day]
    long = (*two, Observation(LAST, Decimal(93)))
    assert window([long], "1y") == (date(2025, 3, 16), LAST)


def test_ends_of_compared_lines_are_written_apart(ours: Catalog) -> None:
    keys = ("wti", "brent", "natgas")
    lines = [whole(ours, key) for key in keys]
    compared = rebase(lines)
    assert compared
    shown = [i for key in keys if (i := ours.get(key))]
    found = chart(shown, compared.lines, (compared.base, LAST), language("es"))
    assert found
    ends = sorted(each.at for each in found.lines)
    assert all((b - a) * 170 >= 14.9 for a, b in pairwise(ends))
    assert found.marks == ()


@pytest.mark.parametrize("keys", [("usdbrl", "wti", "gasoline"), ("gasoline", "usdbrl"), ("wti", "brent", "natgas")])
@pytest.mark.parametrize("named", RANGES)
def test_a_comparison_keeps_its_scale(ours: Catalog, keys: tuple[str, ...], named: str) -> None:
    lines = [whole(ours, key) for key in keys]
    days = window(lines, named)
    compared = rebase([Span(*days).of(line) for line in lines])
    assert compared
    found = chart([i for key in keys if (i := ours.get(key))], compared.lines, (compared.base, days[1]), language("en"))
    assert found
    assert len(found.values) > 2 or not found.ended
    assert len(found.values) >= min(3, len(found.plot.scale.ticks))
    assert found.base == f"M0 {round(found.plot.scale.down(Decimal(100)) * BOX[1])}h{BOX[0]}"


def test_one_figure_is_a_dot_and_none_is_no_chart(ours: Catalog) -> None:
    i = ours.get("wti")
    assert i
    one = (Observation(LAST, Decimal("93.39")),)
    found = chart([i], [one], window([one], "1y"), language("en"))
    assert found
    assert found.lines[0].path.endswith("h0")
    assert found.marks == ()
    assert chart([i], [()], (LAST, LAST), language("en")) is None
