"""The API: `/v1`, JSON. Unknown parameters are refused, so that a typing mistake is not an empty success."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, request

from ticker.errors import BadParameter
from ticker.render import document
from ticker.render.variant import parse_variant
from ticker.web.headers import keep
from ticker.web.live import Live


def api(live: Live) -> Blueprint:
    """The blueprint."""
    blueprint = Blueprint("api", __name__, url_prefix="/v1")

    @blueprint.get("/quotes")
    def quotes() -> Response:
        only("i")
        snapshot = live.snapshot()
        wanted = parse_variant("list", request.args, snapshot.catalog).instruments if "i" in request.args else None
        return as_json(document.quotes(snapshot, wanted))

    @blueprint.get("/quotes/<instrument>")
    def quote(instrument: str) -> Response:
        only()
        snapshot = live.snapshot()
        found = snapshot.by_key.get(instrument)
        if found is None:
            raise BadParameter("instrument", instrument, ", ".join(snapshot.by_key))
        return as_json(document.quote(found))

    @blueprint.get("/instruments")
    def instruments() -> Response:
        only()
        return as_json(document.instruments(live.snapshot().catalog))

    return blueprint


def only(*allowed: str) -> None:
    """BadParameter for any parameter but these, and for one that is given twice."""
    for name, values in request.args.lists():
        if name not in allowed:
            there = ", ".join(allowed) or "none"
            raise BadParameter(name, values[0], f"the parameters of this address are: {there}")
        if len(values) > 1:
            raise BadParameter(name, ", ".join(values), "one value")


def as_json(body: dict[str, Any]) -> Response:
    """A document as an answer that may be kept."""
    return keep(make_response(document.packed(body) + "\n", 200, {"Content-Type": "application/json"}))
