"""Cores: the server on one and the load on another, so that neither takes the other's time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

ALL = tuple(sorted(os.sched_getaffinity(0)))
SERVER, LOAD = (ALL[0],), (ALL[-1],)
"""Where the server is pinned to, and where the load comes from: the same on a machine with one core."""


def on(cores: Sequence[int], command: Sequence[str]) -> list[str]:
    """The command, on those cores alone with all it starts; on any where none are named, or there is no `taskset`."""
    pinned = ["taskset", "-c", ",".join(map(str, cores))] if cores and shutil.which("taskset") else []
    return [*pinned, *command]


def told() -> str:
    """In words, who was where."""
    if not shutil.which("taskset"):
        return "nothing was pinned (there is no `taskset`)"
    if SERVER == LOAD:
        return "server and load shared the only core"
    return "the server was pinned to one core, the load to another"
