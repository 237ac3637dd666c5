"""Ticker's chart beside lightweight-charts and Dash, in one Chromium: before anyone touches it, and after."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.beside import ROUNDS, head, in_turn, remark, rows, skipped
from bench.browser import Load, chromium, loaded
from bench.pages import Site
from bench.report import Table
from bench.report import measure as shown
from bench.sites import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_TITLE = "A chart in a page, beside others"
_EXPLORED = ".tkr-live"  # Plotly has drawn


def measure(folder: Path) -> Table:
    """Measure it; where there is no browser, the table says so."""
    if absent := skipped(_TITLE):
        return absent
    with running(folder) as pages, chromium() as browser:
        found = in_turn(browser, pages)
        after = [_explored(browser, pages.sites[0]) for _ in range(ROUNDS)]
    shows = (
        f"All show the same {pages.figures:,} daily figures of WTI under the same headline, "
        f"from a server on this machine."
    )
    usual = rows(found, "the line is seen", "for Dash that is the word “Loading”")
    return Table(_TITLE, head(found), [*usual, *_after(after, len(found.loads))], remark(found, shows))


def _explored(browser: Browser, site: Site) -> tuple[Load, Load, float]:
    """A load, all it has cost once the pointer has been on the chart, and the seconds until it could be explored."""
    with loaded(browser, site.url, site.seen) as (page, before, cost):
        began = time.perf_counter()
        page.locator(".tkr-g").hover()
        page.locator(_EXPLORED).wait_for()
        took = time.perf_counter() - began  # before the cost is asked for: that waits until the page is quiet
        return before, cost(), took


def _after(found: Sequence[tuple[Load, Load, float]], columns: int) -> list[tuple[str, ...]]:
    """What comes on top once a reader explores; the others have brought it already."""

    def row(what: str, values: Sequence[float], unit: str, means: str) -> tuple[str, ...]:
        return what, shown(values, unit), *["nothing", ""] * (columns - 1), means

    return [
        row("on top, once explored: requests", [b.requests - a.requests for a, b, _ in found], "",
            "the figures and Plotly, once a page"),
        row("on top, once explored: bytes", [b.transferred - a.transferred for a, b, _ in found], "B",
            "the others have brought theirs already"),
        row("until it can be explored", [seconds for _, _, seconds in found], "s",
            "from the pointer's arrival; 150 ms of it are waited on purpose"),
        row("on top, once explored: main thread", [b.main - a.main for a, b, _ in found], "s", "Plotly, mostly"),
    ]  # fmt: skip
