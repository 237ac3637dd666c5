"""Slow clients: what other readers wait while 1,000 connections dribble; Ticker on granian, and bare on gunicorn.

Each server is asked alone and under attack in turn. `python -m bench.dribble PORT` is the attacker.
"""

from __future__ import annotations

import importlib.util
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.bare import Answer, keep
from bench.cores import LOAD, SERVER, on
from bench.program import BROTLI, Served, environment, free_port, served, ticker_served
from bench.report import Claim, Table, ratios, times
from bench.report import measure as told
from ticker.serve import CONNECTIONS, THREADS

SLOW = 1000
_EVERY = 1.0  # seconds between two bytes of each slow client
_ASKED, _ROUNDS, _PEERS = 400, 7, 2
_PATIENCE = 5.0  # seconds after which a round with a server that does not answer is over
_HEAD = b"GET /w/list HTTP/1.1\r\nHost: bench\r\nX-Slow: "
_FULL = b"GET /w/list HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: br\r\n\r\n"


def measure(folder: Path) -> Table:
    """Measure it; gunicorn is left out where it is not installed."""
    with ticker_served(environment(folder), SERVER) as ours:
        answers = {"/w/list": [ours.ask("/w/list", BROTLI) for _ in range(2)][-1]}
        alone, attacked, failed = _waits(ours, _ROUNDS)
    rows = [_row(f"`ticker serve` (granian, {THREADS} threads)", alone, attacked, failed)]
    for name, options in _GUNICORN.items() if importlib.util.find_spec("gunicorn") else ():
        with _gunicorn(options, answers, folder) as theirs:
            rows.append(_row(f"the same bytes from gunicorn, {name}", *_waits(theirs, _PEERS)))
    remark = (
        f"{SLOW:,} connections that send a byte of an endless head each second, from the core that the server does not "
        f"use; {_ROUNDS} rounds ({_PEERS} for gunicorn) of {_ASKED} requests on new connections, alone and under "
        f"attack in turn. A request is given up after two seconds, a round after {_PATIENCE:g}."
    )
    claim = Claim(
        "others' median wait under a slow-client attack ÷ without", "at most", 2, ratios(attacked, alone),
        "the same server in the same run, without the attack; what it does to gunicorn is in docs/scale.md",
        "A connection that only dribbles holds a socket and a few kilobytes in Granian's loop, never a thread. What it "
        f"costs is a wake-up a byte. The limit is the number of connections a process holds ({CONNECTIONS:,}): more "
        "attackers than that, and readers wait at the door; more workers, or nginx in front, move it.",
    )  # fmt: skip
    return Table("Slow clients", ("server", "median, alone", "under attack", "ratio", "failed"), rows, remark, [claim])


_GUNICORN = {"sync": ["-k", "sync"], "gthread, 4 threads": ["-k", "gthread", "--threads", "4"]}


@contextmanager
def _gunicorn(options: Sequence[str], answers: Mapping[str, Answer], folder: Path) -> Iterator[Served]:
    port, file = free_port(), folder / "answers.json"
    keep(answers, file)
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "1", *options, "--log-level", "error",
               "--keep-alive", "5", "bench.bare:wsgi()"]  # fmt: skip
    with served(on(SERVER, command), port, {**environment(folder), "BENCH_ANSWERS": str(file)}) as found:
        yield found


def _waits(server: Served, rounds: int) -> tuple[list[float], list[float], int]:
    """Medians alone and under attack, in seconds, one a round; and how many had no answer under attack."""
    alone, attacked, failed = [], [], 0
    for _ in range(rounds):
        alone.append(_median(server.port)[0])
        with _dribbling(server.port):
            seconds, wrong = _median(server.port)
            attacked.append(seconds)
            failed += wrong
    return alone, attacked, failed


def _row(name: str, alone: Sequence[float], attacked: Sequence[float], failed: int) -> tuple[str, ...]:
    return name, told(alone, "s"), told(attacked, "s"), times(attacked, alone), str(failed)


def _median(port: int) -> tuple[float, int]:
    """Seconds from a new connection to the whole answer, and how many of them had none within two seconds."""
    found, failed = [], 0
    until = time.perf_counter() + _PATIENCE
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
    command = on(LOAD, [sys.executable, "-m", "bench.dribble", str(port)])
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
    _dribble(int(sys.argv[1]))
