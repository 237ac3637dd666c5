"""`/v1/history/<instrument>`: JSON, or CSV with `.csv`."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Blueprint, Response, make_response, request

from ticker.errors import BadParameter
from ticker.market.history import RANGES, History, Span
from ticker.market.observation import Series
from ticker.render import document
from ticker.render.fragment import Lines
from ticker.web.api import only
from ticker.web.days import day_in, latest_today
from ticker.web.headers import keep
from ticker.web.live import Live
from ticker.web.stream import streamed

_LONG = 2000  # figures from which on a span between two days is streamed, and not kept: there are millions of them


def history(live: Live, lines: Lines) -> Blueprint:
    """The blueprint; `lines` gives an instrument's whole line."""
    blueprint = Blueprint("history", __name__, url_prefix="/v1")

    @blueprint.get("/history/<instrument>")
    def answer(instrument: str) -> Response:
        only("from", "to", "range")
        snapshot = live.snapshot()
        key = instrument.removesuffix(".csv")
        if key not in snapshot.by_key:
            raise BadParameter("instrument", instrument, ", ".join(snapshot.by_key))
        q, line = snapshot.by_key[key], lines(snapshot, key)
        found = History(q.instrument, q.publisher, q.link.codes, _span(line, latest_today(live.clock())).of(line))
        as_csv = key != instrument
        pieces = partial(document.history_csv if as_csv else document.history, found)
        kind = "text/csv; charset=utf-8" if as_csv else "application/json"
        if len(found.line) > _LONG and not {"from", "to"}.isdisjoint(request.args):
            made = streamed(pieces, kind)
        else:
            made = keep(make_response("".join(pieces()), 200, {"Content-Type": kind}))
        if as_csv:  # a table has no room for source and terms; JSON has them in itself
            made.headers["Link"] = f'<{q.publisher.url}>; rel="via", <{q.publisher.terms}>; rel="license"'
        return made

    return blueprint


def _span(line: Series, today: date) -> Span:
    named = request.args.get("range")
    if named is not None:
        if "from" in request.args or "to" in request.args:
            raise BadParameter("range", named, "either range, or from and to")
        if named not in RANGES:
            raise BadParameter("range", named, ", ".join(RANGES))
        return Span(range=named)
    first = day_in("from", request.args, line, today) or date.min
    last = day_in("to", request.args, line, today) or date.max
    if last < first:
        raise BadParameter("to", str(last), f"a day that is not before from, {first}")
    return Span(first, last)
