"""Scales: round values for an axis, and days at which a calendar's units begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import Literal

Unit = Literal["day", "month", "year"]

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_ABOVE, _BELOW = Decimal("0.03"), Decimal("0.09")  # of the span: room beyond the extremes; below, for a label


@dataclass(frozen=True)
class Scale:
    """The values from the bottom of a plot to its top, and the round ones among them, ascending."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    decimals: int

    def down(self, value: Decimal) -> float:
        """How far below the top a value is: 0 at the top, 1 at the bottom."""
        return (self._top - float(value)) / self._span

    @cached_property
    def _top(self) -> float:
        return float(self.high)

    @cached_property
    def _span(self) -> float:
        return float(self.high - self.low)


@dataclass(frozen=True)
class DayTick:
    """A day that an axis names, by itself, its month or its year."""

    day: date
    unit: Unit


def scale(low: Decimal, high: Decimal, decimals: int, most: int = 6) -> Scale:
    """A scale for values from low to high that have so many decimals, with at most `most` round ticks.

    Ticks are multiples of 1, 2, 2.5 or 5 times a power of ten, never finer than the values themselves. Where no value
    is below zero, no tick is.
    """
    least = Decimal(1).scaleb(-decimals)
    span = high - low or max(abs(high) / 25, 4 * least)
    middle = (span - (high - low)) / 2  # a flat line is in the middle
    bottom, top = low - middle - span * _BELOW, high + middle + span * _ABOVE
    step = max(_step((top - bottom) / most), least)
    places = max(0, -int(step.normalize().as_tuple().exponent))
    first = (max(bottom, Decimal(0)) if low >= 0 else bottom) / step
    start = first.to_integral_value(ROUND_CEILING)
    count = int((top / step - start).to_integral_value("ROUND_FLOOR")) + 1
    ticks = tuple(((start + n) * step).quantize(Decimal(1).scaleb(-places)) + 0 for n in range(count))
    return Scale(bottom, top, ticks, places)


def _step(least: Decimal) -> Decimal:
    """The smallest round step that is not below `least`."""
    power = Decimal(1).scaleb(least.adjusted())
    return next(step * power for step in _STEPS if step * power >= least)


def day_ticks(first: date, last: date) -> tuple[DayTick, ...]:
    """The days from first to last that an axis names: Mondays, months, years, five or ten of them; eight at most.

    Of less than two weeks the first and the last.
    """
    days = (last - first).days
    if days < 14:
        return tuple(DayTick(day, "day") for day in dict.fromkeys((first, last)))
    if days <= 45:
        monday = first + timedelta(days=-first.weekday() % 7)
        return tuple(DayTick(monday + timedelta(weeks=n), "day") for n in range((last - monday).days // 7 + 1))
    if days <= 500:
        every = 1 if days <= 200 else 2 if days <= 400 else 3
        months = _months(first, last)
        return tuple(DayTick(d, "year" if d.month == 1 else "month") for d in months if (d.month - 1) % every == 0)
    every = next(n for n in (1, 2, 5, 10, 20, 50, 10_000) if days / 365.25 / n <= 8)
    years = range(first.year, last.year + 1)
    starts = (date(y, 1, 1) for y in years if y % every == 0)
    return tuple(DayTick(d, "year") for d in starts if first <= d <= last)


def _months(first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while (start := date(year, month, 1)) <= last:
        if start >= first:
            yield start
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
