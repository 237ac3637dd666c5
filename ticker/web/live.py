"""The live snapshot: the store at its newest revision, now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ticker.errors import StoreError
from ticker.market.snapshot import Holding, Snapshot
from ticker.store.lease import Writing

log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at the revision
_SET_BACK = timedelta(minutes=1)


class Live:
    """Gives the snapshot of this moment. Reads one integer at most four times a second; the rest is in memory.

    While the database is out, the figures held in memory go on being served, and go on ageing.
    """

    def __init__(
        self,
        revision: Callable[[], int],
        hold: Callable[[datetime], Holding],
        build: Callable[[Holding, datetime], Snapshot],
        clock: Callable[[], datetime],
        writing: Callable[[datetime], Writing] = lambda now: Writing(False, None),
    ) -> None:
        self._revision, self._hold, self._build, self.clock = revision, hold, build, clock
        self._writing, self._written = writing, Writing(False, None)
        self._lock = threading.Lock()
        self._looked = -1.0
        self._held: Holding | None = None
        self._built_at: datetime | None = None
        self._snapshot: Snapshot | None = None
        self.store_error: str | None = None

    def snapshot(self) -> Snapshot:
        """The snapshot. StoreError while nothing was ever read."""
        current, now = self._snapshot, self.clock()
        if current is not None and self._is_true(now):
            if time.monotonic() - self._looked < _LOOK or not self._lock.acquire(blocking=False):
                return current
        else:
            self._lock.acquire()
        try:
            return self._renewed(self.clock())
        finally:
            self._lock.release()

    def writing(self) -> Writing:
        """Who writes to the store; while it cannot be read, nobody that we know of since we last saw it."""
        try:
            self._written = self._writing(self.clock())
        except StoreError:
            self._written = replace(self._written, in_charge=False)
        return self._written

    def _is_true(self, now: datetime) -> bool:
        """Whether the snapshot still says what is so at this moment."""
        if self._snapshot is None or self._built_at is None:
            return False
        return self._built_at - _SET_BACK <= now < self._snapshot.valid_until

    def _renewed(self, now: datetime) -> Snapshot:
        stale = not self._is_true(now)
        if time.monotonic() - self._looked >= _LOOK or self._held is None:
            self._looked = time.monotonic()
            stale = self._read(now, stale) or stale
        if self._held is None:
            raise StoreError(self.store_error or "The store has not been read yet.")
        if stale or self._snapshot is None:
            self._snapshot, self._built_at = self._build(self._held, now), now
        return self._snapshot

    def _read(self, now: datetime, phase_passed: bool) -> bool:
        """Read the store if there is something new in it; whether there was."""
        try:
            if self._held is None or phase_passed or self._revision() != self._held.revision:
                self._held = self._filled(self._hold(now))
                self._said(None)
                return True
            self._said(None)
        except StoreError as wrong:
            self._said(str(wrong))
        return False

    def _filled(self, found: Holding) -> Holding:
        """What was found; StoreError where figures were lost.

        That is so where there are none at all any more, and where another file is in the place of ours, such as a new
        one with the seed: its revision is lower, and some series have no figures yet.
        """
        before = self._held
        if before is None:
            return found
        lost = [key for key, line in before.figures.items() if line and not found.figures.get(key)]
        if lost and (found.revision < before.revision or not any(found.figures.values())):
            raise StoreError(f"The database lost the figures of {len(lost)} series, {lost[0]} among them.")
        return found

    def _said(self, error: str | None) -> None:
        if error != self.store_error:
            if error:
                log.error("%s Serving what is in memory.", error, extra={"event": "store.failing"})
            else:
                log.info("The store can be read again.", extra={"event": "store.recovered"})
            self.store_error = error
