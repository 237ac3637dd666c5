"""What a first request after new figures costs: load, snapshot, rows, fragment, compression."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import jinja2

from bench.bare import flask_of
from bench.inside import application, asker, parts
from bench.report import COLUMNS, Table, row
from bench.rounds import interleaved
from ticker.render import document
from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.start import clock
from ticker.store.figures import RECENT
from ticker.web.app import folder as folder_of

_ROUNDS, _SECONDS = 7, 0.2
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
    database = sqlite3.connect(folder / "ticker.db")

    def cold(lang: str) -> str:
        variant = parse_variant("list", {"lang": lang}, snapshot.catalog)
        return renderer.fragment(replace(snapshot, revision=next(revisions)), variant)

    took = interleaved(
        {
            "list": lambda: cold("en"),
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
    first, second, bare = _misses(folder)
    held = sum(map(len, holding.figures.values()))
    rows = [
        row("the list: rows, sparklines, words, HTML", took["list"], "a trivial Jinja template, same quotes",
            took["jinja"], "s", "rendering happens once a revision, a variant and a worker, not once a reader"),
        row("the same in Spanish", took["es"], "the same", took["jinja"], "s",
            "other languages cost what English costs"),
        row("the list", took["list"], "`json.dumps` of the quotes", took["json"], "s", "the same beside plain data"),
        row("the quotes as JSON's dictionaries", took["quotes"], "`json.dumps` of them", took["json"], "s",
            "the API's part"),
        row("a request with a new address", first, "bare Flask view, same bytes", bare, "s",
            "Flask, the kept fragment, and quick compression (brotli 5): the cost of a flood of addresses"),
        row("the same address again", second, "bare Flask view, same bytes", bare, "s",
            "the one time that it is compressed thoroughly (brotli 11) and kept"),
        row(f"{held:,} figures from the database", took["load"], "`sqlite3`, the same rows", took["sqlite"], "s",
            "SQLAlchemy, dates and decimals; once a revision, a phase and a worker"),
        row("a snapshot of them", took["build"], "`sqlite3`, the same rows", took["sqlite"], "s",
            "crosses, changes, freshness and next dates of all instruments"),
    ]  # fmt: skip
    return Table("Not cached", COLUMNS, rows, f"{_ROUNDS} rounds; caches emptied by a new revision or a new address.")


def _misses(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds for an address that was never asked for, for the same once more, and for bare Flask."""
    ask = asker(application(folder))
    flask = asker(flask_of({"/w/list": ask("/w/list")}))
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(40):
        path = f"/w/list?nonsense={number}"
        for asked, into in ((ask, times[0]), (ask, times[1]), (flask, times[2])):
            began = time.perf_counter()
            asked(path)
            into.append(time.perf_counter() - began)
    return times
