"""psycopg's connection to a server, which does not wait for ever for one that has stopped answering."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

_T = TypeVar("_T")
_Waits = Generator[Any, Any, _T]  # psycopg's: each step says what it waits for, and is told whether it came


class Connection(psycopg.Connection[Any]):
    """A connection that is closed, with an OperationalError, where the server says nothing for so long.

    A server that is frozen, or whose disk is, keeps its connections: neither the network nor libpq ends a wait for it.
    """

    silence = 60.0
    """Seconds without a byte, while something was asked, after which the server is given up."""

    def wait(self, gen: _Waits[_T], *args: Any, **kwargs: Any) -> _T:
        """Wait until it is done."""
        return super().wait(self._heard(gen), *args, **kwargs)

    def _heard(self, gen: _Waits[_T]) -> _Waits[_T]:
        last = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                if came := (yield wanted):
                    last = time.monotonic()
                elif time.monotonic() - last > self.silence:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"it has said nothing for {self.silence:g} seconds")
                wanted = gen.send(came)
        except StopIteration as end:
            found: _T = end.value
            return found
