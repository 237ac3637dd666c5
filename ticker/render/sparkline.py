"""Lines as SVG paths: the sparkline of a row, and the year of a card. Relative, integer coordinates: few bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ticker.market.instrument import Cadence
from ticker.market.observation import Series
from ticker.render.plot import column_starts, joined, path, thinned

SPARK = (118, 30)
"""Width and height of a sparkline's view box, shown at 56 by 22: a finer line would be bytes that no eye sees."""
YEAR = (258, 80)
"""Width and height of a year's view box: 130 columns, two units apart."""

_WINDOW: Mapping[Cadence, int] = {"daily": 60, "weekly": 26}
_WEEKS = timedelta(weeks=52)


@dataclass(frozen=True)
class Spark:
    """A line's path, and that of the dot at its last value (a line of no length, for a round cap)."""

    path: str
    dot: str


@dataclass(frozen=True)
class Year:
    """The last 52 weeks: line, the area between it and its base, the extremes, and where the last value lies.

    Where `stepped`, the line rises and falls upright: a weekly figure holds until the next. `at` is 0 to 100 from low
    to high, None where they are equal. `first` is the first day where the history is shorter than 52 weeks, else None.
    """

    path: str
    area: str
    stepped: bool
    low: Decimal
    high: Decimal
    at: int | None
    first: date | None


def sparkline(line: Series, cadence: Cadence) -> Spark | None:
    """The shape of the last 60 observations (weekly: 26); None where there is none.

    The newest stands at the right edge, and a short history is a short line. A weekly one is a line too, not steps: at
    this size a step is two pixels wide and there is no scale to read a figure from, so it shows the shape alone.
    """
    window = _WINDOW[cadence]
    shown = line[-window:]
    if not shown:
        return None
    width, height = SPARK
    heights = _heights([o.value for o in shown], height)
    left = window - len(shown)
    points = [(round(width * (left + n) / (window - 1)), y) for n, y in enumerate(heights)]
    return Spark(path(points), f"M{width} {heights[-1]}h0")


def year(line: Series, cadence: Cadence) -> Year | None:
    """The last 52 weeks up to the newest day, a weekly line in steps; None with fewer than two observations in them."""
    if not line:
        return None
    start = line[-1].day - _WEEKS
    shown = tuple(o for o in line[-400:] if o.day >= start)
    if len(shown) < 2:
        return None
    height = YEAR[1]
    columns = YEAR[0] // 2
    kept = thinned(shown, column_starts(start, line[-1].day, columns))
    heights = _heights([o.value for o in kept], height)
    points = [(2 * round((o.day - start) / _WEEKS * columns), y) for o, y in zip(kept, heights, strict=True)]
    values = [o.value for o in shown]
    low, high = min(values), max(values)
    drawn = joined([points], cadence)
    return Year(
        path=drawn,
        area=f"{drawn}V{_base(low, high, height)}H{points[0][0]}z",
        stepped=cadence == "weekly",
        low=low,
        high=high,
        at=round((values[-1] - low) / (high - low) * 100) if high > low else None,
        first=shown[0].day if shown[0].day > start + timedelta(days=10) else None,
    )


def _heights(values: Sequence[Decimal], height: int) -> list[int]:
    """Each value's distance from the top; a flat line is in the middle."""
    low, high = min(values), max(values)
    if low == high:
        return [height // 2] * len(values)
    return [round((high - value) / (high - low) * height) for value in values]


def _base(low: Decimal, high: Decimal, height: int) -> int:
    """Where the area under a line ends: at zero if that is in sight, else at the edge that is nearer to zero."""
    if low >= 0 or low == high:
        return height
    return 0 if high <= 0 else round(high / (high - low) * height)
