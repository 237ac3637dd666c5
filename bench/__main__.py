"""`python -m bench` measures everything and writes docs/bench.md; `python -m bench NAME` shows one measurement."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import (
    away,
    backfill,
    big,
    called,
    charts,
    cold,
    dribble,
    front,
    pair,
    peers,
    report,
    resident,
    served,
    sidebar,
    size,
    spread,
    started,
    waited,
)  # fmt: skip
from bench.claims import claims_of
from bench.long import readers
from bench.report import Table

MEASUREMENTS = {
    "served": served.measure,
    "front": front.measure,
    "pair": pair.measure,
    "waited": waited.measure,
    "dribble": dribble.measure,
    "away": away.measure,
    "called": called.measure,
    "cold": cold.measure,
    "spread": spread.measure,
    "started": started.measure,
    "memory": resident.measure,
    "charts": charts.measure,
    "peers": peers.measure,
    "sidebar": sidebar.measure,
    "backfill": backfill.measure,
    "size": size.measure,
    "big": big.measure,
    "readers": readers.measure,
}


def main(wanted: list[str]) -> None:
    """Measure what is wanted, or everything; one that fails is told and does not stop the others."""
    unknown = [name for name in wanted if name not in MEASUREMENTS]
    if unknown:
        raise SystemExit(f"bench: {unknown[0]!r}: there are {', '.join(MEASUREMENTS)}")
    began, found = time.perf_counter(), dict[str, Table]()
    for name in wanted or MEASUREMENTS:
        if table := _measured(name):
            found[name] = table
            print(table.text(), flush=True)
    failed = [name for name in wanted or MEASUREMENTS if name not in found]
    claims = claims_of(found, failed)
    print(claims)
    if not wanted:  # a page holds the figures of one run
        seconds = time.perf_counter() - began
        report.write("\n".join([report.about("make bench", seconds), claims, *(t.text() for t in found.values())]))
        print(f"{report.PAGE}: written, after {seconds:.0f} seconds")
    if failed:
        raise SystemExit(f"bench: failed: {', '.join(failed)}")


def _measured(name: str) -> Table | None:
    began = time.perf_counter()
    try:
        with TemporaryDirectory(prefix="ticker-bench-", ignore_cleanup_errors=True) as folder:
            return MEASUREMENTS[name](Path(folder))
    except Exception:
        traceback.print_exc()
        return None
    finally:
        print(f"bench: {name} took {time.perf_counter() - began:.0f} seconds", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
