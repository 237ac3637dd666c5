"""An address of ours, pasted into a real WordPress: it sizes the frame, or falls back on the figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, watch
from tests.conftest import QUIET, WHOLE, absent, free_port
from tests.web.conftest import FRESH, site_at
from tests.wordpress.conftest import Publish

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A site that knows its own address: WordPress compares it with what was pasted."""
    port = free_port()
    found = Served(site_at(tmp_path, FRESH, f"http://127.0.0.1:{port}"), port)
    found.start()
    yield found
    found.stop()
    found.site.parts.store.close()


@pytest.fixture
def whole(browser: Browser) -> Iterator[Browser]:
    """All of Chromium: its shell has no page to show in a frame whose host is away, which WordPress waits for."""
    if WHOLE is None:
        absent("no whole Chromium on this machine (Debian: apt-get install chromium)")
    running = browser.browser_type.launch(executable_path=WHOLE, args=QUIET)
    yield running
    running.close()


def framed(page: Page) -> int:
    """The height of the page's frame, which is its content's; what stood in for it is gone."""
    expect(page.locator("blockquote.wp-embedded-content")).to_be_hidden()
    page.locator("iframe").scroll_into_view_if_needed()
    inner = page.frames[1]
    inner.wait_for_function("() => document.body.offsetHeight == innerHeight")
    assert inner.evaluate("document.documentElement.scrollHeight == innerHeight")
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    height: int = page.evaluate("document.querySelector('iframe').offsetHeight")
    assert 200 <= height <= 1000  # WordPress's own limits
    return height


def test_a_pasted_address_becomes_a_frame_of_the_right_height_or_else_the_figures(
    whole: Browser, served: Served, publish: Publish
) -> None:
    posts = publish(served.port, [f"{served.url}/embed/list?i=energy&link=1", f"{served.url}/i/wti"])
    for post in posts:
        assert requests.get(post, timeout=30).text.count('sandbox="allow-scripts"') == 1  # it asks us, and remembers
    page = whole.new_page()
    said = watch(page)
    heights = []
    for post in posts:
        page.goto(post)
        heights.append(framed(page))
    inner = page.frames[1]
    inner.get_by_role("application").wait_for()  # chart.js is there; without it a range is another page
    inner.locator("[data-range='5y']").click()
    inner.locator("[data-range='5y'][aria-current]").wait_for()
    inner.locator(".tkr-e").click()
    inner.locator(".js-plotly-plot").wait_for()
    inner.locator("summary").click()
    page.wait_for_function("was => document.querySelector('iframe').offsetHeight > was", arg=heights[-1])
    page.goto(posts[0])
    framed(page)
    page.frames[1].get_by_role("link", name="Natural Gas").click()
    page.wait_for_url(f"{served.url}/i/natgas")
    assert said == []

    served.stop()
    for post in posts:
        page.goto(post)
        expect(page.locator("blockquote")).to_be_visible()
        expect(page.locator("blockquote")).to_contain_text("WTI crude oil closed at $98.34 on 10 April 2026")
        expect(page.locator("blockquote")).to_contain_text("U.S. Energy Information Administration")
    page.close()
