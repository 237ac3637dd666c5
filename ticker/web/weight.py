"""What an embed costs a reader: the bytes of our real answers, as they are served, and how many there are."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cachetools import LRUCache, cached
from flask import Flask

from ticker.market.snapshot import Snapshot
from ticker.web.compress import compressed, fitting
from ticker.web.under import base_of

_KEPT = 1024  # addresses, each with two numbers
_LOADED = re.compile(r"""<(?:script\b[^>]*?\ssrc|img\b[^>]*?\ssrc|link rel="stylesheet" href)="([^"]+)\"""")
_PAGES = ("/embed/", "/mail/")  # documents that load what they name


@dataclass(frozen=True)
class Weight:
    """Bytes compressed, and requests."""

    bytes: int
    requests: int


Weigh = Callable[[Snapshot, Sequence[str]], Weight | None]
"""Weighs paths of ours with all that they load; None where one of them is not there."""


def scales(app: Flask, public_url: str) -> Weigh:
    """Weighs by asking the application itself, past its cache: what is weighed is not kept there."""
    weights: LRUCache[object, Weight | None] = LRUCache(_KEPT)

    @cached(weights, lambda phase, path: (phase, path), condition=threading.Condition())
    def one(phase: object, path: str) -> Weight | None:
        with app.test_request_context(path):
            answer = app.full_dispatch_request()
            body, kind = answer.get_data(), answer.headers.get("Content-Type", "")
        if answer.status_code != 200:
            return None
        size = len(compressed(body, fitting("br", kind, body), thorough=True))
        more = _loaded(body.decode(), public_url) if path.startswith(_PAGES) else []
        return _sum([Weight(size, 1), *(one(phase, address) for address in more)])

    def weigh(snapshot: Snapshot, paths: Sequence[str]) -> Weight | None:
        return _sum([one(snapshot.phase, path) for path in paths])

    return weigh


def _loaded(html: str, public_url: str) -> list[str]:
    """The paths of ours that a document loads, each once."""
    base = base_of(public_url)
    found = (address.replace("&amp;", "&").removeprefix(public_url) for address in _LOADED.findall(html))
    paths = (address.removeprefix(base) if base else address for address in found if address.startswith("/"))
    return list(dict.fromkeys(paths))


def _sum(weights: Sequence[Weight | None]) -> Weight | None:
    known = [weight for weight in weights if weight is not None]
    if len(known) < len(weights):
        return None
    return Weight(sum(w.bytes for w in known), sum(w.requests for w in known))
