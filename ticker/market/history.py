"""History: an instrument's whole line, and the spans of it that can be asked for."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ticker.market.instrument import Instrument
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
        return tuple(o for o in line if first <= o.day <= self.last)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months before; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
