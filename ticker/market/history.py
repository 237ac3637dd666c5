"""History: an instrument's whole line, and the spans of it that can be asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import attrgetter, sub
from typing import Literal

from ticker.market.instrument import Cadence, Instrument
from ticker.market.observation import Series
from ticker.market.quote import Publisher

RANGES = {"1m": 1, "3m": 3, "6m": 6, "1y": 12, "5y": 60, "max": None}
"""The ranges that can be named, in months back from the newest observation."""


@dataclass(frozen=True)
class History:
    """A span of an instrument's line, as shown, and the publisher of every figure in it."""

    instrument: Instrument
    publisher: Publisher
    codes: tuple[str, ...]
    line: Series


@dataclass(frozen=True)
class Span:
    """Days that are asked for: from `first` to `last`, both included, or a named range; all by default."""

    first: date = date.min
    last: date = date.max
    range: str = "max"

    def of(self, line: Series) -> Series:
        """The part of a line that lies in it. A range is counted back from the line's newest day."""
        if not line:
            return line
        months = RANGES[self.range]
        first = self.first if months is None else months_before(line[-1].day, months)
        day = attrgetter("day")  # a line ascends, so its part is found by halving
        return line[bisect_left(line, first, key=day) : bisect_right(line, self.last, key=day)]


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months before; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_PAUSE = {"daily": timedelta(days=10), "weekly": timedelta(days=20)}
"""Days between two figures beyond which publication had stopped: longer than any run of holidays or a missed week."""


def unbroken(line: Series, cadence: Cadence) -> tuple[Series, ...]:
    """The line's parts between which publication had stopped; a chart must not draw through such a gap."""
    longest, days = _PAUSE[cadence].days, [o.day.toordinal() for o in line]
    apart = list(map(sub, days[1:], days))
    if max(apart, default=0) <= longest:  # as nearly all lines are
        return (line,) if line else ()
    starts = [n for n, between in enumerate(apart, 1) if between > longest]
    return tuple(line[a:b] for a, b in pairwise((0, *starts, len(line))))


Period = Literal["every", "week", "month", "quarter", "year"]
_MONTHS: Mapping[Period, int] = {"month": 1, "quarter": 3, "year": 12}


def period(days: int, cadence: Cadence) -> Period:
    """Of what periods a table shows the last figures, so that a span of so many days gives at most some forty rows."""
    if days <= 32 or (cadence == "weekly" and days <= 190):
        return "every"
    return "week" if days <= 190 else "month" if days <= 370 else "quarter" if days <= 1850 else "year"


def last_of_each(line: Series, of: Period) -> Series:
    """The last observation of each such period, in order of time; all of them for `every`."""
    if of == "every":
        return line
    found, end = [], 0
    while end < len(line):
        end = bisect_left(line, _next(line[end].day, of), lo=end, key=attrgetter("day"))
        found.append(line[end - 1])
    return tuple(found)


def _next(day: date, of: Period) -> date:
    """The day on which the period after this day's begins."""
    if of == "week":
        return day + timedelta(days=7 - day.weekday())
    months = _MONTHS[of]
    return months_before(date(day.year, (day.month - 1) // months * months + 1, 1), -months)
