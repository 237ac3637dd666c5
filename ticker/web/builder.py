"""The builder: choose a widget, see it, take its snippet. `/builder` answers its form; the page is at `/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask_htmx import HTMX
from flask_htmx import make_response as htmx_response
from werkzeug.wrappers import Response

from ticker.market.snapshot import Snapshot
from ticker.render.choice import GROUNDS, WIDTHS, Choice, edited
from ticker.render.forms import FORMS, forms_of
from ticker.render.fragment import Renderer
from ticker.render.heights import estimate
from ticker.render.language import language
from ticker.render.offers import items_of, offers_of, options_of, plain
from ticker.render.panel import page_of
from ticker.render.snippet_parts import HEIGHT, Drawn, Host, Words
from ticker.render.snippets import snippet
from ticker.render.studio import Shot, Studio
from ticker.render.variant import WIDGETS, Variant
from ticker.web.assets import Assets
from ticker.web.live import Live
from ticker.web.weight import Weigh

SCRIPT = "embed.js"


@dataclass(frozen=True)
class Builder:
    """Makes what the builder's template shows of a choice."""

    renderer: Renderer
    studio: Studio
    host: Host
    weigh: Weigh

    def shown(self, snapshot: Snapshot, choice: Choice, find: str = "") -> dict[str, Any]:
        """The template's names: the choice and its options, the preview, the snippet, and what it costs."""
        variant, words = choice.variant, self._words(snapshot, choice)
        made = snippet(choice, self.host, words)
        # The element's names always lead somewhere.
        seen = replace(variant, style=False, link=variant.link or choice.form == "element")
        heeds = WIDGETS[variant.widget].heeds - FORMS[choice.form].ignores
        weight = self.weigh(snapshot, made.carried + made.loaded)
        return {
            "choice": choice,
            "use": FORMS[choice.form],
            "forms": [(name, FORMS[name].title) for name in forms_of(variant.widget)],
            "widgets": [(name, name.capitalize()) for name in WIDGETS],
            "widths": [(width, width) for width in WIDTHS],
            "grounds": [(ground, ground) for ground in GROUNDS],
            "find": find,
            "items": items_of(choice, snapshot.catalog),
            "offers": offers_of(choice, snapshot.catalog, plain(find)),
            "options": options_of(variant, heeds),
            "most": WIDGETS[variant.widget].most,
            "preview": self.renderer.fragment(snapshot, seen, self.host.base),
            "preview_query": seen.query(),
            "snippet": made,
            "height": estimate(variant, choice.width, snapshot.catalog),
            "mark": HEIGHT,
            "pictures": words.pictures,
            "weight": weight,
            "requests": weight.requests - len(made.carried) if weight else len(made.loaded),
        }

    def _words(self, snapshot: Snapshot, choice: Choice) -> Words:
        variant, words = choice.variant, language(choice.variant.lang)
        groups = {group.key: words.group(group) for group in snapshot.catalog.groups}
        names = {i.key: words.name(i) for i in snapshot.catalog.instruments}
        q = snapshot.by_key[variant.instruments[0]]
        money = (
            words.money(q.latest.value, q.instrument.unit, q.instrument.decimals) if q.latest else words.word("empty")
        )
        listed = ", ".join((groups | names)[item] for item in choice.items)
        title = listed if len(variant.instruments) == 1 else f"{words.word('markets')}: {listed}"
        pictures = self._pictures(snapshot, choice) if choice.form == "picture" else ()
        return Words(title, names, money, pictures)

    def _pictures(self, snapshot: Snapshot, choice: Choice) -> tuple[Drawn, ...]:
        """A picture for a card each, else one of all."""
        variant, size = choice.variant, 600 if choice.width >= 600 else 300
        if variant.widget == "card":
            return tuple(
                self._picture(snapshot, replace(variant, instruments=(key,)), key, size) for key in variant.instruments
            )
        return (self._picture(snapshot, variant, ",".join(choice.items), size),)

    def _picture(self, snapshot: Snapshot, variant: Variant, i: str, size: int) -> Drawn:
        drawn, words = self.studio.picture(snapshot, Shot(variant, size)), language(variant.lang)
        query = variant.query().replace("i=" + ",".join(variant.instruments), f"i={i}", 1) + f"&size={size}"
        page = page_of(variant.instruments[:3], variant.range, words, self.host.url)
        if variant.widget in ("list", "strip"):
            page = f"{self.host.url}/embed/{variant.widget}?{variant.query()}"
        return Drawn(f"/img/{variant.widget}.png?{query}", page, drawn.title, drawn.width, drawn.height)


def host_of(public_url: str, assets: Assets) -> Host:
    """Where Ticker is, with its script as it is now."""
    if SCRIPT not in assets.by_name:
        return Host(public_url)
    return Host(public_url, assets.path(SCRIPT), assets.integrity(SCRIPT))


def address_of(choice: Choice, find: str = "", place: str = "") -> str:
    """The address of the page that shows a choice."""
    query = "&".join(filter(None, (choice.query(), urlencode({"find": find}) if find else "")))
    return "/" + (f"?{query}" if query else "") + place


def builder(live: Live, made: Builder, htmx: HTMX) -> Blueprint:
    """The blueprint. Its answers are private: to htmx the builder alone, to a browser the page's address."""
    blueprint = Blueprint("builder", __name__)
    base = made.host.base

    @blueprint.get("/builder")
    def chosen() -> Response:
        snapshot, find = live.snapshot(), request.args.get("find", "")[:40]
        said: Mapping[str, str] = {name: value for name, value in request.args.items() if name != "find"}
        choice = edited(said, snapshot.catalog)
        if not htmx:
            return redirect(base + address_of(choice, find, "#builder"), 303)
        page = render_template("pages/builder.html", **made.shown(snapshot, choice, find))
        address = base + address_of(choice)
        if (htmx.current_url or "").endswith(address):
            return htmx_response(page)
        return htmx_response(page, push_url=address)

    return blueprint
