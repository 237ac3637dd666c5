"""Two workers on two cores, beside one worker that shares one core with its load."""

from __future__ import annotations

from pathlib import Path

from bench.cores import ALL, SERVER
from bench.load import named, rate
from bench.program import BROTLI, environment, ticker_served
from bench.report import COLUMNS, Claim, Table, ratios, row

_ROUNDS, _SECONDS = 11, 1.0
_CONNECTIONS = 64  # for each core: so many are dealt out to two workers about evenly
_TITLE = "Two workers"


def measure(folder: Path) -> Table:
    """Measure it; where there is one core only, the table says so."""
    if len(ALL) < 2:
        return Table(_TITLE, COLUMNS, [], "Left out: this machine has one core.")
    one, two = [], []
    with (
        ticker_served(environment(folder), SERVER) as base,
        ticker_served(environment(folder), ALL[:2], workers=2) as pair,
    ):
        for server in (base, pair):
            for _ in range(8):  # each worker keeps its own
                server.ask("/w/list")
            rate(server, "/w/list", BROTLI, 200, _SECONDS, ALL[:2], 2, _CONNECTIONS)
        for _ in range(_ROUNDS):
            one.append(rate(base, "/w/list", BROTLI, 200, _SECONDS, SERVER, 1, _CONNECTIONS)[0])
            two.append(rate(pair, "/w/list", BROTLI, 200, _SECONDS, ALL[:2], 2, _CONNECTIONS)[0])
    rows = [
        row("`/w/list`, two workers and load on two cores", two, "one worker and load on one core", one, "/s",
            "workers share nothing but the database")
    ]  # fmt: skip
    claim = Claim(
        "two workers ÷ one", "at least", 1.7, ratios(two, one),
        "`ticker serve --workers 1` and its load, both pinned to one core; the pair and twice the load ran on two",
        "Workers share no lock, no memory and no cache, so what keeps it from 2 is the machine: the two cores share a "
        "memory bus, and the kernel deals connections out to the workers unevenly, so that one may idle while the "
        "other is full: with 16 connections a core instead of 64 it was 1.43 to 1.73. A worker pinned to each core "
        "would add some 3 %.",
    )  # fmt: skip
    remark = (
        f"Load from {named(_CONNECTIONS).partition(';')[0]} for each core; {_ROUNDS} rounds of a second each, both in "
        "turn. Server and load were pinned together, to one core or to two."
    )
    return Table(_TITLE, COLUMNS, rows, remark, [claim])
