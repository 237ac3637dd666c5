"""oEmbed, `/oembed`: what an editor shows for an address of ours, a frame with the figures as text before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.render.heights import estimate
from ticker.render.language import language
from ticker.render.quotation import quotation
from ticker.render.studio import Picture, Shot, Studio
from ticker.render.variant import Variant
from ticker.web.addresses import frame_of, variant_at
from ticker.web.api import as_json
from ticker.web.headers import keep
from ticker.web.live import Live

_KEPT = 3600  # seconds for which an editor may keep the answer: every figure in it has its day
_MOST = 10_000  # pixels
_WIDTHS = (300, 360, 640)  # at which we know how high widgets are; a wider one is no easier to read
_CARD = 300
_THUMBNAILS = (600, 300)
_FORMATS = ("json", "xml")


def oembed(live: Live, studio: Studio, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. Addresses start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("oembed", __name__)

    @blueprint.get("/oembed")
    def answer() -> Response:
        form = request.args.get("format", "json")
        if form not in _FORMATS:
            abort(501, f"format={form[:20]!r} is not answered. Answered: {', '.join(_FORMATS)}.")
        if not request.args.get("url"):
            raise BadParameter("url", "", f"an address of ours, such as {public_url}/embed/list")
        snapshot = live.snapshot()
        variant = variant_at(request.args["url"], public_url, snapshot)
        room = _Room(_pixels("maxwidth"), _pixels("maxheight"))
        document = _document(variant, room, snapshot, studio, lines, public_url)
        if form == "json":
            return as_json(document)
        body = render_template("pages/oembed.xml", document=document)
        return keep(make_response(body, 200, {"Content-Type": "text/xml; charset=utf-8"}))

    return blueprint


@dataclass(frozen=True)
class _Room:
    """The room that an editor has, in pixels."""

    width: int
    height: int

    def fits(self, picture: Picture) -> bool:
        return picture.width <= self.width and picture.height <= self.height


def _document(
    variant: Variant, room: _Room, snapshot: Snapshot, studio: Studio, lines: Lines, public_url: str
) -> dict[str, Any]:
    quotes = [snapshot.by_key[key] for key in variant.instruments]
    wide = min(_CARD * len(quotes) if variant.widget == "card" else _WIDTHS[-1], _WIDTHS[-1], room.width)
    nearest = max((width for width in _WIDTHS if width <= wide), default=_WIDTHS[0])
    shown = replace(variant, style=True, spark=True)
    if variant.widget == "card":
        shown = replace(shown, instruments=variant.instruments[:1])  # a picture is of one
    pictures = {size: studio.picture(snapshot, Shot(shown, size)) for size in _THUMBNAILS}
    about = {
        "title": pictures[_THUMBNAILS[0]].title,
        "width": wide,
        "height": min(estimate(variant, nearest, snapshot.catalog), room.height),
    }
    html = render_template(
        "pages/oembed.html",
        said=quotation(
            quotes,
            [lines(snapshot, key) for key in variant.instruments],
            variant.range if variant.widget == "chart" else None,
            language(variant.lang),
            public_url,
        ),
        frame=frame_of(variant, public_url),
        grows=estimate(variant, nearest, snapshot.catalog) <= room.height,
        theme=variant.theme,
        lang=variant.lang,
        public_url=public_url,
        **about,
    )
    fitting = {size: picture for size, picture in pictures.items() if room.fits(picture)}
    thumbnail = _thumbnail(fitting, f"{public_url}/img/{shown.widget}.png?{shown.query()}") if fitting else {}
    own = {"provider_name": "Ticker", "provider_url": f"{public_url}/", "cache_age": _KEPT}
    return {"type": "rich", "version": "1.0", **about, **own, "html": html, **thumbnail}


def _thumbnail(fitting: dict[int, Picture], address: str) -> dict[str, Any]:
    """The largest of these pictures, which stand by their size."""
    size, picture = max(fitting.items())
    return {
        "thumbnail_url": f"{address}&size={size}",
        "thumbnail_width": picture.width,
        "thumbnail_height": picture.height,
    }


def _pixels(name: str) -> int:
    said = request.args.get(name, str(_MOST))
    if not (said.isascii() and said.isdigit() and len(said) < 6 and 0 < int(said) <= _MOST):
        raise BadParameter(name, said, f"whole pixels, 1 to {_MOST}")
    return int(said)
