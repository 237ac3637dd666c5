"""Plots: lines in a window of days and a scale of values, as SVG paths that keep every peak."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

from ticker.market.history import unbroken
from ticker.market.instrument import Cadence
from ticker.market.observation import Observation, Series
from ticker.market.statistics import extremes
from ticker.render.scale import DayTick, Scale, day_ticks, scale

Point = tuple[int, int]


@dataclass(frozen=True)
class Trace:
    """One line: its observations in the window, and how often it is published."""

    line: Series
    cadence: Cadence


@dataclass(frozen=True)
class Plot:
    """Lines in a window of days and a scale of values, and the days that the axis below names."""

    first: date
    last: date
    lowest: Decimal
    scale: Scale
    days: tuple[DayTick, ...]
    traces: tuple[Trace, ...]

    def across(self, day: date) -> float:
        """How far from the left a day is, 0 to 1; a window of one day is its right edge."""
        return (day.toordinal() - self._start) / self._days if self._days > 0 else 1.0

    def level(self, value: Decimal) -> float | None:
        """How far from the top a value is, where figures are below it and the scale goes beyond it; else None."""
        return self.scale.down(value) if self.lowest < value < self.scale.high else None

    @cached_property
    def _start(self) -> int:
        return self.first.toordinal()

    @cached_property
    def _days(self) -> int:
        return self.last.toordinal() - self._start

    def points(self, trace: Trace, width: int, height: int) -> list[list[Point]]:
        """The trace in a box of that size, for two pixels across at most its least and greatest figure.

        In parts between which publication had stopped.
        """
        starts = column_starts(self.first, self.last, width // 2)
        return [
            [self._point(o, width, height) for o in thinned(part, starts)]
            for part in unbroken(trace.line, trace.cadence)
        ]

    def dot(self, o: Observation, width: int, height: int) -> str:
        """A line of no length at an observation: with a round cap it is a dot, in any stretched box."""
        x, y = self._point(o, width, height)
        return f"M{x} {y}h0"

    def _point(self, o: Observation, width: int, height: int) -> Point:
        return 2 * int(self.across(o.day) * (width // 2) + 0.5), round(self.scale.down(o.value) * height)


def plot(traces: Sequence[Trace], first: date, last: date, decimals: int) -> Plot:
    """The plot of these traces, of which one has an observation, in a window of days; figures have so many decimals."""
    ends = [extremes(trace.line) for trace in traces if trace.line]
    low, high = min(e.low.value for e in ends), max(e.high.value for e in ends)
    return Plot(first, last, low, scale(low, high, decimals), day_ticks(first, last), tuple(traces))


def column_starts(first: date, last: date, columns: int) -> list[date]:
    """The days on which the columns of a window begin, but for the first column, which is half as wide.

    A day is in the column whose middle is nearest to it, where the window's last day is the middle of the last one.
    """
    start, days = first.toordinal(), (last - first).days
    return [date.fromordinal(start - (days - 2 * days * n) // (2 * columns)) for n in range(1, columns + 1)]


def thinned(part: Series, starts: Iterable[date]) -> list[Observation]:
    """For each column the least and the greatest observation, in order of time; and the first and last of all.

    `starts` are the days on which columns begin, but for the first.
    """
    if not part:
        return []
    values = [o.value for o in part]
    bounds = sorted({0, len(part), *(bisect_left(part, day, key=_day) for day in starts)})
    kept = {0, len(part) - 1}
    for start, end in pairwise(bounds):
        members = values[start:end]
        kept.add(start + members.index(min(members)))
        kept.add(start + members.index(max(members)))
    return [part[n] for n in sorted(kept)]


_day = attrgetter("day")


def joined(parts: Iterable[Sequence[Point]], cadence: Cadence) -> str:
    """The parts of a line as one path; where it is weekly they are steps: a figure holds until the next.

    A part of a single point is a line of no length: with a round cap it is a dot.
    """
    draw = stepped if cadence == "weekly" else path
    return "".join(draw(points) + ("h0" if len(set(points)) == 1 else "") for points in parts)


def path(points: Sequence[Point]) -> str:
    """The points as a path: `M0 9l2-3 2 1`."""
    (x, y), *_ = points
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points) if a != b]
    return f"M{x} {y}" + ("l" + _packed(n for step in steps for n in step) if steps else "")


def stepped(points: Sequence[Point]) -> str:
    """The points as steps: `M0 9h4v-3h2v1`."""
    (x, y), *_ = points
    parts = [f"M{x} {y}"]
    for a, b in pairwise(corners(points, "weekly")):
        parts += [f"h{b[0] - a[0]}"] if b[0] != a[0] else []
        parts += [f"v{b[1] - a[1]}"] if b[1] != a[1] else []
    return "".join(parts)


def corners(points: Iterable[Point], cadence: Cadence) -> list[Point]:
    """Where the line through these points turns: at each; a weekly one also before it rises or falls to it."""
    turns = list(points)
    if cadence == "weekly":
        turns = turns[:1] + [corner for a, b in pairwise(turns) for corner in ((b[0], a[1]), b)]
    return turns


def _packed(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers)).replace(" -", "-")
