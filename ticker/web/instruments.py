"""The page of an instrument, `/i/<instrument>`: its chart, what it is, its statistics and last figures."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from ticker.errors import BadParameter
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines, Renderer
from ticker.render.language import language, languages
from ticker.render.panel import page_of, sentence, shown
from ticker.render.profile import profile
from ticker.render.variant import Variant, parse_variant
from ticker.web.headers import for_page, keep
from ticker.web.live import Live
from ticker.web.under import base_of

_BESIDE = 2  # instruments that one is compared with, at most


def instruments(live: Live, renderer: Renderer, lines: Lines, public_url: str) -> Blueprint:
    """The blueprint. Absolute addresses start with `public_url`; `lines` gives whole lines."""
    blueprint = Blueprint("instruments", __name__)

    @blueprint.get("/i/<instrument>")
    def page(instrument: str) -> Response:
        snapshot = live.snapshot()
        variant = replace(chart_of(instrument, request.args, snapshot), style=False)
        keys, beside = variant.instruments, variant.instruments[1:]
        words = language(variant.lang)
        q, whole = snapshot.by_key[instrument], [lines(snapshot, key) for key in keys]
        found = shown([snapshot.by_key[key] for key in keys], whole, variant.range)
        picture = replace(variant, style=True).query() + "&size=1200"
        html = render_template(
            "pages/instrument.html",
            p=profile(q, whole[0], live.clock(), words, snapshot.year),
            t=words.page,
            c=words.chart,
            lang=variant.lang,
            variant=variant,
            fragment=renderer.fragment(snapshot, variant, base_of(public_url)),
            sentence=sentence(found, whole, variant.range, words, snapshot.year) if found else "",
            beside=beside,
            most=_BESIDE,
            groups=_choices(snapshot, words.tag, instrument),
            canonical=page_of(keys, variant.range, words, public_url),
            languages=[(tag, page_of(keys, variant.range, language(tag), "")) for tag in languages()],
            picture=f"/img/chart.png?{picture}",
            drawing=f"/img/chart.svg?{picture}",
            feed=f"/feeds/{instrument}.atom" + ("" if variant.lang == "en" else f"?lang={variant.lang}"),
            query=replace(variant, style=True).query(),
            public_url=public_url,
        )
        return keep(for_page(make_response(html)))

    return blueprint


def chart_of(instrument: str, args: MultiDict[str, str], snapshot: Snapshot) -> Variant:
    """The chart on the page of an instrument, as that page's query has it; BadParameter, as the page answers it."""
    if instrument not in snapshot.by_key:
        raise BadParameter("instrument", instrument, ", ".join(snapshot.by_key))
    given = {name: args[name] for name in ("lang", "theme", "up", "range") if name in args}
    keys = (instrument, *_beside(instrument, args, snapshot))
    return parse_variant("chart", given | {"i": ",".join(keys)}, snapshot.catalog)


def _beside(instrument: str, args: MultiDict[str, str], snapshot: Snapshot) -> tuple[str, ...]:
    """The instruments that this one is compared with: `vs`, comma separated or given twice, as a form does."""
    said = ",".join(args.getlist("vs"))
    names = list(dict.fromkeys(name for part in said.split(",") if (name := part.strip()) not in ("", instrument)))
    if len(names) > _BESIDE or not all(name in snapshot.by_key for name in names):
        there = ", ".join(key for key in snapshot.by_key if key != instrument)
        raise BadParameter("vs", said, f"at most {_BESIDE} of {there}, comma separated")
    return tuple(names)


def _choices(snapshot: Snapshot, tag: str, but: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups with their instruments, as a form offers them: key and name."""
    words = language(tag)
    return [
        (words.group(group), [(i.key, words.name(i)) for i in group.instruments if i.key != but])
        for group in snapshot.catalog.groups
    ]
