"""`/metrics`: what it says of figures, feeds, store and answers, with a store and without."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import at
from tests.web.conftest import Site
from ticker.store import lease
from ticker.store.feeds import FeedState, record
from ticker.web.metrics import Metrics, Watch
from ticker.web.tally import KINDS, RESULTS, STATUSES, Tally, hit_of, kind_of

Labels = dict[str, str]


def measured(site: Site) -> Callable[..., float]:
    """The samples of `/metrics`, by name and labels; a KeyError for one that is not there."""
    answer = site.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    found = {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}
    return lambda name, **labels: found["ticker_" + name, frozenset(labels.items())]


def test_each_instruments_freshness_and_day_are_there(site: Site) -> None:
    value = measured(site)
    assert value("instrument_freshness", instrument="wti") == 0
    assert value("instrument_missed_publications", instrument="wti") == 0
    assert value("instrument_as_of_timestamp_seconds", instrument="gbpusd") == at("2026-04-13T00:00").timestamp()
    assert value("instrument_next_due_timestamp_seconds", instrument="gbpusd") == at("2026-04-14T14:00").timestamp()
    assert value("instrument_source", instrument="gbpusd", source="ecb") == 1
    assert value("snapshot_revision") == site.live.snapshot().revision
    assert value("snapshot_valid_until_timestamp_seconds") == site.live.snapshot().valid_until.timestamp()


def test_time_alone_makes_figures_late_and_then_stale(site: Site) -> None:
    seen = []
    for moment in ("2026-04-14T15:29:59", "2026-04-14T15:30", "2026-04-15T15:30", "2026-04-17T15:30"):
        site.now = at(moment)
        value = measured(site)
        seen.append([value(f"instrument_{m}", instrument="gbpusd") for m in ("freshness", "missed_publications")])
    assert seen == [[0, 0], [1, 1], [2, 2], [2, 4]]


def test_without_a_figure_freshness_is_empty_and_there_is_no_day(empty: Site) -> None:
    value = measured(empty)
    assert value("instrument_freshness", instrument="wti") == 3
    with pytest.raises(KeyError):
        value("instrument_as_of_timestamp_seconds", instrument="wti")


def test_each_feeds_looks_failures_and_holds_are_there(site: Site) -> None:
    good, bad = site.now, at("2026-04-13T17:00")
    record(site.parts.store, FeedState("ecb", "rates", bad).succeeded(good).failed(site.now, "no answer", None))
    value = measured(site)
    assert value("feed_failures", source="ecb", feed="rates") == 1
    assert value("feed_last_attempt_timestamp_seconds", source="ecb", feed="rates") == site.now.timestamp()
    assert value("feed_last_success_timestamp_seconds", source="ecb", feed="rates") == good.timestamp()
    assert value("feed_next_look_timestamp_seconds", source="ecb", feed="rates") == site.now.timestamp() + 300
    assert value("feed_held_figures", source="ecb", feed="rates") == 0
    assert value("feed_missed_publications", source="eia", feed="prices") == 0  # never missed


def test_whether_a_refresher_is_in_charge(site: Site) -> None:
    assert measured(site)("refresher_in_charge") == 0
    lease.take(site.parts.store, lease.REFRESHER, "here:1", site.now, lasts=site.now - at("2026-04-13T17:00"))
    assert fresh(site)("refresher_in_charge") == 1


def fresh(site: Site) -> Callable[..., float]:
    """The same, from an application that has not looked at the store this second."""
    from tests.web.conftest import app_of

    site.app = app_of("https://ticker.example", site.live, site.parts)
    return measured(site)


def test_a_store_that_is_gone_is_said_and_figures_go_on(site: Site, tmp_path: Path) -> None:
    assert measured(site)("store_readable") == 1
    assert measured(site)("store_writable") == 1
    for file in tmp_path.glob("ticker.db*"):
        file.unlink()
    site.look_again()
    value = fresh(site)
    assert (value("store_readable"), value("store_writable")) == (0, 0)
    assert value("instrument_freshness", instrument="wti") == 0
    with pytest.raises(KeyError):
        value("feed_failures", source="ecb", feed="rates")


def test_before_anything_was_read_it_answers_too(site: Site, tmp_path: Path) -> None:
    for file in tmp_path.glob("ticker.db*"):
        file.unlink()
    assert fresh(site)("store_readable") == 0


def test_it_is_never_kept_by_anyone(site: Site) -> None:
    answer = [site.get("/metrics") for _ in range(3)][-1]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/plain; version=")


def test_answers_are_counted_by_kind_status_and_whether_they_were_in_the_cache(site: Site) -> None:
    etag = [site.get("/w/list") for _ in range(5)][-1].headers["ETag"]
    for _ in range(2):
        assert site.get("/w/list", If_None_Match=etag).status_code == 304
    site.get("/w/list?i=gold")
    site.get("/w/list", method="POST")
    site.get("/nowhere/canary")
    value = measured(site)
    assert value("http_requests_total", kind="widget", status="2xx", cache="miss") == 2  # kept from the second on
    assert value("http_requests_total", kind="widget", status="2xx", cache="hit") == 3
    assert value("http_requests_total", kind="widget", status="304", cache="hit") == 2
    assert value("http_requests_total", kind="widget", status="4xx", cache="miss") == 1
    assert value("http_requests_total", kind="widget", status="4xx", cache="none") == 1
    assert value("http_requests_total", kind="other", status="4xx", cache="miss") == 1
    assert value("http_made_seconds_count", kind="widget") == 4
    assert value("http_made_seconds_bucket", kind="widget", le="+Inf") == 4
    assert value("http_made_seconds_sum", kind="widget") > 0
    assert value("cache_entries") == 1
    assert value("cache_bytes") > 1000


def test_nothing_a_visitor_sends_makes_a_new_label(site: Site) -> None:
    for address in ("/canary", "/w/canary?canary=1", "/i/canary", "/v1/canary", "/img/canary.svg", "/%00canary", "//x"):
        site.get(address, method="GET", User_Agent="canary")
        site.get(address, method="CANARY")
    assert "canary" not in site.get("/metrics").text.lower()


@given(st.text())
def test_any_path_is_of_one_of_the_kinds(path: str) -> None:
    assert kind_of(path) in KINDS
    assert kind_of("/" + path) in KINDS


def test_every_address_of_ours_has_a_kind(site: Site) -> None:
    rules = {str(rule).split("<")[0] for rule in site.app.url_map.iter_rules()}
    assert {rule for rule in rules if kind_of(rule) == "other"} == set()


def test_processes_count_together_and_those_that_ended_go_on_counting(tmp_path: Path) -> None:
    ours = Tally(tmp_path)
    ours.hit(hit_of("/w/list", "2xx"))
    ours.kept(1000, 2)
    other = (tmp_path / f"{os.getpid()}.counts").read_bytes()
    (tmp_path / "999999999.counts").write_bytes(other)  # no such process
    (tmp_path / "1.counts").write_bytes(other)
    (tmp_path / "2.counts").write_bytes(b"half")
    sums = ours.read()
    assert list(sums.requests()) == [(("widget", "2xx", "hit"), 3)]
    assert (sums.workers, sums.cache_bytes, sums.cache_entries) == (2, 2000, 4)


def test_there_are_only_so_many_series(site: Site) -> None:
    """What a scrape can grow to, whoever asks for whatever: every kind, status and result, and every bucket."""
    counted = Tally()
    for kind in ("/w/", "/embed/", "/", "/img/", "/v1/", "/feeds/", "/mail/", "/static/", "/livez", "/x"):
        for status in STATUSES:
            counted.hit(hit_of(kind, status))
            for result in RESULTS:
                counted.made(kind, int(status.replace("xx", "00")), result, 0.5)
    watch = Watch(site.parts.reports, site.parts.in_charge, site.parts.store.require_writable, site.parts.store_report)
    samples = [s for metric in Metrics(site.live, watch, counted).collect() for s in metric.samples]
    assert len(samples) < 450
