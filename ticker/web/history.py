"""`/v1/history/<instrument>`: JSON, or CSV with `.csv`; the whole line is read once a phase."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime

from cachetools import LRUCache, cached
from flask import Blueprint, Response, request

from ticker.errors import BadParameter
from ticker.market.history import RANGES, History, Span
from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Series
from ticker.market.snapshot import Snapshot
from ticker.render import document
from ticker.web.api import as_json, only
from ticker.web.headers import keep
from ticker.web.live import Live

Line = Callable[[Instrument, Link, datetime], Series]
_LINES = 24  # whole lines kept: ten thousand observations each at the most


def history(live: Live, read: Line) -> Blueprint:
    """The blueprint; `read` gives an instrument's whole line from the store."""
    blueprint = Blueprint("history", __name__, url_prefix="/v1")
    lines: LRUCache[object, Series] = LRUCache(_LINES)

    @cached(lines, lambda snapshot, key: (snapshot.phase, key), condition=threading.Condition())
    def line(snapshot: Snapshot, key: str) -> Series:
        q = snapshot.by_key[key]
        return read(q.instrument, q.link, live.clock())

    @blueprint.get("/history/<instrument>")
    def answer(instrument: str) -> Response:
        snapshot, span = live.snapshot(), _span()
        key = instrument.removesuffix(".csv")
        if key not in snapshot.by_key:
            raise BadParameter("instrument", instrument, ", ".join(snapshot.by_key))
        q = snapshot.by_key[key]
        found = History(q.instrument, q.publisher, q.link.codes, span.of(line(snapshot, key)))
        if key != instrument:
            return keep(Response(document.history_csv(found), content_type="text/csv; charset=utf-8"))
        return as_json(document.history(found))

    return blueprint


def _span() -> Span:
    only("from", "to", "range")
    named = request.args.get("range")
    if named is not None:
        if "from" in request.args or "to" in request.args:
            raise BadParameter("range", named, "either range, or from and to")
        if named not in RANGES:
            raise BadParameter("range", named, ", ".join(RANGES))
        return Span(range=named)
    return Span(_day("from", date.min), _day("to", date.max))


def _day(name: str, default: date) -> date:
    said = request.args.get(name)
    if said is None:
        return default
    try:
        if len(said) != 10:
            raise ValueError(said)
        return date.fromisoformat(said)
    except ValueError as wrong:
        raise BadParameter(name, said, "a day such as 2026-03-16") from wrong
