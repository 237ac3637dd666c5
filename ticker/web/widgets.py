"""Fragments: `/w/<widget>`, bare HTML for SSI, ESI, htmx or fetch."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.web.headers import keep
from ticker.web.live import Live


def widgets(live: Live, renderer: Renderer) -> Blueprint:
    """The blueprint."""
    blueprint = Blueprint("widgets", __name__)

    @blueprint.get("/w/<widget>")
    def fragment(widget: str) -> Response:
        snapshot = live.snapshot()
        variant = parse_variant(widget, request.args, snapshot.catalog)
        return keep(make_response(renderer.fragment(snapshot, variant)))

    return blueprint
