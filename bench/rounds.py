"""Rounds: every candidate in turn, again and again, so that what else the machine does meets all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

_STRETCH, _FEWEST = 0.002, 5  # seconds; a stretch that other programs broke into must not be the only one


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Seconds a call takes, a figure a round; each round repeats every call for so many seconds."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            found[name].append(_once(call, seconds))
    return found


def _once(call: Callable[[], object], seconds: float) -> float:
    """The best of many short stretches within that time: the rest is other programs' noise."""
    best, times, stretches, until = float("inf"), 1, 0, time.perf_counter() + seconds
    while stretches < _FEWEST or time.perf_counter() < until:
        began = time.perf_counter()
        for _ in range(times):
            call()
        took = time.perf_counter() - began
        if took < _STRETCH:
            times *= 2
            continue
        best, stretches = min(best, took / times), stretches + 1
    return best
