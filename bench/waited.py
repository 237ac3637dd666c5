"""How long readers wait at 80 % of full load: an open loop, beside a bare WSGI function."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.cores import SERVER
from bench.load import named, rate
from bench.open_loop import CONNECTIONS, waits
from bench.program import BROTLI, Served, bare_served, environment, ticker_served
from bench.report import COLUMNS, Claim, Table, ratios, row
from bench.report import measure as told

_ROUNDS, _FULL, _SECONDS, _PART = 9, 3, 2.5, 0.8


def measure(folder: Path) -> Table:
    """Measure it."""
    with ticker_served(environment(folder), SERVER) as ours:
        answers = {"/w/list": [ours.ask("/w/list") for _ in range(3)][-1]}
        with bare_served("wsgi", answers, folder, SERVER) as bare:
            both = (ours, bare)
            full = [statistics.median(rates) for rates in zip(*[_full(both) for _ in range(_FULL)], strict=True)]
            rounds = [
                [
                    waits(server, "/w/list", BROTLI, _PART * most, _SECONDS)
                    for server, most in zip(both, full, strict=True)
                ]
                for _ in range(_ROUNDS)
            ]
    mine, theirs = zip(*rounds, strict=True)
    beside = "bare WSGI function, at 80 % of its own full load"
    rows = [
        row("median wait for `/w/list`", [w.median for w in mine], beside, [w.median for w in theirs], "s", ""),
        row("99th percentile", [w.p99 for w in mine], beside, [w.p99 for w in theirs], "s", ""),
        row("99.9th percentile", [w.p999 for w in mine], beside, [w.p999 for w in theirs], "s",
            "one reader in a thousand waits longer"),
        row("answered", [w.rate for w in mine], beside, [w.rate for w in theirs], "/s", "80 % of full load, or nearly"),
    ]  # fmt: skip
    fullest = " and ".join(told([one], "/s") for one in full)
    remark = (
        f"Full load, {fullest}, is the median of {_FULL} seconds from {named()}. Then requests at moments by chance, "
        f"80 % as many a second, over {CONNECTIONS} connections from the core that the server does not use; a wait is "
        f"counted from the moment a request was due. {_ROUNDS} rounds of {_SECONDS:g} seconds, in turn. npm's "
        "autocannon was looked at and left out: with `-R` (9.0) it sends a second's share as fast as it can, waits "
        "for the next second, and counts whole milliseconds, which is no open loop."
    )
    claim = Claim(
        "99.9th percentile at 80 % of full load ÷ a bare WSGI function's", "at most", 2,
        ratios([w.p999 for w in mine], [w.p999 for w in theirs]),
        "a function that answers with the same bytes, on Granian with the same settings, at 80 % of its own full load",
        "At this load chance makes queues, the same for both. What Ticker adds is a thread that looks at the "
        "revision five times a second and holds the interpreter for a fraction of a millisecond, and headers that "
        "are made anew once a second. A process of its own for that look would take it out.",
    )  # fmt: skip
    return Table("Waiting at 80 % of full load", COLUMNS, rows, remark, [claim])


def _full(servers: tuple[Served, Served]) -> list[float]:
    return [rate(server, "/w/list", BROTLI, 200, 1.0)[0] for server in servers]
