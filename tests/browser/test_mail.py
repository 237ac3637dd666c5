"""A message in Chromium: under its policy, at a phone's and a mail program's width, with and without pictures."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served, watch
from tests.web.conftest import app_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [320, 600])
def test_every_message_fits_and_shows_its_picture(served: Served, browser: Browser, width: int) -> None:
    served.site.app = app_of(served.url, served.site.live, served.site.parts)
    served.stop()
    served.start()
    with browser.new_context(viewport={"width": width, "height": 700}) as context:
        page = context.new_page()
        said = watch(page)
        for widget in ("list", "strip", "card", "chart"):
            page.goto(f"{served.url}/mail/{widget}?lang=es")  # the longest words
            assert page.evaluate("document.documentElement.scrollWidth") == width, widget
            assert page.evaluate("document.images[0].naturalWidth") == 1200
            assert page.evaluate("document.images[0].getBoundingClientRect().width") == width
        for lang in ("en", "pt"):
            page.goto(f"{served.url}/mail/list?lang={lang}&show=text")
            assert page.evaluate("document.documentElement.scrollWidth") == width, lang
        assert said == []
        assert context.cookies() == []


@pytest.mark.parametrize(
    ("theme", "ground", "ink"),
    [
        ("auto", "rgb(255, 255, 255)", "rgb(22, 24, 29)"),
        ("dark", "rgb(22, 24, 29)", "rgb(241, 242, 244)"),
    ],
)
def test_without_pictures_the_figures_are_text_in_their_colours(
    served: Served, browser: Browser, theme: str, ground: str, ink: str
) -> None:
    with browser.new_context(viewport={"width": 600, "height": 700}, color_scheme="dark") as context:
        page = context.new_page()
        page.route("**/img/**", lambda route: route.abort())
        page.goto(f"{served.url}/mail/list?theme={theme}")
        figure = page.get_by_text("98.34", exact=True)
        assert figure.is_visible()
        cell = figure.locator("xpath=ancestor::td[1]")
        of = "(e, name) => getComputedStyle(e)[name]"
        assert (cell.evaluate(of, "backgroundColor"), cell.evaluate(of, "color")) == (ground, ink)
        fall, rise = page.get_by_text("−15.67"), page.get_by_text("+0.0023")
        assert fall.evaluate(of, "color") != rise.evaluate(of, "color")
        assert "98.34" in str(page.locator("img").get_attribute("alt"))
