"""One looks at the store, in a thread of its own, and nobody waits for it long: what operators watch always answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

_PATIENCE = 2.5  # seconds; longer than it takes `Live` to know that the store says nothing

_Seen = TypeVar("_Seen")


class Glance(Generic[_Seen]):
    """Gives what `look` saw last, which is `seen`; `unseen` where the very first look does not end."""

    def __init__(self, look: Callable[[], _Seen], unseen: _Seen) -> None:
        self._look, self.seen = look, unseen
        self._lock, self._looked = threading.Lock(), -float("inf")
        self._looking: Future[None] | None = None

    def __call__(self, every: float = 0.0) -> _Seen:
        """What was seen at most `every` seconds ago; or longer ago, while another looks or a look does not end."""
        with self._lock:
            looking = self._looking
            looks = looking is None and time.monotonic() - self._looked >= every
            if looks:
                looking = self._looking = Future()
                threading.Thread(target=self._run, args=(looking,), daemon=True, name="glance").start()
        if looking and (looks or self._looked < 0):
            with suppress(TimeoutError):
                looking.result(_PATIENCE)
        return self.seen

    def _run(self, looking: Future[None]) -> None:
        try:
            self.seen = self._look()
            self._looked = time.monotonic()
        except Exception as wrong:
            self._looking = None
            looking.set_exception(wrong)
        else:
            self._looking = None
            looking.set_result(None)
