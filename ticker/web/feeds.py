"""`/feeds/<instrument>.atom`: one entry a publication, or with `above` and `below` one a crossing. Atom, RFC 4287."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from ticker.errors import BadParameter
from ticker.market.crossing import Levels
from ticker.market.instrument import Instrument
from ticker.render.fragment import Lines
from ticker.render.language import canonical, language
from ticker.render.newsfeed import newsfeed, plain
from ticker.render.panel import page_of
from ticker.web.api import only
from ticker.web.headers import keep
from ticker.web.live import Live

_NUMBER = re.compile(r"-?\d{1,12}(?:\.(\d{1,12}))?", re.ASCII)
KIND = "application/atom+xml; charset=utf-8"


def feeds(live: Live, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. Addresses in feeds start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("feeds", __name__)

    @blueprint.get("/feeds/<name>")
    def feed(name: str) -> Response:
        only("lang", "above", "below")
        snapshot = live.snapshot()
        key = name.removesuffix(".atom")
        if key == name or key not in snapshot.by_key:
            raise BadParameter("instrument", name, ", ".join(f"{known}.atom" for known in snapshot.by_key))
        q, words = snapshot.by_key[key], language(canonical(request.args.get("lang", "en")))
        levels = Levels(_level("above", q.instrument), _level("below", q.instrument))
        line = lines(snapshot, key)
        found = newsfeed(q, line, snapshot.corrections_of(q), levels, words, live.clock().date())
        query = _query(words.tag, levels)
        written = render_template(
            "feeds/feed.xml",
            feed=found,
            publisher=q.publisher,
            terms=words.page("terms"),
            page=page_of([key], "1y", words, public_url),
            address=f"{public_url}/feeds/{name}" + (f"?{query}" if query else ""),
        )
        return keep(make_response(written, 200, {"Content-Type": KIND}))

    return blueprint


def _query(tag: str, levels: Levels) -> str:
    """The canonical query string: what differs from the default."""
    watched = {"above": levels.above, "below": levels.below}
    said = {name: plain(level) for name, level in watched.items() if level is not None}
    return urlencode(({"lang": tag} if tag != "en" else {}) | said)


def _level(name: str, i: Instrument) -> Decimal | None:
    """The level that a parameter names; BadParameter for what the instrument's figures can never be."""
    said = request.args.get(name)
    if said is None:
        return None
    number = _NUMBER.fullmatch(said)
    if not number or len(number[1] or "") > i.decimals or Decimal(said) not in i.bounds:
        raise BadParameter(name, said, f"a number from {i.bounds} with at most {i.decimals} decimals")
    return Decimal(said)
