"""How everything stands, for `/status` and `/v1/sources`: remembered while the store is out."""

from __future__ import annotations

import threading
import time

from ticker.errors import StoreError
from ticker.market.report import Condition, Report
from ticker.market.snapshot import Snapshot
from ticker.web.live import Live
from ticker.web.metrics import Watch

_LOOK = 1.0  # seconds between two looks at the store, whoever asks and however often


class Board:
    """Gives the condition of this moment, and never raises for want of a store: it says so."""

    def __init__(self, live: Live, watch: Watch) -> None:
        self._live, self._watch = live, watch
        self._lock, self._looked = threading.Lock(), -_LOOK
        self._report: Report | None = None
        self._readable = self._writable = False

    def condition(self) -> Condition:
        """How everything stands now, as of at most a second ago."""
        snapshot = self._snapshot()
        if self._lock.acquire(timeout=_LOOK if self._looked < 0 else 0):  # while one looks, others have what was seen
            try:
                if time.monotonic() - self._looked >= _LOOK:
                    self._look()
                    self._looked = time.monotonic()
            finally:
                self._lock.release()
        there = not self._live.silent
        return Condition(self._live.clock(), self._readable and there, self._writable and there, snapshot, self._report)

    def _snapshot(self) -> Snapshot | None:
        try:
            return self._live.snapshot()
        except StoreError:
            return None

    def _look(self) -> None:
        now = self._live.clock()
        if self._live.silent:
            self._readable = self._writable = False
            return
        try:
            self._report = Report(now, tuple(self._watch.reports(now)), self._watch.store(now))
            self._readable = True
        except StoreError:
            self._readable = False
        self._writable = self._readable and self._watch.writable(now)
