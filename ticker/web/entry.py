"""An answer that may be kept: whole or in pieces, with what is said of it each time it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ticker.market.snapshot import Snapshot
from ticker.web.compress import close, compressed, fitting, flowing
from ticker.web.tally import hit_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SHARED = "s-maxage=300, stale-while-revalidate=600, stale-if-error=604800"  # a figure may be corrected at any time
_LONGEST, _AWAITED, _SHORTEST = 300, 30, 15
"""Seconds for which a shared cache may keep an answer: at most; at most while new figures may come any moment, which is
so for an hour after they should be out; at least."""
_SOON = timedelta(hours=1)

_LONG = {
    "day": f"public, max-age=3600, {_SHARED}",
    "settled": f"public, max-age=31536000, {_SHARED}",
    "hour": "public, max-age=3600, stale-if-error=604800",
    "ever": "public, max-age=31536000, immutable",
}


_SECOND = timedelta(seconds=1)
_Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Head:
    """What is said with an answer before `until` in one phase (the object itself): headers of a 200 and of a 304.

    Before the seconds in them would be wrong, and after a second at most, it is made anew.
    """

    phase: object
    until: datetime
    ok: _Headers
    unchanged: _Headers


@dataclass(eq=False)
class Entry:
    """An answer: whole, or in pieces that can be put together once. `hits` says where its use is counted.

    `uses` is how often it was given: about, for threads that count at once may lose one. `key` is where it is kept,
    `head` what was last said with it from there.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    keep: str
    hits: int = 0
    hits_304: int = 0
    pieces: Iterable[bytes] | None = None
    uses: int = 0
    key: Any = None
    head: Head | None = None


def whole(headers: _Headers, body: bytes, coding: str, keep: str, path: str, *, thorough: bool) -> Entry:
    """An answer with its body, compressed."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    coding = fitting(coding, dict(headers).get("Content-Type", ""), body)
    body = compressed(body, coding, thorough=thorough)
    hits, hits_304 = hit_of(path, "2xx"), hit_of(path, "304")
    return Entry(_kept(headers, coding), body, f'W/"{digest}"', keep, hits, hits_304)


def in_pieces(headers: _Headers, chunks: Iterable[bytes], coding: str) -> Entry:
    """An answer that is streamed; its view has said its ETag."""
    return Entry(_kept(headers, coding), b"", dict(headers)["ETag"], "phase", pieces=flowing(chunks, coding))


def head_of(entry: Entry, snapshot: Snapshot, now: datetime) -> Head:
    """What is to be said with an entry at a moment."""
    longest = _AWAITED if snapshot.expected and now < snapshot.expected + _SOON else _LONGEST
    seconds = min(longest, max(_SHORTEST, int((snapshot.valid_until - now).total_seconds())))
    true = f"public, max-age=60, s-maxage={seconds}, stale-while-revalidate=600, stale-if-error=604800"
    unchanged = [*entry.headers, ("ETag", entry.etag), ("Cache-Control", _LONG.get(entry.keep, true))]
    ok = [*unchanged, ("Content-Length", str(len(entry.body)))] if entry.pieces is None else unchanged
    fewer = snapshot.valid_until - timedelta(seconds=seconds)  # from here on the seconds are fewer, but for the last 15
    until = min(now + _SECOND, fewer if fewer >= now else snapshot.valid_until)
    return Head(snapshot.phase, until, ok, [h for h in unchanged if h[0] not in ("Content-Type", "Content-Encoding")])


def answer(environ: WSGIEnvironment, start_response: StartResponse, entry: Entry, head: Head) -> Iterable[bytes] | None:
    """Answer with an entry and what is said with it; None where the asker has it already."""
    held = environ.get("HTTP_IF_NONE_MATCH")
    if held and _is_held(entry.etag, held):
        start_response("304 Not Modified", head.unchanged[:])  # a copy: it is the server's to change
        close(entry.pieces or ())
        return None
    if entry.pieces is not None:
        return _poured(environ, start_response, entry.pieces, head)
    start_response("200 OK", head.ok[:])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [entry.body]


def _is_held(etag: str, held: str) -> bool:
    """Whether an ETag is among those that somebody has (If-None-Match)."""
    return (
        etag == held or held.strip() == "*" or etag[2:] in [tag.strip().removeprefix("W/") for tag in held.split(",")]
    )


def _poured(
    environ: WSGIEnvironment, start_response: StartResponse, pieces: Iterable[bytes], head: Head
) -> Iterable[bytes]:
    """Answer with what is in pieces: put together, for they would hold a thread as long as a slow reader takes."""
    if environ["REQUEST_METHOD"] == "HEAD":
        close(pieces)
        start_response("200 OK", head.ok[:])
        return []
    body = b"".join(pieces)
    start_response("200 OK", [*head.ok, ("Content-Length", str(len(body)))])
    return [body]


def _kept(headers: _Headers, coding: str) -> tuple[tuple[str, str], ...]:
    """The headers that are kept with an answer; those that are said anew each time are left out."""
    anew = ("Content-Length", "Cache-Control", "ETag", "Vary")
    kept = [(name, value) for name, value in headers if name not in anew]
    return (*kept, ("Vary", "Accept-Encoding"), *([("Content-Encoding", coding)] if coding else []))
