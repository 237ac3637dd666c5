"""Figures that nobody renewed say so by themselves, three hours late: in the element, in frames, on our own pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Served, blank, watch
from tests.browser.newsroom import Newsroom, spoil
from tests.browser.test_element import SCRIPT, Answers
from tests.conftest import ROOT
from ticker.render.language import languages

pytestmark = pytest.mark.browser
WORDS = {"en": "stale", "es": "sin actualizar", "pt": "desatualizado"}
MARK = ".tkr-at:not(:empty)"
WIDGETS = (
    "list?i=energy",
    "card?i=usdkrw,nzdusd",
    "chart?i=usdmxn",
    "chart?i=wti,brent",
    "strip?i=wti,gbpusd",
    "inline",
)
SAID = {
    "list": ["10 abr, sin actualizar"],
    "card": ["10 abr sin actualizar"],
    "chart": ["10 abr sin actualizar"],
    "strip": ["Energía 10 abr, sin actualizar\xa0· Fuente: U.S. EIA"],
}
HOUR = 3_600_000  # of a page's clock


@pytest.fixture
def served(home: Served) -> Served:
    return home


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 700, "height": 1200})
    yield made
    made.close()


def until(served: Served) -> int:
    """How long what is served is true, by its own clock, in the milliseconds of a page's."""
    return int((served.site.live.snapshot().valid_until - served.site.now).total_seconds() * 1000)


def opened(context: BrowserContext, address: str, at: datetime) -> Page:
    page = context.new_page()
    page.clock.install(time=at)
    page.goto(address)
    return page


def test_an_element_says_so_until_it_is_renewed_and_only_then(
    context: BrowserContext, served: Served, news: Newsroom
) -> None:
    page = opened(context, news.page("<market-ticker i=wti></market-ticker>", SCRIPT), served.site.now)
    head, mark = page.locator("market-ticker .tkr-h small"), page.locator(f"market-ticker {MARK}")
    expect(head).to_have_text("10 Apr")
    spoil(served, "500")
    for past, count in ((2.9, 0), (3.1, 1), (30, 1)):
        with page.expect_response("**/w/list*"):
            gone = page.evaluate("Date.now()") - served.site.now.timestamp() * 1000
            page.clock.fast_forward(int(until(served) + past * HOUR - gone))
        with Answers(page) as answers:
            answers.come()
        expect(mark).to_have_count(count)
    expect(head).to_have_text("10 Apr, stale")
    spoil(served, None)
    served.site.pass_time(seconds=until(served) / 1000 + 30 * 3600)
    served.site.publish("eia:RWTC", date(2026, 4, 13), "97.11")
    served.site.look_again()
    with page.expect_response("**/w/list*"):
        page.clock.fast_forward(HOUR)
    expect(page.locator("market-ticker data")).to_have_text("97.11")
    expect(head).to_have_text("13 Apr")


def test_a_copy_that_a_cache_keeps_for_days_says_so_in_every_widget(
    context: BrowserContext, served: Served, news: Newsroom
) -> None:
    places = [f"<market-ticker widget={name} i=wti lang=es></market-ticker>" for name in SAID]
    places += ["<market-ticker widget=chart i=wti,brent lang=es></market-ticker>"]
    places += ["<p>El petróleo, a <market-ticker widget=inline i=wti lang=es>$93.39</market-ticker>.</p>"]
    page = opened(context, news.page("".join(places), SCRIPT), served.site.now + timedelta(days=4))
    page.get_by_role("button", name="$93.39").click()
    expect(page.locator(f"market-ticker {MARK}")).to_have_count(len(places))
    for widget, texts in SAID.items():
        head = page.locator(f"[widget={widget}][i=wti]").locator("small").filter(has=page.locator(MARK))
        assert [text.replace("\n", " ") for text in head.all_inner_texts()][:1] == texts
    expect(page.locator("[i='wti,brent'] .tkr-h b")).to_have_text(
        "Comparación: Petróleo WTI y Petróleo Brent, 1 año, sin actualizar"
    )
    expect(page.locator("output")).to_contain_text("(10 abr, sin actualizar, U.S. EIA)")
    assert page.evaluate("noted") == []


def test_a_frame_that_stays_open_says_so_and_as_tall_as_it_was(
    context: BrowserContext, served: Served, news: Newsroom
) -> None:
    news.policy += f"; frame-src {served.url}"
    frame = '<iframe src="TICKER/embed/chart?i=wti" width=300 height=600></iframe>'
    page = opened(context, news.page(frame), served.site.now)
    said, inside = watch(page), page.frame_locator("iframe")
    expect(inside.get_by_role("application")).to_be_visible()
    height = page.frames[1].evaluate("document.body.offsetHeight")
    for past, count in ((2.9, 0), (3.1, 1)):
        gone = page.evaluate("Date.now()") - served.site.now.timestamp() * 1000
        page.clock.fast_forward(int(until(served) + past * HOUR - gone))
        expect(inside.locator(MARK)).to_have_count(count)
    assert page.frames[1].evaluate("document.body.offsetHeight") == height
    inside.locator("[data-range='5y']").click()  # the same old figures, for we are away
    expect(inside.locator("figcaption")).to_contain_text("Over five years")
    expect(inside.locator(".tkr-h > small")).to_have_text("10 Apr stale")
    served.site.pass_time(seconds=until(served) / 1000 + 3.2 * 3600)
    inside.locator("[data-range='1m']").click()
    expect(inside.locator("figcaption")).to_contain_text("Over one month")
    expect(inside.locator("figure .tkr-at")).to_be_empty()  # a range that was fetched just now is as new as can be
    assert said == []


def test_the_home_page_says_so_and_takes_it_back(context: BrowserContext, served: Served) -> None:
    page = opened(context, served.url, served.site.now + timedelta(milliseconds=until(served), hours=4))
    heads = page.locator(".sidebar .tkr-h small")
    expect(heads.first).to_have_text("10 Apr, stale")
    served.site.pass_time(seconds=until(served) / 1000 + 4 * 3600)
    with page.expect_response("**/w/list*"):
        page.clock.fast_forward(120_000)
    expect(page.locator(".sidebar [data-stale]")).to_have_attribute("data-valid-until", str_of(served))
    expect(heads.filter(has_text="stale")).to_have_count(0)


def str_of(served: Served) -> str:
    return f"{served.site.live.snapshot().valid_until:%Y-%m-%dT%H:%M:%SZ}"


def test_the_page_of_an_instrument_says_so_whatever_range_is_fetched(context: BrowserContext, served: Served) -> None:
    page = opened(context, f"{served.url}/i/wti?lang=pt", served.site.now + timedelta(days=2))
    head = page.locator(".chart .tkr-h > small")
    expect(head).to_contain_text("desatualizado")
    page.locator("[data-range='5y']").click()
    expect(page.locator("[data-range='5y']")).to_have_attribute("aria-current", "true")
    expect(head).to_contain_text("desatualizado")


OVER = """[...document.querySelectorAll("small.tkr-at")].flatMap((at) => {
  const mark = at.getBoundingClientRect(), beside = ".tkr-v *, .tkr-h > * > :not(.tkr-at)";
  return [...at.closest(".tkr-h").parentNode.querySelectorAll(beside)].filter((other) => {
    const { left, right, top, bottom } = other.getBoundingClientRect();
    return left < mark.right && right > mark.left && top < mark.bottom - 1 && bottom > mark.top + 1;
  }).map((other) => other.outerHTML);
})"""
WIDE = "[document.body, ...document.querySelectorAll('.tkr-h')].filter((e) => e.scrollWidth > e.clientWidth).length"
OLD = "document.querySelector('.tkr').dataset.validUntil = '2020-01-01T00:00:00Z'"


@pytest.mark.parametrize("lang", languages())
def test_the_word_has_room_in_the_narrowest_place(context: BrowserContext, served: Served, lang: str) -> None:
    """Behind a list's day, and under that of a card or a chart, where it lies over nothing; nothing grows."""
    page, script = context.new_page(), (ROOT / "static" / "age.js").read_text("utf-8")
    blank(page, served.url)
    for width in (280, 300):
        style = f"<style>body {{ margin: 0; width: {width}px; font: 16px Liberation Sans, Arial }}</style>"
        for address in (
            "list?i=energy,currencies",
            "card?i=usdmxn,audusd,gasoline",
            "chart?i=usdmxn",
            "chart?i=gasoline",
        ):
            html = served.site.get(f"/w/{address}&lang={lang}").text
            for year in ("", " 2026"):  # as a published site says it
                page.set_content(f"<!doctype html>{style}{html.replace('</time>', f'{year}</time>')}")
                tall = page.evaluate("document.body.offsetHeight")
                page.evaluate(OLD)
                page.add_script_tag(content=script)
                expect(page.locator(".tkr-at").first).to_contain_text(WORDS[lang])
                assert page.evaluate("document.body.offsetHeight") == tall
                assert page.evaluate(WIDE) == 0
                assert page.evaluate(OVER) == []
