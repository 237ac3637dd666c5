"""The response cache in front of Flask: a hit is bytes, or a 304, and costs neither routing nor rendering."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from ticker.errors import StoreError
from ticker.market.snapshot import Snapshot
from ticker.web.compress import close, coding_for, compressed, fitting, flowing
from ticker.web.live import Live
from ticker.web.tally import Tally, hit_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEEP = "ticker.keep"
"""The key under which a view says in the WSGI environment how long its answer may be kept; see `headers.keep`."""

LONGEST_QUERY = 1000
"""Characters of a query; nobody who means well sends more."""

_OWN = ("/livez", "/readyz", "/metrics")
_ENTRY = 600  # bytes that an entry costs beside its body
_LONG = {
    "hour": "public, max-age=3600, stale-if-error=604800",
    "year": "public, max-age=31536000",
    "ever": "public, max-age=31536000, immutable",
}


@dataclass(frozen=True)
class _Entry:
    """An answer: whole, or in pieces that can be put together once. `hits` says where its use is counted."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    keep: str
    hits: int = 0
    hits_304: int = 0
    pieces: Iterable[bytes] | None = None


class ResponseCache:
    """A WSGI application around ours. Answers are kept under (path, query, coding, phase) and never invalidated.

    An address is kept from its second request on, so a flood of addresses that nobody asks for twice pushes nothing
    out; what is kept is bounded in bytes. Every answer is counted.
    """

    def __init__(self, app: WSGIApplication, live: Live, tally: Tally, megabytes: int = 24) -> None:
        self._app, self._live, self._tally = app, live, tally
        self._kept: LRUCache[Any, _Entry] = LRUCache(megabytes << 20, getsizeof=lambda e: len(e.body) + _ENTRY)
        self._seen: LRUCache[Any, bool] = LRUCache(8192)
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not _may_be_kept(environ):
            return self._counted(environ, start_response, "none", self._app)
        try:
            snapshot = self._live.snapshot()
        except StoreError:
            return self._counted(environ, start_response, "none", self._app)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        key = (path, query, coding, None if path.startswith("/static/") else snapshot.phase)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            make = partial(self._make, key=key, snapshot=snapshot)
            return self._counted(environ, start_response, "miss", make)
        answer = _answer(environ, start_response, found, snapshot.valid_until, self._live.clock())
        self._tally.hit(found.hits if answer is not None else found.hits_304)
        return answer or ()

    def _make(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Any, snapshot: Snapshot
    ) -> Iterable[bytes]:
        """Make the answer that is not in the cache, and perhaps keep it."""
        address, coding = key[:2], key[2]
        with self._lock:
            seen = address in self._seen
        made = self._made(environ, start_response, coding, thorough=seen)
        if not isinstance(made, _Entry):
            return made
        if made.pieces is None:
            self._keep(key, address, made)
        return _answer(environ, start_response, made, snapshot.valid_until, self._live.clock()) or ()

    def _counted(
        self, environ: WSGIEnvironment, start_response: StartResponse, result: str, app: WSGIApplication
    ) -> Iterable[bytes]:
        """The answer of `app`, counted when it begins."""
        began = time.perf_counter()

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            self._tally.made(environ["PATH_INFO"], int(status[:3]), result, time.perf_counter() - began)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return app(environ, listen)

    def _made(
        self, environ: WSGIEnvironment, start_response: StartResponse, coding: str, thorough: bool
    ) -> _Entry | Iterable[bytes]:
        """The application's answer, as an entry where it may be kept; else as it came.

        What will be kept is compressed thoroughly; what is asked for once only, quickly.
        """
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            said.append((status, headers))
            return lambda data: None

        head = environ["REQUEST_METHOD"] == "HEAD"
        environ = environ | {"REQUEST_METHOD": "GET"}  # a kept answer serves both
        chunks = self._app(environ, listen)
        if environ.get(KEEP) == "stream":
            return _in_pieces(said[-1][1], chunks, coding)
        try:
            body = b"".join(chunks)
        finally:
            close(chunks)
        status, headers = said[-1]
        if KEEP not in environ or not status.startswith("200"):
            start_response(status, headers)
            return [] if head else [body]
        return _entry(headers, body, coding, environ[KEEP], environ["PATH_INFO"], thorough)

    def _keep(self, key: Any, address: Any, entry: _Entry) -> None:
        with self._lock:
            if address in self._seen and len(entry.body) + _ENTRY < self._kept.maxsize // 8:
                self._kept[key] = entry
            self._seen[address] = True
            self._tally.kept(int(self._kept.currsize), len(self._kept))


def _may_be_kept(environ: WSGIEnvironment) -> bool:
    """Reads of addresses that are not about this process (and `/livez` must touch nothing)."""
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return reads and environ["PATH_INFO"] not in _OWN and len(environ.get("QUERY_STRING", "")) <= LONGEST_QUERY


def _entry(headers: list[tuple[str, str]], body: bytes, coding: str, keep: str, path: str, thorough: bool) -> _Entry:
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    coding = fitting(coding, dict(headers).get("Content-Type", ""), body)
    body = compressed(body, coding, thorough=thorough)
    hits, hits_304 = hit_of(path, "2xx"), hit_of(path, "304")
    return _Entry(_kept(headers, coding), body, f'W/"{digest}"', keep, hits, hits_304)


def _in_pieces(headers: list[tuple[str, str]], chunks: Iterable[bytes], coding: str) -> _Entry:
    """An answer that is streamed; its view has said its ETag."""
    return _Entry(_kept(headers, coding), b"", dict(headers)["ETag"], "phase", pieces=flowing(chunks, coding))


def _kept(headers: list[tuple[str, str]], coding: str) -> tuple[tuple[str, str], ...]:
    """The headers that are kept with an answer; those that are said anew each time are left out."""
    anew = ("Content-Length", "Cache-Control", "ETag", "Vary")
    kept = [(name, value) for name, value in headers if name not in anew]
    return (*kept, ("Vary", "Accept-Encoding"), *([("Content-Encoding", coding)] if coding else []))


def _answer(
    environ: WSGIEnvironment, start_response: StartResponse, entry: _Entry, until: datetime, now: datetime
) -> Iterable[bytes] | None:
    """Answer with an entry; None where the asker has it already."""
    seconds = min(300, max(15, int((until - now).total_seconds())))
    true = f"public, max-age=60, s-maxage={seconds}, stale-while-revalidate=600, stale-if-error=604800"
    keep = _LONG.get(entry.keep, true)
    headers = [*entry.headers, ("ETag", entry.etag), ("Cache-Control", keep)]
    held = environ.get("HTTP_IF_NONE_MATCH", "")
    if held and (held.strip() == "*" or entry.etag[2:] in [tag.strip().removeprefix("W/") for tag in held.split(",")]):
        start_response("304 Not Modified", [h for h in headers if h[0] not in ("Content-Type", "Content-Encoding")])
        close(entry.pieces or ())
        return None
    if environ["REQUEST_METHOD"] == "HEAD" and entry.pieces is not None:
        close(entry.pieces)
        start_response("200 OK", headers)
        return []
    # The server's loop sends what is whole; pieces would hold a thread for as long as a slow reader takes.
    body = entry.body if entry.pieces is None else b"".join(entry.pieces)
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
