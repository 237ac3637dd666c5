"""Hold what is stored against what the source says now. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ticker.errors import SourceError
from ticker.ingest.client import Client
from ticker.ingest.evidence import gather
from ticker.ingest.guards import inspect
from ticker.ingest.refresh import Line
from ticker.market.instrument import Catalog
from ticker.market.observation import Series, Standing
from ticker.sources.source import Need
from ticker.store.engine import Store
from ticker.store.feeds import Validators
from ticker.store.figures import span
from ticker.store.held import held_of


@dataclass(frozen=True)
class Comparison:
    """A series beside its source: how many figures were compared, and each difference in words, by day.

    `error` says why there was nothing to compare with; the series is then that of the feed.
    """

    series: str
    figures: int = 0
    differences: tuple[str, ...] = ()
    error: SourceError | None = None


def compare(store: Store, client: Client, line: Line, catalog: Catalog, now: datetime) -> Iterator[Comparison]:
    """Fetch a feed's whole history, and compare every series of it, day by day.

    What the guards hold back, or would, and what an operator decided of, is left out.
    """
    request = line.feed.plan(Need(line.codes, None, None), now)
    try:
        answer = client.fetch(request, Validators(), now)
        document = line.feed.parse(request, answer.body or b"", line.codes)
    except SourceError as wrong:
        yield Comparison(line.name, error=wrong)
        return
    today = now.astimezone(ZoneInfo(line.source.publisher.zone)).date()
    arrival = inspect(line.source, document, gather(store, catalog, line.keys, today), today)
    for key in line.keys:
        with store.read() as connection:
            held = span(connection, key, date.min, date.max)
            spared = {day for _, day in held_of(connection, [key])}
        spared |= {hold.day for hold in arrival.holds if hold.series == key}
        theirs = {o.day: o.value for o in arrival.series.get(key, ()) if o.day not in spared}
        if line.feed.standing < Standing.FINAL:
            theirs = _after_the_record(held, theirs)
        ours = _spoken_of(held, line.feed.standing, theirs, spared, document.whole)
        yield Comparison(key, len(theirs), tuple(_differences(ours, theirs)))


def _after_the_record(held: Series, early: Mapping[date, Decimal]) -> dict[date, Decimal]:
    """What an early document says of the days that the source's own record has not reached."""
    record = max((o.day for o in held if o.standing == Standing.FINAL), default=date.min)
    return {day: value for day, value in early.items() if day > record}


def _spoken_of(
    held: Series, standing: Standing, theirs: Mapping[date, Decimal], spared: Set[date], whole: bool
) -> dict[date, Decimal]:
    """What we hold of the days that a document speaks of: its span, or all there is where it holds all there is.

    After its last day only what came from such a document: another feed, or the seed, may know more.
    """
    if not theirs:
        return {}
    first, last = (date.min if whole else min(theirs)), max(theirs)
    return {
        o.day: o.value
        for o in held
        if first <= o.day and (o.day <= last or (whole and o.standing == standing)) and o.day not in spared
    }


def _differences(ours: Mapping[date, Decimal], theirs: Mapping[date, Decimal]) -> Iterator[str]:
    for day in sorted({*ours, *theirs}):
        here, there = ours.get(day), theirs.get(day)
        if here is None:
            yield f"{day}: the source has {there}, we have nothing"
        elif there is None:
            yield f"{day}: we have {here}, the source has nothing"
        elif here != there:
            yield f"{day}: we have {here}, the source has {there}"
