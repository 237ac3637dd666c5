"""Refreshing from the replayed sources: backfill, revisions, and what each failure leaves behind."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import UPSTREAMS, Replay, at, module_at
from ticker.errors import SourceError
from ticker.ingest.refresh import Result, lines, when
from ticker.ingest.refresher import Refresher
from ticker.market.observation import Standing
from ticker.sources import SOURCES
from ticker.sources.source import Document
from ticker.store import lease
from ticker.store.feeds import read_feed
from ticker.store.figures import read_revision, span
from ticker.store.held import count_held

pytestmark = pytest.mark.replay


def outcomes(results: list[Result]) -> dict[str, Any]:
    return {r.line.name: r.error or r.outcome for r in results}


def held(refresher: Refresher, key: str) -> dict[date, Decimal]:
    with refresher.store.read() as connection:
        return {o.day: o.value for o in span(connection, key, date.min, date.max)}


def test_an_empty_database_is_filled_with_all_history(refresher: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    results = refresher.once(everything=False)
    assert not [r.error for r in results if r.error]
    worlds = module_at(UPSTREAMS / "worlds.py")
    for code in ("RWTC", "RBRTE", "RNGWHHD", "EMM_EPMR_PTE_NUS_DPG"):
        there = {d: Decimal(v) for d, v in worlds.series(code).items() if v and d <= date(2026, 3, 16)}
        if code in ("RWTC", "RBRTE"):  # this morning's page
            there[date(2026, 3, 18)] = Decimal(worlds.series(code)[date(2026, 3, 18)])
        assert held(refresher, f"eia:{code}") == there
    rows = worlds.ecb_rows(replay.now)
    for code in ("USD", "GBP", "INR", "BRL"):
        there = {d: Decimal(r[code]) for d, r in rows if r[code] not in ("", "N/A")}
        assert held(refresher, f"ecb:{code}") == there
    assert refresher.once(everything=False) == []  # and then nothing is due


def test_everything_again_is_answered_by_validators(filled: Refresher, replay: Replay) -> None:
    revision = read_revision(filled.store)
    results = filled.once(everything=True)
    assert Counter(seen["status"] for seen in replay.log) == {
        304: 4,
        200: 2,
    }  # the page and daily.xml are new addresses
    assert not any(r.outcome and r.outcome.changed for r in results)
    assert read_revision(filled.store) == revision


def test_the_gap_of_a_holiday_is_filled_from_the_ninety_days(refresher: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-10T22:00")
    refresher.once(everything=False, only="ecb")
    replay.now = at("2026-03-13T22:00")
    replay.clear()
    refresher.once(everything=False, only="ecb")
    assert [seen["path"].rsplit("/", 1)[1] for seen in replay.log] == ["eurofxref-hist-90d.xml"]
    replay.now = at("2026-03-16T22:00")
    replay.clear()
    refresher.once(everything=False, only="ecb")
    assert [seen["path"].rsplit("/", 1)[1] for seen in replay.log] == ["eurofxref-daily.xml"]
    replay.now = at("2026-03-17T22:00")
    replay.clear()
    refresher.once(everything=False, only="ecb")
    assert [seen["path"].rsplit("/", 1)[1] for seen in replay.log] == [
        "eurofxref-hist.zip"
    ]  # the weekly reconciliation
    assert date(2026, 3, 12) in held(refresher, "ecb:GBP")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "refuse"},
        {"kind": "status", "status": 503},
        {"kind": "html200"},
        {"kind": "empty"},
        {"kind": "truncated"},
        {"kind": "cut"},
        {"kind": "garbage"},
        {"kind": "redirect"},
        {"kind": "huge", "megabytes": 32},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_fault_keeps_all_figures_and_heals_by_itself(
    filled: Refresher, replay: Replay, fault: dict[str, Any]
) -> None:
    before = {key: held(filled, key) for key in ("eia:RWTC", "ecb:GBP")}
    replay.now = at("2026-03-18T17:00")
    replay.fault(**fault)
    results = filled.once(everything=False)
    assert {r.line.name for r in results if isinstance(r.error, SourceError)} >= {"ecb:rates", "eia:RWTC"}
    assert {key: held(filled, key) for key in before} == before
    state = read_feed(filled.store, "ecb", "rates")
    assert state.failures == 1
    assert state.error
    replay.clear()
    assert filled.once(everything=False) == []  # it is left alone for a while
    replay.now += timedelta(minutes=6)
    assert not [r.error for r in filled.once(everything=False) if r.error]
    assert max(held(filled, "ecb:GBP")) == date(2026, 3, 18)
    assert max(held(filled, "eia:RWTC")) == date(2026, 3, 17)
    assert read_feed(filled.store, "ecb", "rates").failures == 0


@pytest.mark.parametrize(("kind", "code"), [("x100", "GBP"), ("zero", "GBP"), ("future", None), ("x100", None)])
def test_trap_07_and_20_a_wrong_figure_reaches_nobody(
    filled: Refresher, replay: Replay, kind: str, code: str | None
) -> None:
    before = held(filled, "ecb:GBP")
    replay.now = at("2026-03-18T22:00")
    replay.fault(match="ecb", kind=kind, **({"code": code} if code else {}))
    filled.once(everything=False, only="ecb")
    assert held(filled, "ecb:GBP") == before
    replay.clear()
    replay.now += timedelta(hours=20)
    filled.once(everything=True, only="ecb")
    assert date(2026, 3, 18) in held(filled, "ecb:GBP") or date(2026, 3, 19) in held(filled, "ecb:GBP")


@pytest.mark.parametrize("fault", [{"kind": "x100", "code": "GBP"}, {"kind": "zero", "code": "USD"}])
def test_a_figure_that_was_held_is_asked_for_again_by_itself(
    filled: Refresher, replay: Replay, fault: dict[str, Any]
) -> None:
    replay.now = at("2026-03-18T16:00")
    replay.fault(match="ecb", **fault)
    filled.once(everything=False, only="ecb")
    held_back = f"ecb:{fault['code']}"
    assert count_held(filled.store) == {(held_back, Standing.FINAL): 1}
    assert max(held(filled, held_back)) == date(2026, 3, 17)
    assert max(held(filled, "ecb:AUD")) == date(2026, 3, 18)
    replay.clear()
    replay.now += timedelta(hours=1)
    filled.once(everything=False, only="ecb")
    assert max(held(filled, held_back)) == date(2026, 3, 18)
    assert count_held(filled.store) == {}
    replay.clear()
    filled.once(everything=False, only="ecb")
    assert replay.log == []


def test_trap_07_a_price_of_nothing_reaches_nobody(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    replay.fault(match="eia", kind="zero")
    filled.once(everything=True, only="eia")
    assert all(value != 0 for key in ("eia:RWTC", "eia:RBRTE", "eia:RNGWHHD") for value in held(filled, key).values())


def test_trap_39_a_source_that_says_304_for_ever_is_found_out(filled: Refresher, replay: Replay) -> None:
    replay.fault(match="hist_xls", kind="lying304")
    replay.now = at("2026-03-18T16:00")
    filled.once(everything=False, only="eia")
    assert max(d for d in held(filled, "eia:RNGWHHD")) == date(2026, 3, 9)
    replay.now = at("2026-03-19T15:30")  # a day after it was due: asked without validators
    filled.once(everything=False, only="eia")
    assert max(d for d in held(filled, "eia:RNGWHHD")) == date(2026, 3, 16)


def test_a_mistake_of_ours_in_reading_one_feed_does_not_stop_the_others(filled: Refresher, replay: Replay) -> None:
    def broken(*_: object) -> Document:
        raise KeyError("ours")

    first, *rest = SOURCES["eia"].feeds
    eia = replace(SOURCES["eia"], feeds=(replace(first, parse=broken), *rest))
    replay.now = at("2026-03-18T17:00")
    broken_one = replace(filled, sources=[SOURCES["ecb"], eia])
    results = broken_one.once(everything=True, only="eia")
    assert len(results) == 5
    assert [r.line.name for r in results if r.error] == ["eia:RWTC"]
    assert "KeyError" in str(results[0].error)


def test_the_refresher_in_charge_works_and_another_waits(refresher: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    assert lease.take(refresher.store, lease.REFRESHER, "another:1", replay.now, timedelta(seconds=90))
    stop = threading.Event()
    thread = threading.Thread(target=refresher.run, args=(stop,))
    thread.start()
    stop.wait(0.5)
    assert replay.log == []
    stop.set()
    thread.join()
    replay.now += timedelta(minutes=2)
    stop = threading.Event()
    thread = threading.Thread(target=refresher.run, args=(stop,))
    thread.start()
    for _ in range(600):
        if len({seen["path"] for seen in replay.log}) == 6:
            break
        stop.wait(0.1)
    stop.set()
    thread.join()
    assert len(replay.log) == 6
    assert lease.holder_of(refresher.store, lease.REFRESHER, replay.now) is None


def test_every_line_is_due_at_its_next_publication(refresher: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    refresher.once(everything=False)
    due = {
        line.name: when(refresher.store, line, replay.now, timedelta(0))
        for line in lines(refresher.catalog, list(SOURCES.values()))
    }
    assert due == {
        "ecb:rates": at("2026-03-19T15:00"),
        "eia:RWTC": at("2026-03-25T15:00"),
        "eia:RBRTE": at("2026-03-25T15:00"),
        "eia:RNGWHHD": at("2026-03-25T15:00"),
        "eia:EMM_EPMR_PTE_NUS_DPG": at("2026-03-23T21:00"),
        "eia:prices": at("2026-03-20T13:00"),
    }


def test_the_early_close_gives_way_to_the_record(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T14:00")
    filled.once(everything=False, only="eia")
    with filled.store.read() as connection:
        assert span(connection, "eia:RWTC", date(2026, 3, 17), date(2026, 3, 17))[0].standing == Standing.EARLY
    replay.now = at("2026-03-25T16:00")
    filled.once(everything=False, only="eia")
    with filled.store.read() as connection:
        assert span(connection, "eia:RWTC", date(2026, 3, 17), date(2026, 3, 17))[0].standing == Standing.FINAL
