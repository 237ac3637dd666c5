"""From the start of the process to its first answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.bare import Answer
from bench.program import bare_served, environment, ticker_served
from bench.replay import fill
from bench.report import COLUMNS, Claim, Table, row

_ROUNDS = 7


def measure(folder: Path) -> Table:
    """Measure it."""
    full = fill(folder)
    with ticker_served(environment(folder)) as ours:
        answers = {"/w/list": ours.ask("/w/list")}
    found = [_round(folder, answers) for _ in range(_ROUNDS)]
    first, later, bare, imports = (list(column) for column in zip(*found, strict=True))
    rows = [
        row("`ticker serve`, full database", later, "bare Flask on Granian", bare, "s",
            "a restart or a new release: the first reader waits no longer than this"),
        row("`ticker serve`, empty folder", first, "bare Flask on Granian", bare, "s",
            "the very first start: tables made, ten years of seed planted, real figures shown"),
        row("`ticker serve`, full database", later, '`python -c "import flask"`', imports, "s",
            "how many times the import of Flask alone"),
    ]  # fmt: skip
    remark = (
        f"Start of the process to the first 200 of `/w/list`; {_ROUNDS} rounds, all four in turn. "
        f"The database that is there has {full}."
    )
    claim = Claim(
        "start to first answer with a full database", "at most", 1, later,
        f"no ratio: seconds; the database has {full} (bare Flask's start is in the table below)",
        "Two Python programs start one after the other, the server and its worker, and most of that is the import of "
        "SQLAlchemy, Flask and Babel; then the newest 400 figures of each series are read, so a longer history costs "
        "nothing. Importing less in the server's own process would move it.",
        "s",
    )  # fmt: skip
    return Table("Start to first answer", COLUMNS, rows, remark, [claim])


def _round(folder: Path, answers: Mapping[str, Answer]) -> tuple[float, float, float, float]:
    with tempfile.TemporaryDirectory() as empty, ticker_served(environment(Path(empty))) as ours:
        first = ours.first
    with ticker_served(environment(folder)) as ours:
        later = ours.first
    with bare_served("flask", answers, folder) as bare:
        pass
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask"], check=True)
    return first, later, bare.first, time.perf_counter() - began
