"""What a first request after new figures costs: load, snapshot, rows, fragment, compression."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2

from bench.bare import flask_of
from bench.inside import application, asker, parts
from bench.report import COLUMNS, Claim, Table, ratios, row
from bench.rounds import interleaved
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot
from ticker.render import document
from ticker.render.fragment import Renderer
from ticker.render.stylesheet import Stylesheet
from ticker.render.variant import parse_variant
from ticker.start import clock
from ticker.store.figures import RECENT
from ticker.web.app import folder as folder_of

_ROUNDS, _SECONDS = 7, 0.2
_REMARK = f"{_ROUNDS} rounds; caches emptied by a new revision or a new address."
_Misses = tuple[list[float], list[float], list[float]]
_SAME_SIZE = """<section class="tkr"><style>{{ css|safe }}</style><ul>
{% for q in quotes %}
<li><b>{{ q.label }}</b> <small>{{ q.kind }}, {{ q.unit }}</small> <time datetime="{{ q.as_of }}">{{ q.as_of }}</time>
<svg viewBox="0 0 118 30"><polyline points="{% for x, y in q.points %}{{ x }},{{ y }} {% endfor %}"/></svg>
<data value="{{ q.value }}">{{ q.value }}</data> <span>{{ q.direction }} {{ q.change }} {{ q.change_percent }}%</span>
<small>{{ q.previous.as_of }}</small> <a href="{{ q.source.url }}">{{ q.source.name }}</a></li>
{% endfor %}
</ul></section>"""
_TRIVIAL = "<ul>{% for q in quotes %}<li>{{ q.label }} {{ q.value }} {{ q.unit }} {{ q.change }}</li>{% endfor %}</ul>"
_NEWEST = "SELECT day, value, standing FROM observation WHERE series = ? ORDER BY day DESC LIMIT ?"


def measure(folder: Path) -> Table:
    """Measure it."""
    opened, now = parts(folder), clock()
    holding = opened.holding(now)
    snapshot = opened.snapshot_of(holding, now)
    renderer = Renderer(folder_of("templates"), folder_of("static"))
    revisions = itertools.count(snapshot.revision + 1)
    quotes = document.quotes(snapshot, None)
    trivial = jinja2.Environment(autoescape=True).from_string(_TRIVIAL)
    same_size = jinja2.Environment(autoescape=True).from_string(_SAME_SIZE)
    drawn = _drawn(snapshot, quotes["quotes"])
    css = Stylesheet.read(folder_of("static") / "ticker.css").of("list", link=False)
    database = sqlite3.connect(folder / "ticker.db")

    def cold(lang: str) -> str:
        variant = parse_variant("list", {"lang": lang}, snapshot.catalog)
        return renderer.fragment(replace(snapshot, revision=next(revisions)), variant)

    took = interleaved(
        {
            "list": lambda: cold("en"),
            "same size": lambda: same_size.render(quotes=drawn, css=css),
            "jinja": lambda: trivial.render(quotes=quotes["quotes"]),
            "json": lambda: json.dumps(quotes),
            "es": lambda: cold("es"),
            "quotes": lambda: document.quotes(snapshot, None),
            "build": lambda: opened.snapshot_of(holding, clock()),  # a new moment each time: judgements are kept by it
            "load": lambda: opened.holding(now),
            "sqlite": lambda: [database.execute(_NEWEST, (key, RECENT)).fetchall() for key in holding.figures],
        },
        _ROUNDS,
        _SECONDS,
    )
    database.close()
    opened.store.close()
    misses = _misses(folder, [quote["key"] for quote in quotes["quotes"]])
    theirs = f"a bare Jinja template, {len(same_size.render(quotes=drawn, css=css)):,} bytes"
    held = sum(map(len, holding.figures.values()))
    rows = _rows(took, misses, f"the list, {len(cold('en')):,} bytes", theirs, f"{held:,} figures from the database")
    return Table("Not cached", COLUMNS, rows, _REMARK, [_claim(took)])


def _rows(
    took: Mapping[str, list[float]], misses: _Misses, ours: str, theirs: str, figures: str
) -> list[tuple[str, ...]]:
    first, second, bare = misses
    return [
        row(ours, took["list"], theirs, took["same size"], "s",
            "the same quotes, the same style sheet, as many points of their lines, all of it ready for the template"),
        row("the list: rows, sparklines, words, HTML", took["list"], "a trivial Jinja template, same quotes",
            took["jinja"], "s", "rendering happens once a revision, a variant and a worker, not once a reader"),
        row("the same in Spanish", took["es"], "the same", took["jinja"], "s",
            "other languages cost what English costs"),
        row("the list", took["list"], "`json.dumps` of the quotes", took["json"], "s", "the same beside plain data"),
        row("the quotes as JSON's dictionaries", took["quotes"], "`json.dumps` of them", took["json"], "s",
            "the API's part"),
        row("a request with a new address", first, "bare Flask view, same bytes", bare, "s",
            "Flask, the template with kept rows, and quick compression (brotli 5): the cost of a flood of addresses"),
        row("the same address again", second, "bare Flask view, same bytes", bare, "s",
            "the one time that it is compressed thoroughly (brotli 11) and kept"),
        row(figures, took["load"], "`sqlite3`, the same rows", took["sqlite"], "s",
            "SQLAlchemy, dates and decimals; once a revision, a phase and a worker"),
        row("a snapshot of them", took["build"], "`sqlite3`, the same rows", took["sqlite"], "s",
            "crosses, changes, freshness and next dates of all instruments"),
    ]  # fmt: skip


def _claim(took: Mapping[str, list[float]]) -> Claim:
    return Claim(
        "cold render of the ten-quote list ÷ a bare Jinja template of the same size", "at most", 2,
        ratios(took["list"], took["same size"]),
        "Jinja alone: a template that writes the same ten quotes as they are in the API, the same style sheet and as "
        "many points of their lines, ready as integers, and is about as long (beside one without lines, and beside "
        "`json.dumps`, see the table below)",
        "Two fifths is our own template, a third the sparklines' decimal arithmetic, a sixth words, numbers and "
        "days. Lines in whole numbers instead of decimals would move it; it is paid once a revision, mostly before "
        "anybody asks.",
    )  # fmt: skip


def _drawn(snapshot: Snapshot, quotes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The quotes of the API, each with the points of its line."""

    def points(q: Quote) -> list[tuple[int, int]]:
        shown = q.line[-60:] if q.instrument.cadence == "daily" else q.line[-26:]
        return [(2 * n, int(o.value * 100) % 30) for n, o in enumerate(shown)]

    return [quote | {"points": points(snapshot.by_key[quote["key"]])} for quote in quotes]


def _misses(folder: Path, keys: Sequence[str]) -> _Misses:
    """Seconds for an address that was never asked for, for the same once more, and for bare Flask."""
    ask = asker(application(folder))
    flask = asker(flask_of({"/w/list": ask("/w/list")}))
    times: _Misses = ([], [], [])
    for order in itertools.islice(itertools.permutations(keys), 1, 41):  # each is an address of its own
        path = f"/w/list?i={','.join(order)}"
        for asked, into in ((ask, times[0]), (ask, times[1]), (flask, times[2])):
            began = time.perf_counter()
            asked(path)
            into.append(time.perf_counter() - began)
    return times
