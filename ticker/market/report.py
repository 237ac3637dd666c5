"""What operators are told at a moment: how every feed and the store stand, and what is held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ticker.market.freshness import Standing
from ticker.market.instrument import Catalog, Instrument
from ticker.market.quote import Publisher, Quote
from ticker.market.rules import Rule
from ticker.market.snapshot import Snapshot


@dataclass(frozen=True)
class FeedReport:
    """How a feed stands. Moments are UTC; `failures` counts those in a row, the first of them was at `failing_since`.

    `label` says in plain words what was wrong at the last look; its cause is for the log. The source asked to be left
    alone until `wait_until`. `standing` is of the feed's own calendar, `newest` the day to which its figures have all
    arrived, `missing` the codes that its last document lacked, `held` how many of its figures are held back.
    """

    publisher: Publisher
    feed: str
    series: tuple[str, ...]
    checked_at: datetime | None
    accepted_at: datetime | None
    failing_since: datetime | None
    failures: int
    label: str | None
    missing: tuple[str, ...]
    wait_until: datetime | None
    next_look: datetime
    newest: date | None
    standing: Standing
    held: int

    @property
    def source(self) -> str:
        """The key of its source."""
        return self.publisher.key


@dataclass(frozen=True)
class Held:
    """A figure that is held back: by which rule, and since when (UTC). Without a value it is withdrawn.

    `before` is the figure that readers have for that day, else the one before it.
    """

    series: str
    day: date
    value: Decimal | None
    rule: Rule
    before: Decimal | None
    seen_at: datetime


@dataclass(frozen=True)
class StoreReport:
    """The store at a moment: its revision, made at `committed_at`, what it holds back, and who refreshes it.

    `holder` has the lease until `lease_until`; both are None where nobody is in charge.
    """

    revision: int
    committed_at: datetime | None
    holder: str | None
    lease_until: datetime | None
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Report:
    """What the store told of all feeds and of itself, at a moment (UTC)."""

    at: datetime
    feeds: tuple[FeedReport, ...]
    store: StoreReport


@dataclass(frozen=True)
class Condition:
    """How everything stands now (UTC). `snapshot` and `report` are what was read last; None where nothing ever was."""

    now: datetime
    readable: bool
    writable: bool
    snapshot: Snapshot | None
    report: Report | None

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quotes, none where nothing was ever read."""
        return self.snapshot.quotes if self.snapshot else ()

    def instruments_of(self, feed: FeedReport) -> tuple[Instrument, ...]:
        """The instruments that have a series of this feed in their chain, in catalog order."""
        catalog, series = self.snapshot.catalog.instruments if self.snapshot else (), set(feed.series)
        return tuple(i for i in catalog if any(not series.isdisjoint(link.series) for link in i.chain))

    def failing(self, q: Quote) -> FeedReport | None:
        """A feed that the quote is drawn from and that fails, the one that has failed longest."""
        feeds = self.report.feeds if self.report else ()
        found = [f for f in feeds if f.failures and set(q.link.series) & set(f.series)]
        return min(found, key=lambda f: f.failing_since or self.now, default=None)


def entry_of(q: Quote, catalog: Catalog) -> tuple[int, int]:
    """Which entry of its chain a quote is drawn from, counted from one, and how many there are."""
    chain = (catalog.get(q.instrument.key) or q.instrument).chain
    return chain.index(q.link) + 1, len(chain)
