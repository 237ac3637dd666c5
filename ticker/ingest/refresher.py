"""The refresher: a thread a source, each asleep until its source is due; one refresher in charge at a time."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from ticker.errors import TickerError
from ticker.ingest.client import Client
from ticker.ingest.compare import Comparison, compare
from ticker.ingest.refresh import Line, Result, lines, refresh, when
from ticker.ingest.trouble import Trouble
from ticker.ingest.turns import keep_turns
from ticker.market.instrument import Catalog
from ticker.market.snapshot import Snapshot
from ticker.sources.source import Source
from ticker.store import lease
from ticker.store.engine import Store

log = logging.getLogger(__name__)

_RENEWED = timedelta(seconds=20)
_LONGEST_SLEEP = 30.0  # seconds; a clock that is set on is noticed within this
_JITTER = 150  # seconds


def _own_name() -> str:
    """A name for the holder of a lease. Containers share names and numbers of processes, so chance adds to them."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def jitter_of(holder: str, name: str) -> timedelta:
    """How long after a publication this installation looks: its own, the same each time, at most 150 seconds."""
    return timedelta(seconds=zlib.crc32(f"{holder}/{name}".encode()) % _JITTER)


class Looker(Protocol):
    """Looks now and then at what has come of it, in a thread of its own called `teller`."""

    @property
    def teller(self) -> str:
        """Its name."""

    def look(self, now: datetime) -> None:
        """Look, and tell whoever is to be told."""


@dataclass(frozen=True)
class Refresher:
    """Looks at every line when it is due. `clock` gives the moment (UTC), `connect` a client for each thread.

    `lease_clock` is the clock that all refreshers share; without one, each goes by its own. `holder` is what it is
    called while it holds the lease.
    """

    store: Store
    catalog: Catalog
    sources: Sequence[Source]
    connect: Callable[[], Client]
    clock: Callable[[], datetime]
    watchers: Sequence[Looker] = ()
    lease_clock: Callable[[], datetime] | None = None
    holder: str = field(default_factory=_own_name)

    def once(
        self, everything: bool, only: str | None = None, told: Callable[[Result], None] = lambda result: None
    ) -> list[Result]:
        """Look at what is due now (or at everything), the sources side by side; `told` hears of each result."""
        wanted = [source for source in self.sources if only in (None, source.key)]
        keep_turns(self.store, self.catalog, self.sources, self.clock())
        results: list[Result] = []
        wrong: list[Exception] = []

        def work(source: Source) -> None:
            try:
                for result in self._due(source, everything, timedelta(0)):
                    results.append(result)
                    told(result)
            except Exception as error:  # whatever it is, it is raised where the caller hears of it
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(source,), name=source.key) for source in wanted]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise wrong[0]
        if results:
            keep_turns(self.store, self.catalog, self.sources, self.clock())
        for watcher in self.watchers:
            watcher.look(self.clock())
        return results

    def compared(self) -> Iterator[Comparison]:
        """Compare all that is stored with its sources, one after another, storing nothing."""
        client = self.connect()
        try:
            for line in lines(self.catalog, self.sources):
                yield from compare(self.store, client, line, self.catalog, self.clock())
        finally:
            client.close()

    def run(self, stop: threading.Event) -> None:
        """Keep looking until `stop` is set, while this process holds the lease."""
        holder = self.holder
        fenced = replace(self, store=lease.under(self.store, lease.REFRESHER, holder))
        mine = threading.Event()
        loops = [
            threading.Thread(target=fenced._loop, args=(source, holder, mine, stop), name=source.key, daemon=True)
            for source in self.sources
        ]
        loops += [
            threading.Thread(target=self._watch, args=(watcher, mine, stop), name=watcher.teller, daemon=True)
            for watcher in self.watchers
        ]
        for loop in loops:
            loop.start()
        seen: Snapshot | None = None
        trouble = Trouble("the lease")
        while not stop.is_set():
            seen = self._hold(holder, mine, seen, trouble)
            stop.wait(_RENEWED.total_seconds())
        for loop in loops:
            loop.join(timeout=5)
        try:
            lease.give_up(self.store, lease.REFRESHER, holder)
        except TickerError as wrong:
            log.warning("the lease was not given up: %s", wrong, extra={"event": "lease.failing"})

    def _hold(self, holder: str, mine: threading.Event, seen: Snapshot | None, trouble: Trouble) -> Snapshot | None:
        """Take the lease, or keep it; and where we have it, see whose turn it is, before anything is looked at.

        Where it cannot be written nothing else can be, and nobody is asked for figures.
        """
        try:
            got = lease.take(self.store, lease.REFRESHER, holder, (self.lease_clock or self.clock)(), lease.LASTS)
            seen = keep_turns(self.store, self.catalog, self.sources, self.clock(), seen) if got else None
        except TickerError as wrong:
            trouble.met(wrong)
            mine.clear()
            return None
        trouble.over()
        if got and not mine.is_set():
            log.info("refreshing: this process is in charge", extra={"event": "refresher.in_charge"})
            mine.set()
        elif not got and mine.is_set():
            mine.clear()
            log.warning("no longer in charge of refreshing", extra={"event": "refresher.not_in_charge"})
        return seen

    def _loop(self, source: Source, holder: str, mine: threading.Event, stop: threading.Event) -> None:
        trouble = Trouble(source.key)
        while not stop.is_set():
            if not mine.wait(timeout=1):
                continue
            try:
                for _ in self._due(source, False, jitter_of(holder.split(":")[0], source.key), stop):
                    pass
                sleep = self._sleep(source, holder)
                trouble.over()
            except Exception as wrong:  # whatever it is, the other sources go on, and this one is tried again
                sleep = trouble.met(wrong)
            stop.wait(sleep)

    def _watch(self, watcher: Looker, mine: threading.Event, stop: threading.Event) -> None:
        trouble = Trouble(watcher.teller)
        while not stop.is_set():
            if not mine.wait(timeout=1):
                continue
            sleep = _RENEWED.total_seconds()
            try:
                watcher.look(self.clock())
                trouble.over()
            except Exception as wrong:
                sleep = trouble.met(wrong)
            stop.wait(sleep)

    def _sleep(self, source: Source, holder: str) -> float:
        """Seconds until the source's next look, at most thirty."""
        now, jitter = self.clock(), jitter_of(holder.split(":")[0], source.key)
        soonest = min((when(self.store, line, now, jitter) for line in self._lines(source)), default=None)
        if soonest is None:
            return _LONGEST_SLEEP
        return min(max((soonest - now).total_seconds(), 0.5), _LONGEST_SLEEP)

    def _lines(self, source: Source) -> list[Line]:
        return lines(self.catalog, [source])

    def _due(
        self, source: Source, everything: bool, jitter: timedelta, stop: threading.Event | None = None
    ) -> Iterator[Result]:
        client = self.connect()
        try:
            for line in self._lines(source):
                now = self.clock()
                if stop is not None and stop.is_set():
                    break
                if everything or when(self.store, line, now, jitter) <= now:
                    yield refresh(self.store, client, self.catalog, line, now)
        finally:
            client.close()
