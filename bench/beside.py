"""Pages beside each other in one Chromium: all in turn, again and again, and the rows that say what each has cost."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.browser import CHROMIUM, PHONE, Load, loaded
from bench.pages import Site, Sites
from bench.report import Table, measure, times

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS, ON_A_PHONE = 7, 5


@dataclass(frozen=True)
class Beside:
    """What each page has cost in every round, Ticker's first; the same as on a phone; the browser's version."""

    pages: Sites
    loads: tuple[tuple[Load, ...], ...]
    phone: tuple[tuple[Load, ...], ...]
    version: str


def skipped(title: str) -> Table | None:
    """What the table is where there is no browser; None where there is one."""
    if CHROMIUM and importlib.util.find_spec("playwright"):
        return None
    return Table(title, ("",), [("skipped: it takes Chromium and the Python package playwright",)], "")


def in_turn(browser: Browser, pages: Sites) -> Beside:
    """Load them all in turn, as often as `ROUNDS` and `ON_A_PHONE` say."""
    _once(browser, pages.sites[0])  # a browser's first page is not like its others
    loads = [[_once(browser, site) for site in pages.sites] for _ in range(ROUNDS)]
    phone = [[_once(browser, site, phone=True) for site in pages.sites] for _ in range(ON_A_PHONE)]
    return Beside(pages, tuple(zip(*loads, strict=True)), tuple(zip(*phone, strict=True)), browser.version)


def head(found: Beside) -> tuple[str, ...]:
    """The columns: what, Ticker, each of the others and how many times Ticker's that is, what it means."""
    ours, *theirs = (site.name for site in found.pages.sites)
    return "what", ours, *(cell for name in theirs for cell in (name, "of Ticker's")), "what it means"


def rows(found: Beside, seen: str, first: str) -> list[tuple[str, ...]]:
    """What a load costs. `seen` names what a reader came for; `first` says what the first paint is worth."""
    loads, phone = found.loads, found.phone
    return [
        row("requests", loads, lambda load: load.requests, "", "the page itself among them"),
        row("bytes that travel", loads, lambda load: load.transferred, "B", "heads and all"),
        row("first paint with content", loads, lambda load: load.first, "s", first),
        row(seen, loads, lambda load: load.seen, "s", "nothing in between: a server on this machine"),
        row("the same, as on a phone", phone, lambda load: load.seen, "s", PHONE),
        row("first paint, as on a phone", phone, lambda load: load.first, "s", "the same"),
        row("main thread", loads, lambda load: load.main, "s", "all its work until the page is quiet"),
        row("of that, scripts", loads, lambda load: load.script, "s", ""),
        row("of that, style and layout", loads, lambda load: load.layout, "s", ""),
        row("JavaScript's memory", loads, lambda load: load.heap, "B", "not yet collected garbage among it"),
        row("cookies and stored items", loads, lambda load: load.kept, "", ""),
    ]


def row(
    what: str, loads: Sequence[Sequence[Load]], of: Callable[[Load], float], unit: str, means: str
) -> tuple[str, ...]:
    """One of them."""
    ours, *theirs = ([of(load) for load in each] for each in loads)
    cells = [cell for each in theirs for cell in (measure(each, unit), times(each, ours) if all(ours) else "")]
    return what, measure(ours, unit), *cells, means


def remark(found: Beside, shows: str) -> str:
    """How it was measured. `shows` is a sentence about what the pages show."""
    names = [site.name for site in found.pages.sites]
    loads = zip(names, found.loads, strict=True)
    coded = ", ".join(f"{name}: {' and '.join(sorted(of[0].coded))}" for name, of in loads)
    said = (
        f"Chromium {found.version} without a window, {ROUNDS} rounds ({ON_A_PHONE} as on a phone), all pages in turn, "
        f"each with nothing in the cache. {shows} Compressed ({coded}). Here a ratio says how many times Ticker's: "
        f"more than 1 × is dearer than Ticker."
    )
    return " ".join([said, *(f"Left out: {one}." for one in found.pages.missing)])


def _once(browser: Browser, site: Site, phone: bool = False) -> Load:
    with loaded(browser, site.url, site.seen, phone) as (_, load, _):
        return load
