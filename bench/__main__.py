"""`python -m bench` measures everything and writes docs/bench.md; `python -m bench NAME` shows one measurement."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import (
    backfill,
    big,
    called,
    charts,
    cold,
    front,
    peers,
    report,
    resident,
    served,
    sidebar,
    size,
    spread,
    started,
)

MEASUREMENTS = {
    "served": served.measure,
    "front": front.measure,
    "called": called.measure,
    "cold": cold.measure,
    "charts": charts.measure,
    "peers": peers.measure,
    "sidebar": sidebar.measure,
    "started": started.measure,
    "memory": resident.measure,
    "backfill": backfill.measure,
    "spread": spread.measure,
    "size": size.measure,
    "big": big.measure,
}


def main(wanted: list[str]) -> None:
    """Measure what is wanted, or everything."""
    unknown = [name for name in wanted if name not in MEASUREMENTS]
    if unknown:
        raise SystemExit(f"bench: {unknown[0]!r}: there are {', '.join(MEASUREMENTS)}")
    texts, began = [], time.perf_counter()
    for name in wanted or MEASUREMENTS:
        with TemporaryDirectory(prefix="ticker-bench-") as folder:
            table = MEASUREMENTS[name](Path(folder))
        texts.append(table.text())
        print(texts[-1], flush=True)
    if not wanted:  # a page holds the figures of one run
        seconds = time.perf_counter() - began
        report.write("\n".join([report.about("make bench", seconds), *texts]))
        print(f"{report.PAGE}: written, after {seconds:.0f} seconds")


if __name__ == "__main__":
    main(sys.argv[1:])
