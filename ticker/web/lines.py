"""Whole lines, read from the store when somebody asks for one, and kept while they are true."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from cachetools import LRUCache, cached

from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Series
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines

Line = Callable[[Instrument, Link, datetime], Series]
"""Reads an instrument's whole line from one link of its chain, no later than a moment's day."""

_KEPT = 24  # lines: ten thousand observations each at the most


def whole_lines(read: Line, clock: Callable[[], datetime]) -> Lines:
    """Gives an instrument's whole line by its key, read once for a revision, a link and a day."""
    lines: LRUCache[object, Series] = LRUCache(_KEPT)

    def key(snapshot: Snapshot, instrument: str) -> object:
        return snapshot.revision, instrument, snapshot.by_key[instrument].link, clock().date()

    @cached(lines, key, condition=threading.Condition())
    def line(snapshot: Snapshot, instrument: str) -> Series:
        q = snapshot.by_key[instrument]
        return read(q.instrument, q.link, clock())

    return line
