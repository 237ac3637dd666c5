"""The public sources, replayed: a process of its own, where its folder is beside the checkout."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from bench.program import ROOT, TICKER, environment, free_port

_PROGRAM = ROOT.parent / "shared" / "upstreams" / "replay.py"


@dataclass(frozen=True)
class Replay:
    """The replay while it runs."""

    address: str
    ca: Path

    def environment(self) -> dict[str, str]:
        """What sends a program to it."""
        return {"HTTPS_PROXY": self.address, "HTTP_PROXY": self.address, "REQUESTS_CA_BUNDLE": str(self.ca)}

    def asked(self) -> list[dict[str, Any]]:
        """Every request seen."""
        with requests.Session() as session:
            session.trust_env = False
            seen: list[dict[str, Any]] = json.loads(session.get(f"{self.address}/log", timeout=30).text)
            return seen

    def forget(self) -> None:
        """Forget them."""
        with requests.Session() as session:
            session.trust_env = False
            session.post(f"{self.address}/clear", data="", timeout=30)


def there() -> bool:
    """Whether there is a replay to run."""
    return _PROGRAM.is_file()


def fill(folder: Path) -> str:
    """Plant a database in a folder, and read all history into it where the replay is; what is in it then, in words."""
    if not there():
        subprocess.run([*TICKER, "sources"], env=environment(folder), cwd=ROOT, stdout=subprocess.DEVNULL)
        return "the seed's ten years: the replayed sources are not in ../shared/upstreams"
    with replaying(folder) as replay:
        away = environment(folder, **replay.environment())
        subprocess.run([*TICKER, "refresh", "--all"], env=away, cwd=ROOT, stdout=subprocess.DEVNULL)
    with closing(sqlite3.connect(folder / "ticker.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM observation").fetchone()
    return f"all history of all sources, {count:,} figures"


@contextmanager
def replaying(folder: Path) -> Iterator[Replay]:
    """Run it, at the present moment."""
    ca, port = folder / "ca.pem", free_port()
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    command = [sys.executable, str(_PROGRAM), "--port", str(port), "--ca", str(ca), "--now", now]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().startswith("export")
            yield Replay(f"http://127.0.0.1:{port}", ca)
        finally:
            process.terminate()
