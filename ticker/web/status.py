"""How sources and figures stand: `/status` for people, `/v1/sources` for programs. Neither is kept, neither fails."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from ticker.render import document, state
from ticker.render.status import status
from ticker.web.api import only
from ticker.web.board import Board
from ticker.web.headers import for_page


def statuses(board: Board) -> Blueprint:
    """The blueprint."""
    blueprint = Blueprint("status", __name__)

    @blueprint.get("/status")
    def page() -> Response:
        return for_page(make_response(render_template("pages/status.html", s=status(board.condition()))))

    @blueprint.get("/v1/sources")
    def sources() -> Response:
        only()
        body = document.packed(state.sources(board.condition()))
        return make_response(body + "\n", 200, {"Content-Type": "application/json"})

    return blueprint
