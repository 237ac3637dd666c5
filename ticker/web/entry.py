"""An answer that may be kept: whole or in pieces, with what is said of it each time it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

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


@dataclass(eq=False)
class Entry:
    """An answer: whole, or in pieces that can be put together once. `hits` says where its use is counted.

    `uses` is how often it was given: about, for threads that count at once may lose one.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str
    keep: str
    hits: int = 0
    hits_304: int = 0
    pieces: Iterable[bytes] | None = None
    uses: int = 0


def whole(headers: list[tuple[str, str]], body: bytes, coding: str, keep: str, path: str, *, thorough: bool) -> Entry:
    """An answer with its body, compressed."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    coding = fitting(coding, dict(headers).get("Content-Type", ""), body)
    body = compressed(body, coding, thorough=thorough)
    hits, hits_304 = hit_of(path, "2xx"), hit_of(path, "304")
    return Entry(_kept(headers, coding), body, f'W/"{digest}"', keep, hits, hits_304)


def in_pieces(headers: list[tuple[str, str]], chunks: Iterable[bytes], coding: str) -> Entry:
    """An answer that is streamed; its view has said its ETag."""
    return Entry(_kept(headers, coding), b"", dict(headers)["ETag"], "phase", pieces=flowing(chunks, coding))


def answer(
    environ: WSGIEnvironment, start_response: StartResponse, entry: Entry, snapshot: Snapshot, now: datetime
) -> Iterable[bytes] | None:
    """Answer with an entry that was made of a snapshot; None where the asker has it already."""
    longest = _AWAITED if snapshot.expected and now < snapshot.expected + _SOON else _LONGEST
    seconds = min(longest, max(_SHORTEST, int((snapshot.valid_until - now).total_seconds())))
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


def _kept(headers: list[tuple[str, str]], coding: str) -> tuple[tuple[str, str], ...]:
    """The headers that are kept with an answer; those that are said anew each time are left out."""
    anew = ("Content-Length", "Cache-Control", "ETag", "Vary")
    kept = [(name, value) for name, value in headers if name not in anew]
    return (*kept, ("Vary", "Accept-Encoding"), *([("Content-Encoding", coding)] if coding else []))
