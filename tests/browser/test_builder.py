"""The builder in a real Chromium: what is chosen is what is shown, copied, addressed and found again."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, watch
from tests.browser.newsroom import newsroom
from tests.browser.test_pages import HOSTS, complaints

pytestmark = pytest.mark.browser

VARIANTS = (
    "/?widget=chart&form=htmx4&width=640&ground=dark",
    "/?widget=inline",
    "/?theme=dark&form=frame&i=wti",
)


@pytest.mark.parametrize(("width", "scheme"), [(300, "dark"), (1200, "light")])
def test_it_is_whole_quiet_and_accessible_whatever_is_chosen(
    browser: Browser, served: Served, axe: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.shift += e.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.clock.set_fixed_time(served.site.now)  # by this machine's clock, the figures are old
    said = watch(page)
    for address in VARIANTS:
        page.goto(served.url + address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.shift") == 0
        page.locator("summary").evaluate_all("all => all.forEach(one => one.parentElement.open = true)")
        assert complaints(axe, page) == []
        small = page.locator("#builder :is(button, select, label:has(input), summary)").evaluate_all(
            "all => all.filter(e => e.offsetWidth && !e.closest('.stage')).map(e => e.getBoundingClientRect())"
            ".filter(r => r.width < 24 || r.height < 24).length"
        )
        assert small == 0
    assert said == []
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


def snippet(page: Page) -> str:
    return page.locator("#snippet").inner_text()


def test_preview_snippet_and_address_follow_what_is_chosen_and_the_back_button(
    browser: Browser, served: Served
) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    said = watch(page)
    page.goto(served.url + "/")
    page.evaluate("window.here = true")
    page.get_by_role("radio", name="Card").check()
    expect(page.locator(".stage .tkr-k")).to_be_visible()
    assert 'widget="card" i="wti"' in snippet(page)
    assert page.url == served.url + "/?widget=card"
    page.locator("#lang").focus()
    page.locator("#lang").select_option("es")
    expect(page.locator(".stage .tkr")).to_have_attribute("lang", "es")
    assert page.evaluate("document.activeElement.id") == "lang"
    page.get_by_label("Frame", exact=True).check()
    expect(page.locator("#snippet")).to_contain_text("<iframe")
    assert page.url == served.url + "/?widget=card&lang=es&form=frame"
    page.go_back()
    expect(page.locator("#snippet")).to_contain_text("<market-ticker")
    assert page.get_by_label("Web component").is_checked()
    page.go_back()
    page.go_back()
    expect(page.locator(".stage .tkr-l")).to_be_visible()
    assert page.get_by_role("radio", name="List").is_checked()
    assert page.url == served.url + "/"
    page.go_forward()
    expect(page.locator(".stage .tkr-k")).to_be_visible()
    page.get_by_role("radio", name="Chart").check()  # what came back works as before
    expect(page.locator(".stage figure")).to_be_visible()
    assert page.evaluate("window.here")
    assert said == []
    page.reload()
    expect(page.locator(".stage figure")).to_be_visible()
    page.close()


def test_the_snippet_keeps_the_room_that_the_preview_takes(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(served.url + "/")
    heights = []
    for width in (300, 360, 640):
        page.get_by_label(str(width), exact=True).check()
        expect(page.locator(f'.stage [data-width="{width}"]')).to_be_visible()
        box = page.locator(".stage .tkr").bounding_box()
        assert box
        assert round(box["width"]) == width
        (said,) = re.findall(r"min-height:(\d+)px", snippet(page))
        assert int(said) - 1 < box["height"] <= int(said)
        assert f"{said} px in {width} px" in page.locator(".cost").inner_text()
        heights.append(int(said))
    assert heights == sorted(heights, reverse=True)
    page.close()


def test_without_scripts_the_height_is_near_to_what_it_will_be(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    all_of = "energy,currencies"
    for widget, i in (("list", all_of), ("list", "world"), ("strip", all_of), ("card", "wti,usdbrl"), ("chart", "wti")):
        shown = served.site.get(f"/w/{widget}?i={i}").text
        for width in (300, 360, 640):
            answer = served.site.get(f"/?widget={widget}&i={i}&width={width}").text
            (guess,) = re.findall(r"min-height:<span data-height>(\d+)", answer)
            page.set_content(HOSTS["light"] + f'<div style="width:{width}px">{shown}</div>')
            box = page.locator(".tkr").bounding_box()
            assert box
            assert abs(int(guess) - box["height"]) / box["height"] < 0.25, (widget, i, width)
    page.close()


def test_instruments_are_sought_added_moved_and_removed_by_keyboard(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    said = watch(page)
    page.goto(served.url + "/?i=wti")
    page.locator("#find").focus()
    page.keyboard.type("eúro ")
    expect(page.locator("#offers li:visible").first).to_contain_text("Euro in US dollars")
    assert page.locator("#offers li:visible").count() < 12
    page.keyboard.press("Enter")
    expect(page.locator("#items li")).to_have_count(2)
    assert "i=wti,eurusd" in page.url
    page.locator("#earlier-eurusd").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#items li").first).to_contain_text("Euro in US dollars")
    assert page.evaluate("document.activeElement.id") == "earlier-eurusd"
    expect(page.locator("#said")).to_have_text("Euro in US dollars is 1 of 2.")
    assert 'i="eurusd,wti"' in snippet(page)
    page.keyboard.press("Enter")  # it is the first already: nothing is asked
    page.locator("#remove-eurusd").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#items li")).to_have_count(1)
    assert page.evaluate("document.activeElement.closest('#builder') != null")
    assert page.url == served.url + "/?i=wti"
    assert said == []
    page.close()


def test_a_group_is_split_to_leave_one_out(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(served.url + "/")
    page.get_by_role("button", name="Split Energy").click()
    page.get_by_role("button", name="Remove Brent crude oil").click()
    expect(page.locator(".stage")).not_to_contain_text("Brent")
    assert 'i="wti,gasoline,natgas,currencies"' in snippet(page)
    page.close()


def test_the_snippet_is_copied_as_it_is_shown(browser: Browser, served: Served) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served.url + "/?lang=pt-BR")
    page.locator(".paste .copy").click()
    expect(page.locator("#said")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#snippet").text_content()
    assert re.search(r'lang="pt-BR"\n  style="display:block;min-height:\d+px"', copied)
    context.close()


def test_where_nothing_can_be_copied_it_is_selected(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto(served.url + "/")
    page.locator(".paste .copy").click()
    expect(page.locator("#said")).to_contain_text("Ctrl+C")
    assert page.evaluate("getSelection().toString()").strip() == snippet(page).strip()
    page.close()


def test_it_works_without_scripts(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 900})
    page = context.new_page()
    page.goto(served.url + "/")
    assert page.locator(".paste .copy").is_hidden()
    expect(page.locator(".cost")).to_contain_text("(estimated)")
    page.get_by_role("radio", name="Strip").check()
    page.get_by_label("Language").select_option("es-VE")
    page.get_by_role("button", name="Show it").click()
    assert page.url == served.url + "/?widget=strip&lang=es-VE#builder"
    expect(page.locator(".stage .tkr-s")).to_be_visible()
    page.get_by_role("button", name="Move Energy down").click()
    expect(page.locator("#items li").first).to_contain_text("Currencies")
    page.locator("#find").fill("yen")
    page.locator("#find").press("Enter")
    expect(page.locator("#offers li:visible")).to_have_count(1)
    page.get_by_role("button", name="US dollar in Japanese yen").click()
    assert 'i="currencies,energy,usdjpy" lang="es-VE"' in snippet(page)
    context.close()


def test_when_the_server_does_not_answer_it_says_so_and_what_is_shown_stays(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.goto(served.url + "/")
    before = snippet(page)
    page.route("**/builder?*", lambda route: route.abort())
    page.get_by_role("radio", name="Card").check()
    expect(page.locator("#said")).to_contain_text("does not answer")
    assert snippet(page) == before
    page.close()


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", "market-ticker .tkr-l"), ("widget=chart", "market-ticker figure svg"), ("form=picture", "a > img")],
)
def test_what_it_says_a_strict_host_needs_is_all_that_is_needed(
    browser: Browser, served: Served, query: str, shown: str
) -> None:
    page = browser.new_page(viewport={"width": 332, "height": 900})
    page.goto(f"{served.url}/?{query}")
    page.wait_for_load_state("networkidle")
    ours = "https://ticker.example"
    pasted = re.sub(r'\s+style="[^"]*"', "", snippet(page)).replace(ours, served.url)
    line = page.locator(".cost pre").first.inner_text()
    allowed = {"style-src": "'self'", "script-src": "'self'", "img-src": "data:"}
    for directive in line.replace(ours, served.url).split("; "):
        name, _, value = directive.partition(" ")
        allowed[name] = f"{allowed.get(name, '')} {value}"
    with newsroom(served.url) as news:
        news.policy = "default-src 'none'; " + "; ".join(f"{name} {value}" for name, value in allowed.items())
        if page.locator("#rule").count():
            page.locator("#rule summary").click()
            news.sheet = page.locator("#rule pre").inner_text()
        said = watch(page)
        page.goto(news.page(pasted))
        expect(page.locator(shown).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("noted") == []
        assert page.evaluate("shifts") == 0
        assert said == []
    page.close()
