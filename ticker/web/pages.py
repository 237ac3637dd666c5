"""Pages for people: the home page, and the files that pages load."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request

from ticker.market.instrument import Instrument
from ticker.market.snapshot import Snapshot
from ticker.render.choice import parse_choice
from ticker.render.fragment import Renderer
from ticker.render.language import language
from ticker.render.panel import page_of
from ticker.render.variant import parse_variant
from ticker.web.addresses import frame_of
from ticker.web.assets import Assets
from ticker.web.builder import Builder
from ticker.web.headers import for_page, keep
from ticker.web.live import Live
from ticker.web.under import base_of

SHOWN = ("strip", "list", "card", "chart")
"""The widgets on the home page."""


def pages(live: Live, renderer: Renderer, assets: Assets, public_url: str, builder: Builder) -> Blueprint:
    """The blueprint. Absolute addresses start with `public_url`; the home page begins with the builder."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> Response:
        snapshot = live.snapshot()
        choice = parse_choice(request.args, snapshot.catalog)
        given = {name: getattr(choice.variant, name) for name in ("lang", "up")}
        variants = {w: parse_variant(w, given | {"style": "0"}, snapshot.catalog) for w in SHOWN}
        fragments = {w: renderer.fragment(snapshot, variant, base_of(public_url)) for w, variant in variants.items()}
        page = render_template(
            "pages/home.html",
            variants=variants,
            fragments=fragments,
            public_url=public_url,
            here=frame_of(choice.variant, public_url),
            given="".join(f"&{name}={value}" for name, value in given.items() if value not in ("en", "green")),
            charts=[(i.name, page_of([i.key], "1y", language(choice.variant.lang), "")) for i in _default(snapshot)],
            **builder.shown(snapshot, choice, request.args.get("find", "")[:40]),
        )
        return keep(for_page(make_response(page)))

    @blueprint.get("/static/<path:address>")
    def static(address: str) -> Response:
        asset = assets.by_address.get(address)
        if asset is None:
            abort(404)
        return keep(make_response(asset.body, 200, {"Content-Type": asset.kind}), "ever")

    @blueprint.get("/favicon.ico")
    def favicon() -> Response:
        return keep(
            make_response(assets.by_address[assets.by_name["icon.svg"]].body, 200, {"Content-Type": "image/svg+xml"})
        )

    return blueprint


def _default(snapshot: Snapshot) -> list[Instrument]:
    """The instruments that are shown where nobody asks for others."""
    return [i for group in snapshot.catalog.groups if group.default for i in group.instruments]
