"""Load: as many requests as a server answers, over kept connections. `wrk` where it is installed, else our own."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from bench.cores import LOAD, on, told
from bench.program import ROOT, Served, processor

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def named(connections: int = CONNECTIONS) -> str:
    """What makes the load, in words."""
    made = "wrk" if shutil.which("wrk") else "our own generator (Python; wrk, which takes less, is not here)"
    return f"{made}, {connections} kept connections; {told()}"


def rate(
    server: Served, path: str, headers: Mapping[str, str], status: int, seconds: float, cores: Sequence[int] = LOAD,
    processes: int = 1, connections: int = CONNECTIONS,
) -> tuple[float, float]:  # fmt: skip
    """Requests answered a second, and the server's processor time for one; the load comes from those cores.

    `connections` are those of each process of the load.
    """
    before = processor(server.worker)
    if shutil.which("wrk"):
        count, took = _wrk(server.port, path, headers, seconds, cores, processes, connections)
    else:
        count, took = _own(server.port, path, headers, status, seconds, cores, processes, connections)
    return count / took, (processor(server.worker) - before) / count


def _wrk(
    port: int, path: str, headers: Mapping[str, str], seconds: float, cores: Sequence[int], processes: int,
    connections: int,
) -> tuple[float, float]:  # fmt: skip
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    load = ["wrk", f"-t{processes}", f"-c{connections * processes}", f"-d{max(1, round(seconds))}s", *said]
    command = on(cores, [*load, f"http://127.0.0.1:{port}{path}"])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    assert found, done.stdout
    assert "Non-2xx" not in done.stdout or "If-None-Match" in headers, done.stdout
    return int(found[1]), float(found[2])


def _own(
    port: int, path: str, headers: Mapping[str, str], status: int, seconds: float, cores: Sequence[int],
    processes: int, connections: int,
) -> tuple[float, float]:  # fmt: skip
    command = [sys.executable, "-m", "bench.load", str(port), request_of(path, headers), str(status), str(seconds)]
    started = [
        subprocess.Popen(on(cores, [*command, str(connections)]), stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(processes)
    ]
    counts = [float(one.communicate()[0]) for one in started]
    return sum(counts), seconds


def request_of(path: str, headers: Mapping[str, str]) -> str:
    """A request as it goes over the line."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n"


def _hammer(port: int, request: bytes, status: bytes, seconds: float, connections: int) -> int:
    """Send on every connection, then read on every connection: cheap, and it keeps the server's queue filled."""
    done, until = 0, time.perf_counter() + seconds
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(connections)]
        while time.perf_counter() < until:
            for one in sockets:
                one.sendall(request)
            for one in sockets:
                _receive(one, status)
            done += connections
    return done


def _receive(one: socket.socket, status: bytes) -> None:
    got = one.recv(65536)
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += one.recv(65536)
    assert got[9:12] == status, got[:200]
    found = _LENGTH.search(got, 0, end + 2)
    missing = end + 4 + (int(found[1]) if found and status == b"200" else 0) - len(got)
    while missing > 0:
        missing -= len(one.recv(65536))


if __name__ == "__main__":
    _port, _request, _status, _seconds, _each = sys.argv[1:]
    print(_hammer(int(_port), _request.encode(), _status.encode(), float(_seconds), int(_each)))
