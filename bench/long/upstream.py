"""The replayed sources in a process of their own, with histories that begin on a chosen day, so that years go by fast.

Run as a program, it is that process; `upstream()` starts one and gives what steers it.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests

from bench.program import ROOT, free_port

UPSTREAMS = ROOT.parent / "shared" / "upstreams"
Fault = dict[str, Any]


@dataclass
class Upstream:
    """The replay while it runs: the moment it shows, and the faults it has been told to make."""

    address: str
    ca: Path
    session: requests.Session

    def move(self, now: datetime) -> None:
        """Show what every source answered at that moment."""
        self._said("/now", now.astimezone(UTC).isoformat())

    def order(self, faults: Sequence[Fault]) -> None:
        """Have these faults and no others from now on, and forget what was asked."""
        self._said("/clear", "")
        for fault in faults:
            self._said("/fault", json.dumps(fault))

    def asked(self) -> list[dict[str, Any]]:
        """Every request since the last order."""
        seen: list[dict[str, Any]] = self._said("/log", None)
        return seen

    def environment(self) -> dict[str, str]:
        """What sends a program to it."""
        return {"HTTPS_PROXY": self.address, "HTTP_PROXY": self.address, "REQUESTS_CA_BUNDLE": str(self.ca)}

    def _said(self, path: str, body: str | None) -> Any:
        reply = self.session.request("GET" if body is None else "POST", self.address + path, data=body, timeout=60)
        reply.raise_for_status()
        return reply.json()


@contextmanager
def upstream(folder: Path, begins: date) -> Iterator[Upstream]:
    """Run the replay with histories from that day on; this process's own requests go to it meanwhile."""
    port, ca = free_port(), folder / "ca.pem"
    command = [sys.executable, "-m", "bench.long.upstream", str(port), str(ca), begins.isoformat()]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process,
        requests.Session() as session,
    ):
        session.trust_env = False
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        found = Upstream(f"http://127.0.0.1:{port}", ca, session)
        lower = {name.lower(): value for name, value in found.environment().items()}
        with patch.dict(os.environ, found.environment() | lower):
            try:
                yield found
            finally:
                process.terminate()


def _serve(port: int, ca: Path, begins: date) -> None:
    sys.path.insert(0, str(UPSTREAMS))
    worlds: Any = importlib.import_module("worlds")
    replay: Any = importlib.import_module("replay")
    series, ecb, pack = worlds.series, worlds._ecb, gzip.compress

    @functools.cache
    def later(code: str) -> dict[date, str]:
        return {day: value for day, value in series(code).items() if day >= begins}

    @functools.cache
    def rates() -> tuple[list[str], list[tuple[date, dict[str, str]]]]:
        codes, rows = ecb()
        return codes, [row for row in rows if row[0] >= begins]

    @functools.cache
    def bomb(size: int, level: int) -> bytes:
        return pack(bytes(size), level)

    worlds.series, worlds._ecb = later, rates
    replay.gzip = type("gzip", (), {"compress": staticmethod(lambda data, level: bomb(len(data), level))})
    replay.start(datetime.now(UTC), port, ca)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("port", type=int)
    ask.add_argument("ca", type=Path)
    ask.add_argument("begins", type=date.fromisoformat)
    given = ask.parse_args()
    _serve(given.port, given.ca, given.begins)
