"""Observations to quotes: the latest value of an instrument, what it was before, and how fresh it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from ticker.market.calendar import Timetable
from ticker.market.chain import Fitness, Turn, turn
from ticker.market.figures import Direction, direction, drawn, newest, percent
from ticker.market.freshness import Freshness, Standing, judge
from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Figures, Observation, Series


@dataclass(frozen=True)
class Publisher:
    """What the market needs to know of a source: who it is, its terms, and when its series come out.

    `short` is how a widget names it, `zone` where it is. `timetable` gives that of a code.
    """

    key: str
    name: str
    short: str
    url: str
    terms: str
    zone: str
    timetable: Callable[[str], Timetable]


@dataclass(frozen=True)
class Quote:
    """An instrument's latest figure. Every figure has exactly the instrument's decimals; None where there is none.

    The instrument is as the entry in use shows it: that may have fewer decimals than another. `turn` tells which one
    that is, to be remembered; `until` is the next moment at which time alone changes any of this.
    `series` are what it is drawn from: one, or the two of a cross.
    `since` is set where the day before it is not the publication day before: a widget must then name that day.
    """

    instrument: Instrument
    link: Link
    publisher: Publisher
    latest: Observation | None
    previous: Observation | None
    change: Decimal | None
    change_percent: Decimal | None
    direction: Direction | None
    since: date | None
    standing: Standing
    series: tuple[Sequence[Observation], ...]
    turn: Turn
    until: datetime

    @cached_property
    def line(self) -> Series:
        """All that is held of it, as shown; worked out when somebody looks at it."""
        return drawn(self.instrument, self.series)

    @property
    def freshness(self) -> Freshness:
        """current, late, stale or empty."""
        return self.standing.freshness

    @property
    def next_day(self) -> date | None:
        """The day of the next publication, where the publisher is."""
        due = self.standing.next_due
        return due.astimezone(ZoneInfo(self.publisher.zone)).date() if due else None


def quote(
    instrument: Instrument,
    figures: Figures,
    publishers: Mapping[str, Publisher],
    now: datetime,
    stated: Mapping[str, date],
    before: Turn | None = None,
) -> Quote:
    """The instrument's quote from the entry of its chain whose turn it is; `before` is whose it was until now."""
    standings = [_standing(link, instrument, figures, publishers, now, stated) for link in instrument.chain]
    chosen = turn([fitness for fitness, _ in standings], before)
    link, (_, standing) = next(
        (link, found) for link, found in zip(instrument.chain, standings, strict=True) if link.entry == chosen.entry
    )
    first = standings[0][1]
    alone = standing is first and first.freshness == "current"  # then what the others do changes nothing
    until = first.until if alone else min(other.until for _, other in standings)
    series = _series(link, figures)
    found = _of(instrument.drawn_from(link), link, publishers[link.source], series, standing)
    return replace(found, turn=chosen, until=until)


def _series(link: Link, figures: Figures) -> tuple[Sequence[Observation], ...]:
    return tuple(figures.get(key, ()) for key in link.series)


def _standing(
    link: Link,
    instrument: Instrument,
    figures: Figures,
    publishers: Mapping[str, Publisher],
    now: datetime,
    stated: Mapping[str, date],
) -> tuple[Fitness, Standing]:
    """How fit an entry is, and where it stands."""
    schedules = publishers[link.source].timetable(link.codes[0]).schedules
    last = newest(instrument.drawn_from(link), _series(link, figures), 1)
    day = last[0].day if last else None
    said = max((stated[key] for key in link.series if key in stated), default=None)
    standing = judge(day, schedules, now, said and schedules[0].on(said))
    return Fitness(link.entry, day, standing.freshness), standing


def on(q: Quote, whole: Series, day: date) -> Quote:
    """The quote as of a day: the newest figure that is not after it, as it stands now, and no word on what is due."""
    series = tuple(o for o in whole if o.day <= day)
    fresh: Freshness = "current" if series else "empty"
    standing = replace(q.standing, freshness=fresh, next_due=None, expected=None, overdue=0, since=None)
    return _of(q.instrument, q.link, q.publisher, (series,), standing)


def _of(
    instrument: Instrument,
    link: Link,
    publisher: Publisher,
    series: tuple[Sequence[Observation], ...],
    standing: Standing,
) -> Quote:
    two = newest(instrument, series, 2)
    latest = two[-1] if two else None
    previous = two[0] if len(two) > 1 else None
    change = latest.value - previous.value if latest and previous else None
    gap = latest and previous and publisher.timetable(link.codes[0]).gap(previous, latest)
    return Quote(
        instrument=instrument,
        link=link,
        publisher=publisher,
        latest=latest,
        previous=previous,
        change=change,
        change_percent=percent(latest.value, previous.value) if latest and previous else None,
        direction=direction(change) if change is not None else None,
        since=previous.day if previous and gap else None,
        standing=standing,
        series=series,
        turn=Turn(link.entry),
        until=standing.until,
    )
