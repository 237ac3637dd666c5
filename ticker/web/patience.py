"""Readers at the database: only some threads at a time, and patient with one that is away for a moment.

A thread that waits for a database answers nobody else. What is in memory must be answered whatever the database does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from ticker.errors import StoreBusy, StoreError

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between one try and the next."""

AT_ONCE = 4
"""Readers of a web process that may be at the database at a time: fewer than it has connections (`postgres.MOST`), for
those that look."""

WAITING = 8
"""Readers that wait at a time for their turn at it, or for an answer that another is making. With those at it, and one
for each thing that operators watch, they are fewer than there are threads (`serve.THREADS`)."""

_LIMIT = 4.0  # seconds that a reader waits in all: one more try may take its own time
_TURN = 0.5  # seconds that a reader waits for his turn at a database that answers
_MANY = "Too many readers ask at once for what is not in memory."

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Patience:
    """Makes reads patient: tried again while they fail, by so many readers at a time; the others are told at once.

    `waiting` is the room for those who wait: theirs who wait for something else may be the same.
    """

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, pauses: Sequence[float] = PAUSES) -> None:
        self._room, self._pauses = threading.Semaphore(at_once), pauses
        self.waiting = threading.Semaphore(waiting)
        self._wrong: str | None = None  # why the last read failed, until one succeeds

    def __call__(self, read: Callable[_P, _T], *, again: bool = True) -> Callable[_P, _T]:
        """The same read; tried once where `again` is false. StoreError where there is no room, and where it fails."""

        def patient(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            if not self._enters():
                # Never the same error twice: it would keep all that stood around each place where it was raised.
                raise StoreError(wrong) if (wrong := self._wrong) else StoreBusy(_MANY)
            try:
                return self._read(lambda: read(*args, **kwargs), self._pauses if again else ())
            finally:
                self._room.release()

        return patient

    def _enters(self) -> bool:
        """Whether there is room, at once or soon; where the database is away nobody waits for that."""
        if self._room.acquire(blocking=False):
            return True
        if self._wrong or not self.waiting.acquire(blocking=False):
            return False
        try:
            return self._room.acquire(timeout=_TURN)
        finally:
            self.waiting.release()

    def _read(self, read: Callable[[], _T], pauses: Sequence[float]) -> _T:
        until = time.monotonic() + _LIMIT
        for pause in pauses:
            try:
                return self._once(read)
            except StoreError:
                if time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
        return self._once(read)

    def _once(self, read: Callable[[], _T]) -> _T:
        try:
            found = read()
        except StoreError as wrong:
            self._wrong = str(wrong)
            raise
        self._wrong = None
        return found
