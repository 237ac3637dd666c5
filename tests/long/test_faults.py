"""Some cells of the table in docs/faults.md, the same code with a seed; and that the table has every row and column."""

from __future__ import annotations

import re

import pytest

from bench.long.disorder import KINDS
from bench.long.faults import meet_all, some
from tests.conftest import ROOT, UPSTREAMS, absent
from ticker.sources import SOURCES

pytestmark = [pytest.mark.replay, pytest.mark.slow]


def test_after_some_faults_of_some_sources_all_is_as_if_nothing_had_been() -> None:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    found = meet_all(some(seed=5, count=3))
    assert {pair: met.wrong for pair, met in found.items() if met.wrong} == {}
    assert [pair for pair, met in found.items() if met.recovered is None] == []


def test_the_table_has_every_source_and_every_fault() -> None:
    if not (UPSTREAMS / "README.md").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    page = (ROOT / "docs" / "faults.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+?) \|", page, re.MULTILINE)
    assert rows[0] == "fault"
    assert [row for row in rows if row in KINDS] == list(KINDS)
    head = next(line for line in page.splitlines() if line.startswith("| fault"))
    assert head.strip("| ").split(" | ")[1:] == [key for key, source in SOURCES.items() if source.needs is None]
    there = (UPSTREAMS / "README.md").read_text("utf-8").partition("| fault | what happens |")[2]
    known = {
        name.strip() for cell in re.findall(r"^\| ([a-z0-9, ]+) \|", there, re.MULTILINE) for name in cell.split(",")
    }
    assert known - {"status", "---"} <= {name.partition(" ")[0] for name in KINDS}
