"""One looks, the others have what was seen: what operators watch keeps one thread each, whatever the store does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_FIRST = 1.0  # seconds that others wait for the very first look

_Seen = TypeVar("_Seen")


class Glance(Generic[_Seen]):
    """Gives what `look` saw last, which is `seen`; `unseen` where the very first look does not end."""

    def __init__(self, look: Callable[[], _Seen], unseen: _Seen) -> None:
        self._look, self.seen = look, unseen
        self._lock, self._looked = threading.Lock(), -float("inf")

    def __call__(self, every: float = 0.0) -> _Seen:
        """What was seen at most `every` seconds ago, or longer ago while somebody looks."""
        if self._lock.acquire(timeout=_FIRST if self._looked < 0 else 0):
            try:
                if time.monotonic() - self._looked >= every:
                    self.seen = self._look()
                    self._looked = time.monotonic()
            finally:
                self._lock.release()
        return self.seen
