"""A hundred thousand bad requests over every route: `python -m bench.long.visitors`; docs/long/visitors.md."""

from __future__ import annotations

import argparse
import functools
import gc
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import cachetools
import psutil
from flask import Flask

from bench.long.page import write
from bench.long.visits import ask, visits, wrong
from bench.report import Table
from ticker.start import start
from ticker.web.app import create_app
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.tally import Tally

SEED = 20260319
_MOMENT = datetime(2026, 4, 13, 18, tzinfo=UTC)
_COMMAND = "python -m bench.long.visitors"


@dataclass
class Found:
    """What a run found: statuses, what was wrong, the slowest answer in seconds, and sizes before and after."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    largest: int = 0
    memory: tuple[int, int] = (0, 0)
    full: list[str] = field(default_factory=list)


def site(folder: Path) -> Flask:
    """The application over a store with the seed in it."""
    parts = start({"TICKER_DATABASE_URL": f"sqlite:///{folder}/ticker.db"}, _MOMENT)
    live = Live(parts.revision, parts.holding, parts.snapshot_of, lambda: _MOMENT)
    watch = Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)
    return create_app("https://ticker.example", live, parts.line, watch, Tally(), parts.corrections)


def run(app: Flask, seed: int, count: int) -> Found:
    """Send so many requests, and look at each answer; memory is measured from the first tenth on."""
    found = Found()
    for n, visit in enumerate(islice(visits(app, seed), count)):
        began = time.perf_counter()
        answered = ask(app, visit)
        took = time.perf_counter() - began
        found.slowest, found.largest = max(found.slowest, took), max(found.largest, len(answered.body))
        found.statuses[answered.status] += 1
        asked = f"{visit.method} {visit.path[:80]!r} ? {visit.query[:120]!r}"
        found.faults += [f"{fault}: {asked}" for fault in wrong(visit, answered)]
        if n == count // 10:
            found.memory = (_memory(), 0)
    found.memory = (found.memory[0], _memory())
    found.full = list(overfull())
    return found


def overfull() -> Iterator[str]:
    """Caches of this process that hold more than they may, or that nothing bounds."""
    for thing in gc.get_objects():
        if isinstance(thing, cachetools.Cache) and thing.currsize > thing.maxsize:
            yield f"{thing!r:.80}: {thing.currsize} of {thing.maxsize}"


def kept(app: Flask) -> dict[str, int]:
    """How many entries each cache of ours has, by what it is: the sizes that nonsense must not change."""
    sizes = {f"cache {n}": len(c) for n, c in enumerate(o for o in gc.get_objects() if isinstance(o, cachetools.Cache))}
    wrappers = [o for o in gc.get_objects() if isinstance(o, functools._lru_cache_wrapper)]
    ours = [w for w in wrappers if str(getattr(w, "__module__", "")).startswith("ticker.")]
    return sizes | {f"{w.__module__}.{w.__name__}": w.cache_info().currsize for w in ours}


def _memory() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def main() -> None:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = run(site(Path(folder)), asked.seed, asked.count)
    seconds = time.perf_counter() - began
    for fault in found.faults[:40]:
        print(fault)
    before, after = (round(size / (1 << 20)) for size in found.memory)
    rows = [
        ("requests, seed", f"{asked.count:,}, {asked.seed}"),
        ("answers by status", ", ".join(f"{status}: {n:,}" for status, n in sorted(found.statuses.items()))),
        ("5xx, markup or headers of the visitor's, cookies, mistakes that may be kept", f"{len(found.faults)}"),
        ("slowest answer", f"{found.slowest * 1000:,.0f} ms"),
        ("largest answer", f"{found.largest / 1000:,.0f} kB"),
        ("memory of the process after a tenth, and at the end", f"{before} MB, {after} MB"),
        ("caches that hold more than they may", f"{len(found.full)}"),
    ]
    remark = "Over every route, with values that nobody honest sends: markup, line breaks, NULs, huge and odd ones."
    write("visitors", Table("Bad visitors", ("what", "found"), rows, remark), _COMMAND, seconds)


if __name__ == "__main__":
    main()
