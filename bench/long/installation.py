"""Ticker's refresher and its readers on a stage where time is moved by hand and the sources are the replay's."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.long.upstream import Upstream
from bench.long.verdict import Kept
from ticker import catalog, config
from ticker.ingest.client import Client, Limits
from ticker.ingest.refresh import Result, lines, when
from ticker.ingest.refresher import Refresher, jitter_of
from ticker.market.snapshot import Holding, Snapshot
from ticker.render import document
from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.sources import SOURCES
from ticker.start import Parts
from ticker.store.engine import open_store

_ROOT = Path(__file__).parents[2]
PATIENT = Limits(connect=10, read=60, total=120)  # the machine may be busy; a true answer must never be late for us
BRIEF = Limits(connect=2, read=0.3, total=0.5)


@dataclass
class Installation:
    """One installation, with the sources that need no key; of all instruments, or of those of these groups.

    `impatient` names the sources whose answers are cut off soon: those that hang.
    """

    file: Path
    upstream: Upstream
    now: datetime
    groups: Collection[str] = ()
    impatient: Collection[str] = ()
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = config.load({"TICKER_SEED": "none", "TICKER_DATABASE_URL": f"sqlite:///{self.file}"})
        keyless = [key for key, source in SOURCES.items() if source.needs is None]
        shown = catalog.load().only(keyless)
        chosen = tuple(g for g in shown.groups if g.key in self.groups or not self.groups)
        shown = replace(shown, groups=chosen)
        self.sources = [SOURCES[key] for key in keyless if shown.codes(key)]
        self.parts = Parts(settings, shown, open_store(settings.database_url))
        self._refresher = Refresher(self.parts.store, self.parts.catalog, self.sources, self._connect, lambda: self.now)
        self._held: Holding | None = None
        self._snapshot: Snapshot | None = None
        self._renderer = Renderer(_ROOT / "templates", _ROOT / "static")
        first = [g.key for g in chosen if g.default]
        self._list = parse_variant("list", {"i": ",".join(first)}, self.parts.catalog)

    def close(self) -> None:
        """Close the store."""
        self.parts.store.close()

    def _connect(self) -> Client:
        hangs = threading.current_thread().name in self.impatient  # the refresher names each thread for its source
        return Client("long runs", BRIEF if hangs else PATIENT)

    def at(self, now: datetime, only: str | None = None) -> list[Result]:
        """Go to that moment, and look at what is due then, at all sources or at one."""
        self.now = now
        self.upstream.move(now)
        self.told = []
        heard = self.told.append
        return self._refresher.once(everything=False, only=only, told=lambda result: heard(result.line.source.key))

    def next_look(self, holder: str) -> tuple[datetime, str]:
        """When the refresher of that name would look next, and at which source."""
        store, soonest = self.parts.store, self.now + timedelta(seconds=1)
        looks = [
            (max(when(store, line, self.now, jitter_of(holder, source.key)), soonest), source.key)
            for source in self.sources
            for line in lines(self.parts.catalog, [source])
        ]
        return min(looks)

    def next_moment(self) -> datetime:
        """The next moment at which something is due, or at which what readers see changes by time alone."""
        store, soonest = self.parts.store, self.now + timedelta(minutes=1)
        looks = [when(store, line, self.now, timedelta(0)) for line in lines(self.parts.catalog, self.sources)]
        turns = [self._snapshot.valid_until] if self._snapshot else []
        return max(min(looks + turns), soonest)

    def snapshot(self) -> Snapshot:
        """What readers are shown now: built anew when the revision rose or its time has passed, as the web does."""
        if self._held is None or self._held.revision != self.parts.revision():
            self._held, self._snapshot = self.parts.holding(self.now), None
        if self._snapshot is None or self.now >= self._snapshot.valid_until:
            self._held = self.parts.holding(self.now)
            self._snapshot = self.parts.snapshot_of(self._held, self.now)
        return self._snapshot

    def blank(self) -> list[str]:
        """What stands empty where a figure should: in the list as it is rendered, and in the API's document."""
        shown = self.snapshot()
        text = self._renderer.fragment(shown, self._list)
        rows = [shown.by_key[key] for key in self._list.instruments]
        missing = [q.instrument.key for q in rows if q.latest is None or f'value="{q.latest.value}"' not in text]
        quotes = json.loads(document.packed(document.quotes(shown)))["quotes"]
        return missing + [quote["key"] for quote in quotes if not (quote["value"] and quote["previous"])]

    def kept(self) -> Kept:
        """What the store says beside its figures."""
        with closing(sqlite3.connect(self.file)) as read:
            held = read.execute("SELECT series, day, rule FROM held WHERE decision IS NULL").fetchall()
            wrong = read.execute("SELECT DISTINCT source FROM feed WHERE failures > 0 OR error IS NOT NULL").fetchall()
        return Kept(
            {(key, date.fromisoformat(day)): reason for key, day, reason in held}, [source for (source,) in wrong]
        )

    def stored(self) -> dict[str, dict[date, str]]:
        """Every figure of every series, as its digits."""
        found: dict[str, dict[date, str]] = {}
        with closing(sqlite3.connect(self.file)) as read:
            for key, day, value in read.execute("SELECT series, day, value FROM observation"):
                found.setdefault(key, {})[date.fromisoformat(day)] = value
        return found


def moment(text: str) -> datetime:
    """A moment in UTC: `2026-03-19T14:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hosts(sources: Sequence[str]) -> dict[str, str]:
    """The host of each source, as its own plan names it."""
    from urllib.parse import urlsplit

    from ticker.sources.source import Need

    need = Need(frozenset(), None, None)
    found = {}
    for key in sources:
        feed = SOURCES[key].feeds[0]
        found[key] = urlsplit(feed.plan(need, datetime.now(UTC)).url).hostname or ""
    return found
