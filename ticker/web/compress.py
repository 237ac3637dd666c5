"""Codings: the best that a client takes, and bodies in it, whole or piece by piece."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator

import brotli

_CODINGS = ("br", "gzip")
_LARGE = 100_000  # bytes that are too many for the slowest compression
_QUICK = 5
_SMALL = 256  # bytes that are not worth compressing
_PACKED = ("image/png", "font/")  # kinds that compression makes no smaller
_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with gzip's head and tail


def coding_for(accepted: str) -> str:
    """The best coding that a client takes: br, gzip, or none."""
    offers: dict[str, str] = {}
    for offer in accepted.lower().split(","):
        name, _, weight = offer.partition(";")
        offers[name.strip()] = weight.replace(" ", "")
    for coding in _CODINGS:
        weight = offers.get(coding, offers.get("*", "q=0"))
        if not weight.startswith("q=") or weight.removeprefix("q=").strip("0.") != "":
            return coding
    return ""


def fitting(coding: str, kind: str, body: bytes) -> str:
    """The coding, or none for a body of a kind or size that compression does not serve."""
    return "" if len(body) < _SMALL or kind.startswith(_PACKED) else coding


def compressed(body: bytes, coding: str, *, thorough: bool) -> bytes:
    """The body in a coding. What will be kept is worth the time to do it thoroughly."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=11 if thorough and len(body) < _LARGE else _QUICK))
    if coding == "gzip":
        return gzip.compress(body, 9 if thorough else _QUICK, mtime=0)
    return body


def flowing(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The pieces in a coding, each sent when it is compressed; they are closed when all is sent, or nobody reads on."""
    try:
        if coding == "br":
            packer = brotli.Compressor(quality=_QUICK)
            yield from filter(None, map(packer.process, pieces))
            yield packer.finish()
        elif coding == "gzip":
            packed = zlib.compressobj(_QUICK, zlib.DEFLATED, _GZIP)
            yield from filter(None, map(packed.compress, pieces))
            yield packed.flush()
        else:
            yield from pieces
    finally:
        close(pieces)


def close(pieces: Iterable[bytes]) -> None:
    """Tell what makes the pieces that no more are wanted."""
    getattr(pieces, "close", lambda: None)()
