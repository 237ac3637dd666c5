"""Cores: the server on one and the load on another, so that neither takes the other's time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

_ALL = sorted(os.sched_getaffinity(0))
SERVER, LOAD = _ALL[0], _ALL[-1]


def on(core: int | None, command: Sequence[str]) -> list[str]:
    """The command, on that core alone with all it starts; on any where there is none, or no `taskset`."""
    pinned = ["taskset", "-c", str(core)] if core is not None and shutil.which("taskset") else []
    return [*pinned, *command]


def told() -> str:
    """In words, who was where."""
    if not shutil.which("taskset"):
        return "nothing was pinned (no `taskset`)"
    if SERVER == LOAD:
        return "server and load shared the only core"
    return "the server was pinned to one core, the load to another"
