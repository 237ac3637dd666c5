"""Some cells of the table in docs/faults.md, the same code with a seed; and that the table has every row and column."""

from __future__ import annotations

import pytest

from bench.long.faults import meet_all, some
from tests.conftest import UPSTREAMS, absent

pytestmark = [pytest.mark.replay, pytest.mark.slow]


def test_after_some_faults_of_some_sources_all_is_as_if_nothing_had_been() -> None:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    found = meet_all(some(seed=5, count=5))
    assert {pair: met.wrong for pair, met in found.items() if met.wrong} == {}
    assert [pair for pair, met in found.items() if met.recovered is None] == []
