"""What `/metrics` says: of figures by the snapshot, of feeds by the store, of answers by the tally.

Every label value comes from the catalog, our sources or a closed list; nothing a visitor sends makes a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

import ticker
from ticker.errors import StoreBusy, StoreError
from ticker.market.quote import Quote
from ticker.market.report import FeedReport, StoreReport
from ticker.market.snapshot import Snapshot
from ticker.web.glance import Glance
from ticker.web.live import Live
from ticker.web.tally import Tally

FRESHNESS = {"current": 0, "late": 1, "stale": 2, "empty": 3}
_LOOK = 1.0  # seconds between two looks at the store, whoever asks and however often


@dataclass(frozen=True)
class Watch:
    """What is asked of the store: every feed's report, whether a refresher is in charge, whether it can be written.

    `store` gives its own report. Each raises StoreError where the store does not answer.
    """

    reports: Callable[[datetime], Sequence[FeedReport]]
    in_charge: Callable[[datetime], bool]
    require_writable: Callable[[], None]
    store: Callable[[datetime], StoreReport]

    def writable(self, now: datetime) -> bool:
        """Whether the database can be written: now, or by a refresher that is writing for longer than we wait."""
        with suppress(StoreError):
            try:
                self.require_writable()
            except StoreBusy:
                return self.in_charge(now)
            return True
        return False


class Metrics:
    """A collector for a registry of prometheus-client. It never raises for want of a store: it says so."""

    def __init__(self, live: Live, watch: Watch, tally: Tally) -> None:
        self._live, self._watch, self._tally = live, watch, tally
        self._seen = Glance(self._look, list[Metric]())

    def collect(self) -> Iterator[Metric]:
        """Every metric of this moment."""
        yield _gauge("build_info", "The release that runs.", ("version",), [((ticker.__version__,), 1)])
        with suppress(StoreError):  # nothing was ever read; `ticker_store_readable` says so
            yield from _figures(self._live.snapshot())
        yield from self._of_the_store()
        yield from _answers(self._tally)

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is, is found out when it is asked for."""
        return ()

    def _of_the_store(self) -> list[Metric]:
        seen = [] if self._live.silent else self._seen(_LOOK)
        return self._look(silent=True) if self._live.silent else seen  # which may have been found out meanwhile

    def _look(self, *, silent: bool = False) -> list[Metric]:
        return list(_store(self._watch, self._live.clock(), silent=silent))


def _figures(snapshot: Snapshot) -> Iterator[Metric]:
    def of(name: str, about: str, value: Callable[[Quote], float | None]) -> Metric:
        rows = [((q.instrument.key,), found) for q in snapshot.quotes if (found := value(q)) is not None]
        return _gauge(f"instrument_{name}", about, ("instrument",), rows)

    yield of("freshness", "0 current, 1 late, 2 stale, 3 empty.", lambda q: FRESHNESS[q.freshness])
    yield of("missed_publications", "Publications that are overdue.", lambda q: q.standing.overdue)
    yield of(
        "as_of_timestamp_seconds",
        "The day the newest figure is for, at its beginning in UTC.",
        lambda q: _day(q.latest.day) if q.latest else None,
    )
    yield of(
        "next_due_timestamp_seconds",
        "When the next figure is due.",
        lambda q: q.standing.next_due.timestamp() if q.standing.next_due else None,
    )
    rows = [((q.instrument.key, q.publisher.key), 1) for q in snapshot.quotes]
    yield _gauge("instrument_source", "1 for the source in use.", ("instrument", "source"), rows)
    yield _gauge("snapshot_revision", "The revision of the store that is served.", (), [((), snapshot.revision)])
    until = snapshot.valid_until.timestamp()
    yield _gauge("snapshot_valid_until_timestamp_seconds", "When time alone changes what is served.", (), [((), until)])


def _store(watch: Watch, now: datetime, *, silent: bool) -> Iterator[Metric]:
    reports: Sequence[FeedReport] = ()
    charge = readable = False
    with suppress(StoreError):
        if not silent:
            reports, charge = watch.reports(now), watch.in_charge(now)
            readable = True
    writable = readable and watch.writable(now)
    yield _gauge("store_readable", "Whether the database can be read.", (), [((), readable)])
    yield _gauge("store_writable", "Whether the database can be written.", (), [((), writable)])
    if readable:
        yield _gauge("refresher_in_charge", "Whether any process is in charge of refreshing.", (), [((), charge)])
        yield from _feeds(reports)


def _feeds(reports: Sequence[FeedReport]) -> Iterator[Metric]:
    def of(name: str, about: str, value: Callable[[FeedReport], float | None]) -> Metric:
        rows = [((r.source, r.feed), found) for r in reports if (found := value(r)) is not None]
        return _gauge(f"feed_{name}", about, ("source", "feed"), rows)

    yield of("last_attempt_timestamp_seconds", "The last look at the source.", lambda r: _moment(r.checked_at))
    yield of("last_success_timestamp_seconds", "The last good answer.", lambda r: _moment(r.accepted_at))
    yield of("next_look_timestamp_seconds", "When it is next looked at.", lambda r: _moment(r.next_look))
    yield of("failures", "Failures in a row.", lambda r: r.failures)
    yield of("missed_publications", "Publications that are overdue, at most 30.", lambda r: r.standing.overdue)
    yield of("held_figures", "Figures that are held back.", lambda r: r.held)


def _answers(tally: Tally) -> Iterator[Metric]:
    sums = tally.read()
    asked = CounterMetricFamily(
        "ticker_http_requests",
        "Answers by kind of address, class of status, and whether they came from the response cache.",
        labels=("kind", "status", "cache"),
    )
    for labels, count in sums.requests():
        asked.add_metric(labels, count)
    yield asked
    took = HistogramMetricFamily(
        "ticker_http_made_seconds", "How long answers took that did not come from the response cache.", labels=("kind",)
    )
    for kind, buckets, seconds in sums.times():
        took.add_metric((kind,), buckets, seconds)
    yield took
    ahead = CounterMetricFamily("ticker_cache_made_ahead", "Answers that were made before anybody asked for them.")
    ahead.add_metric((), sums.made_ahead)
    yield ahead
    yield _gauge("cache_bytes", "What the response caches of all processes hold.", (), [((), sums.cache_bytes)])
    yield _gauge("cache_entries", "How many answers they hold.", (), [((), sums.cache_entries)])
    yield _gauge("web_processes", "Web processes that count together.", (), [((), sums.workers)])


def _gauge(name: str, about: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[str], float]]) -> Metric:
    found = GaugeMetricFamily(f"ticker_{name}", about, labels=labels)
    for values, value in rows:
        found.add_metric(values, value)
    return found


def _day(day: date) -> float:
    return datetime.combine(day, clock_time(0), UTC).timestamp()


def _moment(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
