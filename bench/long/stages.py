"""The stage of long runs: the replayed sources in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench.program import ROOT
from bench.replay import replaying


@dataclass(frozen=True)
class Stage:
    """Where it happens: an environment that leads to the replayed sources, and what moves their time."""

    environment: Mapping[str, str]
    move: Callable[[str], None]
    folder: Path

    def run(self, database: Path, moment: str, step: int, after: float | None = None) -> list[dict[str, Any]]:
        """A refresh; what it told until its end. It is killed `after` some seconds, if that comes first."""
        self.move(moment)
        command = [sys.executable, "-m", "bench.long.victim", str(database.parent), moment, str(step)]
        with subprocess.Popen(
            command, env=dict(self.environment), cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as victim:
            if after is not None:
                time.sleep(after)
                victim.kill()
            said, _ = victim.communicate(timeout=300)
        return [json.loads(line) for line in said.splitlines() if line.endswith("}")]


@contextmanager
def stage_of(folder: Path) -> Iterator[Stage]:
    """Set it up in a folder."""
    with replaying(folder) as replay, requests.Session() as session:
        session.trust_env = False

        def move(moment: str) -> None:
            session.post(f"{replay.address}/now", data=moment, timeout=30).raise_for_status()

        kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKER_")}
        yield Stage(kept | replay.environment(), move, folder)
