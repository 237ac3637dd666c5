"""The response cache in front of Flask: a hit is bytes, or a 304, and costs neither routing nor rendering."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from typing import TYPE_CHECKING, Any
from weakref import ref

from cachetools import Cache, LRUCache

from ticker.errors import StoreError
from ticker.market.snapshot import Snapshot
from ticker.web.compress import close, coding_for
from ticker.web.entry import Entry, answer, head_of, in_pieces, whole
from ticker.web.flights import Flights
from ticker.web.live import Live
from ticker.web.tally import Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEEP = "ticker.keep"
"""The key under which a view says in the WSGI environment how long its answer may be kept; see `headers.keep`."""

LONGEST_QUERY = 1000
"""Characters of a query; nobody who means well sends more."""

Canonical = Callable[[str, str, Snapshot], str | None]
"""Gives the query, for a path and a query, under which all of the same meaning are kept; None where there is none."""

_OWN = ("/livez", "/readyz", "/metrics")
_ENTRY = 600  # bytes that an entry costs beside its body
_WORDS, _SHORT = 4096, 400  # requests whose answers are found by their very words, and the characters of one
_HOT = 48  # answers that are made ahead, at most
_PATIENCE = 10.0  # seconds that one who asks for what another is making waits for it

_Name = tuple[str, str]  # path and canonical query
_Said = tuple[str, str, str]  # path, query and Accept-Encoding, as they were said


@dataclass(frozen=True)
class _Plain:
    """An answer of the application that nobody may keep."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class ResponseCache:
    """A WSGI application around ours. Answers are kept under (path, canonical query, coding, phase), never invalidated.

    An address is kept from its second request on, so a flood of addresses that nobody asks for twice pushes nothing
    out; what is kept is bounded in bytes. What many ask for at once is made once, as long as there is room for those
    `waiting`. Every answer is counted.
    """

    def __init__(
        self,
        app: WSGIApplication,
        live: Live,
        tally: Tally,
        canonical: Canonical,
        waiting: threading.Semaphore,
        megabytes: int = 24,
    ) -> None:
        self._app, self._live, self._tally = app, live, tally
        self._kept: LRUCache[Any, Entry] = LRUCache(megabytes << 20, getsizeof=lambda e: len(e.body) + _ENTRY)
        self._seen: LRUCache[_Name, bool] = LRUCache(8192)
        self._lock = threading.Lock()
        self._flights: Flights[Entry | _Plain] = Flights(_PATIENCE, waiting)
        self._canonical = canonical
        self._said: dict[_Said, ref[Entry]] = {}  # weak: `_kept` alone holds bodies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        said = environ["PATH_INFO"], environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_ENCODING", "")
        known = self._said.get(said)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or (known is None and not _may_be_kept(*said[:2])):
            return self._passed(environ, start_response)
        try:
            snapshot, now = self._live.moment()
        except StoreError:
            return self._passed(environ, start_response)
        found = known() if known is not None else None
        head = found.head if found is not None else None
        if found is None or head is None or head.phase is not snapshot.phase or now >= head.until:
            key = self._key(said, found, snapshot)
            found = self._kept_at(key, said)
            if found is None:
                return self._missed(environ, start_response, key, snapshot)
            found.head = head = head_of(found, snapshot, now)
        found.uses += 1
        given = answer(environ, start_response, found, head)
        self._tally.hit(found.hits if given is not None else found.hits_304)
        return given or ()

    def _key(self, said: _Said, before: Entry | None, snapshot: Snapshot) -> Any:
        """Where an answer is kept: as the one before it that was asked for in these words, in today's phase."""
        path, query, accepted = said
        if before is not None:
            name, coding = before.key[:2]
        else:
            canonical = self._canonical(path, query, snapshot)
            name, coding = (path, query if canonical is None else canonical), coding_for(accepted)
        return name, coding, None if path.startswith("/static/") else snapshot.phase

    def _kept_at(self, key: Any, said: _Said) -> Entry | None:
        """What is kept there, which is remembered under these words; what is refused is never remembered."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None and sum(map(len, said)) <= _SHORT:
                if len(self._said) >= _WORDS:
                    self._said = {}
                self._said[said] = ref(found)
        return found

    def _missed(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Any, snapshot: Snapshot
    ) -> Iterable[bytes]:
        """Make the answer that is not in the cache, or wait for whoever is making it."""
        began = time.perf_counter()
        made, shared = self._flights.share(key, lambda: self._made(environ, key))
        result = "shared" if shared else "miss"
        if isinstance(made, _Plain):
            self._tally.made(environ["PATH_INFO"], int(made.status[:3]), result, time.perf_counter() - began)
            start_response(made.status, made.headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [made.body]
        given = answer(environ, start_response, made, head_of(made, snapshot, self._live.clock()))
        status = 304 if given is None else 200
        self._tally.made(environ["PATH_INFO"], status, result, time.perf_counter() - began)
        return given or ()

    def _made(self, environ: WSGIEnvironment, key: Any) -> tuple[Entry | _Plain, bool]:
        """The application's answer, kept perhaps, and whether others who wait for it may have it.

        What will be kept is compressed thoroughly; what is asked for once only, quickly.
        """
        name, coding = key[:2]
        with self._lock:
            seen = name in self._seen
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            said.append((status, headers))
            return lambda data: None

        environ = environ | {"REQUEST_METHOD": "GET", "QUERY_STRING": name[1]}  # all that the key has, and no more
        chunks = self._app(environ, listen)
        if environ.get(KEEP) == "stream":
            return in_pieces(said[-1][1], chunks, coding), False
        try:
            body = b"".join(chunks)
        finally:
            close(chunks)
        status, headers = said[-1]
        if KEEP not in environ or not status.startswith("200"):
            return _Plain(status, headers, body), False
        entry = whole(headers, body, coding, environ[KEEP], name[0], thorough=seen)
        self._keep(key, entry)
        return entry, True

    def _keep(self, key: Any, entry: Entry) -> None:
        name = key[0]
        with self._lock:
            if name in self._seen and len(entry.body) + _ENTRY < self._kept.maxsize // 8:
                entry.key, self._kept[key] = key, entry
            self._seen[name] = True
            self._tally.kept(int(self._kept.currsize), len(self._kept))

    def ahead(self, before: Snapshot, coming: Snapshot) -> Iterator[None]:
        """Make the answers that were given most at one phase for the one that is coming, one at each step.

        The application must already be answering of the one that is coming, in the thread that asks.
        """
        with self._lock:
            kept = {key: Cache.__getitem__(self._kept, key) for key in self._kept}
        used = {key: e for key, e in kept.items() if key[2] == before.phase and e.uses}
        for key in nlargest(_HOT, used, key=lambda key: used[key].uses):
            new = (*key[:2], coming.phase)
            if new not in kept:
                made, _ = self._flights.share(new, partial(self._made, _asked(new[0]), new))
                if isinstance(made, Entry):
                    made.uses = used[key].uses // 2  # what is not asked for any more is forgotten
                    self._tally.made_ahead()
                yield

    def _passed(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's own answer, counted when it begins."""
        began = time.perf_counter()

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            self._tally.made(environ["PATH_INFO"], int(status[:3]), "none", time.perf_counter() - began)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._app(environ, listen)


def _asked(name: _Name) -> WSGIEnvironment:
    """What a server would say of a request for an address."""
    path, query = name
    return {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "ticker", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}  # fmt: skip


def _may_be_kept(path: str, query: str) -> bool:
    """Whether an address is not about this process (and `/livez` must touch nothing)."""
    return path not in _OWN and len(query) <= LONGEST_QUERY
