"""A few of the changes in docs/long/mutation.md, the same code: tests notice when a rule for a figure is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.long.mutation import copied, mutants, survives
from bench.program import ROOT

pytestmark = pytest.mark.slow
POINTS, TESTS = ROOT / "ticker" / "ingest" / "points.py", ["tests/ingest/test_guards.py"]


def test_a_rule_that_is_changed_is_noticed_and_one_that_is_not_is_not(tmp_path: Path) -> None:
    copy, known = copied(tmp_path / "copy"), list(mutants(POINTS))
    assert len(known) > 5
    assert [(m.line, m.before) for m in known[::3] if survives(m, copy, TESTS)] == []
    assert survives(replace(known[0], text=POINTS.read_text("utf-8")), copy, TESTS)
