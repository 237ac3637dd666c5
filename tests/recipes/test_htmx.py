"""docs/recipes/htmx2.html and htmx4.html in a real Chromium, on another origin, under a Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Request as Asked
from werkzeug.wrappers import Request, Response

from tests.browser.conftest import watch
from tests.conftest import ROOT, absent
from tests.recipes.conftest import EDITORS_WORDS, FIGURE, FOREIGN, Fault, Upstream, eventually, on_a_port, recipe

pytestmark = pytest.mark.browser

SCRIPTS = {"htmx2.html": "node_modules/htmx2/dist/htmx.min.js", "htmx4.html": "static/vendor/htmx.min.js"}
FAULTS = [Fault("500 Oh"), Fault("404 Not Found"), Fault("302 Found"), Fault("200 OK", readable=False)]
FAULTS += [Fault("200 OK", cut=True)]


@dataclass
class Host:
    """A blank page of a host, in a browser whose clock a test moves."""

    recipe: str
    html: str
    page: Page
    upstream: Upstream
    url: str = ""
    said: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: list[Asked] = field(default_factory=list)
    """The requests to which an answer came or will not come."""

    def open(self) -> None:
        self.said = watch(self.page)
        self.page.on("request", lambda asked: self.asked.append(asked))
        self.page.on("requestfinished", lambda asked: self.over.append(asked))
        self.page.on("requestfailed", lambda asked: self.over.append(asked))
        self.page.goto(self.url)
        self._settle(0)

    def renew(self) -> None:
        """Let five minutes pass, and the request that they bring end."""
        before = self._answers()
        self.page.clock.run_for(300_000)
        self._settle(before)

    def _answers(self) -> int:
        return sum("/w/list" in asked.url and asked in self.over for asked in self.asked)

    def _settle(self, before: int) -> None:
        eventually(lambda: self.page.evaluate("true") and self._answers() > before, "the end of a request")
        for _ in range(5):
            self._step()

    def _step(self) -> None:
        """Let htmx do a part of what it does with an answer: between the parts it looks at the clock."""
        self.page.evaluate(
            "new Promise(go => { const c = new MessageChannel(); c.port1.onmessage = go; c.port2.postMessage(0) })"
        )
        self.page.clock.run_for(50)

    def shows(self, text: str) -> bool:
        """Whether the widget comes to hold a text."""
        for _ in range(100):
            if self.widget.count() and text in self.widget.inner_text():
                return True
            self._step()
        return False

    @property
    def widget(self) -> Locator:
        return self.page.locator(".tkr")


@pytest.fixture(params=SCRIPTS)
def host(request: pytest.FixtureRequest, browser: Browser, upstream: Upstream) -> Iterator[Host]:
    ticker, script = upstream.served.url, ROOT / SCRIPTS[request.param]
    if not script.is_file():
        absent(f"no {SCRIPTS[request.param]} (npm ci)")
    policy = f"default-src 'none'; script-src 'self'; connect-src {ticker}; style-src {ticker}"
    page = browser.new_page(viewport={"width": 360, "height": 900})
    found = Host(request.param, recipe(request.param, ("https://ticker.example", ticker)), page, upstream)

    @Request.application
    def serve(asked: Request) -> Response:
        if asked.path == "/htmx.min.js":
            return Response(script.read_bytes(), content_type="text/javascript")
        return Response(found.html, content_type="text/html", headers={"Content-Security-Policy": policy})

    # The browser's own cache knows the real time alone, in which the five minutes of these tests are none.
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.clock.install(time=upstream.served.site.now)
    with on_a_port(serve) as port:
        found.url = f"http://127.0.0.1:{port}/news?reader=1"
        yield found
        page.close()


def test_the_figures_appear_on_another_origin_under_a_strict_policy(host: Host) -> None:
    host.open()
    assert host.shows(FIGURE)
    expect(host.page.get_by_text(EDITORS_WORDS)).to_have_count(0)
    row = host.widget.locator("li").first
    assert row.evaluate("row => getComputedStyle(row).display") == "grid"  # /ticker.css is in force
    assert host.said == []
    assert {asked.url.split("/")[2] for asked in host.asked} == {
        host.url.split("/")[2],
        f"127.0.0.1:{host.upstream.port}",
    }
    assert host.page.context.cookies() == []
    stored = host.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert stored == (["htmx-current-path-for-history"] if host.recipe == "htmx2.html" else [])  # htmx 2's own


def test_the_reader_is_not_given_away_and_the_browser_may_ask_first(host: Host) -> None:
    host.open()
    asked = [(a["REQUEST_METHOD"], a["PATH_INFO"]) for a in host.upstream.gate.asked]
    first = [] if host.recipe == "htmx2.html" else [("OPTIONS", "/w/list")]  # htmx 4 cannot do without its headers
    assert sorted(asked) == sorted([("GET", "/ticker.css"), *first, ("GET", "/w/list")])
    assert "/news" not in str(host.upstream.gate.headers())
    assert "cookie" not in str(host.upstream.gate.headers())


def test_they_are_renewed_every_five_minutes(host: Host) -> None:
    host.open()
    host.upstream.publish("101.50")
    assert host.shows(FIGURE)
    host.renew()
    assert host.shows("101.50")
    assert host.said == []


def test_whatever_fails_the_last_figures_stay_and_it_recovers_by_itself(host: Host) -> None:
    host.open()
    for number, fault in enumerate(FAULTS):
        shown = host.widget.inner_text()
        host.upstream.gate.fault = fault
        host.renew()
        assert host.widget.inner_text() == shown
        expect(host.page.get_by_text(FOREIGN)).to_have_count(0)
        host.upstream.gate.fault = None
        host.upstream.publish(f"10{number}.25")
        host.renew()
        assert host.shows(f"10{number}.25")
    shown = host.widget.inner_text()
    host.upstream.served.stop()
    host.renew()
    host.renew()
    assert host.widget.inner_text() == shown
    host.upstream.publish("111.25")
    host.upstream.served.start()
    host.renew()
    assert host.shows("111.25")


def test_tickers_own_refusal_leaves_the_editors_words_and_one_line_in_the_console(host: Host) -> None:
    host.html = host.html.replace("i=energy", "i=nothing")
    host.open()
    expect(host.page.get_by_text(EDITORS_WORDS)).to_be_visible()
    assert host.said == ["Failed to load resource: the server responded with a status of 400 (BAD REQUEST)"]


def test_the_editors_words_stay_until_there_are_figures(host: Host) -> None:
    host.upstream.gate.fault = Fault("500 Oh")
    host.open()
    expect(host.page.get_by_text(EDITORS_WORDS)).to_be_visible()
    host.upstream.gate.fault = None
    host.renew()
    assert host.shows(FIGURE)
    expect(host.page.get_by_text(EDITORS_WORDS)).to_have_count(0)
