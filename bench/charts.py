"""What a chart costs to make: forty years of days drawn cold, part by part, explored, on its page and as pictures."""

from __future__ import annotations

import csv
import itertools
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock, patch

import jinja2
from flask import Flask

from bench.bare import flask_of
from bench.inside import application, asker, parts
from bench.program import ROOT
from bench.report import COLUMNS, Table, row
from bench.rounds import interleaved
from ticker.market.observation import Observation, Series
from ticker.market.snapshot import Snapshot
from ticker.render import panel
from ticker.render.fragment import Renderer
from ticker.render.language import language
from ticker.render.plot import Trace, joined, plot
from ticker.render.raster import png
from ticker.render.studio import Shot, Studio
from ticker.render.variant import Variant, parse_variant
from ticker.start import clock
from ticker.web.app import cache_of
from ticker.web.app import folder as folder_of

_ROUNDS, _SECONDS = 7, 0.2
_REAL = ROOT.parent / "shared" / "upstreams" / "series" / "RWTC.csv"
_DAYS = 10_226  # business days of forty years, as many as the real line had
_TRIVIAL = "<table>{% for day, value in line %}<tr><td>{{ day }}</td><td>{{ value }}</td></tr>{% endfor %}</table>"
_ROW = 44  # bytes of a row of it
_SIZES = (600, 1200)
_NAMED = {
    "max": ("a chart of forty years", "all there is, drawn, told and tabled"),
    "5y": ("five years of that line", "a shorter range"),
    "1y": ("one year of it", "the default"),
    "1m": ("one month of it", "what is left: words, rows, the template, and finding the month"),
}


def measure(folder: Path) -> Table:
    """Measure it."""
    opened, now = parts(folder), clock()
    snapshot = opened.snapshot(now)
    opened.store.close()
    whole = _forty_years()
    renderer = Renderer(folder_of("templates"), folder_of("static"), lambda snapshot, key: whole)
    studio = Studio(folder_of("static") / "vendor", lambda snapshot, key: whole)
    revisions = itertools.count(snapshot.revision + 1)
    variants = {named: parse_variant("chart", {"range": named}, snapshot.catalog) for named in _NAMED}
    plain = [(str(o.day), str(o.value)) for o in whole]
    rows = plain[: len(renderer.fragment(snapshot, variants["max"])) // _ROW]
    trivial = jinja2.Environment(autoescape=True).from_string(_TRIVIAL)

    def cold(named: str) -> Callable[[], object]:
        return lambda: renderer.fragment(replace(snapshot, revision=next(revisions)), variants[named])

    def drawing(size: int) -> Callable[[], str]:
        return lambda: studio.picture(snapshot, Shot(variants["max"], size)).svg

    def pixels(drawn: str) -> Callable[[], bytes]:
        return lambda: png(drawn, 1)

    calls: Mapping[str, Callable[[], object]] = {
        **{named: cold(named) for named in _NAMED},
        "jinja": lambda: trivial.render(line=rows),
        "json": lambda: json.dumps(plain),
        **_parts(renderer, snapshot, variants["max"], whole),
        "explored": lambda: json.dumps(renderer.exploration(snapshot, variants["max"])),
        **{f"svg {size}": drawing(size) for size in _SIZES},
        **{f"png {size}": pixels(drawing(size)()) for size in _SIZES},
    }
    took = interleaved(calls, _ROUNDS, _SECONDS)
    page, document, bare = _requests(folder)
    lines = [
        *(row(what, took[named], f"a trivial Jinja table of {len(trivial.render(line=rows)):,} bytes", took["jinja"],
              "s", means) for named, (what, means) in _NAMED.items()),
        row("a chart of forty years", took["max"], "`json.dumps` of its figures", took["json"], "s",
            "the same beside plain data"),
        *(row(f"of it: {part}", took[part], "all of it", took["max"], "s", means) for part, means in _PARTS.items()),
        row("its figures for Plotly, as JSON", took["explored"], "`json.dumps` of them", took["json"], "s",
            "what `/w/chart.json` answers once a reader asks to explore"),
        row("its picture, 600 wide, SVG", took["svg 600"], "the chart", took["max"], "s", "letters as outlines"),
        row("that as PNG, 600 wide", took["png 600"], "drawing the SVG", took["svg 600"], "s", "pixels alone"),
        row("that as PNG, 1200 by 630", took["png 1200"], "drawing the SVG", took["svg 1200"], "s", "pixels alone"),
        row("a request for `/i/wti`, not kept", page, "bare Flask view, same bytes", bare, "s",
            "ten years of seed; the fragment is kept: statistics, sentences, the page's template, brotli 5"),
        row("a request for `/w/chart.json`, not kept", document, "bare Flask view, same bytes", bare, "s",
            "ten years of seed; the document is made anew"),
    ]  # fmt: skip
    figures = "as EIA published them" if _REAL.is_file() else "made up: the real ones are not in ../shared/upstreams"
    remark = (
        f"{len(whole):,} daily figures of WTI ({figures}), {_ROUNDS} rounds; caches emptied by a new revision. "
        "A chart is rendered once a revision, a variant and a worker."
    )
    return Table("A chart, not cached", COLUMNS, lines, remark)


_PARTS = {
    "thinning and path": "ten thousand figures become at most 1,200 points",
    "the sentence": "what it says to whoever cannot see it",
    "the table": "the last figure of each year",
    "the template": "ready strings into HTML",
}


def _parts(renderer: Renderer, snapshot: Snapshot, variant: Variant, whole: Series) -> dict[str, Callable[[], object]]:
    """The parts of a fragment by themselves."""
    words, quotes = language(variant.lang), [snapshot.by_key[key] for key in variant.instruments]
    found = panel.shown(quotes, [whole], variant.range)
    assert found
    drawn = plot([Trace(whole, "daily")], *found.days, 2)
    template, listening = renderer._templates["chart"], Mock()
    listening.render.return_value = ""
    with patch.dict(renderer._templates, chart=listening):
        renderer.fragment(replace(snapshot, revision=-1), variant)
    context: dict[str, Any] = listening.render.call_args.kwargs
    return {
        "thinning and path": lambda: joined(drawn.points(drawn.traces[0], 1200, 400), drawn.traces[0].cadence),
        "the sentence": lambda: panel.sentence(found, [whole], variant.range, words, snapshot.year),
        "the table": lambda: panel._table(found, words, snapshot.year),
        "the template": lambda: template.render(**context),
    }


def _forty_years() -> Series:
    """The real line where it is at hand; else one of the same length that swings about as much."""
    if _REAL.is_file():
        with _REAL.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        return tuple(Observation(date.fromisoformat(day), Decimal(value)) for day, value in rows)
    days = [day for n in range(_DAYS * 7 // 5) if (day := date(1986, 1, 2) + timedelta(days=n)).weekday() < 5]
    levels = (60 + 30 * math.sin(n / 400) + 8 * math.sin(n / 23) + math.sin(n * 12.9898) for n in range(len(days)))
    return tuple(Observation(day, Decimal(f"{level:.2f}")) for day, level in zip(days, levels, strict=True))


def _requests(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds for the chart page and for the exploration while no answer is kept, and for bare Flask."""
    app = application(folder)
    ask, cache = asker(app), cache_of(cast(Flask, app))
    ask("/w/chart?range=max&style=0")
    flask = asker(flask_of({"/i/wti": ask("/i/wti?range=max")}))
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    paths = ("/i/wti?range=max", "/w/chart.json?range=max", "/i/wti")
    for _ in range(40):
        for kept in (cache._kept, cache._seen, cache._said):
            kept.clear()
        for asked, path, into in zip((ask, ask, flask), paths, times, strict=True):
            began = time.perf_counter()
            asked(path)
            into.append(time.perf_counter() - began)
    return times
