"""First, highest and lowest figure of a chart in Chromium, at every size that its style makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.render.test_plot import corners
from tests.render.world import crossed, fragment, whole
from ticker.render.chart import BOX
from ticker.render.sheet import overlap

pytestmark = pytest.mark.browser
SIZES = (280, 300, 479, 480, 799, 800, 1200)
READ = """plot => {
  const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom] };
  const seen = e => e.checkVisibility();
  const at = plot.getBoundingClientRect();
  return {
    at: [at.left, at.top, at.width, at.height],
    line: plot.querySelector(".tkr-line").getAttribute("d"),
    marks: [...plot.querySelectorAll("text.tkr-m")].filter(seen).map(e => [e.textContent, box(e)]),
    others: [...plot.querySelectorAll("text:not(.tkr-m)")].filter(seen).map(e => [e.textContent, box(e)]),
    hairlines: [...plot.querySelectorAll("svg.tkr-m")].filter(seen).length,
  };
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def read(page: Page, width: int) -> dict[str, Any]:
    page.evaluate("width => { document.querySelector('main').style.width = `${width}px` }", width)
    found: dict[str, Any] = page.eval_on_selector("svg.tkr-plot", READ)
    return found


@pytest.mark.parametrize("key", ["wti", "brent", "gasoline", "natgas", "gbpusd", "usdcad", "usdmxn"])
@pytest.mark.parametrize("named", ["1m", "1y", "max"])
def test_marks_keep_clear_of_the_line_and_of_all_that_is_written(page: Page, key: str, named: str) -> None:
    drawn = fragment("chart", whole(), i=key, range=named)
    page.set_content(f"<!doctype html><style>body {{ font-family: sans-serif }}</style><main>{drawn}</main>")
    for width in SIZES:
        found = read(page, width)
        left, top, wide, high = found["at"]
        marks = [(text, tuple(box)) for text, box in found["marks"]]
        assert len({text for text, _ in marks}) == len(marks)
        # What a text covers is less than its line: figures reach from an eighth below its top to a fifth above its end.
        inked = {text: (x0, y0 + (y1 - y0) / 8, x1, y1 - (y1 - y0) / 5) for text, (x0, y0, x1, y1) in marks}
        for part in corners(found["line"]):
            line = [(left + x / BOX[0] * wide, top + y / BOX[1] * high) for x, y in part]
            for text, box in inked.items():
                assert not crossed(box, line), (width, text)
        boxes = [*inked.items(), *((text, tuple(box)) for text, box in found["others"])]
        for (a, one), (b, other) in combinations(boxes, 2):
            assert not overlap(one, other), (width, a, b)
        assert found["hairlines"] <= 1
        assert all(x0 >= left - 1 and x1 <= left + wide + 1 for x0, _, x1, _ in inked.values())
