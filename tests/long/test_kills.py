"""Some kills of the hundred in docs/long/kills.md, the same code with a seed."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from bench.long.aged import aged
from bench.long.kills import WEDNESDAY, killed, kills, scene
from bench.long.stages import Stage
from tests.conftest import ONLY_SQLITE, Replay, at
from ticker.ingest.refresher import Refresher

pytestmark = [pytest.mark.replay, pytest.mark.slow]


@ONLY_SQLITE
def test_a_refresh_that_is_killed_loses_nothing_and_the_next_one_ends_the_same(
    filled: Refresher, replay: Replay, tmp_path: Path
) -> None:
    filled.store.close()
    aged(tmp_path / "filled.db", tmp_path / "old.db")

    def move(moment: str) -> None:
        replay.now = at(moment[:16])

    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKER_")}
    stage = Stage(kept | replay.environment(), move, tmp_path)
    found = scene(stage, "a day later, from the first tables", tmp_path / "old.db", WEDNESDAY)
    results = list(kills(stage, [found], 3, random.Random(7)))
    results.append(killed(stage, found, 12, None))  # the tables are being brought up to date
    assert [result.wrong for result in results] == [()] * 4
    assert sum(result.died for result in results) >= 3
