"""Bytes: what travels to a reader, from the second request on."""

from __future__ import annotations

from pathlib import Path

import brotli

from bench.program import Served, environment, ticker_served
from bench.report import Table
from ticker.render.variant import WIDGETS

_CODINGS = ("identity", "gzip", "br")
_HEAD = ("address", "language", "plain", "gzip", "brotli", "of plain", "of the quotes' JSON", "brotli, `style=0`")
_REMARK = "Bodies, in bytes; the two ratios are brotli's. `style=0` is for pages that load the style sheet themselves."


def measure(folder: Path) -> Table:
    """Measure it."""
    with ticker_served(environment(folder)) as ours:
        quotes = _sizes(ours, "/v1/quotes")
        rows = [("`/v1/quotes`", "", *_cells(quotes, quotes))]
        for widget in WIDGETS:
            for lang in ("en", "es", "pt"):
                sizes = _sizes(ours, f"/w/{widget}?lang={lang}")
                bare = _sizes(ours, f"/w/{widget}?lang={lang}&style=0")
                rows.append((f"`/w/{widget}`", lang, *_cells(sizes, quotes), f"{bare[2]:,}"))
        rows[0] = (*rows[0], "")
    return Table("Bytes", _HEAD, rows, _REMARK)


def _cells(sizes: tuple[int, int, int], beside: tuple[int, int, int]) -> tuple[str, ...]:
    plain, gzip, br = sizes
    return f"{plain:,}", f"{gzip:,}", f"{br:,}", f"{br / plain:.2f} ×", f"{br / beside[2]:.2f} ×"


def _sizes(ours: Served, path: str) -> tuple[int, int, int]:
    """The second answer in each coding."""
    bodies = []
    for coding in _CODINGS:
        ours.ask(path, {"Accept-Encoding": coding})
        bodies.append(ours.ask(path, {"Accept-Encoding": coding}).body)
    assert brotli.decompress(bodies[2]) == bodies[0], path
    return len(bodies[0]), len(bodies[1]), len(bodies[2])
