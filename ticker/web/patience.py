"""Try again while the database is away for a moment: a restart of it costs no reader an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar

from ticker.errors import StoreError

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds between one try and the next."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Patience:
    """Makes reads patient. Only so many readers wait at a time; the other threads go on with what memory has."""

    def __init__(self, most: int = 2, pauses: Sequence[float] = PAUSES) -> None:
        self._waiting, self._pauses = threading.Semaphore(most), pauses

    def __call__(self, read: Callable[_P, _T]) -> Callable[_P, _T]:
        """The same read, tried again while it fails. StoreError at once where enough readers wait already."""

        def patient(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return read(*args, **kwargs)
            except StoreError:
                if not self._waiting.acquire(blocking=False):
                    raise
            try:
                return self._again(lambda: read(*args, **kwargs))
            finally:
                self._waiting.release()

        return patient

    def _again(self, read: Callable[[], _T]) -> _T:
        for pause in self._pauses[:-1]:
            time.sleep(pause)
            with suppress(StoreError):
                return read()
        time.sleep(self._pauses[-1])
        return read()
