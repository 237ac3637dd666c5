"""A sidebar of ten quotes: `<market-ticker>` beside lightweight-charts' ten lines, in one Chromium."""

from __future__ import annotations

from pathlib import Path

from bench.beside import head, in_turn, remark, row, rows, skipped
from bench.browser import chromium
from bench.report import Table
from bench.sidebars import running

_TITLE = "A sidebar of ten quotes, beside lightweight-charts"
_FIRST = "Ticker's figures are not in it yet, they come with its lines; the other page was written with its figures"
_SHOWS = (
    "Both sidebars show ten quotes, 360 pixels wide, with the same {figures} figures as ten lines; below them stands a "
    "paragraph. Ticker's is `<market-ticker>` with its defaults and the height that its snippet reserves, from another "
    "port than the page. The other is as small as we could make it: name, figure and change written in the page's own "
    "HTML, the lines' figures beside them, axes, grid, pointer and attribution off, its script from the page's own "
    "host. It has no days, units or sources, and does not renew itself. What a second host costs on top (its name, its "
    "connection, TLS) is not imitated; a Ticker that is proxied under the page's own host does not cost it."
)


def measure(folder: Path) -> Table:
    """Measure it; where there is no browser, the table says so."""
    if absent := skipped(_TITLE):
        return absent
    with running(folder) as pages, chromium() as browser:
        found = in_turn(browser, pages)
    usual = rows(found, "all ten lines are seen", _FIRST)
    moved = [
        row("layout shift", found.loads, lambda load: load.shifted, "", "how far what is being read moves by itself"),
        row("layout shift, as on a phone", found.phone, lambda load: load.shifted, "", "there the lines come late"),
    ]
    return Table(_TITLE, head(found), [*usual, *moved], remark(found, _SHOWS.format(figures=pages.figures)))
