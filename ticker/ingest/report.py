"""How every feed stands at a moment, for those who watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ticker.ingest.refresh import lines, missed, when
from ticker.market.instrument import Catalog
from ticker.sources.source import Source
from ticker.store.engine import Store
from ticker.store.feeds import FeedReport, count_held, read_feed


def reports(store: Store, catalog: Catalog, sources: Sequence[Source], now: datetime) -> tuple[FeedReport, ...]:
    """A report of each feed that the catalog needs. StoreError where the store cannot be read."""
    held = count_held(store)
    return tuple(
        FeedReport(
            state=read_feed(store, line.source.key, line.feed.key),
            next_look=when(store, line, now, timedelta(0)),
            missed=missed(store, line, now),
            held=sum(held.get(key, 0) for key in line.keys),
        )
        for line in lines(catalog, sources)
    )
