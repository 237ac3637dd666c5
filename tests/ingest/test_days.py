"""Refreshing for many days, and while a source hangs, from sources with a short history."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from tests.conftest import ONLY_SQLITE, UPSTREAMS, Replay, at, module_at
from tests.ingest.test_refresher import held
from ticker.ingest.client import Client, Limits
from ticker.ingest.refresher import Refresher
from ticker.store.figures import read_revision

pytestmark = pytest.mark.replay


@pytest.fixture(scope="module")
def _replay_server(_recent_server: Replay) -> Replay:
    return _recent_server


@ONLY_SQLITE  # it takes long; what the store has to do is in test_refresher and test_store_trouble too
@pytest.mark.slow
def test_a_month_of_days_changes_what_was_published_and_asks_for_nothing_else(
    refresher: Refresher, replay: Replay, capsys: pytest.CaptureFixture[str]
) -> None:
    worlds = module_at(UPSTREAMS / "worlds.py")
    replay.now = at("2026-03-12T22:30")
    refresher.once(everything=False)
    requests: Counter[tuple[date, str]] = Counter()
    for _ in range(31):
        replay.clear()
        before = {key: held(refresher, key) for key in ("eia:RWTC", "ecb:GBP", "eia:EMM_EPMR_PTE_NUS_DPG")}
        revision = read_revision(refresher.store)
        replay.now += timedelta(days=1)
        day = replay.now.date()
        results = refresher.once(everything=False)
        requests.update(Counter((day, str(seen["host"]).split(".")[1]) for seen in replay.log))
        assert len({seen["path"] for seen in replay.log}) == len(replay.log), "an address was asked twice"
        after = {key: held(refresher, key) for key in before}
        new = {key: sorted(set(after[key]) - set(before[key])) for key in before}
        out = {d for d, _ in worlds.ecb_rows(replay.now)} - {
            d for d, _ in worlds.ecb_rows(replay.now - timedelta(days=1))
        }
        assert new["ecb:GBP"] == sorted(out)
        released = worlds.eia_release("EMM_EPMR_PTE_NUS_DPG", replay.now)
        assert max(after["eia:EMM_EPMR_PTE_NUS_DPG"]) == released[1]
        morning, close = worlds.morning_close(replay.now)
        assert max(after["eia:RWTC"]) == max(close, worlds.eia_release("RWTC", replay.now)[1])
        changed = sum(r.outcome.changed for r in results if r.outcome)
        assert (read_revision(refresher.store) > revision) == bool(changed)
        expected = bool(out) + (morning == day) + 3 * (worlds.eia_release("RWTC", replay.now)[0].date() == day)
        expected += worlds.eia_release("EMM_EPMR_PTE_NUS_DPG", replay.now)[0].date() == day
        assert len(replay.log) <= expected + 1, (day, replay.log)  # one more where EIA's stated day is not its real one
    days = sorted({d for d, _ in requests})
    with capsys.disabled():
        for source in ("ecb", "eia"):
            sys.stdout.write(f"\nrequests on each day with any, {source}: {[requests[d, source] for d in days]}")


@ONLY_SQLITE  # it takes long, and the store has no part in it
def test_trap_35_one_slow_source_never_delays_another(refresher: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-19T14:00")
    replay.fault(match="www.eia.gov", kind="hang", seconds=30)
    told: list[str] = []
    patient = Limits(connect=2, read=4, total=20)  # a busy machine needs a second or two for all of the ECB's
    refresher = replace(refresher, connect=partial(Client, "tests@ticker.example", patient))
    refresher.once(everything=False, told=lambda r: told.append(r.line.name))
    assert told[0] == "ecb:rates"
    assert len(told) == 6
