"""How everything stands, for `/status` and `/v1/sources`: remembered while the store is out."""

from __future__ import annotations

from ticker.errors import StoreError
from ticker.market.report import Condition, Report
from ticker.market.snapshot import Snapshot
from ticker.web.glance import Glance
from ticker.web.live import Live
from ticker.web.metrics import Watch

_LOOK = 1.0  # seconds between two looks at the store, whoever asks and however often


class Board:
    """Gives the condition of this moment, and never raises for want of a store: it says so."""

    def __init__(self, live: Live, watch: Watch) -> None:
        self._live, self._watch = live, watch
        self._report: Report | None = None
        self._seen = Glance(self._look, (False, False))

    def condition(self) -> Condition:
        """How everything stands now, as of at most a second ago."""
        snapshot = self._snapshot()
        away = (False, False)
        seen = away if self._live.silent else self._seen(_LOOK)
        readable, writable = away if self._live.silent else seen  # which may have been found out meanwhile
        return Condition(self._live.clock(), readable, writable, snapshot, self._report)

    def _snapshot(self) -> Snapshot | None:
        try:
            return self._live.snapshot()
        except StoreError:
            return None

    def _look(self) -> tuple[bool, bool]:
        """Whether the store can be read, and written."""
        now = self._live.clock()
        try:
            self._report = Report(now, tuple(self._watch.reports(now)), self._watch.store(now))
        except StoreError:
            return False, False
        return True, self._watch.writable(now)
