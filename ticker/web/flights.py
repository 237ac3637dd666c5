"""One makes, the others wait: what many ask for at once is made once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Made = TypeVar("_Made")


class _Flight(Generic[_Made]):
    brought: _Made | None = None

    def __init__(self) -> None:
        self.landed = threading.Event()


class Flights(Generic[_Made]):
    """Makes a thing at most once at a time for each key. `patience` is how long, in seconds, the others wait.

    `waiting` is the room for them, of all keys, so that there are threads for what need not be made.
    """

    def __init__(self, patience: float, waiting: threading.Semaphore) -> None:
        self._patience, self._waiting, self._lock = patience, waiting, threading.Lock()
        self._flying: dict[Hashable, _Flight[_Made]] = {}

    def share(self, key: Hashable, make: Callable[[], tuple[_Made, bool]]) -> tuple[_Made, bool]:
        """What `make` brings, and whether another had made it.

        `make` says whether others may have it too. Who waits makes it for himself where they may not, where it failed,
        and where his patience ends; so does who finds no room to wait.
        """
        mine = _Flight[_Made]()
        with self._lock:
            flight = self._flying.setdefault(key, mine)
        if flight is mine:
            return self._lead(key, mine, make), False
        if self._waiting.acquire(blocking=False):
            try:
                flight.landed.wait(self._patience)
            finally:
                self._waiting.release()
        return (make()[0], False) if flight.brought is None else (flight.brought, True)

    def _lead(self, key: Hashable, mine: _Flight[_Made], make: Callable[[], tuple[_Made, bool]]) -> _Made:
        try:
            made, shared = make()
            mine.brought = made if shared else None
            return made
        finally:
            with self._lock:
                del self._flying[key]
            mine.landed.set()
