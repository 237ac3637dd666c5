"""One look at one feed: plan, fetch, parse, inspect, commit. Whatever fails keeps all figures."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from traceback import format_exc
from zoneinfo import ZoneInfo

from ticker.errors import Malformed, SourceError
from ticker.ingest import events
from ticker.ingest.client import Answer, Client
from ticker.ingest.doubts import Doubts
from ticker.ingest.due import CLOCKS_DIFFER, next_look
from ticker.ingest.evidence import gather
from ticker.ingest.guards import inspect
from ticker.market.instrument import Catalog
from ticker.market.observation import Standing
from ticker.sources.source import Document, Feed, Need, Request, Source
from ticker.store.commit import Arrival, Outcome, commit
from ticker.store.engine import Store
from ticker.store.feeds import (
    NOT_IN_IT,
    FeedState,
    Validators,
    read_feed,
    read_newest,
    read_validators,
    record,
)
from ticker.store.held import count_held, read_held_of

log = logging.getLogger(__name__)

_ENDED = timedelta(days=10)


@dataclass(frozen=True)
class Line:
    """A feed of a source, with the codes that the catalog wants of it."""

    source: Source
    feed: Feed
    codes: frozenset[str]

    @property
    def name(self) -> str:
        """Such as `eia:RWTC`."""
        return f"{self.source.key}:{self.feed.key}"

    @property
    def keys(self) -> list[str]:
        """The keys of its series."""
        return [f"{self.source.key}:{code}" for code in sorted(self.codes)]


@dataclass(frozen=True)
class Result:
    """What came of a look: figures that changed, nothing new (both None), or an error."""

    line: Line
    outcome: Outcome | None = None
    error: SourceError | None = None


def lines(catalog: Catalog, sources: Sequence[Source]) -> list[Line]:
    """Every feed that some instrument needs."""
    found = []
    for source in sources:
        wanted = catalog.codes(source.key)
        for feed in source.feeds:
            codes = frozenset(code for code in wanted if feed.serves(code))
            found += [Line(source, feed, codes)] if codes else []
    return found


def when(store: Store, line: Line, now: datetime, jitter: timedelta) -> datetime:
    """The next moment at which a line is to be looked at; now or earlier means at once."""
    state, newest = _held(store, line)
    held = [h.confirmed_at for h in read_held_of(store, line.keys) if h.standing == line.feed.standing]
    confirm = min((at for at in held if at is not None), default=None)
    return next_look(line.feed.schedule, state, newest, line.codes, now, jitter, line.feed.rest, confirm)


def stand(store: Store, line: Line) -> tuple[FeedState, date | None]:
    """What is known of a line: its feed's state, and the day to which all of its figures have arrived."""
    return _held(store, line)


def refresh(store: Store, client: Client, catalog: Catalog, line: Line, now: datetime) -> Result:
    """Look at a line now, and commit what it says. A failure is remembered, logged when it is new, and returned."""
    state, newest = _held(store, line)
    known = line.codes <= state.codes  # or some history was never read
    whole_at = state.whole_at if known and state.whole_at and state.whole_at <= now + CLOCKS_DIFFER else None
    request = line.feed.plan(Need(line.codes, newest, whole_at), now)
    try:
        held = _validators(store, line, request, newest, now) if known else Validators()
        answer = client.fetch(request, held, now)
        if answer.body is None:
            return _unchanged(store, line, state, now)
        document = _read(client, line, request, answer.body)
        today = now.astimezone(ZoneInfo(line.source.publisher.zone)).date()
        evidence = gather(store, catalog, line.keys, today)
        arrival = inspect(line.source, document, evidence, today)
    except SourceError as wrong:
        told = type(wrong)(client.discreet(str(wrong)), wrong.retry_at)
        events.failing(line.name, told, state.failures)
        record(store, state.failed(now, f"{told.label}: {told}", told.retry_at))
        return Result(line, error=told)
    doubts = Doubts(line.source, arrival, evidence, today)
    return Result(line, outcome=_commit(store, line, state, (request, answer), document, arrival, doubts, now))


def _read(client: Client, line: Line, request: Request, body: bytes) -> Document:
    """The document in a body. A mistake of ours in reading one feed must not keep us from the others."""
    try:
        return line.feed.parse(request, body, line.codes)
    except SourceError:
        raise
    except Exception as wrong:
        extra = events.about("source.mistake", line.name)
        log.error("%s: a mistake of ours: %s", line.name, client.discreet(format_exc()), extra=extra)
        raise Malformed(f"{request.url} could not be read: {type(wrong).__name__}") from wrong


def _held(store: Store, line: Line) -> tuple[FeedState, date | None]:
    newest = read_newest(store, line.keys, line.feed.standing)
    return read_feed(store, line.source.key, line.feed.key), _complete_to(newest.values(), line.feed.standing)


def _complete_to(newest: Collection[date], standing: Standing) -> date | None:
    """The day to which all of a feed's figures have arrived: the oldest of its series' newest days.

    So one that was held back is asked for again. A series that ended long before the others does not count; nor, in an
    early document, does one that has no figure.
    """
    latest = max(newest, default=None)
    if latest is None or standing < Standing.FINAL:
        return latest
    return min(day for day in newest if latest - day <= _ENDED)


def _validators(store: Store, line: Line, request: Request, newest: date | None, now: datetime) -> Validators:
    """What to ask "has it changed?" with; nothing when a publication is overdue: a source may say 304 for ever."""
    grace = line.feed.schedule.grace or timedelta(hours=4)
    overdue = any(r.moment + grace <= now for r in line.feed.schedule.missing(newest, now))
    return Validators() if overdue else read_validators(store, request.url)


def _unchanged(store: Store, line: Line, state: FeedState, now: datetime) -> Result:
    events.answering(line.name, state.failures)
    still = None if state.failures else state.error  # what its last document lacked, it lacks still
    record(store, replace(state.succeeded(now), error=still))
    return Result(line)


def _commit(
    store: Store,
    line: Line,
    state: FeedState,
    exchange: tuple[Request, Answer],
    document: Document,
    arrival: Arrival,
    doubts: Doubts,
    now: datetime,
) -> Outcome:
    request, answer = exchange
    after = replace(
        state.succeeded(now),
        codes=line.codes,
        whole_at=now if document.whole else state.whole_at,
        next_release=document.next_release or state.next_release,
        error=NOT_IN_IT + ", ".join(sorted(document.missing)) if document.missing else None,
    )
    events.incomplete(line.name, after.error, state.error)
    held = _count_held(store, line)
    outcome = commit(store, arrival, doubts, now, after, (request.url, answer.validators))
    events.answering(line.name, state.failures)
    events.changed(line.name, outcome)
    events.held(line.name, held, _count_held(store, line))
    return outcome


def _count_held(store: Store, line: Line) -> int:
    held = count_held(store, line.feed.standing)
    return sum(held.get(key, 0) for key in line.keys)
