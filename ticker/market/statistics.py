"""Statistics of a line: changes over spans of time, and extremes with their days. All from the figures as shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ticker.market.figures import Direction, direction, percent
from ticker.market.history import months_before
from ticker.market.observation import Observation, Series

_WEEKS = timedelta(weeks=52)


@dataclass(frozen=True)
class Move:
    """The change from an earlier observation to the newest; no percentage where either is zero or less."""

    key: str
    start: Observation
    change: Decimal
    percent: Decimal | None
    direction: Direction


@dataclass(frozen=True)
class Extremes:
    """The lowest and highest observation of a span; of several that are equal, the newest."""

    low: Observation
    high: Observation


@dataclass(frozen=True)
class Statistics:
    """Moves over `1w`, `1m`, `3m`, `1y` and `ytd`, where the line reaches back so far; extremes of 52 weeks and of all.

    `year` is None where the line does not reach back 52 weeks.
    """

    moves: tuple[Move, ...]
    year: Extremes | None
    ever: Extremes


def statistics(line: Series) -> Statistics | None:
    """The statistics of a line, as of its newest day; None where it is empty.

    A span starts with its first figure, as the chart of that range does: a week back from Monday's figure is last
    Monday's, or the next one where that day has none. The year to date starts with the last figure of the year before.
    """
    if not line:
        return None
    newest = line[-1].day
    days = {
        "1w": newest - timedelta(days=7),
        "1m": months_before(newest, 1),
        "3m": months_before(newest, 3),
        "1y": months_before(newest, 12),
    }
    starts = {key: next(o for o in line if o.day >= day) for key, day in days.items() if line[0].day <= day}
    before = next((o for o in reversed(line) if o.day.year < newest.year), None)
    starts |= {"ytd": before} if before else {}
    moves = [_move(key, start, line[-1]) for key, start in starts.items()]
    reaches = line[0].day <= newest - _WEEKS
    year = extremes(o for o in line if o.day >= newest - _WEEKS) if reaches else None
    return Statistics(tuple(moves), year, extremes(line))


def extremes(line: Iterable[Observation]) -> Extremes:
    """The lowest and highest of these observations, of which there is at least one."""
    newest_first = tuple(line)[::-1]
    values = [o.value for o in newest_first]
    return Extremes(newest_first[values.index(min(values))], newest_first[values.index(max(values))])


def _move(key: str, start: Observation, last: Observation) -> Move:
    change = last.value - start.value
    return Move(key, start, change, percent(last.value, start.value), direction(change))
