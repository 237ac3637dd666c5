"""Whole lines, read from the store when somebody asks for one, and kept while they are true."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from cachetools import LRUCache, cached

from ticker.errors import StoreError
from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Packed, Series
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.web.patience import Patience

Line = Callable[[Instrument, Link, datetime], Series]
"""Reads an instrument's whole line from one link of its chain, no later than a moment's day."""

_KEPT = 24  # lines, packed: ten thousand observations each at the most, some 200 kB
_AT_HAND = 1  # of them as it is used, which takes six times as much


def whole_lines(read: Line, clock: Callable[[], datetime], patience: Patience | None = None) -> Lines:
    """Gives an instrument's whole line by its key, read once for a revision, a link and a day.

    While the store is out it is the line that was read last, with the newest figures of the snapshot at its end;
    StoreError where none was ever read, after trying with `patience`.
    """
    at_hand: LRUCache[object, Series] = LRUCache(_AT_HAND)
    last: LRUCache[object, tuple[object, Packed]] = LRUCache(_KEPT)
    lock = threading.Condition()

    def key(snapshot: Snapshot, instrument: str) -> object:
        return snapshot.state, instrument, snapshot.by_key[instrument].link, clock().date()

    @cached(at_hand, key, condition=lock)
    def fresh(snapshot: Snapshot, instrument: str) -> Series:
        q = snapshot.by_key[instrument]
        found = read(q.instrument, q.link, clock())
        with lock:
            last[instrument, q.link] = key(snapshot, instrument), Packed.of(found)
        return found

    once, again = (patience(fresh, again=False), patience(fresh)) if patience else (fresh, fresh)

    def line(snapshot: Snapshot, instrument: str) -> Series:
        q, wanted = snapshot.by_key[instrument], key(snapshot, instrument)
        with lock:
            found = at_hand.get(wanted)
            before, packed = last.get((instrument, q.link), (None, None))
        if found is not None:
            return found
        if packed is not None and before == wanted:
            found = tuple(packed)
            with lock:
                at_hand[wanted] = found
            return found
        if packed is None or not q.line:
            return again(snapshot, instrument)
        try:
            return once(snapshot, instrument)
        except StoreError:
            return (*(o for o in packed if o.day < q.line[0].day), *q.line)

    return line
