"""Counts of what was answered, true over all worker processes: each has a small file, and a reader adds them up."""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from itertools import product
from pathlib import Path

KINDS = ("widget", "embed", "page", "picture", "data", "feed", "mail", "static", "operator", "other")
STATUSES = ("2xx", "304", "3xx", "4xx", "5xx")
RESULTS = ("hit", "shared", "miss", "none")
"""Of the response cache: answered from it, made for another who asked at that moment, made, or never asked of it."""

BUCKETS = (0.001, 0.01, 0.1, 1.0)
"""Upper ends, in seconds, of the classes of how long an answer took that was not in the cache; the last is open."""

_SEGMENTS = {
    "": "page", "i": "page", "w": "widget", "embed": "embed", "img": "picture", "v1": "data", "openapi.json": "data",
    "oembed": "data", "feeds": "feed", "mail": "mail", "static": "static", "embed.js": "static", "chart.js": "static",
    "frame.js": "static", "ticker.css": "static", "livez": "operator", "readyz": "operator", "metrics": "operator",
    "status": "operator", "builder": "page", "corrections": "page", "corrections.atom": "feed",
    "favicon.ico": "static",
}  # fmt: skip
_CELLS = tuple(product(KINDS, STATUSES, RESULTS))
_AT = {cell: n for n, cell in enumerate(_CELLS)}
_TIMES = {kind: len(_CELLS) + n * (len(BUCKETS) + 2) for n, kind in enumerate(KINDS)}  # buckets, then nanoseconds
_KEPT = len(_CELLS) + len(KINDS) * (len(BUCKETS) + 2)  # bytes and entries of the cache, while the process lives
_AHEAD = _KEPT + 2  # answers that were made before anybody asked
_SIZE = (_AHEAD + 1) * 8


def kind_of(path: str) -> str:
    """Which of `KINDS` an address is. Nothing that a visitor makes up is another."""
    return _SEGMENTS.get(path.split("/", 2)[1] if path.startswith("/") else "?", "other")


def hit_of(path: str, status: str) -> int:
    """Where answers from the cache are counted, for `Tally.hit`: worked out once, when one is put there."""
    return _AT[kind_of(path), status, "hit"]


class Tally:
    """This process's counts, in a file of its own under `folder`, or in memory where there is no folder.

    Counting costs a tenth of a microsecond. A process that has ended goes on counting in the sums.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._cells = _opened(folder / f"{os.getpid()}.counts") if folder else memoryview(bytearray(_SIZE)).cast("Q")
        self.kept(0, 0)

    def hit(self, at: int) -> None:
        """Count an answer from the cache, by what `hit_of` gave."""
        with self._lock:
            self._cells[at] += 1

    def made(self, path: str, status: int, result: str, seconds: float) -> None:
        """Count an answer that was made, or not to be had from the cache, and how long it took."""
        kind = kind_of(path)
        times = _TIMES[kind]
        with self._lock:
            self._cells[_AT[kind, _class(status), result]] += 1
            self._cells[times + bisect_left(BUCKETS, seconds)] += 1
            self._cells[times + len(BUCKETS) + 1] += int(seconds * 1e9)

    def kept(self, size: int, entries: int) -> None:
        """Note what the cache holds now, in bytes and in entries."""
        with self._lock:
            self._cells[_KEPT], self._cells[_KEPT + 1] = size, entries

    def made_ahead(self) -> None:
        """Count an answer that was made before anybody asked for it."""
        with self._lock:
            self._cells[_AHEAD] += 1

    def read(self) -> Sums:
        """The sums over all processes of the folder, this one's alone where there is none."""
        if self._folder is None:
            return Sums([(self._cells, True)])
        files = [(file, _read(file)) for file in self._folder.glob("*.counts")]
        return Sums([(cells, _alive(file)) for file, cells in files if cells])


class Sums:
    """What was counted, added up: the cells of each process, and whether it is alive."""

    def __init__(self, processes: list[tuple[memoryview, bool]]) -> None:
        self._sums = [sum(column) for column in zip(*(cells for cells, _ in processes), strict=True)]
        living = [cells for cells, alive in processes if alive]
        self.workers = len(living)
        self.made_ahead = self._sums[_AHEAD]
        self.cache_bytes, self.cache_entries = (sum(cells[_KEPT + n] for cells in living) for n in (0, 1))

    def requests(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Kind, status and result of every sort of answer that was ever given, and how many."""
        return ((cell, self._sums[n]) for n, cell in enumerate(_CELLS) if self._sums[n])

    def times(self) -> Iterator[tuple[str, list[tuple[str, float]], float]]:
        """For each kind: how many answers took at most so many seconds, and the seconds in all."""
        for kind, at in _TIMES.items():
            so_far, buckets = 0, []
            for n, end in enumerate((*map(str, BUCKETS), "+Inf")):
                so_far += self._sums[at + n]
                buckets.append((end, float(so_far)))
            if so_far:
                yield kind, buckets, self._sums[at + len(BUCKETS) + 1] / 1e9


def _class(status: int) -> str:
    return "304" if status == 304 else f"{min(max(status // 100, 2), 5)}xx"


def _opened(file: Path) -> memoryview:
    with file.open("a+b") as counts:
        counts.truncate(_SIZE)
        return memoryview(mmap.mmap(counts.fileno(), _SIZE)).cast("Q")


def _read(file: Path) -> memoryview | None:
    try:
        found = file.read_bytes()
    except OSError:
        return None
    return memoryview(found).cast("Q") if len(found) == _SIZE else None  # another release's, or half made


def _alive(file: Path) -> bool:
    try:
        os.kill(int(file.stem), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
