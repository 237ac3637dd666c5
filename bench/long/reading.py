"""One day of a site's readers, event by event: the refresher, the application, the caches, browsers and open tabs."""

from __future__ import annotations

import heapq
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from math import inf
from pathlib import Path
from random import Random
from typing import Any

from bench.long.caches import Copy, Reply, Topology, taken
from bench.long.crowd import CHART, DAY, ELEMENT, SHOWN, Reader, away, crowd
from bench.long.installation import Installation
from bench.long.ledger import Ledger
from bench.long.origin import Address, Origin, Version
from bench.long.renewal import rule
from bench.long.upstream import Upstream, upstream
from ticker.render.variant import parse_variant

HISTORY = timedelta(days=500)
SERVED = 0.7  # seconds after which a web process serves what was stored: 0.2 between two looks, 0.5 to make ahead
PURGED = 22.0  # seconds after which a cache has forgotten: 20 between two looks, 2 till every process serves it
_ADDRESSES: tuple[Address, ...] = tuple((path, query) for path, query, _ in SHOWN)
_HOLDER = "ticker"  # of the lease; it says how long after a publication this installation looks
_NEVER = (inf, inf)
Act = Callable[[float, Any], None]


@dataclass(slots=True, eq=False)
class Tab:
    """A reader's browser: its copies, and the page that is open: what it shows, until when, and when it asks again."""

    reader: Reader
    address: Address
    page: int = -1
    copy: Copy | None = None
    scripts: float = -inf
    edition: int = 0
    until: float = 0.0
    quiet: int = 0
    ends: float = 0.0
    away: tuple[float, float] = _NEVER


@dataclass
class Seen:
    """What came of a day. `seconds` are requests that left browsers, by the second."""

    topology: Topology
    ledger: Ledger
    origin: Origin
    views: int = 0
    requests: int = 0
    unchanged: int = 0
    renewals: int = 0
    hits: int = 0
    publishers: int = 0
    most_open: int = 0
    refreshing: float = 0.0
    looking: float = 0.0
    took: float = 0.0
    seconds: array[int] = field(default_factory=lambda: array("L", [0] * int(DAY)))


class Day:
    """A day with its readers before one origin."""

    def __init__(self, stage: Installation, sources: Upstream, topology: Topology, seed: int) -> None:
        self._stage, self._sources, self._midnight = stage, sources, stage.now
        self._chance = Random(seed)  # noqa: S311 - chance, not a secret
        self._rule, self._agenda, self._order = rule(), list[tuple[float, int, Act, Any]](), count()
        origin = Origin(stage.parts, self._midnight)
        self._known = [origin.ask(0, script, "br", None).version.etag for script in (ELEMENT, CHART)]
        origin.forget()
        self._doors = topology.doors(origin.ask)
        self._open = 0
        self.seen = Seen(topology, Ledger(), origin)
        self._variants = {a: parse_variant(a[0][3:], _parameters(a), stage.parts.catalog) for a in _ADDRESSES}

    def live(self, readers: Iterator[tuple[float, Reader]]) -> Seen:
        """Live through it."""
        began, agenda = time.perf_counter(), self._agenda
        self._stored(0.0, [])
        self._look(0.0, None)
        self._plan_refresh()
        self._come(0.0, readers)
        while agenda and agenda[0][0] < DAY:
            second, _, act, subject = heapq.heappop(agenda)
            act(second, subject)
        self.seen.hits = sum(door.hits for door in self._doors)
        self.seen.publishers = len(self._sources.asked())
        self.seen.looking = self.seen.origin.idle(2000)
        self.seen.took = time.perf_counter() - began
        return self.seen

    def _plan(self, second: float, act: Act, subject: Any) -> None:
        heapq.heappush(self._agenda, (second, next(self._order), act, subject))

    # The refresher and the web process

    def _plan_refresh(self) -> None:
        moment, source = self._stage.next_look(_HOLDER)
        self._plan((moment - self._midnight).total_seconds(), self._refresh, source)

    def _refresh(self, second: float, source: str) -> None:
        began = time.process_time()
        self._stage.at(self._midnight + timedelta(seconds=second), only=source)
        self.seen.refreshing += time.process_time() - began
        self._stored(second, [source])
        self._plan(second + SERVED, self._look, None)
        if self.seen.topology.purged:
            self._plan(second + PURGED, self._purge, self._stage.parts.revision())
        self._plan_refresh()

    def _stored(self, second: float, what: list[str]) -> None:
        quotes = self._stage.snapshot().by_key
        shown = {a: tuple(str(q.latest.value) for key in v.instruments if (q := quotes[key]).latest) for a, v in self._variants.items()}
        self.seen.ledger.stored(second, what, shown)

    def _look(self, second: float, _: None) -> None:
        turns = self.seen.origin.look(second)
        self._plan(max(turns - 1, second + 1), self._look, None)

    def _purge(self, second: float, revision: int) -> None:
        for door in self._doors:
            door.purge()

    # Readers

    def _come(self, second: float, readers: Iterator[tuple[float, Reader]]) -> None:
        if (coming := next(readers, None)) is not None:
            self._plan(coming[0], self._arrive, (coming[1], readers))

    def _arrive(self, second: float, coming: tuple[Reader, Iterator[tuple[float, Reader]]]) -> None:
        reader, readers = coming
        self._open += 1
        self.seen.most_open = max(self.seen.most_open, self._open)
        self._view(second, Tab(reader, _ADDRESSES[reader.shown]))
        self._come(second, readers)

    def _view(self, second: float, tab: Tab) -> None:
        """The next page: scripts and fragment as the browser has them, or may have them."""
        tab.page += 1
        self.seen.views += 1
        tab.ends = second + tab.reader.views[tab.page]
        last = tab.page == len(tab.reader.views) - 1
        tab.away = away(second, tab.ends) if last and tab.reader.hidden else _NEVER
        self._scripts(second, tab)
        version, own = self._fragment(second, tab)
        tab.quiet, tab.until = 0, version.until
        tab.edition = self.seen.ledger.given(second, version, own)
        self._wait(second, tab, version)

    def _scripts(self, second: float, tab: Tab) -> None:
        if second - tab.scripts < 3600:
            return
        held = tab.reader.known or tab.scripts > -inf
        for script, etag in zip((ELEMENT, CHART), self._known, strict=True):
            if script is ELEMENT or tab.address[0] == "/w/chart":
                self._ask(second, tab, script, etag if held else None)
        tab.scripts = second

    def _fragment(self, second: float, tab: Tab) -> tuple[Version, bool]:
        """What a new page shows, and whether it is the browser's own copy. A stale copy is shown, and renewed beside."""
        copy = tab.copy
        if copy is None:
            return self._fetched(second, tab, None).version, False
        age = second - copy.since
        if age < copy.reply.max_age:
            return copy.version, True
        reply = self._fetched(second, tab, copy.version.etag)
        within = age < copy.reply.max_age + copy.reply.stale
        return (copy.version, True) if within else (reply.version, False)

    def _fetched(self, second: float, tab: Tab, etag: str | None) -> Reply:
        reply = self._ask(second, tab, tab.address, etag)
        tab.copy = taken(reply, second)
        return reply

    def _ask(self, second: float, tab: Tab, address: Address, etag: str | None) -> Reply:
        self.seen.requests += 1
        self.seen.seconds[int(second)] += 1
        ask = self._doors[int(tab.reader.place**2 * len(self._doors))].ask if self._doors else self.seen.origin.ask
        reply = ask(second, address, tab.reader.coding, etag)
        self.seen.unchanged += reply.unchanged
        return reply

    def _wait(self, second: float, tab: Tab, version: Version) -> None:
        """Until the element asks again, or the page is left."""
        due = second + self._rule.wait(version.until, version.awaited, tab.quiet, second, self._chance.random())
        if tab.away[0] <= due < tab.away[1]:
            due = tab.away[1]
        self._plan(*((due, self._renew) if due < tab.ends else (tab.ends, self._leave)), tab)

    def _renew(self, second: float, tab: Tab) -> None:
        assert tab.copy
        self.seen.renewals += 1
        version = self._fetched(second, tab, tab.copy.version.etag).version
        tab.quiet = tab.quiet + 1 if version.until == tab.until else 0
        tab.until = version.until
        edition = self.seen.ledger.given(second, version, False)
        self.seen.ledger.renewed(second, tab.address, tab.edition, edition, tab.away)
        tab.edition = edition
        self._wait(second, tab, version)

    def _leave(self, second: float, tab: Tab) -> None:
        self.seen.ledger.gone(second, tab.address, tab.edition)
        if tab.page + 1 < len(tab.reader.views):
            self._view(second, tab)
        else:
            self._open -= 1


def _parameters(address: Address) -> dict[str, str]:
    return dict(pair.split("=") for pair in address[1].split("&"))


def day(midnight: datetime, readers: int, seed: int, topology: Topology) -> Seen:
    """A day of so many readers, from a store that was filled as it began."""
    with tempfile.TemporaryDirectory() as name, upstream(Path(name), (midnight - HISTORY).date()) as sources:
        stage = Installation(Path(name) / "ticker.db", sources, midnight)
        stage.at(midnight)
        while stage.blank():
            stage.at(midnight)
        sources.order([])
        seen = Day(stage, sources, topology, seed).live(crowd(readers, seed))
        stage.close()
    return seen
