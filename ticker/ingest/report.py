"""How every feed stands at a moment, for those who watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ticker.ingest.refresh import Line, lines, stand, when
from ticker.market.freshness import judge
from ticker.market.instrument import Catalog
from ticker.market.observation import Standing
from ticker.market.report import FeedReport
from ticker.sources.source import Source
from ticker.store.engine import Store
from ticker.store.held import count_held


def reports(store: Store, catalog: Catalog, sources: Sequence[Source], now: datetime) -> tuple[FeedReport, ...]:
    """A report of each feed that the catalog needs. StoreError where the store cannot be read."""
    held = {standing: count_held(store, standing) for standing in Standing}
    return tuple(_report(store, line, held[line.feed.standing], now) for line in lines(catalog, sources))


def _report(store: Store, line: Line, held: Mapping[str, int], now: datetime) -> FeedReport:
    state, newest = stand(store, line)
    schedule, said = line.feed.schedule, state.next_release
    return FeedReport(
        publisher=line.source.publisher,
        feed=line.feed.key,
        series=tuple(line.keys),
        checked_at=state.checked_at,
        accepted_at=state.accepted_at,
        failing_since=state.failing_since,
        failures=state.failures,
        label=state.label,
        missing=state.missing,
        wait_until=state.retry_at if state.retry_at and state.retry_at > now else None,
        next_look=when(store, line, now, timedelta(0)),
        newest=newest,
        standing=judge(newest, (schedule,), now, schedule.on(said) if said else None),
        held=sum(held.get(key, 0) for key in line.keys),
    )
