"""`<market-ticker>` in a real Chromium, in a page of another origin with the strictest policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import Served, watch
from tests.browser.newsroom import FAULTS, Newsroom, spoil
from tests.browser.test_pages import SCHEMES
from ticker.render.variant import WIDGETS

pytestmark = pytest.mark.browser
Show = Callable[..., tuple[Page, list[str], list[str]]]
SCRIPT = "<script async src=TICKER/embed.js></script>"
TRUSTED = "; require-trusted-types-for 'script'; trusted-types market-ticker market-ticker-chart"


@pytest.fixture
def served(home: Served) -> Served:
    return home


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 700, "height": 900})
    yield made
    made.close()


def quiet(page: Page, said: list[str]) -> None:
    """Nothing was complained of, kept or moved."""
    assert said == []
    assert page.evaluate("noted") == []
    assert page.context.cookies() == []
    assert page.evaluate("JSON.stringify([localStorage.length, sessionStorage.length])") == "[0,0]"
    assert page.evaluate("shifts && moved") == 0


@pytest.fixture
def shown(context: BrowserContext, served: Served, news: Newsroom) -> Show:
    def show(
        body: str, head: str = SCRIPT, *, clocked: bool = False, blocked: bool = False
    ) -> tuple[Page, list[str], list[str]]:
        """Open a page with that body. What it complains of, and what it asks us for, are lists that grow."""
        page = context.new_page()
        said, asked = watch(page), list[str]()
        page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))
        if clocked:
            page.clock.install(time=served.site.now)
        else:
            page.clock.set_fixed_time(served.site.now)
        if blocked:
            page.route("**/w/**", lambda route: route.abort())
        page.goto(news.page(body, head))
        return page, said, asked

    return show


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("widget", WIDGETS)
def test_every_widget_is_shown_in_any_width_and_language_and_nothing_moves_is_kept_or_is_said(
    browser: Browser, served: Served, news: Newsroom, widget: str, scheme: Literal["light", "dark"]
) -> None:
    news.policy += TRUSTED
    news.sheet += "".join(f".w{width} {{ width: {width}px; }}" for width in (280, 300, 360, 640))
    element = "<div class=w{}><market-ticker widget={} lang={}>$93.39</market-ticker></div>"
    both = [(width, lang) for width in (280, 300, 360, 640) for lang in ("en", "es", "pt-BR")]
    body = "".join(element.format(width, widget, lang) for width, lang in both)
    context = browser.new_context(viewport={"width": 700, "height": 10200}, color_scheme=scheme)
    page, asked = context.new_page(), list[str]()
    said = watch(page)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(news.page(body, SCRIPT))
    for button in page.get_by_role("button", name="$93.39").all():
        button.click()
    expect(page.locator("market-ticker .tkr")).to_have_count(len(both))
    page.wait_for_load_state("networkidle")
    quiet(page, said)
    assert {url.split("/")[2] for url in asked if url != "data:"} == {served.url[7:], news.url[7:]}
    assert len([url for url in asked if "/w/" in url]) == 3  # one for a language, however many show it
    for place, (width, lang) in zip(page.locator("market-ticker").all(), both, strict=True):
        found = served.site.get(f"/w/{widget}?lang={lang}&link=1").text
        assert place.locator("data").evaluate_all("all => all.map(e => e.value)") == re.findall(
            r'<data value="(.*?)"', found
        )
        assert place.evaluate("e => e.scrollWidth") <= width, lang
        assert place.locator(".tkr").get_attribute("lang") == lang
    context.close()


def change_colour(page: Page) -> str:
    found: str = page.locator(".tkr-c").evaluate("e => getComputedStyle(e).color")
    return found


def test_colours_follow_the_page_and_the_reader_while_it_is_open(shown: Show, news: Newsroom) -> None:
    news.sheet += ":root { color-scheme: light dark; } .dark { color-scheme: dark; color: #eee; }"
    page, said, asked = shown("<market-ticker widget=card></market-ticker>")
    expect(page.locator(".tkr-c")).to_be_visible()
    light = change_colour(page)
    page.emulate_media(color_scheme="dark")
    page.locator("main").evaluate("e => e.className = 'dark'")
    dark = change_colour(page)
    assert dark != light
    element = page.locator("market-ticker")
    element.evaluate("e => { e.setAttribute('theme', 'light'); e.setAttribute('up', 'red'); }")
    expect(page.locator(".tkr")).to_have_attribute("data-theme", "light")
    expect(page.locator(".tkr")).to_have_attribute("data-up", "red")
    assert change_colour(page) not in (light, dark)
    assert fragments(asked) == 1
    quiet(page, said)


def test_a_place_of_its_own_can_become_one_in_a_sentence_and_back(shown: Show) -> None:
    page, said, _ = shown("<market-ticker widget=chart i=wti>$93.39</market-ticker>")
    page.locator("market-ticker summary").click()
    element = page.locator("market-ticker")
    element.evaluate("e => e.setAttribute('widget', 'list')")
    expect(element.locator("li")).to_have_count(1)
    element.evaluate("e => e.setAttribute('widget', 'inline')")
    page.get_by_role("button", name="$93.39").click()
    expect(element.locator("output")).to_contain_text("$98.34")
    assert element.evaluate("e => getComputedStyle(e).display") == "inline"
    element.evaluate("e => e.setAttribute('widget', 'card')")
    expect(element.locator(".tkr-k")).to_be_visible()
    assert element.locator("output").count() == 0
    assert said == []


def test_included_as_a_module_it_knows_where_it_came_from(shown: Show) -> None:
    page, said, asked = shown(
        "<market-ticker i=wti>Markets</market-ticker>", "<script type=module src=TICKER/embed.js></script>"
    )
    expect(page.locator("market-ticker data")).to_have_text("98.34")
    assert fragments(asked) == 1
    assert said == []


def test_an_element_heeds_its_attributes_and_being_moved(shown: Show) -> None:
    page, said, asked = shown("<div></div><market-ticker i=wti spark=0>Markets</market-ticker>")
    element = page.locator("market-ticker")
    expect(element.locator("li")).to_have_count(1)
    element.evaluate("e => { e.setAttribute('i', 'gbpusd,wti'); e.setAttribute('lang', 'es'); }")
    expect(element.locator("li b").first).to_have_text("Libra esterlina")
    assert [url for url in asked if url.startswith("/w/")] == [
        "/w/list?i=wti&spark=0&link=1",
        "/w/list?i=gbpusd,wti&lang=es&spark=0&link=1",
    ]
    page.evaluate("document.querySelector('div').append(document.querySelector('market-ticker'))")
    expect(element.locator("li")).to_have_count(2)
    element.evaluate("e => e.setAttribute('widget', 'card')")
    expect(element.locator(".tkr-k > div")).to_have_count(2)
    quiet(page, said)


def test_publishers_give_rows_their_own_names_and_addresses(shown: Show, served: Served) -> None:
    own = "labels='wti: Crude, per barrel; natgas: Gas: Henry' href='https://news.example/markets/{key}'"
    page, said, _ = shown(
        f"<market-ticker i=wti,natgas,gbpusd {own}></market-ticker>"
        "<market-ticker i=wti></market-ticker><market-ticker i=wti href></market-ticker>"
        "<market-ticker i=wti href='javascript:alert(1)'></market-ticker>"
    )
    links = page.locator("market-ticker b a")
    expect(links).to_have_count(4)
    assert links.all_inner_texts() == ["Crude, per barrel", "Gas: Henry", "UK Pound", "Crude Oil"]
    assert links.evaluate_all("all => all.map(e => e.href)") == [
        *(f"https://news.example/markets/{key}" for key in ("wti", "natgas", "gbpusd")),
        served.url + "/i/wti",
    ]
    quiet(page, said)


def test_a_page_styles_the_parts_it_wants(shown: Show, news: Newsroom) -> None:
    news.sheet += "market-ticker { --tkr-rule: rgb(1, 2, 3); } market-ticker::part(figure) { color: rgb(4, 5, 6); }"
    page, said, _ = shown("<market-ticker i=wti></market-ticker>")
    expect(page.locator("market-ticker data")).to_have_css("color", "rgb(4, 5, 6)")
    expect(page.locator("market-ticker li")).to_have_css("border-bottom-color", "rgb(1, 2, 3)")
    assert page.locator("market-ticker [part~=label]").all_inner_texts() == ["Crude Oil"]
    parts = page.locator("market-ticker [part]").evaluate_all("all => [...new Set(all.flatMap(e => [...e.part]))]")
    assert sorted(parts) == ["change", "figure", "head", "label", "note", "row", "spark", "title", "widget"]
    quiet(page, said)


def fragments(asked: list[str]) -> int:
    return len([url for url in asked if url.startswith("/w/")])


class Answers:
    """The requests of a page that have not been answered yet, as long as it is used."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: set[Request] = set()

    def _begun(self, request: Request) -> None:
        self.waiting.add(request)

    def _ended(self, request: Request) -> None:
        self.waiting.discard(request)

    def __enter__(self) -> Answers:
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)
        return self

    def __exit__(self, *error: object) -> None:
        self.page.remove_listener("request", self._begun)
        self.page.remove_listener("requestfinished", self._ended)
        self.page.remove_listener("requestfailed", self._ended)

    def come(self) -> None:
        """Wait until all have been answered, and the page has seen that."""
        self.page.evaluate("0")
        while self.waiting:
            self.page.wait_for_timeout(5)
        self.page.evaluate("fetch(document.querySelector('script[src*=embed]').src, {cache: 'reload'}).catch(() => 0)")


def pass_time(page: Page, minutes: int, until: Callable[[], bool] = lambda: False) -> None:
    """Let minutes go by in the page, and answers come as they would; or fewer, until something is so."""
    with Answers(page) as answers:
        for _ in range(minutes * 4):
            if until():
                return
            page.clock.run_for(15_000)  # less than an answer may take, by the page's clock
            answers.come()  # however slow this machine is


@pytest.mark.parametrize("fault", [*FAULTS, "away"])
def test_what_stands_between_the_tags_stays_until_figures_come_and_they_come_by_themselves(
    shown: Show, served: Served, fault: str
) -> None:
    away = fault == "away"
    spoil(served, None if away else fault)
    page, _, asked = shown("<market-ticker><p>Figures of the day</p></market-ticker>", clocked=True, blocked=away)
    pass_time(page, 30, lambda: fragments(asked) > 2)
    assert 2 < fragments(asked) < 5  # at growing distances
    assert page.get_by_text("Figures of the day").is_visible()
    assert page.locator("market-ticker .tkr").count() == 0
    spoil(served, None)
    page.unroute_all()
    pass_time(page, 60, lambda: page.locator("market-ticker li").count() == 10)
    expect(page.locator("market-ticker li")).to_have_count(10)
    expect(page.get_by_text("Figures of the day")).not_to_be_visible()


@pytest.mark.parametrize("fault", [*FAULTS, "away"])
def test_the_last_figures_stay_whatever_comes_and_new_ones_come_when_due(
    shown: Show, served: Served, fault: str
) -> None:
    until = served.site.live.snapshot().valid_until - served.site.now
    served.site.pass_time(minutes=int(until.total_seconds() / 60) - 3)
    page, said, asked = shown("<market-ticker i=wti></market-ticker>", clocked=True)
    figure = page.locator("market-ticker data")
    expect(figure).to_have_text("98.34")
    page.clock.run_for(2 * 60_000)
    assert fragments(asked) == 1  # nothing was due
    quiet(page, said)
    spoil(served, None if fault == "away" else fault)
    if fault == "away":
        served.stop()
    pass_time(page, 60, lambda: fragments(asked) > 2)
    assert fragments(asked) == 3
    expect(figure).to_have_text("98.34")
    spoil(served, None)
    if fault == "away":
        served.start()
    served.site.pass_time(minutes=30)
    served.site.publish("eia:RWTC", date(2026, 4, 13), "97.11")
    served.site.look_again()
    pass_time(page, 60, lambda: figure.inner_text() == "97.11")
    expect(figure).to_have_text("97.11")


def test_a_correction_that_nobody_announced_comes_within_five_minutes(shown: Show, served: Served) -> None:
    page, said, asked = shown("<market-ticker i=wti></market-ticker>", clocked=True)
    figure = page.locator("market-ticker data")
    expect(figure).to_have_text("98.34")
    served.site.publish("eia:RWTC", date(2026, 4, 10), "97.99")
    served.site.look_again()
    pass_time(page, 5, lambda: figure.inner_text() == "97.99")
    expect(figure).to_have_text("97.99")
    assert fragments(asked) == 2
    quiet(page, said)


def test_of_two_caches_that_hold_old_copies_the_older_is_not_shown_and_they_are_not_asked_without_end(
    shown: Show, served: Served
) -> None:
    older = served.site.get("/w/list?i=wti&link=1").text
    served.site.pass_time(days=1)
    served.site.publish("eia:RWTC", date(2026, 4, 13), "97.11")
    served.site.look_again()
    newer = served.site.get("/w/list?i=wti&link=1").text
    served.site.pass_time(days=3)
    page, _, asked = shown("<market-ticker></market-ticker>", clocked=True, blocked=True)
    page.unroute_all()
    copies = cycle((older, newer))
    said = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/html"}
    page.route("**/w/list*", lambda route: route.fulfill(body=next(copies), headers=said))
    page.evaluate("document.querySelector('market-ticker').setAttribute('i', 'wti')")
    figure = page.locator("market-ticker data")
    expect(figure).to_have_text("98.34")
    pass_time(page, 1, lambda: figure.inner_text() == "97.11")
    expect(figure).to_have_text("97.11")
    before = fragments(asked)
    pass_time(page, 8)
    expect(figure).to_have_text("97.11")
    assert 4 <= fragments(asked) - before <= 24


def test_a_clock_that_is_set_back_stops_no_renewal(shown: Show, served: Served) -> None:
    page, _, asked = shown("<market-ticker i=wti></market-ticker>", clocked=True)
    expect(page.locator("market-ticker data")).to_have_text("98.34")
    page.clock.set_system_time(served.site.now - timedelta(hours=6))
    pass_time(page, 10, lambda: fragments(asked) > 2)
    assert fragments(asked) == 3


def test_an_open_inline_figure_that_becomes_another_shows_that(shown: Show) -> None:
    page, *_ = shown("<market-ticker widget=inline i=wti>the price of oil</market-ticker>")
    page.get_by_role("button", name="the price of oil").click()
    expect(page.locator("market-ticker output")).to_contain_text("98.34")
    page.locator("market-ticker").evaluate("e => e.setAttribute('i', 'natgas')")
    expect(page.locator("market-ticker output")).to_contain_text("3.04")
    expect(page.locator("market-ticker output")).not_to_contain_text("98.34")


def test_a_reader_keeps_his_place_in_a_chart_where_no_figure_changed(shown: Show, served: Served) -> None:
    page, _, asked = shown("<market-ticker widget=chart i=wti></market-ticker>", clocked=True)
    plot = page.get_by_role("application")
    plot.focus()
    before = served.site.get("/w/chart?i=wti&link=1").text
    until = served.site.live.snapshot().valid_until - served.site.now
    served.site.pass_time(seconds=until.total_seconds() + 1)
    served.site.look_again()
    assert served.site.get("/w/chart?i=wti&link=1").text != before
    page.clock.fast_forward(int(until.total_seconds() + 1) * 1000)
    pass_time(page, 3, lambda: fragments(asked) > 1)
    page.wait_for_load_state("networkidle")
    expect(plot).to_be_focused()


def test_nothing_is_asked_for_while_nobody_looks(shown: Show, served: Served) -> None:
    page, _, asked = shown("<div style=height:5000px></div><market-ticker i=wti></market-ticker>", clocked=True)
    page.locator("div").first.evaluate("e => e.style.height = '5000px'")
    expect(page.locator("market-ticker data")).to_have_text("98.34")
    expect(page.locator("market-ticker")).to_have_js_property("seen", False)
    page.clock.run_for(2 * 86_400_000)
    assert fragments(asked) == 1
    page.locator("market-ticker").scroll_into_view_if_needed()
    pass_time(page, 10, lambda: fragments(asked) > 1)
    assert fragments(asked) == 2


def test_a_number_in_a_sentence_stays_and_the_newest_stands_beside_it_on_request(shown: Show, served: Served) -> None:
    body = "<p>Oil was at <market-ticker widget=inline i=wti lang=es>$93.39</market-ticker> then.</p>"
    page, said, asked = shown(body)
    button, beside = (
        page.get_by_role("button", name="$93.39", description="ahora"),
        page.locator("market-ticker output"),
    )
    expect(button).to_have_attribute("aria-expanded", "false")
    assert fragments(asked) == 0  # nobody learns who reads, until a reader asks
    button.press("Enter")
    expect(beside).to_have_text(re.compile(r"ahora\s+98,34\s+US\$\s+\(10 abr.*EIA\)"))
    expect(page.locator("market-ticker").get_by_text("$93.39")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    quiet(page, said)
    button.press("Enter")
    expect(beside).to_be_empty()
    spoil(served, "500")
    page, *_ = shown(body.replace("lang=es", ""))
    page.get_by_role("button", description="now").click()
    expect(page.locator("market-ticker output")).to_have_text("now —")
    expect(page.locator("market-ticker").get_by_text("$93.39")).to_be_visible()


def test_included_twice_or_made_by_a_script_it_works_once(shown: Show) -> None:
    page, said, asked = shown("<div></div>", SCRIPT * 2 + "<script async src=TICKER/embed.js?2></script>")
    page.wait_for_function("() => !!customElements.get('market-ticker')")
    page.evaluate(
        """() => { const e = document.createElement('market-ticker'), place = document.querySelector('div');
        e.setAttribute('i', 'wti'); place.append(e); e.remove(); place.append(e, e.cloneNode()); }"""
    )
    expect(page.locator("market-ticker data")).to_have_count(2)
    assert fragments(asked) == 1
    assert said == []


def test_a_chart_is_explored_in_its_place(shown: Show, served: Served, news: Newsroom) -> None:
    news.policy += TRUSTED
    own = "labels='natgas: Gas' href='https://news.example/{key}'"
    page, said, asked = shown(f"<market-ticker widget=chart i=natgas range=6m {own}></market-ticker>")
    page.get_by_role("button", name="Explore").click()
    expect(page.locator("market-ticker .js-line").first).to_be_attached()
    page.get_by_role("link", name="5 years").click()
    expect(page.locator("market-ticker figcaption")).to_contain_text("Over five years")
    expect(page.locator("market-ticker .js-line").first).to_be_attached()
    name = page.locator("market-ticker").get_by_role("link", name="Gas", exact=True)
    expect(name).to_have_attribute("href", "https://news.example/natgas")
    expect(page.locator("market-ticker data")).to_have_attribute("part", "figure")
    quiet(page, said)
    assert [url.partition("?")[0] for url in asked if url.startswith("/")][:3] == ["/embed.js", "/w/chart", "/chart.js"]


def test_a_range_that_a_reader_chose_stays_when_new_figures_come(shown: Show, served: Served) -> None:
    page, *_ = shown("<market-ticker widget=chart i=wti range=5y></market-ticker>", clocked=True)
    expect(page.get_by_role("application")).to_be_visible()  # chart.js is there; without it a range is another page
    page.get_by_role("link", name="1 month").click()
    expect(page.locator("market-ticker figcaption")).to_contain_text("Over one month")
    until = served.site.live.snapshot().valid_until - served.site.now
    served.site.pass_time(seconds=until.total_seconds() + 60)
    served.site.publish("eia:RWTC", date(2026, 4, 13), "97.11")
    served.site.look_again()
    page.clock.run_for(int(until.total_seconds()) * 1000)
    pass_time(page, 60, lambda: page.locator("market-ticker data").inner_text() == "97.11")
    expect(page.locator("market-ticker data")).to_have_text("97.11")
    expect(page.locator("market-ticker figcaption")).to_contain_text("Over one month")
    expect(page.locator("market-ticker [aria-current]")).to_have_attribute("data-range", "1m")


def test_a_mistake_is_told_to_whoever_looks_for_it(shown: Show) -> None:
    page, said, _ = shown("<market-ticker i=wtx>Markets</market-ticker>")
    expect(page.get_by_text("Markets")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert any("market-ticker i='wtx' is not allowed. Allowed: groups energy" in line for line in said)


def test_the_height_is_kept_free_before_the_answer(shown: Show, served: Served, news: Newsroom) -> None:
    spoil(served, "500")
    news.sheet = "market-ticker { display: block; }"
    page, _, _ = shown(
        "<market-ticker height=432></market-ticker><market-ticker></market-ticker>"
        "<market-ticker widget=card></market-ticker>"
    )
    page.wait_for_function("() => !!customElements.get('market-ticker')")
    heights = page.locator("market-ticker").evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert heights == [432, 756, 268]


PLACES = ("", "display: flex; flex-direction: column", "display: grid")
BETWEEN = ("Oil", "<a href=/>Oil and gas</a>", "")


def in_places(between: Sequence[str], sheet: str, widgets: Sequence[str]) -> tuple[str, str]:
    """Elements for each widget with each text between their tags, in each place; and a style sheet for the places."""
    elements = [f"<div><market-ticker {widget}>{text}</market-ticker></div>" for widget in widgets for text in between]
    places = "".join(f".p{n} div {{ {place} }}" for n, place in enumerate(PLACES))
    return "".join(f"<section class=p{n}>{''.join(elements)}</section>" for n in range(len(PLACES))), sheet + places


@pytest.mark.parametrize("width", [300, 700])
def test_what_is_kept_free_is_about_what_comes_whatever_stands_there_first(
    shown: Show, served: Served, news: Newsroom, width: int
) -> None:
    widgets = ("", "i=energy", "i=wti", "widget=card i=natgas", "widget=chart", "widget=strip", "widget=strip i=wti")
    body, news.sheet = in_places(BETWEEN, f"main {{ width: {width}px }}", widgets)
    spoil(served, "500")
    page, *_ = shown(body)
    page.wait_for_function("() => !!customElements.get('market-ticker')")
    kept = page.locator("market-ticker").evaluate_all("all => all.map(e => e.offsetHeight)")
    spoil(served, None)
    page, *_ = shown(body)
    expect(page.locator("market-ticker .tkr")).to_have_count(len(kept))
    come = page.locator("market-ticker .tkr").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert len(kept) == len(widgets) * len(BETWEEN) * len(PLACES)
    assert [(free, high) for free, high in zip(kept, come, strict=True) if not 0.8 * high < free < 1.34 * high] == []


def test_nothing_moves_where_the_page_keeps_the_place_free_itself(shown: Show, news: Newsroom) -> None:
    body, news.sheet = in_places(BETWEEN, news.sheet, [""])
    page, said, _ = shown(body)
    expect(page.locator("market-ticker .tkr")).to_have_count(9)
    assert set(page.locator("market-ticker").evaluate_all("all => all.map(e => e.offsetHeight)")) == {830}
    quiet(page, said)
