"""Sources that go on answering 200 or 304 and say nothing new: walked for two weeks, past the moments that count."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import FILLED_AT, ONLY_SQLITE, Replay, at, filled_at
from tests.ingest.watching import without_reserves
from tests.market.history import body_at
from ticker import config
from ticker.ingest.refresher import Refresher
from ticker.market.freshness import Freshness
from ticker.market.instrument import Catalog
from ticker.sources import ecb
from ticker.start import Parts

pytestmark = [pytest.mark.replay, pytest.mark.slow]
SECOND = timedelta(seconds=1)
START, END = at("2026-03-18T10:00"), at("2026-04-01T16:00")


@pytest.fixture(scope="module")
def _replay_server(_recent_server: Replay) -> Replay:
    return _recent_server


@pytest.fixture(scope="module")
def _filled(_replay_server: Replay, ours: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_at(FILLED_AT, _replay_server, ours, tmp_path_factory.mktemp("filled"))


TURNS = {  # by the calendars: instrument, late, stale
    "gbpusd": (at("2026-03-18T16:30"), at("2026-03-19T16:30")),  # Wednesday 16:00 and 90 minutes in Frankfurt
    "natgas": (at("2026-03-19T15:00"), at("2026-03-26T15:00")),  # Wednesday 11:00 and a day in New York
    "gasoline": (at("2026-03-24T15:00"), at("2026-03-31T15:00")),  # Monday 17:00 and 18 hours
}


def moments() -> list[datetime]:
    """Every day, and the second before and at each turn."""
    grid = [START + timedelta(days=n) for n in range(15) if START + timedelta(days=n) < END]
    turns = [m for pair in TURNS.values() for turn in pair for m in (turn - SECOND, turn)]
    return sorted({*grid, *turns, END})


def freshness_over_time(refresher: Refresher, replay: Replay) -> list[tuple[datetime, dict[str, Freshness]]]:
    refresher = replace(refresher, catalog=without_reserves(refresher.catalog))
    parts = Parts(config.load({}), refresher.catalog, refresher.store)
    found = []
    for now in moments():
        replay.now = now
        refresher.once(everything=False)
        by_key = parts.snapshot(now).by_key
        found.append((now, {key: by_key[key].freshness for key in TURNS}))
    return found


@ONLY_SQLITE  # it takes long, and the store has no part in it
def test_trap_17_a_source_that_froze_silently_turns_late_and_then_stale_when_it_should(
    filled: Refresher, replay: Replay
) -> None:
    """Its answers are 200 and have nothing that is new, whatever the day."""
    stuck = body_at(ecb.DAILY.url, replay.now).decode()  # a file of one day, that of the 17th
    replay.fault(match="eurofxref-daily", kind="status", status=200, body=stuck)
    replay.fault(match="eurofxref-hist", kind="frozen")
    replay.fault(match="hist_xls", kind="shrunk")  # five rows less would be last week's workbook, and that is news
    for now, seen in freshness_over_time(filled, replay):
        for key, (late, stale) in TURNS.items():
            assert seen[key] == ("stale" if now >= stale else "late" if now >= late else "current"), (key, now)


@ONLY_SQLITE  # it takes long, and the store has no part in it
def test_trap_39_one_that_answers_304_for_ever_is_asked_without_validators_once_a_publication_is_overdue(
    filled: Refresher, replay: Replay
) -> None:
    replay.fault(kind="lying304")
    for now, seen in freshness_over_time(filled, replay):
        for key in TURNS:
            assert seen[key] == "current", (key, now)
