"""Sources that fail on the replay, and those that stand in for them: the whole line comes from the one in use."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Replay, at, filled_at, refresher_of
from ticker import catalog
from ticker.ingest.client import Client, Limits
from ticker.ingest.refresher import Refresher
from ticker.market.quote import Quote
from ticker.market.snapshot import build
from ticker.sources import SOURCES
from ticker.sources.source import Secret
from ticker.store.engine import Store, open_store
from ticker.store.figures import load

pytestmark = pytest.mark.replay
FILLED_AT = at("2026-03-16T22:30")
KEYLESS = [key for key, source in SOURCES.items() if source.needs is None]
PUBLISHERS = {key: source.publisher for key, source in SOURCES.items()}


@pytest.fixture(scope="module")
def _replay_server(_recent_server: Replay) -> Replay:
    return _recent_server


@pytest.fixture(scope="module")
def _filled_by_five(_replay_server: Replay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the figures that every source without a key had in the night of 16 March 2026."""
    return filled_at(FILLED_AT, _replay_server, catalog.load(), tmp_path_factory.mktemp("five"), KEYLESS)


@pytest.fixture
def five(_filled_by_five: Path, tmp_path: Path, replay: Replay) -> Iterator[Refresher]:
    """A refresher of every source that needs no key, whose store is filled; the replay stands there too."""
    shutil.copy(_filled_by_five, tmp_path / "five.db")
    store = open_store(f"sqlite:///{tmp_path}/five.db")
    replay.now = FILLED_AT
    yield refresher_of(store, catalog.load(), replay, KEYLESS)
    store.close()


def quote(refresher: Refresher, key: str, now: datetime) -> Quote:
    holding = load(refresher.store, refresher.catalog.series, PUBLISHERS, now.date())
    return build(refresher.catalog, PUBLISHERS, holding, now).by_key[key]


def days(refresher: Refresher, replay: Replay, until: str, hours: int = 2) -> None:
    """Time passes; what is due is looked at."""
    while replay.now < at(until):
        replay.now += timedelta(hours=hours)
        refresher.once(everything=False)


def test_when_the_ecb_is_silent_its_figures_come_by_another_road(five: Refresher, replay: Replay) -> None:
    replay.fault(match="www.ecb.europa.eu", kind="refuse")
    days(five, replay, "2026-03-18T23:00")
    q = quote(five, "gbpusd", replay.now)
    assert (q.publisher.key, str(q.latest and q.latest.day), q.freshness) == ("frankfurter", "2026-03-18", "current")
    assert len(q.line) > 200
    replay.clear()
    days(five, replay, "2026-03-19T14:00")  # it answers again, with all that was missed: one good publication
    assert quote(five, "gbpusd", replay.now).publisher.key == "frankfurter"
    days(five, replay, "2026-03-19T20:00")
    assert quote(five, "gbpusd", replay.now).publisher.key == "ecb"


def test_when_both_roads_are_closed_the_bank_of_canada_speaks_with_fewer_digits(
    five: Refresher, replay: Replay
) -> None:
    for host in ("www.ecb.europa.eu", "api.frankfurter.dev"):
        replay.fault(match=host, kind="refuse")
    days(five, replay, "2026-03-18T23:00")
    for key, decimals in (("gbpusd", 3), ("usdcad", 4), ("usdbrl", 2), ("usdmxn", 2), ("usdinr", 1)):
        q = quote(five, key, replay.now)
        assert q.publisher.key == "boc", key
        assert q.latest is not None
        assert q.previous is not None
        assert str(q.latest.day) == "2026-03-18"
        assert q.latest.value.as_tuple().exponent == -decimals
        assert q.change == q.latest.value - q.previous.value
        assert q.instrument.decimals == decimals
    assert quote(five, "usdcad", replay.now).latest.value == Decimal("1.3706")  # type: ignore[union-attr]


def test_when_eia_is_silent_fred_takes_over_and_eia_comes_back(five: Refresher, replay: Replay) -> None:
    replay.fault(match="www.eia.gov", kind="status", status=503)
    days(five, replay, "2026-03-27T12:00", hours=12)
    q = quote(five, "natgas", replay.now)
    assert (q.publisher.key, str(q.latest and q.latest.day)) == ("fred", "2026-03-23")
    replay.clear()
    days(five, replay, "2026-03-30T22:00", hours=12)  # it has caught up: one good publication
    assert quote(five, "natgas", replay.now).publisher.key == "fred"
    days(five, replay, "2026-04-01T22:00", hours=12)
    assert quote(five, "natgas", replay.now).publisher.key == "eia"


def test_trap_11_a_change_is_always_within_one_source(five: Refresher, replay: Replay) -> None:
    replay.fault(match="www.ecb.europa.eu", kind="status", status=500)
    replay.fault(match="api.frankfurter.dev", kind="slow", seconds=30)
    five = replace(five, connect=partial(Client, "", Limits(connect=2, read=2, total=20)))
    while replay.now < at("2026-03-20T22:00"):
        replay.now += timedelta(hours=8)
        five.once(everything=False)
        holding = load(five.store, five.catalog.series, PUBLISHERS, replay.now.date())
        for q in build(five.catalog, PUBLISHERS, holding, replay.now).quotes:
            assert q.latest
            assert q.previous
            for key in q.link.series:
                assert {q.latest.day, q.previous.day} <= {o.day for o in holding.figures[key]}


def test_trap_35_fred_is_left_alone_for_hours_after_it_hung(five: Refresher, replay: Replay) -> None:
    replay.fault(match="fred.stlouisfed.org", kind="refuse")
    replay.now = at("2026-03-18T17:00")
    before = len(replay.log)
    for _ in range(12):
        replay.now += timedelta(minutes=20)
        five.once(everything=False, only="fred")
    asked = [seen for seen in replay.log[before:] if "fred" in seen["host"]]
    assert len(asked) == 3  # once for each of the files that were due, in four hours


def test_trap_36_frankfurter_is_pinned_to_its_host(five: Refresher, replay: Replay) -> None:
    replay.fault(match="api.frankfurter.dev", kind="redirect", to="https://api.frankfurter.app/v1/latest")
    replay.now = at("2026-03-17T22:00")
    results = five.once(everything=True, only="frankfurter")
    assert "redirected to another address" in str(results[0].error)
    assert "api.frankfurter.app" not in {seen["host"] for seen in replay.log}


CANARY = "CANARY0123456789abcdef"


ROW = f'{{"series":"RWTC","period":"{CANARY}"}}'
BODIES = [
    f"<html>api_key={CANARY}</html>",
    f'{{"response":{{"frequency":"daily","data":[{ROW}]}}}}',
    f'{{"units":"lin","observations":[{{"date":"{CANARY}","value":"1"}}]}}',
]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"kind": "status", "status": 403, "body": f'{{"error":{{"message":"key {CANARY} is suspended"}}}}'},
        *({"kind": "status", "status": 200, "body": body} for body in BODIES),
        {"kind": "status", "status": 302, "headers": {"Location": f"https://{CANARY}.example/?api_key={CANARY}"}},
        {"kind": "refuse"},
        {"kind": "truncated"},
        {"kind": "badtls"},
    ],
)
def test_trap_37_a_key_is_in_no_log_no_error_and_no_table(
    fault: dict[str, object], store: Store, replay: Replay, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as `log_to_stderr` does: it logs whole addresses
    replay.now = at("2026-03-19T14:00")
    keyed = [source for source in SOURCES.values() if source.needs]
    for source in keyed:
        assert source.needs
        if fault:
            replay.fault(match=source.needs.host, **fault)
    secrets = [Secret(s.needs.host, s.needs.parameter, CANARY) for s in keyed if s.needs]
    connect = partial(Client, "", Limits(connect=10, read=30, total=90), secrets)
    refresher = refresher_of(store, catalog.load(), replay, [s.key for s in keyed] + ["ecb"])
    refresher = replace(refresher, connect=connect)
    results = [r for s in keyed for r in refresher.once(everything=True, only=s.key)]
    assert len(results) == 8
    assert all(r.error if fault else r.outcome and r.outcome.added for r in results)
    reached = any(seen["path"] for seen in replay.log)
    assert reached == any(CANARY in str(seen) for seen in replay.log)
    said = [str(r.error) + repr(r) for r in results] + [repr(secrets), caplog.text]
    with sqlite3.connect(tmp_path / "ticker.db") as connection:
        said += list(connection.iterdump())
    connection.close()
    assert not [text for text in said if CANARY in text]
