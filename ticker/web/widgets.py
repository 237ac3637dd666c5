"""Widgets: `/w/<widget>`, bare HTML; `/embed/<widget>`, the same in a page of its own; and files for other sites."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request

from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Renderer
from ticker.render.language import language
from ticker.render.variant import Variant, parse_variant
from ticker.web.addresses import frame_of
from ticker.web.api import as_json
from ticker.web.assets import STABLE, Assets
from ticker.web.headers import for_embedding, keep
from ticker.web.live import Live
from ticker.web.under import base_of

_PLOTLY = "vendor/plotly-basic.min.js"


def widgets(live: Live, renderer: Renderer, assets: Assets, public_url: str) -> Blueprint:
    """The blueprint. Our own addresses in fragments start with `public_url`."""
    blueprint = Blueprint("widgets", __name__)
    plotly = {"src": assets.address(_PLOTLY), "integrity": assets.integrity(_PLOTLY)}

    @blueprint.get("/w/<widget>")
    def fragment(widget: str) -> Response:
        snapshot = live.snapshot()
        variant = parse_variant(widget, request.args, snapshot.catalog)
        return keep(make_response(renderer.fragment(snapshot, variant, public_url)))

    @blueprint.get("/w/chart.json")
    def explored() -> Response:
        snapshot = live.snapshot()
        variant = parse_variant("chart", request.args, snapshot.catalog)
        return as_json({"script": plotly, **renderer.exploration(snapshot, variant)})

    @blueprint.get(f"/<any({', '.join(STABLE)}):name>")
    def file(name: str) -> Response:
        asset = assets.by_address[assets.by_name[name]]
        return keep(make_response(asset.body, 200, {"Content-Type": asset.kind}), "hour")

    @blueprint.get("/embed/<widget>")
    def embedded(widget: str) -> Response:
        snapshot = live.snapshot()
        variant = replace(parse_variant(widget, request.args, snapshot.catalog), style=False)
        fragment = renderer.fragment(snapshot, variant, base_of(public_url))
        here = frame_of(variant, public_url)
        page = render_template(
            "pages/embed.html",
            title=_title(variant, snapshot),
            fragment=fragment,
            variant=variant,
            here=here,
            public_url=public_url,
        )
        return keep(for_embedding(make_response(page)))

    return blueprint


def _title(variant: Variant, snapshot: Snapshot) -> str:
    """What a frame is called, for whoever hears it: the names of its instruments, or that they are many."""
    words = language(variant.lang)
    if variant.widget in ("list", "strip"):
        return words.word("markets")
    return words.listed([words.name(snapshot.by_key[key].instrument) for key in variant.instruments])
