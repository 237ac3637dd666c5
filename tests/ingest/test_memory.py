"""However much sources send, it leaves nothing in memory, and never takes more than a few times the largest answer."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.conftest import ONLY_SQLITE, Replay, at
from ticker.ingest.client import Client, Limits
from ticker.ingest.refresher import Refresher
from ticker.sources import ecb

pytestmark = [pytest.mark.replay, pytest.mark.slow]

FAULTS: list[dict[str, Any]] = [
    {"kind": "huge", "megabytes": 16},
    {"kind": "bomb"},
    {"kind": "garbage"},
    {"kind": "hang", "seconds": 5},
    {"kind": "html200"},
    {"kind": "truncated"},
]


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@ONLY_SQLITE  # it takes long, and the store has no part in it
def test_rounds_of_refreshes_through_faults_leave_nothing_behind(
    filled: Refresher, replay: Replay, traced: None
) -> None:
    impatient = partial(Client, "tests@ticker.example", Limits(connect=2, read=0.3, total=0.6))
    refresher = replace(filled, connect=impatient)
    replay.now = at("2026-03-18T22:00")

    def rounds(count: int) -> int:
        for _ in range(count):
            for fault in FAULTS:
                replay.clear()
                replay.now += timedelta(minutes=1)
                replay.fault(match="ecb", **fault)
                assert [r.error for r in refresher.once(everything=True, only="ecb")] != [None]
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    settled = rounds(1)
    tracemalloc.reset_peak()
    after = rounds(2)
    peak = tracemalloc.get_traced_memory()[1]
    assert after - settled < 100_000  # bytes, in two looks a fault
    assert peak - settled < 4 * ecb.HISTORY.limit
