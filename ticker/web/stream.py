"""Long answers, made and compressed piece by piece: in memory is what is sent, and never the whole before it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from flask import Response

from ticker.web.headers import keep

Pieces = Callable[[], Iterable[str]]


def streamed(pieces: Pieces, kind: str) -> Response:
    """An answer of these pieces, which are made twice: once for the ETag, once to be sent."""
    digest = hashlib.blake2b(digest_size=12)
    for piece in pieces():
        digest.update(piece.encode())
    response = Response(_encoded(pieces), content_type=kind)
    response.set_etag(digest.hexdigest(), weak=True)
    return keep(response, "stream")


def _encoded(pieces: Pieces) -> Iterator[bytes]:
    return (piece.encode() for piece in pieces())
