"""Tells of changes of state, once each: to the log, or to the webhook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ticker.ingest.delivery import Delivery
from ticker.market.report import FeedReport
from ticker.market.snapshot import Snapshot
from ticker.market.watch import Change, about, changes, states
from ticker.store.engine import Store
from ticker.store.told import read_told, write_told

log = logging.getLogger(__name__)

LONG = 8  # failures in a row; as looks back off, about six hours
_PATIENCE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=1)

Fields = dict[str, str | None]


@dataclass
class Watcher:
    """Compares how everything stands with what was last told of, and tells of what has changed.

    What was told is kept in the store under the name `teller`. `tell` raises Undelivered where it was not heard; then
    the changes of that moment are told later, after pauses that grow to an hour. `wanted` leaves changes out.
    """

    teller: str
    store: Store
    revision: Callable[[], int]
    snapshot: Callable[[datetime], Snapshot]
    reports: Callable[[datetime], Sequence[FeedReport]]
    tell: Callable[[list[Fields], datetime], None]
    wanted: Callable[[Change], bool] = lambda change: True
    _last: Snapshot | None = None
    _since: datetime | None = None
    _delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        """Nothing was told yet, and nothing failed."""
        self._delivery = Delivery(self.teller, _LONGEST_PAUSE)

    def look(self, now: datetime) -> None:
        """Tell of what has changed. StoreError where the store does not answer."""
        if self._delivery.rests(now):
            return
        reports = self.reports(now)
        if self._is_early(reports, now):
            return
        feeds = {f"{r.source}:{r.feed}": _long_wrong(r) for r in reports}
        snapshot, before = self._snapshot(now), read_told(self.store, self.teller)
        after = states(snapshot, feeds)
        found = [about(change, snapshot, feeds) for change in changes(before, after) if self.wanted(change)]
        if (not found or self._delivery.tried(partial(self.tell, found, now), now)) and after != before:
            write_told(self.store, self.teller, after)

    def _snapshot(self, now: datetime) -> Snapshot:
        if self._last is None or now >= self._last.valid_until or self._last.revision != self.revision():
            self._last = self.snapshot(now)
        return self._last

    def _is_early(self, reports: Sequence[FeedReport], now: datetime) -> bool:
        """Whether sources are still to be asked after a start; figures that are old until then alarm nobody."""
        self._since = self._since or now
        due = any(r.next_look <= now and not r.failures for r in reports)
        return due and self._since <= now < self._since + _PATIENCE


def tell_log(found: list[Fields], now: datetime) -> None:
    """Tell the log, a line a change."""
    for fields in found:
        good = str(fields["event"]).endswith(("recovered", "returned"))
        log.log(logging.INFO if good else logging.WARNING, "%s", fields["text"], extra=_extra(fields))


def _extra(fields: Fields) -> dict[str, str]:
    return {k: v for k, v in fields.items() if v is not None and k not in ("text", "name")}  # name is logging's own


def _long_wrong(report: FeedReport) -> str | None:
    """What is wrong with a feed that has failed for long: the plain label, without the cause."""
    return report.label if report.failures >= LONG else None
