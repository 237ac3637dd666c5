"""What readers see, in a real Chromium: every page and widget, narrow and wide, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, blank, watch
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

WIDTHS = (300, 360, 1200)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FRAGMENTS = ("/w/strip", "/w/list", "/w/card?i=wti,gasoline,usdbrl", "/w/list?i=energy,currencies&lang=es-VE")
_HOST = (
    "<!doctype html><html lang=en><title>News</title>{head}<style>body{{margin:16px;font:16px/1.5 Liberation Sans,Arial"
)
_HOST += ";{look}}} h1{{font-size:20px}}</style><main><h1>News</h1>"
HOSTS = {
    "light": _HOST.format(head="", look=""),
    "dark": _HOST.format(head="<meta name=color-scheme content=dark>", look="background:#16181d;color:#f1f2f4"),
}


def complaints(axe: str, page: Any) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:120]} {v['nodes'][0]['failureSummary'][:300]}" for v in found["violations"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("address", ["/", "/?lang=es-VE", "/?lang=pt-BR", "/nowhere", "/status", "/corrections"])
def test_a_page_is_whole_quiet_and_accessible(
    browser: Browser, served: Served, axe: str, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    said, asked = watch(page), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url + address)
    page.wait_for_load_state("load")
    assert [line for line in said if "404" not in line or address != "/nowhere"] == []
    assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{served.port}"}
    assert context.cookies() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints(axe, page) == []
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("address", FRAGMENTS)
def test_a_fragment_fits_into_a_page_of_any_site(
    browser: Browser, served: Served, axe: str, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    said = watch(page)
    blank(page, served.url)  # any page of that origin; its content is replaced
    said.clear()
    page.set_content(HOSTS[scheme] + served.site.get(address).text)
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints(axe, page) == []
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.tkr *')]"
        ".filter(e => e.innerText && e.offsetWidth > 1 && !e.closest('[aria-hidden]'))"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 11.5
    context.close()


def test_rows_are_tall_enough_for_a_finger(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 300, "height": 900})
    page.set_content(HOSTS["light"] + served.site.get("/w/list").text)
    heights = page.evaluate("[...document.querySelectorAll('.tkr li')].map(e => e.getBoundingClientRect().height)")
    assert len(heights) == 10
    assert min(heights) >= 44
    page.close()


def forward_to_a_round(page: Page, seconds: int) -> None:
    """Let time pass until the page asks for its widgets; that must be within so many seconds.

    In steps: a request that is under way would otherwise run into its own time-out.
    """
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/w/" in request.url else None)
    for _ in range(0, seconds, 5):
        page.clock.run_for(5_000)
        if page.evaluate("0") == 0 and asked:
            return
    pytest.fail(f"no request in {seconds} seconds")


def test_new_figures_appear_in_place_when_they_are_due(browser: Browser, served: Served) -> None:
    site = served.site
    page = browser.new_page(viewport={"width": 360, "height": 900})
    page.clock.install(time=site.now)
    said, asked = watch(page), []
    page.goto(served.url + "/")
    page.on("request", lambda request: asked.append(request.url) if "/w/" in request.url else None)
    expect(page.locator("#updates")).to_have_text("The figures renew themselves when new ones are due.")
    until = (site.live.snapshot().valid_until - site.now).total_seconds()
    page.clock.run_for(int((until - 5) * 1000))
    assert asked == []  # nothing is asked before anything can be new
    site.pass_time(seconds=until + 120)
    site.publish("eia:RWTC", site.now.date(), "101.5")
    page.evaluate("window.here = true")
    forward_to_a_round(page, 120)
    for widget in ("list", "card", "strip", "chart"):
        expect(page.locator("[data-live]", has=page.locator("text=101.50")).first).to_be_visible()
        assert any(f"/w/{widget}?" in url for url in asked)
    expect(page.locator("data", has_text="101.50")).to_have_count(5)  # and the builder's preview
    assert page.evaluate("window.here")  # in place: the page was not loaded again
    assert said == []
    page.close()


def test_when_the_server_goes_away_the_figures_stay_and_it_says_so(browser: Browser, served: Served) -> None:
    site = served.site
    page = browser.new_page()
    page.clock.install(time=site.now)
    page.goto(served.url + "/")
    shown = page.locator(".sidebar").inner_text()
    assert "1.3421" in shown
    served.stop()
    until = (site.live.snapshot().valid_until - site.now).total_seconds()
    page.clock.run_for(int(until * 1000))
    forward_to_a_round(page, 120)
    expect(page.locator("#updates")).to_have_text("The server does not answer. These are the last figures it gave.")
    assert page.locator(".sidebar").inner_text() == shown
    site.pass_time(seconds=until + 200)
    served.start()
    page.clock.fast_forward(3_600_000)  # fires what is due once; the answer then has real time to come
    expect(page.locator("#updates")).to_have_text("The figures renew themselves when new ones are due.")
    page.close()


def test_an_error_answer_leaves_what_is_shown(browser: Browser, served: Served) -> None:
    site = served.site
    page = browser.new_page()
    page.clock.install(time=site.now)
    page.goto(served.url + "/")
    page.route("**/w/*", lambda route: route.fulfill(status=503, body="no figures"))
    until = (site.live.snapshot().valid_until - site.now).total_seconds()
    page.clock.run_for(int(until * 1000))
    forward_to_a_round(page, 120)
    expect(page.locator("#updates")).to_contain_text("does not answer")
    expect(page.locator(".sidebar")).to_contain_text("1.3421")
    expect(page.get_by_text("no figures")).to_have_count(0)
    page.close()


def test_a_round_that_fails_counts_once_and_renewing_keeps_the_focus(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.clock.install(time=served.site.now)
    page.goto(served.url + "/")
    until = (served.site.live.snapshot().valid_until - served.site.now).total_seconds()
    page.route("**/w/*", lambda route: route.fulfill(status=503, body="no figures"))
    page.clock.run_for(int(until * 1000))
    forward_to_a_round(page, 85)
    expect(page.locator("#updates")).to_contain_text("does not answer")
    page.unroute("**/w/*")
    page.locator(".sidebar .tkr a").first.focus()
    forward_to_a_round(page, 105)  # a minute, and at most forty seconds of spread
    expect(page.locator("#updates")).to_contain_text("renew themselves")
    assert page.evaluate("document.activeElement.textContent") == "U.S. EIA"
    page.close()


def test_updates_can_be_paused_by_keyboard(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.clock.install(time=served.site.now)
    page.goto(served.url + "/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/w/" in request.url else None)
    page.locator("#pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#updates")).to_have_text("The figures stay as they are.")
    expect(page.locator("#pause")).to_have_text("Resume updates")
    page.clock.run_for(86_400_000)
    assert asked == []
    page.keyboard.press("Enter")
    forward_to_a_round(page, 145)  # the figures are old: a minute, and at most eighty seconds of spread
    expect(page.locator("#updates")).to_have_text("The figures renew themselves when new ones are due.")
    page.close()


def test_the_home_page_is_readable_without_scripts_and_styles(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(served.url + "/")
    text = page.locator("body").inner_text()
    assert "Crude Oil" in text
    assert "98.34" in text
    assert "U.S. EIA" in text
    assert "Pause" not in text or page.locator("#pause").is_hidden()
    context.close()


def test_nothing_shifts_while_the_home_page_loads(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    page.add_init_script(
        "window.shift = 0; const add = list => list.getEntries().forEach(entry => window.shift += entry.value);"
        "new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true})"
    )
    page.clock.set_fixed_time(served.site.now)  # by this machine's clock, the figures are old
    page.goto(served.url + "/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") == 0
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pictures_for_the_documents(
    browser: Browser, served: Served, scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    """`make screenshots` keeps them in docs/img."""
    folder = ROOT / os.environ["SCREENSHOTS"] if "SCREENSHOTS" in os.environ else tmp_path
    page = browser.new_page(viewport={"width": 1120, "height": 900}, color_scheme=scheme)
    page.clock.set_fixed_time(served.site.now)  # by this machine's clock, the figures are old
    page.goto(served.url + f"/?ground={scheme}&width=640")
    page.screenshot(path=folder / f"home-{scheme}.png")
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(served.url + "/i/wti?range=5y")
    page.screenshot(path=folder / f"chart-{scheme}.png")
    assert (folder / f"home-{scheme}.png").stat().st_size > 10_000
    page.close()
