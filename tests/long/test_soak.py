"""A third of a minute of the hour's soak in docs/long/soak.md, the same code with a seed."""

from __future__ import annotations

import pytest

from bench.long.soak import soak
from tests.conftest import UPSTREAMS, absent

pytestmark = [pytest.mark.replay, pytest.mark.slow]


def test_under_a_steady_load_and_faults_nothing_is_wrong_or_blank() -> None:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    seen = soak(0.3, seed=5)
    assert seen.wrong == []
    assert seen.faults.total() > 0
    assert seen.figures > 300
    assert not [status for status in seen.statuses if status >= 500]
