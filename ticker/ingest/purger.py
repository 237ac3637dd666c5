"""Purging: when figures have changed, the cache in front is asked to forget its answers with figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ticker.config import TAG
from ticker.ingest.client import Limits
from ticker.ingest.delivery import Delivery, post
from ticker.store.engine import Store
from ticker.store.told import read_told, write_told

_LIMITS = Limits(connect=5.0, read=10.0, total=15.0)
_LONGEST_PAUSE = timedelta(minutes=5)  # by then the cache has forgotten by itself


@dataclass
class Purger:
    """Asks once for each new revision, after `wait`: by then every web process serves it.

    `header` is one more header, `Name: value`, perhaps a secret. The revision that was purged is kept in the store.
    """

    url: str = field(repr=False)
    header: str = field(repr=False)
    store: Store = field(repr=False)
    revision: Callable[[], int]
    wait: Callable[[], None]
    limits: Limits = _LIMITS
    teller: str = "purge"
    _delivery: Delivery = field(default_factory=lambda: Delivery("purge", _LONGEST_PAUSE))

    def look(self, now: datetime) -> None:
        """Ask, if there is a revision that was not purged. StoreError where the store does not answer."""
        if self._delivery.rests(now):
            return
        revision = str(self.revision())
        if read_told(self.store, self.teller).get("revision") == revision:
            return
        self.wait()
        if self._delivery.tried(self._ask, now):
            write_told(self.store, self.teller, {"revision": revision})

    def _ask(self) -> None:
        name, _, value = self.header.partition(": ")
        headers = {"Surrogate-Key": TAG} | ({name: value} if name else {})
        post("The cache to be purged", self.url, {"tags": [TAG]}, headers, self.limits)
