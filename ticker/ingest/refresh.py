"""One look at one feed: plan, fetch, parse, inspect, commit. Whatever fails keeps all figures."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from traceback import format_exc
from zoneinfo import ZoneInfo

from ticker.errors import Malformed, SourceError
from ticker.ingest.client import Answer, Client
from ticker.ingest.due import CLOCKS_DIFFER, next_look
from ticker.ingest.guards import inspect, suspicious
from ticker.market.instrument import Catalog
from ticker.market.observation import Standing
from ticker.sources.source import Document, Feed, Need, Request, Source
from ticker.store.commit import Change, Hold, Outcome, commit
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators, read_feed, read_newest, read_validators, record

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
    return next_look(line.feed.schedule, state, newest, line.codes, now, jitter, line.feed.rest)


def missed(store: Store, line: Line, now: datetime) -> int:
    """How many publications of a line are overdue, at most 30; none of one that is never missed."""
    _, newest = _held(store, line)
    schedule = line.feed.schedule
    if schedule.grace is None:
        return 0
    return sum(r.moment + schedule.grace <= now for r in schedule.missing(newest, now))


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
    except SourceError as wrong:
        told = type(wrong)(client.discreet(str(wrong)), wrong.retry_at)
        if not state.failures:
            log.warning("%s: %s: %s", line.name, told.label, told)
        record(store, state.failed(now, f"{told.label}: {told}", told.retry_at))
        return Result(line, error=told)
    return Result(line, outcome=_commit(store, catalog, line, state, request, answer, document, now))


def _read(client: Client, line: Line, request: Request, body: bytes) -> Document:
    """The document in a body. A mistake of ours in reading one feed must not keep us from the others."""
    try:
        return line.feed.parse(request, body, line.codes)
    except SourceError:
        raise
    except Exception as wrong:
        log.error("%s: a mistake of ours: %s", line.name, client.discreet(format_exc()))
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
    if state.failures:
        log.info("%s: answers again", line.name)
    record(store, state.succeeded(now))
    return Result(line)


def _commit(
    store: Store,
    catalog: Catalog,
    line: Line,
    state: FeedState,
    request: Request,
    answer: Answer,
    document: Document,
    now: datetime,
) -> Outcome:
    today = now.astimezone(ZoneInfo(line.source.publisher.zone)).date()
    arrival = inspect(line.source, document, catalog.series_bounds, today)

    def suspicion(changes: Sequence[Change]) -> list[Hold]:
        return suspicious(changes, today)

    after = replace(
        state.succeeded(now),
        codes=line.codes,
        whole_at=now if document.whole else state.whole_at,
        next_release=document.next_release or state.next_release,
        error=f"not in it: {', '.join(sorted(document.missing))}" if document.missing else None,
    )
    if after.error and after.error != state.error:
        log.warning("%s: %s", line.name, after.error)
    outcome = commit(store, arrival, suspicion, now, after, (request.url, answer.validators))
    if outcome.changed or outcome.held:
        log.info(
            "%s: %d new, %d revised, %d withdrawn, %d held back; revision %d",
            *(line.name, outcome.added, outcome.revised, outcome.withdrawn, outcome.held, outcome.revision),
        )
    return outcome
