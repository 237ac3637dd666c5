"""Start the programs that are measured, wait for their first answer, and read what the system knows of them."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.bare import Answer, keep
from bench.cores import on
from ticker.serve import settings_of_server

ROOT = Path(__file__).parent.parent
TICKER = [sys.executable, "-m", "ticker.cli"]
BROTLI = {"Accept-Encoding": "br"}
PLAIN = {"Accept-Encoding": "identity"}
LANGUAGES = ("en", "es", "pt")
_FROM_SERVER = ("content-length", "server", "date")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A web server that has answered: its port, its processes, and the seconds from its start to that answer."""

    port: int
    parent: int
    first: float

    @property
    def worker(self) -> int:
        """The process that answers; the refresher is another child of the same parent."""
        return next(pid for pid in self.children() if b"--parent" not in _of(pid, "cmdline"))

    def children(self) -> list[int]:
        """Every process that the parent started."""
        return [int(pid) for pid in _of(self.parent, f"task/{self.parent}/children").split()]

    def ask(self, path: str, headers: Mapping[str, str] = BROTLI) -> Answer:
        """An answer, which must be a 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=dict(headers))
            reply = connection.getresponse()
            body = reply.read()
            assert reply.status == 200, (path, reply.status, body[:200])
            return Answer([(n, v) for n, v in reply.getheaders() if n.lower() not in _FROM_SERVER], body)
        finally:
            connection.close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What `ticker` is started with: a database in the folder, no refresher, no settings of this machine."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("TICKER_") and not n.lower().endswith("_proxy")}
    mine = {"TICKER_DATABASE_URL": f"sqlite:///{folder}/ticker.db", "TICKER_REFRESH": "0", "TICKER_LOG_LEVEL": "error"}
    return kept | mine | more


@contextmanager
def ticker_served(environ: Mapping[str, str], cores: Sequence[int] = (), workers: int = 1) -> Iterator[Served]:
    """`ticker serve`, on these cores if any are named."""
    port = free_port()
    command = [*TICKER, "serve", "--port", str(port), "--workers", str(workers)]
    with served(on(cores, command), port, environ) as found:
        yield found


@contextmanager
def bare_served(kind: str, answers: Mapping[str, Answer], folder: Path, cores: Sequence[int] = ()) -> Iterator[Served]:
    """`bench.bare` with the same settings of Granian."""
    port, file = free_port(), folder / f"{kind}.json"
    keep(answers, file)
    command = [sys.executable, "-m", "bench.bare", kind, str(port), json.dumps(settings()), str(file)]
    with served(on(cores, command), port, environment(folder)) as found:
        yield found


@contextmanager
def served(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[Served]:
    """A program that answers `/w/list` on that port."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=dict(environ), stdout=subprocess.DEVNULL) as process:
        try:
            while not _answers(port):
                assert process.poll() is None, f"{' '.join(command)} ended with {process.returncode}"
                assert time.perf_counter() - began < 60, f"{' '.join(command)} does not answer"
                time.sleep(0.002)
            yield Served(port, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30) as asked:
        asked.sendall(b"GET /w/list HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        return asked.recv(64).startswith(b"HTTP/1.1 200")
    return False


def settings() -> dict[str, object]:
    """What `ticker serve` tells Granian, so that both sides always have the same."""
    given = settings_of_server(1)
    return given | {"http1_settings": asdict(given["http1_settings"])}


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def memory(pid: int) -> float:
    """The process's share of the memory of the machine (PSS), in bytes."""
    found = re.search(rb"^Pss: +(\d+) kB", _of(pid, "smaps_rollup"), re.MULTILINE)
    assert found
    return int(found[1]) * 1024.0


def processor(pid: int) -> float:
    """Seconds that a process has spent on the processor, with all its threads."""
    fields = _of(pid, "stat").rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _of(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()
