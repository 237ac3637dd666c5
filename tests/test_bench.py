"""The bench: the other sides of its ratios run with our server's settings, and what has a limit is told as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.bare import Answer
from bench.claims import claims_of
from bench.open_loop import waits
from bench.program import BROTLI, Served, bare_served
from bench.report import Claim, Table

ANSWER = Answer([("Content-Type", "text/html"), ("ETag", '"x"')], b"figures")


@pytest.fixture(params=["flask", "conditional", "wsgi"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    with bare_served(request.param, {"/w/list": ANSWER}, tmp_path) as found:
        yield found


def test_the_other_side_runs_with_the_settings_of_ours_and_gives_the_same_bytes(bare: Served) -> None:
    assert bare.ask("/w/list").body == ANSWER.body


def test_an_open_loop_asks_no_more_often_than_it_was_told(tmp_path: Path) -> None:
    with bare_served("wsgi", {"/w/list": ANSWER}, tmp_path) as bare:
        found = waits(bare, "/w/list", BROTLI, 200, 1.0)
    assert 0 < found.median <= found.p99 <= found.p999
    assert 0 < found.rate < 300  # a slow machine asks less often, none more


def test_a_limit_that_is_missed_and_a_measurement_that_failed_are_told() -> None:
    claims = [
        Claim("served ÷ bare", "at least", 0.85, [0.9, 0.8, 0.95], "a bare one", "The server limits it."),
        Claim("start", "at most", 1, [1.5, 1.2, 0.9], "none", "Imports limit it.", "s"),
    ]
    text = claims_of({"served": Table("Served", (), [], "", claims)}, ["front"])
    assert "| served ÷ bare | at least 0.85 × | 0.9 × (0.8 to 0.95) | 3 | yes | `python -m bench served` |" in text
    assert "| start | at most 1 s | 1.2 s (900 ms to 1.5 s) | 3 | **no** |" in text
    assert "failed: front." in text
    assert "**Served ÷ bare.** Beside: a bare one. The server limits it." in text
