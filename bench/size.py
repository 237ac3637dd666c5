"""Bytes: what travels to a reader, from the second request on."""

from __future__ import annotations

import json
from pathlib import Path

import brotli

from bench.program import LANGUAGES, PLAIN, Served, environment, ticker_served
from bench.report import Table
from ticker.render.variant import WIDGETS

_CODINGS = ("identity", "gzip", "br")
_HEAD = ("address", "language", "plain", "gzip", "brotli", "of plain", "of the quotes' JSON", "brotli, `style=0`")
_REMARK = "Bodies, in bytes; the two ratios are brotli's. `style=0` is for pages that load the style sheet themselves."
_THREE = "i=wti,brent,natgas"
_Sizes = tuple[int, int, int]  # in each coding


def measure(folder: Path) -> Table:
    """Measure it."""
    with ticker_served(environment(folder)) as ours:
        quotes = _sizes(ours, "/v1/quotes")
        rows = [_row("`/v1/quotes`", "", quotes, quotes)]
        for query in (*WIDGETS, "chart?range=max", f"chart?{_THREE}"):
            rows += [_fragment(ours, query, lang, quotes) for lang in LANGUAGES]
        rows += _around(ours, quotes)
    return Table("Bytes", _HEAD, rows, _REMARK)


def _fragment(ours: Served, query: str, lang: str, quotes: _Sizes) -> tuple[str, ...]:
    path = f"/w/{query}{'&' if '?' in query else '?'}lang={lang}"
    return _row(f"`/w/{query}`", lang, _sizes(ours, path), quotes, _sizes(ours, f"{path}&style=0"))


def _around(ours: Served, quotes: _Sizes) -> list[tuple[str, ...]]:
    """What a chart brings beside its fragment: its script; once it is touched, its figures and Plotly; its picture."""
    fragment, bare, script = (_sizes(ours, path) for path in ("/w/chart", "/w/chart?style=0", "/chart.js"))
    figures = _sizes(ours, "/w/chart.json")  # the whole line, whatever the range
    plotly = _sizes(ours, json.loads(ours.ask("/w/chart.json", PLAIN).body)["script"]["src"])
    return [
        _row("`/chart.js`", "", script, quotes),
        _row("**a chart before anyone touches it**", "en", _sum(fragment, script), quotes, _sum(bare, script)),
        _row("`/w/chart.json`", "en", figures, quotes),
        _row("Plotly, once a reader asks for it", "", plotly, quotes),
        _row("a chart after someone has", "en", _sum(fragment, script, figures, plotly), quotes),
        _row("`/img/chart.svg`", "en", _sizes(ours, "/img/chart.svg"), quotes),
    ]


def _row(what: str, lang: str, sizes: _Sizes, quotes: _Sizes, bare: _Sizes | None = None) -> tuple[str, ...]:
    plain, gzip, br = (f"{size:,}" for size in sizes)
    of_plain, of_quotes = f"{sizes[2] / sizes[0]:.2f} ×", f"{sizes[2] / quotes[2]:.2f} ×"
    return what, lang, plain, gzip, br, of_plain, of_quotes, f"{bare[2]:,}" if bare else ""


def _sum(*sizes: _Sizes) -> _Sizes:
    plain, gzip, br = map(sum, zip(*sizes, strict=True))
    return plain, gzip, br


def _sizes(ours: Served, path: str) -> _Sizes:
    """The second answer in each coding."""
    bodies = []
    for coding in _CODINGS:
        ours.ask(path, {"Accept-Encoding": coding})
        bodies.append(ours.ask(path, {"Accept-Encoding": coding}).body)
    assert brotli.decompress(bodies[2]) == bodies[0], path
    return len(bodies[0]), len(bodies[1]), len(bodies[2])
