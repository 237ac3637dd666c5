"""Pictures: `/img/<widget>.svg` and `.png`; and what they show in words, at `/v1/pictures/<widget>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, request

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.render.picture import SIZES
from ticker.render.raster import png
from ticker.render.studio import Shot, Studio
from ticker.render.variant import PICTURED, parse_variant
from ticker.web.api import as_json, only
from ticker.web.days import day_in, latest_today
from ticker.web.headers import keep
from ticker.web.live import Live

FORMATS = {"svg": "image/svg+xml", "png": "image/png"}
SCALES = ("1", "2")
_PARAMETERS = ("i", "lang", "theme", "up", "range", "size", "scale", "on")
_SETTLED = timedelta(days=60)  # a figure so old hardly changes any more


def pictures(live: Live, studio: Studio, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. Addresses in its documents start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("pictures", __name__)

    def asked(widget: str, snapshot: Snapshot) -> Shot:
        if widget not in PICTURED:
            raise BadParameter("widget", widget, ", ".join(PICTURED))
        variant = replace(parse_variant(widget, request.args, snapshot.catalog), style=True, spark=True)
        if widget == "card" and len(variant.instruments) > 1:
            raise BadParameter("i", request.args["i"], "one instrument: a picture is of one card")
        shortest = max(
            (lines(snapshot, key) for key in variant.instruments), key=lambda line: line[0].day if line else date.min
        )
        day = day_in("on", request.args, shortest, latest_today(live.clock()))
        return Shot(variant, int(_one_of("size", tuple(map(str, SIZES)), "600")), day)

    def kept(response: Response, shot: Shot) -> Response:
        if shot.day is None:
            return keep(response)
        until: Literal["year", "hour"] = "year" if live.clock().date() - shot.day > _SETTLED else "hour"
        return keep(response, until)

    @blueprint.get("/img/<name>")
    def image(name: str) -> Response:
        widget, _, form = name.rpartition(".")
        if form not in FORMATS or widget not in PICTURED:
            raise BadParameter("widget", name, ", ".join(f"{w}.{f}" for w in PICTURED for f in FORMATS))
        snapshot = live.snapshot()
        shot, scale = asked(widget, snapshot), int(_one_of("scale", SCALES, "1"))
        drawn = studio.picture(snapshot, shot).svg
        return kept(
            make_response(png(drawn, scale) if form == "png" else drawn, 200, {"Content-Type": FORMATS[form]}), shot
        )

    @blueprint.get("/v1/pictures/<widget>")
    def described(widget: str) -> Response:
        only(*_PARAMETERS)
        snapshot = live.snapshot()
        shot, scale = asked(widget, snapshot), int(_one_of("scale", SCALES, "1"))
        return kept(as_json(_document(shot, studio, snapshot, scale, public_url)), shot)

    return blueprint


def _one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    said = request.args.get(name, default)
    if said not in allowed:
        raise BadParameter(name, said, ", ".join(allowed))
    return said


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
