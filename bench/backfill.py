"""All history of every feed into an empty database, beside what waiting and writing take by themselves."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from bench.program import TICKER, environment
from bench.replay import Replay, replaying, there
from bench.report import COLUMNS, Table, row

_ROUNDS = 3
_TABLE = """CREATE TABLE observation (series VARCHAR(64) NOT NULL, day DATE NOT NULL, value VARCHAR(32) NOT NULL,
standing INTEGER NOT NULL, PRIMARY KEY (series, day)) WITHOUT ROWID"""


@dataclass(frozen=True)
class _Round:
    took: float
    start: float
    fetch: float
    write: float
    figures: int
    size: float
    bare_size: float

    @property
    def own(self) -> float:
        return max(self.took - self.start - self.fetch, 0.001)


def measure(folder: Path) -> Table:
    """Measure it; where there is no replay, the table says so."""
    if not there():
        return Table("A full backfill", ("",), [("skipped: the replayed sources are not in ../shared/upstreams",)], "")
    with replaying(folder) as replay:
        _round(replay)  # the replay remembers some of what it works out
        found = [_round(replay) for _ in range(_ROUNDS)]
    took, fetch, own = [r.took for r in found], [r.fetch for r in found], [r.own for r in found]
    write, count = [r.write for r in found], found[0].figures
    rows = [
        row(f"`ticker refresh --all`, {count:,} figures", took, "the same addresses fetched by `requests`", fetch, "s",
            "all of it, beside waiting for the replay alone"),
        row("its own part: less start and waiting", own, "`sqlite3.executemany` of the same rows", write, "s",
            "reading workbooks and archives, guarding, comparing, writing; the rest is not ours"),
        row("its start", [r.start for r in found], "all of it", took, "s", "`ticker sources` on an empty database"),
        row("figures a second, own part", [count / s for s in own], "`sqlite3.executemany`", [count / s for s in write],
            "/s", "the same as a rate"),
        row("the database", [r.size for r in found], "the bare table", [r.bare_size for r in found], "B",
            "one row a figure, digits as published, and little else"),
    ]  # fmt: skip
    remark = f"From the replayed sources into an empty database, without the seed; {_ROUNDS} rounds, all four in turn."
    return Table("A full backfill", COLUMNS, rows, remark)


def _round(replay: Replay) -> _Round:
    with TemporaryDirectory() as name:
        folder = Path(name)
        environ = environment(folder, TICKER_SEED="none", **replay.environment())
        start = _run("sources", environ, 1)  # 1: nothing was read yet
        for file in folder.glob("ticker.db*"):
            file.unlink()
        replay.forget()
        took = _run("refresh --all", environ, 0)
        fetch = _fetch(replay)
        with sqlite3.connect(folder / "ticker.db") as database:
            rows = database.execute("SELECT series, day, value, standing FROM observation").fetchall()
        database.close()
        write, bare_size = _write(folder / "bare.db", rows)
        return _Round(took, start, fetch, write, len(rows), (folder / "ticker.db").stat().st_size, bare_size)


def _run(arguments: str, environ: dict[str, str], expected: int) -> float:
    began = time.perf_counter()
    done = subprocess.run([*TICKER, *arguments.split()], env=environ, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    assert done.returncode == expected, done.stderr
    return took


def _fetch(replay: Replay) -> float:
    """What was just asked for, once more: the hosts side by side, as the refresher does."""
    asked = replay.asked()
    hosts = {str(one["host"]) for one in asked}
    threads = [threading.Thread(target=_all, args=([o for o in asked if o["host"] == h], replay)) for h in hosts]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _all(asked: Sequence[dict[str, Any]], replay: Replay) -> None:
    with requests.Session() as session:
        session.trust_env, session.verify, session.proxies = False, str(replay.ca), {"https": replay.address}
        for one in asked:
            session.get(f"https://{one['host']}{one['path']}", timeout=60).raise_for_status()


def _write(file: Path, rows: Sequence[tuple[Any, ...]]) -> tuple[float, float]:
    began = time.perf_counter()
    database = sqlite3.connect(file, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE, "BEGIN IMMEDIATE"):
        database.execute(statement)
    database.executemany("INSERT INTO observation VALUES (?, ?, ?, ?)", rows)
    database.execute("COMMIT")
    database.close()
    return time.perf_counter() - began, file.stat().st_size
