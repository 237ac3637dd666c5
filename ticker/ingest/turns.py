"""Remember whose turn it is: a source that was left is come back to only after two good publications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ticker.market.instrument import Catalog
from ticker.market.snapshot import Snapshot, build
from ticker.sources.source import Source
from ticker.store.engine import Store
from ticker.store.figures import load, read_revision
from ticker.store.turns import remember

_RECENT = 60
"""Figures of a series that say which day is its newest; the rest of a line does not matter here."""


def keep_turns(
    store: Store, catalog: Catalog, sources: Iterable[Source], now: datetime, last: Snapshot | None = None
) -> Snapshot:
    """Work out which entry each instrument is drawn from now, and remember it where that has changed.

    Gives the snapshot that this was read from, its lines cut short. It is `last` again, and nothing is read, while that
    is still true; after that, what has changed since.
    """
    if last and now < last.valid_until and read_revision(store) == last.revision:
        return last
    publishers = {source.key: source.publisher for source in sources}
    holding = load(store, catalog.series, publishers, now.date(), _RECENT, last.holding if last else None)
    snapshot = build(catalog, publishers, holding, now, last)
    turns = {q.instrument.key: q.turn for q in snapshot.quotes}
    if turns == holding.turns:
        return snapshot
    remember(store, turns)
    return snapshot
