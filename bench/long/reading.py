"""Readers through a day, event by event: their browsers' copies, and the pages that stand open and renew themselves."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from random import Random

from bench.long.caches import Copy, Topology, taken
from bench.long.crowd import CHART, DAY, ELEMENT, Reader, away, crowd
from bench.long.installation import Installation
from bench.long.ledger import Ledger
from bench.long.newsday import ADDRESSES, Agenda, NewsDay, Outage
from bench.long.origin import Address, Reply, Spent, Version
from bench.long.renewal import in_vain, is_older, rule
from bench.long.upstream import upstream

HISTORY = timedelta(days=500)  # that the sources have: enough for a year's chart
_SCRIPTS = 3600.0  # seconds for which a browser keeps our scripts
_NEVER = (inf, inf)


@dataclass(slots=True, eq=False)
class Tab:
    """A reader's browser: its copies, and the page that is open: what it shows, and what that said of itself."""

    reader: Reader
    address: Address
    page: int = -1
    copy: Copy | None = None
    scripts: float = -inf
    edition: int = 0
    said: tuple[float, bool] = (0.0, False)
    quiet: int = 0
    opened: bool = True
    ends: float = 0.0
    away: tuple[float, float] = _NEVER


@dataclass
class Seen:
    """What came of a day. `seconds` are the requests that left browsers, by the second; `looking` is the processor
    time of one look at the revision, `refreshing` that of the refresher."""  # noqa: D205, D209

    topology: Topology
    ledger: Ledger
    spent: Spent
    readers: int = 0
    views: int = 0
    requests: int = 0
    unchanged: int = 0
    renewals: int = 0
    publishers: int = 0
    most_open: int = 0
    refreshing: float = 0.0
    looking: float = 0.0
    seconds: array[int] = field(default_factory=lambda: array("L", [0] * int(DAY)))


class Readers:
    """All who come in a day, with their browsers."""

    def __init__(self, agenda: Agenda, news: NewsDay, seen: Seen, seed: int) -> None:
        self._agenda, self._news, self.seen = agenda, news, seen
        self._rule, self._chance = rule(), Random(seed)  # noqa: S311 - chance, not a secret
        self._open = 0

    def come(self, readers: Iterator[tuple[float, Reader]]) -> None:
        """Have the next one come, and after them the rest."""
        if (coming := next(readers, None)) is not None:
            self._agenda.plan(coming[0], self._arrive, (coming[1], readers))

    def _arrive(self, second: float, coming: tuple[Reader, Iterator[tuple[float, Reader]]]) -> None:
        reader, readers = coming
        self._open += 1
        self.seen.readers += 1
        self.seen.most_open = max(self.seen.most_open, self._open)
        self._view(second, Tab(reader, ADDRESSES[reader.shown]))
        self.come(readers)

    def _view(self, second: float, tab: Tab) -> None:
        """The next page: scripts and fragment as the browser has them, or may have them."""
        tab.page += 1
        self.seen.views += 1
        tab.ends = second + tab.reader.views[tab.page]
        last = tab.page == len(tab.reader.views) - 1
        tab.away = away(second, tab.ends) if last and tab.reader.hidden else _NEVER
        if second - tab.scripts >= _SCRIPTS:
            self._load_scripts(second, tab)
        version, own = self._fragment(second, tab)
        tab.quiet, tab.opened, tab.said = 0, True, (version.until, version.awaited)
        tab.edition = self.seen.ledger.given(second, version, own)
        self._wait(second, tab)

    def _load_scripts(self, second: float, tab: Tab) -> None:
        held = tab.reader.known or tab.scripts > -inf
        for script, etag in zip((ELEMENT, CHART), self._news.scripts, strict=True):
            if script is ELEMENT or tab.address[0] == "/w/chart":
                self._ask(second, tab, script, etag if held else None)
        tab.scripts = second

    def _fragment(self, second: float, tab: Tab) -> tuple[Version, bool]:
        """What a new page shows, and whether that is the browser's own copy: an old one is, while it is renewed."""
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
        """Ask the reader's shared cache (some have more readers than others); the origin where there is none."""
        self.seen.requests += 1
        self.seen.seconds[int(second)] += 1
        doors = self._news.doors
        ask = doors[int(tab.reader.place**2 * len(doors))].ask if doors else self._news.origin.ask
        reply = ask(second, address, tab.reader.coding, etag)
        self.seen.unchanged += reply.unchanged
        return reply

    def _wait(self, second: float, tab: Tab) -> None:
        """Until the element asks again, or the page is left."""
        due = second + self._rule.wait(*tab.said, tab.quiet, tab.opened, second, self._chance.random())
        if tab.away[0] <= due < tab.away[1]:
            due = tab.away[1]
        self._agenda.plan(*((due, self._renew) if due < tab.ends else (tab.ends, self._leave)), tab)

    def _renew(self, second: float, tab: Tab) -> None:
        assert tab.copy
        self.seen.renewals += 1
        version = self._fetched(second, tab, tab.copy.version.etag).version
        older = is_older(version.until, tab.said, second)
        tab.quiet, tab.opened = in_vain(tab.quiet, version.until, tab.said, second), False
        if not older:
            tab.said = version.until, version.awaited
            edition = self.seen.ledger.given(second, version, by_browser=False)
            self.seen.ledger.renewed(second, tab.address, tab.edition, edition, tab.away)
            tab.edition = edition
        self._wait(second, tab)

    def _leave(self, second: float, tab: Tab) -> None:
        self.seen.ledger.gone(tab.address, tab.edition)
        if tab.page + 1 < len(tab.reader.views):
            self._view(second, tab)
        else:
            self._open -= 1


def day(midnight: datetime, readers: int, seed: int, topology: Topology, outage: Outage | None = None) -> Seen:
    """A day of so many readers, from a store that was filled as it began."""
    with tempfile.TemporaryDirectory() as name, upstream(Path(name), (midnight - HISTORY).date()) as sources:
        stage = Installation(Path(name) / "ticker.db", sources, midnight)
        stage.at(midnight)
        while stage.blank():  # a busy machine may fail to answer at first
            stage.at(stage.next_moment())
        stage.now = midnight
        sources.order([])
        agenda = Agenda()
        news = NewsDay(agenda, stage, sources, topology)
        seen = Seen(topology, news.ledger, news.origin.spent)
        news.begin(outage)
        Readers(agenda, news, seen, seed).come(crowd(readers, seed))
        agenda.run()
        news.end()
        seen.publishers, seen.refreshing = news.publishers, news.refreshing
        seen.looking = news.origin.idle(2000)
        stage.close()
    return seen
