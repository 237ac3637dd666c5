"""Some days of the walk in docs/long/walk.md, the same code with a seed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bench.long.walk import walk
from tests.conftest import UPSTREAMS, absent, at

pytestmark = [pytest.mark.replay, pytest.mark.slow]


@pytest.mark.parametrize(
    ("first", "last", "seed"),
    [
        ("2020-04-17T12:00", "2020-04-23T12:00", 3),  # the price below zero
        ("2026-01-23T12:00", "2026-01-29T12:00", 4),  # the spike of gas
    ],
)
def test_on_some_days_of_faults_all_that_is_shown_is_as_published_or_says_why_not(
    first: str, last: str, seed: int
) -> None:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    seen = walk(at(first), at(last), seed, every=timedelta(hours=12))
    assert seen.wrong == []
    assert seen.alarms == 0
    assert seen.faults > 5
    assert seen.figures > 100_000
