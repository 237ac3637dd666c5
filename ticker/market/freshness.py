"""Freshness: counted in publications that are due, never in hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from ticker.market.calendar import Release, Schedule

Freshness = Literal["current", "late", "stale", "empty"]
_HORIZON = timedelta(days=120)  # a calendar that names nothing this far ahead has ended


@dataclass(frozen=True)
class Standing:
    """Where a line stands at a moment.

    `next_due` is the first publication after it (UTC), `expected` the moment of the newest that is out by the calendar
    and has not reached us; None where all have. `until` is the next moment at which any of this changes by time alone.
    `overdue` counts publications, `since` is the moment at which the first of them turned overdue (UTC); None while
    none is.
    """

    freshness: Freshness
    next_due: datetime | None
    expected: datetime | None
    until: datetime
    overdue: int = 0
    since: datetime | None = None

    @property
    def awaited(self) -> bool:
        """Whether a publication is out by the calendar and has not reached us."""
        return self.expected is not None


@lru_cache(maxsize=64)  # the lines of one source mostly stand alike, and calendars take a millisecond each
def judge(
    newest: date | None, schedules: tuple[Schedule, ...], now: datetime, stated: datetime | None = None
) -> Standing:
    """How fresh a line is whose newest day is `newest`.

    A publication is overdue once its moment and its grace have passed while the newest day is older than it should
    carry. One overdue is late, two are stale. `stated` is the publisher's own word for its next publication: it puts
    off the moment from which one within four days before it counts, never the next date we show.
    """
    coming = [next(schedule.after(now), None) for schedule in schedules]
    next_due = min((r.moment for r in coming if r and r.moment - now < _HORIZON), default=None)
    overdue, turns, expected = 0, [next_due or now + _HORIZON], list[datetime]()
    for schedule in schedules:
        missing = schedule.missing(newest, now)
        expected += [release.moment for release in missing[:1]]
        if schedule.grace is None:
            continue
        ends = [_counts_from(release, stated) + schedule.grace for release in missing]
        overdue += sum(end <= now for end in ends)
        turns += [end for end in ends if end > now]  # those still to come are due after next_due anyway
    freshness: Freshness = "empty" if newest is None else "stale" if overdue > 1 else "late" if overdue else "current"
    since = min(_turned(newest, schedules, stated)) if newest is not None and overdue else None
    return Standing(freshness, next_due, max(expected, default=None), min(turns), overdue, since)


def _turned(newest: date, schedules: tuple[Schedule, ...], stated: datetime | None) -> Iterator[datetime]:
    """For each schedule, when the first publication that carries a later day than `newest` counts as overdue."""
    start = datetime.combine(newest, time(0), UTC) - timedelta(days=1)
    for schedule in schedules:
        if schedule.grace is not None:
            first = next(r for r in schedule.after(start) if r.carries > newest)
            yield _counts_from(first, stated) + schedule.grace


def _counts_from(release: Release, stated: datetime | None) -> datetime:
    if stated and release.moment < stated <= release.moment + timedelta(days=4):
        return stated
    return release.moment
