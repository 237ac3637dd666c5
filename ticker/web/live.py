"""The live snapshot: the store at its newest revision, now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ticker.errors import StoreError
from ticker.market.snapshot import Holding, Snapshot
from ticker.store.lease import Writing
from ticker.web.glance import Glance

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_LOOK = 0.25  # seconds between two looks at the revision
_PATIENCE = 1.0  # seconds that a reader waits for another who is at the database, where memory would do
_FIRST = 4.0  # and where there is nothing in memory yet, from when that one began
_DEAR, _PAUSE = 5, 10.0  # a look that failed is tried again after so many times what it took, at most these seconds
_SLACK = 5.0  # seconds by which readers leave a look that is due to the thread that looks for them
_SILENT = 0.5  # a look that failed after so many seconds was not answered
_HANGS = 2.0  # nor one that has been waiting for so many
_SET_BACK = timedelta(minutes=1)
_NEAR = timedelta(seconds=2)  # before time changes something, it is prepared
_READY = 0.5  # seconds for which a new revision is not served yet, so that what is asked for most is ready with it


@dataclass(frozen=True)
class _Served:
    """A snapshot, what it was built from, the moment from which on it is served, and what was held until then."""

    held: Holding
    snapshot: Snapshot
    moment: datetime
    instead: Holding


class Live:
    """Gives the snapshot of this moment. Reads one integer some times a second; the rest is in memory.

    `hold` and `build` get what was held and served before, and read and make only what has changed since.

    While the database is out, or says nothing, the figures held in memory go on being served, and go on ageing.
    """

    def __init__(
        self,
        revision: Callable[[], int],
        hold: Callable[[datetime, Holding | None], Holding],
        build: Callable[[Holding, datetime, Snapshot | None], Snapshot],
        clock: Callable[[], datetime],
        writing: Callable[[datetime], Writing] = lambda now: Writing(False, None),
    ) -> None:
        self._revision, self._hold, self._build, self._clock = revision, hold, build, clock
        self._other: ContextVar[_Served | None] = ContextVar("other", default=None)
        self._prepared: _Served | None = None
        self._writing, self._written = writing, Glance(self._look_who_writes, Writing(False, None))
        self._lock = threading.Lock()
        self._next = 0.0  # monotonic; no look at the revision before it
        self._slack, self._took = 0.0, 0.0
        self._asked: float | None = None  # monotonic; since when a look waits for the store
        self._held: Holding | None = None
        self._since = datetime.max.replace(tzinfo=UTC)
        self._snapshot: Snapshot | None = None
        self.store_error: str | None = None

    def clock(self) -> datetime:
        """The moment it is (UTC)."""
        other = self._other.get()
        return other.moment if other else self._clock()

    def snapshot(self) -> Snapshot:
        """The snapshot. StoreError while nothing was ever read."""
        return self.moment()[0]

    def moment(self) -> tuple[Snapshot, datetime]:
        """The snapshot, and the moment at which it is so (UTC). StoreError while nothing was ever read."""
        if other := self._other.get():
            return other.snapshot, other.moment
        current, now = self._snapshot, self._clock()
        if current is not None and self._since <= now < current.valid_until:
            if self._is_looked_after() or not self._lock.acquire(blocking=False):
                return current, now
        elif not self._lock.acquire(timeout=self._patience()):
            now = self._clock()
            return self._of_memory(now), now
        try:
            now = self._clock()
            return self._renewed(now), now
        finally:
            self._lock.release()

    def _patience(self) -> float:
        """How many seconds a reader waits for another who is at the database."""
        if self._held is None and self.store_error is None:  # there is nothing yet, and soon there will be
            asked = self._asked
            return max(0.0, _FIRST - (time.monotonic() - asked)) if asked else _FIRST
        return 0 if self.silent else _PATIENCE

    def prepare(self, make: Callable[[Snapshot, Snapshot], Iterator[None]]) -> None:
        """Look, and where something new is here or near, `make` what is asked for most of it before it is served.

        `make` gets the snapshot that is served and the one that comes, and makes one answer at each step; meanwhile
        this thread lives in the moment of the one that comes. Half a second after a new revision it is served, ready
        or not; what time changes is served in its time.
        """
        before, self._slack = self._snapshot, _SLACK
        if before is None and self.store_error is None:
            return  # the first reader looks
        failed, coming = False, None
        if self.store_error is None:
            try:
                coming = self._coming(self._clock())
                self._next = time.monotonic() + _LOOK
            except StoreError:
                failed = True
        if before is not None and coming is not None:
            self._ready(before, coming, make)
            return
        # The ordinary look, which says what is wrong with the store, and when it is over.
        with self._lock, suppress(StoreError):
            self._renewed(self._clock(), failed or time.monotonic() >= self._next)

    def _ready(self, before: Snapshot, coming: _Served, make: Callable[[Snapshot, Snapshot], Iterator[None]]) -> None:
        until = time.monotonic() + _READY
        self._next = until + _LOOK  # till then nobody else looks
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
        if self._ask(self._revision) != held.revision:
            moment = now
        elif before.valid_until - _NEAR > now or self._is_prepared(held, before.valid_until):
            return None
        else:
            moment = before.valid_until
        found = self._filled(self._ask(lambda: self._hold(moment, held)))
        return _Served(found, self._build(found, moment, before), moment, held)

    def _is_prepared(self, held: Holding, moment: datetime) -> bool:
        found = self._prepared
        return found is not None and found.instead is held and found.moment == moment

    def _serve(self, coming: _Served) -> None:
        """Serve it from its moment on, unless something else was read meanwhile."""
        with self._lock:
            self._prepared = coming
            self._take_prepared(self._clock())

    def _take_prepared(self, now: datetime) -> bool:
        """Serve what was prepared for this moment, if there is such; whether there was."""
        found = self._prepared
        if found is None or found.instead is not self._held or not found.moment <= now < found.snapshot.valid_until:
            return False
        self._held, self._snapshot, self._since = found.held, found.snapshot, found.moment - _SET_BACK
        return True

    @property
    def silent(self) -> bool:
        """Whether the store did not answer at all at the last look, or does not answer now: whoever asks it waits."""
        asked = self._asked
        hangs = asked is not None and time.monotonic() - asked > _HANGS
        return hangs or (self.store_error is not None and self._took > _SILENT)

    @property
    def trouble(self) -> str | None:
        """What is the matter with the store, in a sentence; None where it is well."""
        return self.store_error or ("The database does not answer." if self.silent else None)

    def writing(self) -> Writing:
        """Who writes to the store; while it cannot be read, nobody that we know of since we last saw it."""
        found = self._written.seen if self.silent else self._written()
        return replace(found, in_charge=False) if self.silent else found  # which may have been found out meanwhile

    def _look_who_writes(self) -> Writing:
        try:
            return self._writing(self._clock())
        except StoreError:
            return replace(self._written.seen, in_charge=False)

    def _ask(self, read: Callable[[], _T]) -> _T:
        """What the store says; meanwhile it is known since when it is asked."""
        self._asked = time.monotonic()
        try:
            return read()
        finally:
            self._asked = None

    def _is_looked_after(self) -> bool:
        """Whether a reader need not look: a look is not due yet, or the thread that looks for readers is at it."""
        return time.monotonic() < self._next + self._slack or (self._slack > 0 and self._asked is not None)

    def _is_true(self, now: datetime) -> bool:
        """Whether the snapshot still says what is so at this moment."""
        return self._snapshot is not None and self._since <= now < self._snapshot.valid_until

    def _renewed(self, now: datetime, due: bool = False) -> Snapshot:
        stale = not self._is_true(now) and not self._take_prepared(now)
        began = time.monotonic()
        untried = self._held is None and self.store_error is None
        if due or untried or not self._is_looked_after():
            stale = self._read(now, stale) or stale
            ended = time.monotonic()
            self._took = ended - began
            self._next = max(began + _LOOK, ended + min(_DEAR * self._took, _PAUSE) if self.store_error else 0)
        if stale or self._snapshot is None:
            return self._of_memory(now)
        return self._snapshot

    def _of_memory(self, now: datetime) -> Snapshot:
        """A snapshot of what was read last; StoreError where nothing ever was."""
        if self._held is None:
            raise StoreError(self.store_error or "The store has not been read yet.")
        self._snapshot, self._since = snapshot, _ = self._build(self._held, now, self._snapshot), now - _SET_BACK
        return snapshot

    def _read(self, now: datetime, phase_passed: bool) -> bool:
        """Read the store if there is something new in it; whether there was."""
        try:
            known = self._held if self.store_error is None else None  # what comes back may be another database
            if known is None or phase_passed or self._ask(self._revision) != known.revision:
                self._held = self._filled(self._ask(lambda: self._hold(now, known)))
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
                left = "Serving what is in memory." if self._held else "Nothing can be shown until it can be read."
                log.error("%s %s", error, left, extra={"event": "store.failing"})
            else:
                log.info("The store can be read again.", extra={"event": "store.recovered"})
            self.store_error = error
