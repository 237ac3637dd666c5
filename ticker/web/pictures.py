"""Pictures: `/img/<widget>.svg` and `.png`; and what they show in words, at `/v1/pictures/<widget>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.render.picture import SIZES
from ticker.render.raster import png
from ticker.render.studio import Shot, Studio
from ticker.render.variant import PICTURED
from ticker.web.api import as_json, only
from ticker.web.live import Live
from ticker.web.shots import kept, one_of, shot_asked

FORMATS = {"svg": "image/svg+xml", "png": "image/png"}
SCALES = ("1", "2")
_PARAMETERS = ("i", "lang", "theme", "up", "range", "size", "scale", "on")


def pictures(live: Live, studio: Studio, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. Addresses in its documents start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("pictures", __name__)

    @blueprint.get("/img/<name>")
    def image(name: str) -> Response:
        widget, _, form = name.rpartition(".")
        if form not in FORMATS or widget not in PICTURED:
            raise BadParameter("widget", name, ", ".join(f"{w}.{f}" for w in PICTURED for f in FORMATS))
        snapshot = live.snapshot()
        shot, scale = shot_asked(widget, snapshot, lines, live.clock(), SIZES), int(one_of("scale", SCALES, "1"))
        drawn = studio.picture(snapshot, shot).svg
        body = png(drawn, scale) if form == "png" else drawn
        return kept(make_response(body, 200, {"Content-Type": FORMATS[form]}), shot, live.clock())

    @blueprint.get("/v1/pictures/<widget>")
    def described(widget: str) -> Response:
        only(*_PARAMETERS)
        snapshot = live.snapshot()
        shot, scale = shot_asked(widget, snapshot, lines, live.clock(), SIZES), int(one_of("scale", SCALES, "1"))
        return kept(as_json(_document(shot, studio, snapshot, scale, public_url)), shot, live.clock())

    return blueprint


def _document(shot: Shot, studio: Studio, snapshot: Snapshot, scale: int, public_url: str) -> dict[str, Any]:
    drawn = studio.picture(snapshot, shot)
    said: Mapping[str, str] = {name: request.args[name] for name in _PARAMETERS if name in request.args}
    query = f"?{urlencode(said, safe=',')}" if said else ""
    return {
        "widget": shot.variant.widget,
        "title": drawn.title,
        "alt": drawn.alt,
        "on": shot.day.isoformat() if shot.day else None,
        "png": f"{public_url}/img/{shot.variant.widget}.png{query}",
        "svg": f"{public_url}/img/{shot.variant.widget}.svg{query}",
        "width": drawn.width * scale,
        "height": drawn.height * scale,
    }
