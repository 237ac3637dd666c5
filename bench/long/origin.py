"""Ticker as an origin: the real application, asked in this process with a clock handed in, and what that costs."""

from __future__ import annotations

import gzip
import io
import re
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, NamedTuple

import brotli

from bench.long.crowd import DAY
from ticker.start import Parts
from ticker.web.app import cache_of, create_app
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.tally import Tally

Address = tuple[str, str]
_HEAD = len("HTTP/1.1 200 OK\r\n\r\n")
_BROTLI = {"br": "gzip, deflate, br, zstd", "gzip": "gzip, deflate"}
_UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@dataclass(frozen=True, eq=False, slots=True)
class Version:
    """A content that an address has had: what its fragment says of itself, and the figures that stand in it.

    `until` is in seconds of the day. A script has no figures, and is never out of date.
    """

    address: Address
    etag: str
    figures: tuple[str, ...] = ()
    until: float = inf
    awaited: bool = False


class Reply(NamedTuple):
    """An answer as a cache sees it: for how many seconds it may be kept, by whom, and how old it says it is."""

    version: Version
    max_age: float
    shared: float
    stale: float
    age: float = 0.0
    unchanged: bool = False


@dataclass
class Spent:
    """What an origin did in a day: requests in all and by the second, bytes with their heads, processor seconds.

    `ahead` is the processor time for answers that were made before anybody asked.
    """

    requests: int = 0
    unchanged: int = 0
    bytes: int = 0
    cpu: float = 0.0
    ahead: float = 0.0
    seconds: array[int] = field(default_factory=lambda: array("L", [0] * int(DAY)))


class Origin:
    """The application over a store. Seconds are those of the day that began at `midnight`."""

    def __init__(self, parts: Parts, midnight: datetime) -> None:
        self._parts, self._midnight, self._now = parts, midnight, midnight
        self._revision = parts.revision()
        self._live = Live(lambda: self._revision, parts.holding, parts.snapshot_of, lambda: self._now)
        watch = Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)
        app = create_app("https://ticker.example", self._live, parts.line, watch, Tally(), parts.corrections)
        self._cache = cache_of(app)
        self._versions: dict[tuple[Address, str], Version] = {}
        self._keeps: dict[str, tuple[float, float, float]] = {}
        self.spent = Spent()

    def look(self, second: float) -> float:
        """Look for a new revision, and make ahead what is asked for most; when to look next for time's own sake."""
        self._at(second)
        self._revision = self._parts.revision()
        began = time.process_time()
        self._live.prepare(self._cache.ahead)
        self.spent.ahead += time.process_time() - began
        return (self._live.snapshot().valid_until - self._midnight).total_seconds()

    def ask(self, second: float, address: Address, coding: str, etag: str | None) -> Reply:
        """Ask it for an address, or whether what has this ETag is still so; AssertionError where it does not answer."""
        self._at(second)
        self.spent.seconds[int(second)] += 1
        self.spent.requests += 1
        environ = _environ(address, coding, etag)
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., object]:
            said.append((status, headers))
            return bytes

        began = time.process_time()
        body = b"".join(self._cache(environ, start_response))
        self.spent.cpu += time.process_time() - began
        status, headers = said[0]
        found = dict(headers)
        self.spent.bytes += len(body) + _HEAD + sum(len(name) + len(value) + 4 for name, value in headers)
        self.spent.unchanged += status.startswith("304")
        assert status[:3] in ("200", "304"), f"{address}: {status}"
        key = address, found["ETag"]
        version = self._versions.get(key)
        if version is None:
            version = self._versions[key] = self._read(key, found, body)
        return Reply(version, *self._kept(found["Cache-Control"]), unchanged=status.startswith("304"))

    def idle(self, looks: int) -> float:
        """Processor seconds of one look at the revision that finds nothing new, by as many of them."""
        began = time.process_time()
        for _ in range(looks):
            self._parts.revision()
        return (time.process_time() - began) / looks

    def _at(self, second: float) -> None:
        self._now = self._midnight + timedelta(seconds=second)

    def _read(self, key: tuple[Address, str], headers: dict[str, str], body: bytes) -> Version:
        """What stands in the bytes that a reader gets."""
        text = _UNPACKED[headers.get("Content-Encoding", "")](body).decode()
        if key[0][0].endswith(".js"):
            return Version(*key)
        until = re.search(r'data-valid-until="([^"]*)"( data-awaited)?', text)
        assert until, key
        moment = datetime.fromisoformat(until[1])
        figures = tuple(re.findall(r'<data value="([^"]*)"', text))
        return Version(*key, figures, (moment - self._midnight).total_seconds(), bool(until[2]))

    def _kept(self, said: str) -> tuple[float, float, float]:
        """For how long it may be kept by browsers, by shared caches, and stale while a new one is fetched."""
        found = self._keeps.get(said)
        if found is None:
            times = {name: float(value) for name, value in re.findall(r"([a-z-]+)=(\d+)", said)}
            most = times["max-age"]
            found = most, times.get("s-maxage", most), times.get("stale-while-revalidate", 0.0)
            self._keeps[said] = found
        return found


def _environ(address: Address, coding: str, etag: str | None) -> dict[str, object]:
    """What a server would hand on."""
    asked: dict[str, object] = {
        "REQUEST_METHOD": "GET", "PATH_INFO": address[0], "QUERY_STRING": address[1], "SCRIPT_NAME": "",
        "SERVER_NAME": "ticker", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "HTTP_ACCEPT_ENCODING": _BROTLI[coding],
    }  # fmt: skip
    return asked if etag is None else asked | {"HTTP_IF_NONE_MATCH": etag}
