"""Ticker's chart beside lightweight-charts and Dash, in one Chromium: before anyone touches it, and after."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.browser import CHROMIUM, PHONE, Load, chromium, loaded
from bench.report import Table, times
from bench.report import measure as shown
from bench.sites import Site, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_ROUNDS, _ON_A_PHONE = 7, 5
_TITLE = "A chart in a page, beside others"
_EXPLORED = ".tkr-live"  # Plotly has drawn


def measure(folder: Path) -> Table:
    """Measure it; where there is no browser, the table says so."""
    if not CHROMIUM or importlib.util.find_spec("playwright") is None:
        return Table(_TITLE, ("",), [("skipped: it takes Chromium and the Python package playwright",)], "")
    with running(folder) as pages, chromium() as browser:
        _once(browser, pages.sites[0])  # a browser's first page is not like its others
        found = [[_once(browser, site) for site in pages.sites] for _ in range(_ROUNDS)]
        phone = [[_once(browser, site, phone=True) for site in pages.sites] for _ in range(_ON_A_PHONE)]
        after = [_explored(browser, pages.sites[0]) for _ in range(_ROUNDS)]
        version = browser.version
    loads, slow = list(zip(*found, strict=True)), list(zip(*phone, strict=True))
    rows = [
        _row("requests", loads, lambda load: load.requests, "", "the page itself among them"),
        _row("bytes that travel", loads, lambda load: load.transferred, "B", "heads and all"),
        _row("first paint with content", loads, lambda load: load.first, "s", "for Dash that is the word “Loading”"),
        _row("the line is seen", loads, lambda load: load.seen, "s", "nothing in between: a server on this machine"),
        _row("the same, as on a phone", slow, lambda load: load.seen, "s", PHONE),
        _row("first paint, as on a phone", slow, lambda load: load.first, "s", "the same"),
        _row("main thread", loads, lambda load: load.main, "s", "all its work until the page is quiet"),
        _row("of that, scripts", loads, lambda load: load.script, "s", ""),
        _row("of that, style and layout", loads, lambda load: load.layout, "s", ""),
        _row("JavaScript's memory", loads, lambda load: load.heap, "B", "not yet collected garbage among it"),
        _row("cookies and stored items", loads, lambda load: load.kept, "", ""),
        *_after(after, len(loads)),
    ]
    names = [site.name for site in pages.sites]
    head = ("what", names[0], *(cell for name in names[1:] for cell in (name, "of Ticker's")), "what it means")
    coded = ", ".join(f"{name}: {' and '.join(sorted(of[0].coded))}" for name, of in zip(names, loads, strict=True))
    remark = (
        f"Chromium {version} without a window, {_ROUNDS} rounds ({_ON_A_PHONE} as on a phone), all pages in turn, each "
        f"with nothing in the cache. All show the same {pages.figures:,} daily figures of WTI under the same headline, "
        f"from a server on this machine. Compressed ({coded}). Here a ratio says how many times Ticker's: more than "
        f"1 × is dearer than Ticker."
    )
    return Table(_TITLE, head, rows, " ".join([remark, *(f"Left out: {one}." for one in pages.missing)]))


def _once(browser: Browser, site: Site, phone: bool = False) -> Load:
    with loaded(browser, site.url, site.seen, phone) as (_, load, _):
        return load


def _explored(browser: Browser, site: Site) -> tuple[Load, Load, float]:
    """A load, all it has cost once the pointer has been on the chart, and the seconds until it could be explored."""
    with loaded(browser, site.url, site.seen) as (page, before, cost):
        began = time.perf_counter()
        page.locator(".tkr-g").hover()
        page.locator(_EXPLORED).wait_for()
        took = time.perf_counter() - began  # before the cost is asked for: that waits until the page is quiet
        return before, cost(), took


def _row(
    what: str, loads: Sequence[Sequence[Load]], of: Callable[[Load], float], unit: str, means: str
) -> tuple[str, ...]:
    ours, *theirs = ([of(load) for load in each] for each in loads)
    cells = [cell for each in theirs for cell in (shown(each, unit), times(each, ours) if all(ours) else "")]
    return what, shown(ours, unit), *cells, means


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
