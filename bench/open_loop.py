"""An open loop: requests at moments that do not wait for answers, and how long each took from the moment it was due.

`python -m bench.open_loop PORT REQUEST RATE SECONDS` prints the percentiles as JSON. Arrivals are by chance (a Poisson
process). One that comes while all connections are busy waits its turn, and its wait counts.
"""

from __future__ import annotations

import gc
import json
import random
import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.cores import LOAD, on
from bench.load import request_of
from bench.program import ROOT, Served

CONNECTIONS = 64
_END, _SETTLE = b"\r\n\r\n", 0.3  # seconds at the start that are not counted


@dataclass(frozen=True)
class Waits:
    """What came of it: percentiles in seconds, and requests answered a second."""

    median: float
    p99: float
    p999: float
    rate: float


def waits(server: Served, path: str, headers: Mapping[str, str], rate: float, seconds: float) -> Waits:
    """Ask so many times a second, for so many seconds, from the core that loads come from."""
    command = [sys.executable, "-m", "bench.open_loop", str(server.port), request_of(path, headers), str(rate)]
    done = subprocess.run(on(LOAD, [*command, str(seconds)]), capture_output=True, text=True, check=True, cwd=ROOT)
    return Waits(**json.loads(done.stdout))


@dataclass
class _Loop:
    request: bytes
    idle: list[socket.socket]
    due: deque[float] = field(default_factory=deque)  # moments of those that wait for a connection
    asked: dict[int, float] = field(default_factory=dict)  # when what a connection is busy with was due
    took: list[float] = field(default_factory=list)
    length: int = 0  # bytes of an answer: all are the same but for nothing

    def send(self) -> None:
        while self.due and self.idle:
            one = self.idle.pop()
            self.asked[one.fileno()] = self.due.popleft()
            one.sendall(self.request)

    def receive(self, one: socket.socket, since: float) -> None:
        got = one.recv(65536)
        while len(got) < self.length:
            got += one.recv(65536)
        now, due = time.perf_counter(), self.asked.pop(one.fileno())
        assert got.startswith(b"HTTP/1.1 200"), got[:200]
        if due >= since:
            self.took.append(now - due)
        self.idle.append(one)


def _run(port: int, request: bytes, rate: float, seconds: float) -> Waits:
    chance = random.Random(8)  # noqa: S311 - moments, no secrets
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(CONNECTIONS)]
        by_number = {one.fileno(): one for one in sockets}
        poll = stack.enter_context(select.epoll())
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        loop = _Loop(request, list(sockets), length=_length(sockets[0], request))
        began = time.perf_counter()
        coming, until = began, began + seconds
        while (now := time.perf_counter()) < until or loop.asked:
            while coming <= now and coming < until:
                loop.due.append(coming)
                coming += chance.expovariate(rate)
            loop.send()
            for number, _ in poll.poll(0):
                loop.receive(by_number[number], began + _SETTLE)
    ordered = sorted(loop.took)
    middle, late, latest = (ordered[int(part * len(ordered))] for part in (0.5, 0.99, 0.999))
    return Waits(middle, late, latest, len(ordered) / (seconds - _SETTLE))


def _length(one: socket.socket, request: bytes) -> int:
    """How long an answer is, with its head."""
    one.sendall(request)
    got = one.recv(65536)
    while _END not in got:
        got += one.recv(65536)
    head, _, _ = got.partition(_END)
    found = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    length = len(head) + len(_END) + int(found.split(b":")[1])
    while len(got) < length:
        got += one.recv(65536)
    return length


if __name__ == "__main__":
    gc.disable()
    _port, _request, _rate, _seconds = sys.argv[1:]
    print(json.dumps(vars(_run(int(_port), _request.encode(), float(_rate), float(_seconds)))))
