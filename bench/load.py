"""Load: as many requests as a server answers, over kept connections. `wrk` where it is installed, else our own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack

from bench.program import ROOT, Served, processor

_CONNECTIONS = 16
_PROCESSES = max(1, len(os.sched_getaffinity(0)) // 2)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def named() -> str:
    """What makes the load, in words."""
    made = "wrk" if shutil.which("wrk") else f"our own generator ({_PROCESSES} process{'es' * (_PROCESSES > 1)})"
    return f"{made}, {_CONNECTIONS} kept connections"


def rate(server: Served, path: str, headers: Mapping[str, str], status: int, seconds: float) -> tuple[float, float]:
    """Requests answered a second, and the server's processor time for one."""
    before = processor(server.worker)
    if shutil.which("wrk"):
        count, took = _wrk(server.port, path, headers, seconds)
    else:
        count, took = _own(server.port, path, headers, status, seconds)
    return count / took, (processor(server.worker) - before) / count


def _wrk(port: int, path: str, headers: Mapping[str, str], seconds: float) -> tuple[float, float]:
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", f"-t{_PROCESSES}", f"-c{_CONNECTIONS}", f"-d{max(1, round(seconds))}s", *said]
    done = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    assert found, done.stdout
    assert "Non-2xx" not in done.stdout or "If-None-Match" in headers, done.stdout
    return int(found[1]), float(found[2])


def _own(port: int, path: str, headers: Mapping[str, str], status: int, seconds: float) -> tuple[float, float]:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    request = "\r\n".join(lines) + "\r\n\r\n"
    each = str(max(1, _CONNECTIONS // _PROCESSES))
    command = [sys.executable, "-m", "bench.load", str(port), request, str(status), str(seconds), each]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(_PROCESSES)]
    counts = [float(worker.communicate()[0]) for worker in workers]
    return sum(counts), seconds


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
