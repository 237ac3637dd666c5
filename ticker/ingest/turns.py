"""Remember whose turn it is: a source that was left is come back to only after two good publications."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from ticker.market.instrument import Catalog
from ticker.market.snapshot import Snapshot, build
from ticker.sources.source import Source
from ticker.store.engine import Store
from ticker.store.figures import load, read_revision
from ticker.store.turns import remember

log = logging.getLogger(__name__)


def keep_turns(
    store: Store, catalog: Catalog, sources: Iterable[Source], now: datetime, last: Snapshot | None = None
) -> Snapshot:
    """Work out which entry each instrument is drawn from now, and remember it where that has changed.

    Gives the snapshot that this was read from. It is `last` again, and nothing is read, while that is still true.
    """
    if last and now < last.valid_until and read_revision(store) == last.revision:
        return last
    publishers = {source.key: source.publisher for source in sources}
    holding = load(store, catalog.series, publishers, now.date())
    snapshot = build(catalog, publishers, holding, now)
    turns = {q.instrument.key: q.turn for q in snapshot.quotes}
    if turns == holding.turns:
        return snapshot
    for q in snapshot.quotes:
        before = holding.turns.get(q.instrument.key)
        if before and before.entry != q.turn.entry:
            log.warning("%s: from %s now, no longer from %s", q.instrument.key, q.turn.entry, before.entry)
    remember(store, turns)
    return snapshot
