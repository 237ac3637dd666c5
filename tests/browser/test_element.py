"""`<market-ticker>` in a real Chromium, in a page of another origin with the strictest policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import Served, watch
from tests.browser.newsroom import Newsroom, newsroom
from ticker.render.variant import WIDGETS

pytestmark = pytest.mark.browser
SCRIPT = "<script async src=TICKER/embed.js></script>"
TRUSTED = "; require-trusted-types-for 'script'; trusted-types market-ticker"


@pytest.fixture
def news(served: Served) -> Iterator[Newsroom]:
    with newsroom(served.url) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 700, "height": 900})
    yield made
    made.close()


def opened(context: BrowserContext, address: str, now: Any = None) -> tuple[Page, list[str], list[Request]]:
    """The page, what it complains of and what it asks for."""
    page = context.new_page()
    said, asked = watch(page), list[Request]()
    page.on("request", lambda request: asked.append(request))
    if now:
        page.clock.install(time=now)
    page.goto(address)
    return page, said, asked


def quiet(page: Page, said: list[str]) -> None:
    """Nothing was complained of, kept or moved."""
    assert said == []
    assert page.evaluate("noted") == []
    assert page.context.cookies() == []
    assert page.evaluate("JSON.stringify([localStorage.length, sessionStorage.length])") == "[0,0]"
    assert page.evaluate("shifts") == 0


def text_of(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator("market-ticker .tkr").first.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("widget", WIDGETS)
def test_an_element_is_shown_whole_quietly_and_in_place(
    browser: Browser, served: Served, news: Newsroom, widget: str, scheme: Literal["light", "dark"]
) -> None:
    news.policy += TRUSTED if widget != "chart" else ""
    news.sheet = "market-ticker { display: block; min-height: 700px; }"
    context = browser.new_context(viewport={"width": 700, "height": 900}, color_scheme=scheme)
    for width in (280, 300, 360, 640):
        for lang in ("en", "es", "pt-BR"):
            address = news.page(f"<market-ticker widget={widget} lang={lang}>$93.39</market-ticker>", SCRIPT)
            context.clear_cookies()
            page, said, asked = opened(context, "about:blank")
            page.set_viewport_size({"width": width + 32, "height": 900})
            page.goto(address)
            if widget == "inline":
                page.get_by_role("button").click()
            expect(page.locator("market-ticker .tkr")).to_be_visible()
            page.wait_for_load_state("networkidle")
            quiet(page, said)
            assert {request.url.split("/")[2] for request in asked} <= {served.url[7:], news.url[7:], ""}
            assert page.evaluate("document.documentElement.scrollWidth") <= width + 32
            page.close()
    context.close()
