"""An instrument's page and the chart widgets in a real Chromium: seen, heard, moved through and taken away."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, blank, watch
from tests.browser.test_pages import HOSTS, SCHEMES, WIDTHS, complaints

pytestmark = pytest.mark.browser

PAGES = ("/i/wti", "/i/gasoline?range=max&lang=es-VE", "/i/usdbrl?range=5y&vs=usdmxn,gbpusd&lang=pt-BR")
CHARTS = (
    "i=wti&range=5y",
    "i=gasoline&range=6m&lang=pt-BR",
    "i=usdbrl,wti,natgas&range=max&lang=es",
    "i=natgas&range=1m",
)
SHIFT = (
    "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.shift += e.value))"
    ".observe({type: 'layout-shift', buffered: true})"
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_quiet_and_accessible(
    browser: Browser, served: Served, axe: str, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.clock.set_fixed_time(served.site.now)  # by this machine's clock, the figures are old
    page.add_init_script(SHIFT)
    said, asked = watch(page), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url + address)
    page.wait_for_load_state("networkidle")
    assert said == []
    assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{served.port}"}
    assert not [url for url in asked if "plotly" in url]
    assert page.evaluate("window.shift") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("details summary").click()
    assert complaints(axe, page) == []
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [280, 360, 640, 1200])
@pytest.mark.parametrize("query", CHARTS)
def test_a_chart_fits_into_a_page_of_any_site(
    browser: Browser, served: Served, axe: str, query: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": width + 32, "height": 900})
    said = watch(page)
    blank(page, served.url)
    said.clear()
    page.set_content(HOSTS[scheme] + served.site.get(f"/w/chart?{query}").text)
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 32
    assert complaints(axe, page) == []
    boxes = page.evaluate(
        "[...document.querySelectorAll('.tkr-t text')].filter(e => getComputedStyle(e).display != 'none')"
        ".map(e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom, e.textContent] })"
    )
    inner = page.evaluate("(e => { const r = e.getBoundingClientRect(); return [r.left, r.right] })"
                          "(document.querySelector('.tkr-g'))")  # fmt: skip
    for n, (left, top, right, bottom, text) in enumerate(boxes):
        assert inner[0] - 1 <= left, text
        assert right <= inner[1] + 1, text
        for other in boxes[n + 1 :]:  # glyphs fill about the middle two thirds of a line's height
            apart = right <= other[0] or other[2] <= left or bottom - 3 <= other[1] + 3 or other[3] - 3 <= top + 3
            assert apart, (text, other[4])
    page.close()


def ranged(page: Page, key: str) -> None:
    page.locator(f'.tkr-n a[data-range="{key}"]').click()
    expect(page.locator(f'.tkr-n a[data-range="{key}"]')).to_have_attribute("aria-current", "true")


def test_ranges_change_in_place_have_addresses_and_the_back_button_goes_back(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    said = watch(page)
    page.goto(served.url + "/i/wti")
    page.evaluate("window.here = true")
    ranged(page, "5y")
    assert page.url == served.url + "/i/wti?range=5y"
    expect(page.locator(".tkr-y")).to_contain_text("Over five years")
    expect(page.locator('a[href="/v1/history/wti.csv?range=5y"]')).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.range") == "5y"
    expect(page.locator("nav a[hreflang=es]")).to_have_attribute("href", "/i/wti?range=5y&lang=es")
    ranged(page, "max")
    page.go_back()
    expect(page.locator(".tkr-y")).to_contain_text("Over five years")
    page.go_back()
    expect(page.locator(".tkr-y")).to_contain_text("Over one year")
    assert page.url == served.url + "/i/wti"
    page.go_forward()
    expect(page.locator(".tkr-y")).to_contain_text("Over five years")
    assert page.evaluate("window.here")
    assert said == []
    page.reload()
    expect(page.locator(".tkr-y")).to_contain_text("Over five years")
    page.close()


def test_an_answer_that_is_none_leaves_the_page_and_its_address(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.goto(served.url + "/i/wti")
    page.route("**/i/wti?range=5y", lambda route: route.fulfill(status=503, body="busy", content_type="text/html"))
    with page.expect_response("**/i/wti?range=5y"):
        page.locator("a[data-range='5y']").click()
    page.unroute("**/i/wti?range=5y")
    ranged(page, "max")  # the next one comes as if nothing had been
    page.go_back()
    expect(page.locator(".tkr-y")).to_contain_text("Over one year")
    assert page.url == served.url + "/i/wti"
    page.close()


def test_a_comparison_is_chosen_by_keyboard(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    page.goto(served.url + "/i/wti?range=6m")
    page.locator("select").first.select_option("brent")
    page.locator("select").nth(1).select_option("natgas")
    page.get_by_role("button", name="Compare").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tkr-y")).to_contain_text("as 100")
    assert "vs=brent" in page.url
    assert "range=6m" in page.url
    assert page.locator(".tkr-f ul li").count() == 3
    page.close()


def test_the_page_explores_and_goes_on_after_another_range(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    said = watch(page)
    page.goto(served.url + "/i/wti")
    page.locator(".tkr-e").click()
    expect(page.locator(".tkr-live")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('.tkr-g ~ [aria-live], [aria-live="polite"]').first).to_contain_text("98.34")
    ranged(page, "5y")
    expect(page.locator(".tkr-live")).to_have_count(0)
    page.locator(".tkr-e").click()
    expect(page.locator(".tkr-live")).to_be_visible()
    assert said == []
    page.close()


def test_the_framed_chart_explores_under_its_own_policy(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 700})
    said = watch(page)
    blank(page, served.url)  # frames are for sites, and a blank page is none
    said.clear()
    page.set_content(f'<iframe src="{served.url}/embed/chart?i=natgas" width="360" height="560" title="x"></iframe>')
    frame = page.frame_locator("iframe")
    frame.locator(".tkr-e").click()
    expect(frame.locator(".tkr-live")).to_be_visible()
    frame.locator('[data-range="5y"]').click()
    expect(frame.locator(".tkr-y")).to_contain_text("Over five years")
    assert said == []
    page.close()


def test_the_page_is_readable_without_scripts_and_styles(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 900})
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(served.url + "/i/wti?range=1m")
    text = page.locator("body").inner_text()
    for said in ("WTI crude oil", "98.34", "52-week high", "U.S. EIA", "This is the spot price", "Next dates"):
        assert said in text
    picture = page.locator("svg.tkr-plot").bounding_box()
    assert picture
    assert picture["width"] <= 360
    assert picture["height"] == 200
    days = page.locator("svg.tkr-plot .tkr-t text").filter(has_text="Apr").first.bounding_box()
    caption = page.locator("figcaption").bounding_box()
    assert days
    assert caption
    assert days["y"] + days["height"] <= caption["y"]
    assert page.locator(".tkr-o").is_hidden()
    assert page.locator(".tkr-n a").first.inner_text() == "1M 1 month"
    page.locator("a[data-range='5y']").click()
    assert page.url.endswith("/i/wti?range=5y")
    context.close()


def test_a_chart_prints_and_holds_in_forced_colours(browser: Browser, served: Served) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 400, "height": 700})
    page = context.new_page()
    page.set_content(HOSTS["light"] + served.site.get("/w/chart?i=wti,brent").text)
    strokes = page.evaluate("[...document.querySelectorAll('.tkr-line')].map(e => getComputedStyle(e).stroke)")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(strokes) == 2
    assert ground not in strokes
    dashes = page.evaluate("[...document.querySelectorAll('.tkr-line')].map(e => getComputedStyle(e).strokeDasharray)")
    assert len(set(dashes)) == 2  # told apart without colour
    context.close()
