"""The live snapshot: the store at its newest revision, now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ticker.errors import StoreError
from ticker.market.snapshot import Holding, Snapshot
from ticker.store.lease import Writing

log = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at the revision
_SET_BACK = timedelta(minutes=1)
_NEAR = timedelta(seconds=2)  # before time changes something, it is prepared
_READY = 0.5  # seconds for which a new revision is not served yet, so that what is asked for most is ready with it


@dataclass(frozen=True)
class _Served:
    """A snapshot, what it was built from, and the moment from which on it is served."""

    held: Holding
    snapshot: Snapshot
    moment: datetime


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
        self._revision, self._hold, self._build, self._clock = revision, hold, build, clock
        self._other: ContextVar[_Served | None] = ContextVar("other", default=None)
        self._next: _Served | None = None
        self._writing, self._written = writing, Writing(False, None)
        self._lock = threading.Lock()
        self._looked = -1.0
        self._held: Holding | None = None
        self._built_at: datetime | None = None
        self._snapshot: Snapshot | None = None
        self.store_error: str | None = None

    def clock(self) -> datetime:
        """The moment it is (UTC)."""
        other = self._other.get()
        return other.moment if other else self._clock()

    def snapshot(self) -> Snapshot:
        """The snapshot. StoreError while nothing was ever read."""
        if other := self._other.get():
            return other.snapshot
        current, now = self._snapshot, self._clock()
        if current is not None and self._is_true(now):
            if time.monotonic() - self._looked < _LOOK or not self._lock.acquire(blocking=False):
                return current
        else:
            self._lock.acquire()
        try:
            return self._renewed(self._clock())
        finally:
            self._lock.release()

    def prepare(self, make: Callable[[Snapshot, Snapshot], Iterator[None]]) -> None:
        """Look, and where something new is here or near, `make` what is asked for most of it before it is served.

        `make` gets the snapshot that is served and the one that comes, and makes one answer at each step; meanwhile
        this thread lives in the moment of the one that comes. Half a second after a new revision it is served, ready
        or not; what time changes is served in its time.
        """
        before = self._snapshot
        if before is None:
            return
        self._looked, error = time.monotonic(), None
        try:
            coming = self._coming(self._clock())
        except StoreError as wrong:
            coming, error = None, str(wrong)
        with self._lock:
            self._said(error)
        if coming is None:
            return
        self._looked = until = time.monotonic() + _READY  # till then nobody else looks
        token = self._other.set(coming)
        try:
            for _ in make(before, coming.snapshot):
                if time.monotonic() > until:
                    self._serve(coming)
        finally:
            self._other.reset(token)
            self._serve(coming)

    def _coming(self, now: datetime) -> _Served | None:
        """What is to be served next, if there is something new in the store, or time is about to change something."""
        before, held = self._snapshot, self._held
        if before is None or held is None or not self._is_true(now):
            return None
        if self._revision() != held.revision:
            moment = now
        elif before.valid_until - _NEAR <= now and (self._next is None or self._next.moment != before.valid_until):
            moment = before.valid_until
        else:
            return None
        found = self._filled(self._hold(moment))
        return _Served(found, self._build(found, moment), moment)

    def _serve(self, coming: _Served) -> None:
        """Serve it from its moment on, unless there is something newer."""
        with self._lock:
            if self._held is not None and coming.held.revision >= self._held.revision:
                self._next = coming
                self._take_next(self._clock())

    def _take_next(self, now: datetime) -> bool:
        """Serve what was prepared for this moment, if there is such; whether there was."""
        found = self._next
        if found is None or self._held is None or found.held.revision < self._held.revision:
            return False
        if not found.moment <= now < found.snapshot.valid_until:
            return False
        self._held, self._snapshot, self._built_at = found.held, found.snapshot, found.moment
        return True

    def writing(self) -> Writing:
        """Who writes to the store; while it cannot be read, nobody that we know of since we last saw it."""
        try:
            self._written = self._writing(self._clock())
        except StoreError:
            self._written = replace(self._written, in_charge=False)
        return self._written

    def _is_true(self, now: datetime) -> bool:
        """Whether the snapshot still says what is so at this moment."""
        if self._snapshot is None or self._built_at is None:
            return False
        return self._built_at - _SET_BACK <= now < self._snapshot.valid_until

    def _renewed(self, now: datetime) -> Snapshot:
        stale = not self._is_true(now) and not self._take_next(now)
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
        """What was found; StoreError where that is nothing, and there was something before."""
        if self._held is not None and any(self._held.figures.values()) and not any(found.figures.values()):
            raise StoreError("The database holds no figures any more.")
        return found

    def _said(self, error: str | None) -> None:
        if error != self.store_error:
            if error:
                log.error("%s Serving what is in memory.", error, extra={"event": "store.failing"})
            else:
                log.info("The store can be read again.", extra={"event": "store.recovered"})
            self.store_error = error
