"""A day at the origin: the refresher looks when it would, the web process serves what was stored, caches are purged."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from bench.long.caches import Shared, Topology
from bench.long.crowd import CHART, DAY, ELEMENT, SHOWN
from bench.long.installation import Installation
from bench.long.ledger import Ledger
from bench.long.origin import Address, Origin, Spent
from bench.long.upstream import Fault, Upstream
from ticker.render.variant import parse_variant

SERVED = 0.7  # seconds after which a web process serves what was stored: 0.2 between two looks, 0.5 to make ahead
PURGED = 22.0  # seconds after which a cache has forgotten: 20 between two looks, 2 till every process serves it
ADDRESSES: tuple[Address, ...] = tuple((path, query) for path, query, _ in SHOWN)
_HOLDER = "ticker"  # of the lease; it says how long after a publication this installation looks
Act = Callable[[float, Any], None]
Outage = tuple[str, float, float]
"""A source's host that answers 503, from a second of the day to another."""


class Agenda:
    """What is to happen, in the order of time. Seconds are those of the day."""

    def __init__(self) -> None:
        self._events, self._order = list[tuple[float, int, Act, Any]](), count()

    def plan(self, second: float, act: Act, subject: Any = None) -> None:
        """Have this done at that second."""
        heapq.heappush(self._events, (second, next(self._order), act, subject))

    def run(self) -> None:
        """Do it all, until the day ends."""
        while self._events and self._events[0][0] < DAY:
            second, _, act, subject = heapq.heappop(self._events)
            act(second, subject)


class NewsDay:
    """The installation and its application through a day that begins now; the ledger hears of what is stored."""

    def __init__(self, agenda: Agenda, stage: Installation, sources: Upstream, topology: Topology) -> None:
        self._agenda, self._stage, self._sources, self._midnight = agenda, stage, sources, stage.now
        self._variants = {a: parse_variant(a[0][3:], _parameters(a), stage.parts.catalog) for a in ADDRESSES}
        self.ledger, self.origin = Ledger(), Origin(stage.parts, self._midnight)
        self.scripts = [self.origin.ask(0, script, "br", None).version.etag for script in (ELEMENT, CHART)]
        self.origin.spent = Spent()
        self.doors: Sequence[Shared] = topology.doors(self.origin.ask)
        self._purged = topology.purged
        self.refreshing, self.publishers = 0.0, 0

    def begin(self, outage: Outage | None) -> None:
        """Plan what the day begins with."""
        if outage is not None:
            self._agenda.plan(outage[1], self._order_of, [{"match": outage[0], "kind": "status", "status": 503}])
            self._agenda.plan(outage[2], self._order_of, [])
        self._stored(0.0, [])
        self._look(0.0)
        self._plan_refresh()

    def end(self) -> None:
        """Add up what the publishers were asked."""
        self._order_of(DAY, [])

    def _order_of(self, second: float, faults: list[Fault]) -> None:
        self.publishers += len(self._sources.asked())
        self._sources.order(faults)

    def _plan_refresh(self) -> None:
        moment, source = self._stage.next_look(_HOLDER)
        self._agenda.plan((moment - self._midnight).total_seconds(), self._refresh, source)

    def _refresh(self, second: float, source: str) -> None:
        began = time.process_time()
        self._stage.at(self._midnight + timedelta(seconds=second), only=source)
        self.refreshing += time.process_time() - began
        self._stored(second, [source])
        self._agenda.plan(second + SERVED, self._served)
        if self._purged:
            self._agenda.plan(second + PURGED, self._purge)
        self._plan_refresh()

    def _stored(self, second: float, what: list[str]) -> None:
        values = {key: str(q.latest.value) for key, q in self._stage.snapshot().by_key.items() if q.latest}
        shown = {a: tuple(values[key] for key in variant.instruments) for a, variant in self._variants.items()}
        self.ledger.stored(second, what, shown)

    def _served(self, second: float, _: None) -> None:
        self.origin.look(second)

    def _look(self, second: float, _: None = None) -> None:
        """Look a second before time alone changes something, so that it is made ahead; or at least each minute."""
        turns = self.origin.look(second)
        self._agenda.plan(min(max(turns - 1, second + 1), second + 60), self._look)

    def _purge(self, second: float, _: None) -> None:
        for door in self.doors:
            door.purge()


def _parameters(address: Address) -> dict[str, str]:
    return dict(pair.split("=") for pair in address[1].split("&"))
