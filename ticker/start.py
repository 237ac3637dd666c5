"""Put the parts together: settings, catalog, an open store, and the seed in a database that was empty."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ticker import catalog, config
from ticker.config import Settings
from ticker.errors import ConfigError
from ticker.market.correction import Correction
from ticker.market.figures import line
from ticker.market.instrument import Catalog, Instrument, Link
from ticker.market.observation import Series
from ticker.market.quote import Publisher
from ticker.market.report import FeedReport, StoreReport
from ticker.market.snapshot import Holding, Snapshot, build
from ticker.sources import SOURCES
from ticker.sources.source import Key, Secret, Source
from ticker.store import lease, seed
from ticker.store.check import Rules
from ticker.store.corrections import read_corrections
from ticker.store.engine import Store, open_store, store_at
from ticker.store.figures import load, read_revision, whole
from ticker.store.lease import Writing
from ticker.store.report import read_report

if TYPE_CHECKING:
    from ticker.ingest.refresher import Refresher

log = logging.getLogger(__name__)

PUBLISHERS: Mapping[str, Publisher] = {key: source.publisher for key, source in SOURCES.items()}
_SERVED = 2.0  # seconds after which every web process serves what was stored
SEED = Path(__file__).with_name("seed.csv")


@dataclass(frozen=True)
class Parts:
    """What every command needs."""

    settings: Settings
    catalog: Catalog
    store: Store

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources that can be used."""
        return sources_of(self.settings)

    def revision(self) -> int:
        """The store's revision."""
        return read_revision(self.store)

    def holding(self, now: datetime, before: Holding | None = None) -> Holding:
        """What the store holds for this catalog; of what was held before, what has changed is read."""
        return load(self.store, self.catalog.series, SOURCES, now.date(), before=before)

    def snapshot_of(self, holding: Holding, now: datetime, before: Snapshot | None = None) -> Snapshot:
        """The snapshot of a holding, at a moment; of the one before, what has changed is made."""
        return build(self.catalog, PUBLISHERS, holding, now, before)

    def line(self, instrument: Instrument, link: Link, now: datetime) -> Series:
        """The instrument's whole line from one link of its chain, as shown."""
        return line(instrument, link, whole(self.store, link.series, now.date()))

    def reports(self, now: datetime) -> tuple[FeedReport, ...]:
        """How every feed stands."""
        from ticker.ingest.report import reports  # not at the top: the web workers need little of it

        return reports(self.store, self.catalog, list(self.sources.values()), now)

    def store_report(self, now: datetime) -> StoreReport:
        """How the store stands: its revision, what it holds back, who refreshes it."""
        return read_report(self.store, now)

    def corrections(self, keys: Collection[str], skip: int, most: int) -> tuple[Correction, ...]:
        """What was corrected in these series, the newest first."""
        return read_corrections(self.store, PUBLISHERS, keys, skip, most)

    def in_charge(self, now: datetime) -> bool:
        """Whether a refresher is in charge."""
        return lease.holder_of(self.store, lease.REFRESHER, now) is not None

    def writing(self, now: datetime) -> Writing:
        """Who writes to the store, and when anything was last written."""
        return lease.writing(self.store, now)

    def rules(self, now: datetime) -> Rules:
        """What the database may hold by this catalog."""

        def weekdays(key: str) -> bool:
            source, _, code = key.partition(":")
            return source in SOURCES and SOURCES[source].weekdays_only(code)

        def last(key: str) -> date:
            publisher = PUBLISHERS.get(key.partition(":")[0])
            return now.astimezone(ZoneInfo(publisher.zone)).date() if publisher else now.date()

        return Rules(frozenset(self.catalog.series), self.catalog.series_bounds, weekdays, last)

    def snapshot(self, now: datetime) -> Snapshot:
        """The snapshot of what is held now."""
        return self.snapshot_of(self.holding(now), now)

    def following(self) -> Callable[[datetime], Snapshot]:
        """Gives the snapshot of what is held now, each time made of the last and of what has changed since."""
        last: Snapshot | None = None

        def snapshot(now: datetime) -> Snapshot:
            nonlocal last
            last = self.snapshot_of(self.holding(now, last.holding if last else None), now, last)
            return last

        return snapshot

    def refresher(self) -> Refresher:
        """What asks the sources, and tells the log and the webhook of changes of state."""
        from ticker.ingest.client import Client  # not at the top: the web workers have no need of it
        from ticker.ingest.purger import Purger
        from ticker.ingest.refresher import Looker, Refresher
        from ticker.ingest.watcher import Watcher, tell_log
        from ticker.ingest.webhook import Webhook, wanted

        connect = partial(Client, self.settings.contact, keys=secrets_of(self.settings))
        watchers: list[Looker] = [Watcher("log", self.store, self.revision, self.following(), self.reports, tell_log)]
        if self.settings.webhook_url:
            tell = Webhook(self.settings.webhook_url).tell
            watchers.append(Watcher("webhook", self.store, self.revision, self.following(), self.reports, tell, wanted))
        if self.settings.purge_url:
            purged = (self.settings.purge_url, self.settings.purge_header)
            watchers.append(Purger(*purged, self.store, self.revision, partial(time.sleep, _SERVED)))
        asked = list(self.sources.values())
        return Refresher(self.store, self.catalog, asked, connect, clock, watchers, self.store.clock)


def clock() -> datetime:
    """The moment it is, in UTC."""
    return datetime.now(UTC)


def settle(environ: Mapping[str, str]) -> tuple[Settings, Catalog]:
    """Read settings and catalog; ConfigError where either is wrong."""
    settings = config.load(environ)
    return settings, settled(settings)


def settled(settings: Settings) -> Catalog:
    """The catalog that the settings name, as far as its sources can be used; ConfigError where it is wrong."""
    loaded = catalog.load(settings.catalog)
    file = str(settings.catalog or catalog.OURS)
    loaded.require_sources({key: s.known for key, s in SOURCES.items()}, file)
    usable = loaded.only(sources_of(settings))
    for i in usable.instruments:
        if not i.chain:
            raise ConfigError(f"{file}: [instruments.{i.key}]: every source in its chain needs a key that is not set.")
    return usable


def sources_of(settings: Settings) -> dict[str, Source]:
    """The sources that can be used: those that need no key, or whose key is set."""
    return {k: s for k, s in SOURCES.items() if s.needs is None or _value(settings, s.needs)}


def secrets_of(settings: Settings) -> list[Secret]:
    """The keys that are set, with where they are sent."""
    needs = [s.needs for s in sources_of(settings).values() if s.needs]
    return [Secret(need.host, need.parameter, _value(settings, need)) for need in needs]


def _value(settings: Settings, need: Key) -> str:
    found: str = getattr(settings, need.setting.removeprefix(config.PREFIX).lower())
    return found


def start(environ: Mapping[str, str], now: datetime, wait: float = 30.0) -> Parts:
    """Everything, ready: ConfigError or StoreError where it cannot be.

    `wait` is how long, in seconds, a locked database is waited for.
    """
    settings, loaded = settle(environ)
    store = open_store(settings.database_url, wait)
    if settings.seed != "none":
        planted = seed.plant_if_empty(store, Path(settings.seed) if settings.seed else SEED, now)
        if planted:
            log.info("an empty database: it starts from %d figures of the seed until the sources are read", planted)
    return Parts(settings, loaded, store)


def start_unseen(environ: Mapping[str, str], wait: float = 30.0) -> Parts:
    """The same without looking at the database, which may be away, and is not made. ConfigError as there."""
    settings, loaded = settle(environ)
    return Parts(settings, loaded, store_at(settings.database_url, wait))
