"""The profile of an instrument: what its page says beside the chart, every string ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from ticker.market.figures import percent
from ticker.market.observation import Observation, Series
from ticker.market.quote import Quote
from ticker.market.statistics import Move, statistics
from ticker.render import words
from ticker.render.language import Dated, Language

_RECENT = 20  # figures in the table
_COMING = 5  # dates of publication
_MOVES = {"1w": "w1", "1m": "m1", "3m": "m3", "1y": "y1", "ytd": "ytd"}


@dataclass(frozen=True)
class Entry:
    """A line of a table: what it is called, a day, and its cells, as shown."""

    name: str
    day: Dated
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """What an instrument is, its statistics, its last figures, and the days on which it comes next.

    `around` is what stands before and after those days, `latest` the newest figure as a sentence. `overdue` says since
    which day a newer figure should be here.
    """

    key: str
    name: str
    unit: str
    figure: str
    day: Dated | None
    moves: tuple[Entry, ...]
    extremes: tuple[Entry, ...]
    recent: tuple[Entry, ...]
    latest: str
    about: str
    overdue: Dated | None
    coming: tuple[Dated, ...]
    around: tuple[str, str]
    source: str
    address: str
    terms: str
    series: str


def profile(q: Quote, line: Series, now: datetime, language: Language, year: int) -> Profile:
    """The profile of a quote and its whole line, at a moment; `year` is the one that goes without saying."""
    i = q.instrument
    coming = tuple(language.dated("", day, year) for day in islice(_coming(q, now), _COMING))
    before, after = language.page_around("coming", "days")
    return Profile(
        key=i.key,
        name=language.name(i),
        unit=language.unit(i.unit),
        figure=language.number(line[-1].value, i.decimals) if line else "",
        day=language.dated("", line[-1].day, year) if line else None,
        moves=_moves(line, i.decimals, language, year),
        extremes=_extremes(line, i.decimals, language, year),
        recent=_recent(line, i.decimals, language, year),
        latest=words.latest(i, line, q.since, language, year),
        about=words.about(i, q.link, q.publisher, language),
        overdue=_overdue(q, language, year),
        coming=coming,
        # A day may end with a stop of its own: "26 de mar."
        around=(before, after.removeprefix(".") if coming and coming[-1].day.endswith(".") else after),
        source=q.publisher.name,
        address=q.publisher.url,
        terms=q.publisher.terms,
        series=language.page("series", codes=q.link.formula or q.link.codes[0]),
    )


def _overdue(q: Quote, language: Language, year: int) -> Dated | None:
    if q.standing.since is None:
        return None
    day = q.standing.since.astimezone(ZoneInfo(q.publisher.zone)).date()
    before, after = language.page_around("overdue", "day")
    found = language.dated("", day, year)
    return Dated(before, found.iso, found.day, after)


def _moves(line: Series, decimals: int, language: Language, year: int) -> tuple[Entry, ...]:
    found = statistics(line)

    def entry(move: Move) -> Entry:
        change = language.change(move.change, decimals)
        day = language.dated("", move.start.day, year)
        return Entry(language.page(_MOVES[move.key]), day, (change, language.percent(move.percent)))

    return tuple(map(entry, found.moves)) if found else ()


def _extremes(line: Series, decimals: int, language: Language, year: int) -> tuple[Entry, ...]:
    found = statistics(line)
    if found is None:
        return ()
    named = {"high52": found.year.high, "low52": found.year.low} if found.year else {}
    named |= {"high": found.ever.high, "low": found.ever.low}

    def entry(name: str, o: Observation) -> Entry:
        return Entry(language.page(name), language.dated("", o.day, year), (language.number(o.value, decimals),))

    return tuple(entry(name, o) for name, o in named.items())


def _recent(line: Series, decimals: int, language: Language, year: int) -> tuple[Entry, ...]:
    """The newest figures, newest first, each with its change from the one before."""
    pairs = list(pairwise((None, *line[-_RECENT - 1 :])))[-_RECENT:]

    def entry(before: Observation | None, o: Observation) -> Entry:
        cells = (language.number(o.value, decimals), "", "")
        if before:
            change = language.change(o.value - before.value, decimals)
            cells = (cells[0], change, language.percent(percent(o.value, before.value)))
        return Entry("", language.dated("", o.day, year), cells)

    return tuple(entry(before, o) for before, o in reversed(pairs) if o)


def _coming(q: Quote, now: datetime) -> Iterator[date]:
    """The days on which something is published, where the publisher is, each once."""
    zone = ZoneInfo(q.publisher.zone)
    schedules = q.publisher.timetable(q.link.codes[0]).schedules
    moments = merge(*((r.moment for r in schedule.after(now)) for schedule in schedules))
    last = None
    for moment in moments:
        day = moment.astimezone(zone).date()
        if day != last:
            yield day
        last = day
