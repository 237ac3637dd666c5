"""What was corrected: `/corrections`, a page at a time, and `/corrections.atom`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from cachetools import LRUCache
from flask import Blueprint, Response, make_response, render_template, request

from ticker.errors import BadParameter, StoreError
from ticker.market.correction import Correction
from ticker.market.instrument import Instrument
from ticker.market.snapshot import Snapshot
from ticker.render.corrections import MOST, entries, feed_id, query
from ticker.render.language import canonical, language, languages
from ticker.render.variant import chosen_instruments
from ticker.web.api import only
from ticker.web.feeds import KIND
from ticker.web.headers import for_page, keep
from ticker.web.live import Live
from ticker.web.patience import Patience

_PAGES = 200
_KEPT = 64  # answers of the store that are remembered

Read = Callable[[Collection[str], int, int], tuple[Correction, ...]]
"""Reads corrections of these series: how many to skip, and how many to read."""


def remembered(read: Read, patience: Patience | None = None) -> Read:
    """The same read; while the store is out, what it gave last. Without that it is tried with `patience`."""
    last: LRUCache[object, tuple[Correction, ...]] = LRUCache(_KEPT)
    lock = threading.Lock()
    once, again = (patience(read, again=False), patience(read)) if patience else (read, read)

    def found(series: Collection[str], skip: int, most: int) -> tuple[Correction, ...]:
        asked = (frozenset(series), skip, most)
        with lock:
            before = last.get(asked)
        try:
            given = (again if before is None else once)(series, skip, most)
        except StoreError:
            if before is None:
                raise
            return before
        with lock:
            last[asked] = given
        return given

    return found


def corrections(live: Live, read: Read, public_url: str) -> Blueprint:
    """The blueprint. Absolute addresses start with `public_url`."""
    blueprint = Blueprint("corrections", __name__)

    @blueprint.get("/corrections")
    def page() -> Response:
        snapshot = live.snapshot()
        keys, wanted = _wanted(snapshot)
        words, at = language(canonical(request.args.get("lang", "en"))), _page()
        found = read(_series(wanted), (at - 1) * MOST, MOST + 1)
        written = render_template(
            "pages/corrections.html",
            entries=entries(found[:MOST], wanted, words),
            words=words,
            lang=words.tag,
            chosen=keys,
            groups=[(words.group(g), [(i.key, words.name(i)) for i in g.instruments]) for g in snapshot.catalog.groups],
            languages=[(tag, f"/corrections{query(keys, tag)}") for tag in languages()],
            canonical=f"{public_url}/corrections{query(keys, words.tag, at)}",
            feed=f"/corrections.atom{query(keys, words.tag)}",
            newer=f"/corrections{query(keys, words.tag, at - 1)}" if at > 1 else "",
            older=f"/corrections{query(keys, words.tag, at + 1)}" if found[MOST:] and at < _PAGES else "",
            public_url=public_url,
        )
        return keep(for_page(make_response(written)))

    @blueprint.get("/corrections.atom")
    def feed() -> Response:
        only("i", "lang")
        keys, wanted = _wanted(live.snapshot())
        words = language(canonical(request.args.get("lang", "en")))
        found = entries(read(_series(wanted), 0, MOST), wanted, words)
        written = render_template(
            "feeds/corrections.xml",
            id=feed_id(keys, words.tag),
            entries=found,
            words=words,
            updated=max((e.seen_at for e in found), default="1970-01-01T00:00:00Z"),
            address=f"{public_url}/corrections.atom{query(keys, words.tag)}",
            page=f"{public_url}/corrections{query(keys, words.tag)}",
        )
        return keep(make_response(written, 200, {"Content-Type": KIND}))

    return blueprint


def _wanted(snapshot: Snapshot) -> tuple[tuple[str, ...], list[Instrument]]:
    """The keys that were asked for, none where nothing was, and the instruments that this means."""
    said = request.args.get("i", "")
    keys = chosen_instruments(said, snapshot.catalog) if said else ()
    return keys, [i for i in snapshot.catalog.instruments if not keys or i.key in keys]


def _series(wanted: list[Instrument]) -> list[str]:
    return sorted({key for i in wanted for link in i.chain for key in link.series})


def _page() -> int:
    said = request.args.get("page", "1")
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= _PAGES):
        raise BadParameter("page", said, f"a page from 1 to {_PAGES}")
    return int(said)
