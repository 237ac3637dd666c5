"""Whole lines, read from the store when somebody asks for one, and kept while they are true."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from cachetools import LRUCache, cached

from ticker.errors import StoreError
from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Series
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.web.patience import Patience

Line = Callable[[Instrument, Link, datetime], Series]
"""Reads an instrument's whole line from one link of its chain, no later than a moment's day."""

_KEPT = 24  # lines: ten thousand observations each at the most


def whole_lines(read: Line, clock: Callable[[], datetime], patience: Patience | None = None) -> Lines:
    """Gives an instrument's whole line by its key, read once for a revision, a link and a day.

    While the store is out it is the line that was read last, with the newest figures of the snapshot at its end;
    StoreError where none was ever read, after trying with `patience`.
    """
    lines: LRUCache[object, Series] = LRUCache(_KEPT)
    last: LRUCache[object, Series] = LRUCache(_KEPT)

    def key(snapshot: Snapshot, instrument: str) -> object:
        return snapshot.state, instrument, snapshot.by_key[instrument].link, clock().date()

    lock = threading.Condition()

    @cached(lines, key, condition=lock)
    def fresh(snapshot: Snapshot, instrument: str) -> Series:
        q = snapshot.by_key[instrument]
        last[instrument, q.link] = found = read(q.instrument, q.link, clock())
        return found

    once, again = (patience(fresh, again=False), patience(fresh)) if patience else (fresh, fresh)

    def line(snapshot: Snapshot, instrument: str) -> Series:
        with lock:
            held = lines.get(key(snapshot, instrument))
        if held is not None:
            return held
        q = snapshot.by_key[instrument]
        before = last.get((instrument, q.link)) if q.line else None
        if before is None:
            return again(snapshot, instrument)
        try:
            return once(snapshot, instrument)
        except StoreError:
            return (*(o for o in before if o.day < q.line[0].day), *q.line)

    return line
