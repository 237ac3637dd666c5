"""Slow clients: what other readers wait while 1,000 connections dribble; Ticker on granian, and bare on gunicorn.

`python -m bench.dribble` prints it. Each server is asked alone and under attack in turn, in one run.
"""

from __future__ import annotations

import importlib.util
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.bare import keep
from bench.program import BROTLI, Served, environment, free_port, served, ticker_served
from bench.report import Table, measure, times

SLOW = 1000
_EVERY = 1.0  # seconds between two bytes of each slow client
_ASKED, _ROUNDS = 400, 5
_HEAD = b"GET /w/list HTTP/1.1\r\nHost: bench\r\nX-Slow: "
_FULL = b"GET /w/list HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: br\r\n\r\n"


def measure_all(folder: Path) -> Table:
    """Measure it."""
    rows = []
    with ticker_served(environment(folder)) as ours:
        answers = {"/w/list": [ours.ask("/w/list", BROTLI) for _ in range(2)][-1]}
        rows.append(_row("`ticker serve` (granian, 4 threads)", ours))
    if importlib.util.find_spec("gunicorn"):
        file = folder / "answers.json"
        keep(answers, file)
        for name, options in (("sync", ["-k", "sync"]), ("gthread, 4 threads", ["-k", "gthread", "--threads", "4"])):
            port = free_port()
            command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "1", *options, "--log-level",
                       "error", "--keep-alive", "5", "bench.bare:wsgi()"]  # fmt: skip
            with served(command, port, {**environment(folder), "BENCH_ANSWERS": str(file)}) as theirs:
                rows.append(_row(f"the same bytes from gunicorn, {name}", theirs))
    remark = (
        f"{SLOW:,} connections that send a byte of an endless head each second; {_ROUNDS} rounds of {_ASKED} requests."
    )
    return Table("Slow clients", ("server", "median, alone", "median, under attack", "ratio", "failed"), rows, remark)


def _row(name: str, server: Served) -> tuple[str, ...]:
    alone, attacked, failed = [], [], 0
    for _ in range(_ROUNDS):
        alone.append(_median(server.port)[0])
        with _dribbling(server.port):
            seconds, wrong = _median(server.port)
            attacked.append(seconds)
            failed += wrong
    return name, measure(alone, "s"), measure(attacked, "s"), times(attacked, alone), str(failed)


def _median(port: int) -> tuple[float, int]:
    """Seconds from a new connection to the whole answer, and how many of them had none within two seconds."""
    found, failed = [], 0
    until = time.perf_counter() + 20
    for _ in range(_ASKED):
        began = time.perf_counter()
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as one:
                one.sendall(_FULL)
                if not one.recv(65536).startswith(b"HTTP/1.1 200"):
                    failed += 1
        except OSError:
            failed += 1
        found.append(time.perf_counter() - began)
        if time.perf_counter() > until:
            break
    return statistics.median(found), failed


@contextmanager
def _dribbling(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.dribble", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as slow:
        assert slow.stdout is not None
        slow.stdout.readline()  # all are there
        try:
            yield
        finally:
            slow.terminate()


def _dribble(port: int) -> None:
    """Hold the connections; one that was closed is opened again, as an attacker would."""
    clients: dict[int, socket.socket | None] = dict.fromkeys(range(SLOW))
    told, nothing = False, threading.Event()
    while True:
        for at, client in clients.items():
            try:
                if client is None:
                    client = clients[at] = socket.create_connection(("127.0.0.1", port), 1)
                    client.setblocking(False)
                    client.sendall(_HEAD)
                else:
                    client.send(b"a")
            except OSError:
                if client is not None:
                    client.close()
                clients[at] = None
        if not told:
            print("ready", flush=True)
            told = True
        nothing.wait(_EVERY)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _dribble(int(sys.argv[1]))
    with TemporaryDirectory(prefix="ticker-bench-") as temporary:
        print(measure_all(Path(temporary)).text())
