"""A published site behind a server that knows nothing but files, in a real Chromium: the same snippets work.

The folder is served by Python's own server, the bucket by an S3 server under its own host name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watch
from tests.browser.newsroom import Newsroom, newsroom
from tests.conftest import free_port
from tests.publish.conftest import Objects, Press
from tests.web.conftest import FRESH, site_at
from ticker.publish.bucket import bucket_at
from ticker.publish.file import Place
from ticker.publish.folder import Folder

pytestmark = pytest.mark.browser
WANTED = ("/w/list?i=energy&lang=es", "/w/inline?i=wti", "/i/wti", "/i/wti?lang=es")
ELEMENT = "<script async src=TICKER/embed.js></script>"


class Files(SimpleHTTPRequestHandler):
    """Python's own server of files, with leave for other sites to read them."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@contextmanager
def folder_served(folder: Path) -> Iterator[tuple[Place, str]]:
    port = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Folder(folder), f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


@contextmanager
def bucket_served(objects: Objects, way: str) -> Iterator[tuple[Place, str]]:
    """The bucket as a host of its own, which a browser finds on this machine; or a prefix in it, below a path."""
    if way == "bucket":
        host = f"http://{objects.bucket}.localhost:{objects.port}"
        yield bucket_at(f"s3://{objects.bucket}", objects.environment), host
    else:
        place = f"{objects.bucket}/below/a/path"
        yield bucket_at(f"s3://{place}", objects.environment), f"{objects.endpoint}/{place}"


@pytest.fixture(scope="module", params=["folder", "bucket", "path"])
def press(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    folder = tmp_path_factory.mktemp("published")
    if request.param == "folder":
        served = folder_served(folder / "out")
    else:
        served = bucket_served(request.getfixturevalue("objects"), request.param)
    with served as (place, url):
        site = site_at(folder, FRESH, url, TICKER_PUBLIC_URL=url)
        found = Press(site, place, folder / "out")
        found.publish(WANTED)
        yield found
        site.parts.store.close()


@pytest.fixture
def url(press: Press) -> str:
    return press.site.parts.settings.public_url


@pytest.fixture
def news(url: str) -> Iterator[Newsroom]:
    with newsroom(url) as found:
        host = "/".join(url.split("/")[:3])
        found.policy = f"{found.policy}; frame-src TICKER".replace("TICKER", host)
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def test_the_element_stays_as_it_is(page: Page, news: Newsroom, url: str) -> None:
    said, asked = watch(page), []
    page.on("request", lambda request: asked.append(request.url.removeprefix(url)))
    page.goto(
        news.page(f'<market-ticker widget="list" i="energy" lang="es" theme="dark">Mercados</market-ticker>{ELEMENT}')
    )
    expect(page.locator("market-ticker data").first).to_have_text("98,34")
    assert page.locator("market-ticker section").get_attribute("data-theme") == "dark"
    expect(page.locator("market-ticker b a").first).to_have_attribute("href", f"{url}/i/wti?lang=es")
    assert [a for a in asked if a.startswith("/")] == ["/embed.js", "/w/list_i=energy_lang=es_link=1.html"]
    assert said == []


def test_a_variant_that_was_not_published_leaves_what_stands_between_the_tags(page: Page, news: Newsroom) -> None:
    with page.expect_response("**/w/list_i=gbpusd_link=1.html") as answer:
        page.goto(news.page(f'<market-ticker widget="list" i="gbpusd">Pound</market-ticker>{ELEMENT}'))
    assert answer.value.status == 404
    assert page.locator("market-ticker").inner_text() == "Pound"


def test_a_chart_is_explored_and_changes_its_range(page: Page, news: Newsroom) -> None:
    said = watch(page)
    page.goto(news.page(f'<market-ticker widget="chart" i="wti" range="1y">WTI</market-ticker>{ELEMENT}'))
    chart = page.locator("market-ticker figure")
    expect(chart.get_by_role("application")).to_be_visible()  # chart.js is there; without it a range is another page
    with page.expect_response("**/w/chart_i=wti_range=5y_link=1_style=0.html") as answer:
        chart.locator("[data-range='5y']").click()
    assert answer.value.ok
    expect(chart.locator("[data-range='5y']")).to_have_attribute("aria-current", "true")
    with page.expect_response("**/w/chart_i=wti_range=5y.json"):
        chart.locator("button.tkr-e").click()
    expect(chart.locator(".tkr-live")).to_be_visible()
    assert said == []


def test_a_sentence_renews_its_figure(page: Page, news: Newsroom) -> None:
    page.goto(news.page(f'Oil stands at <market-ticker widget="inline" i="wti">$90</market-ticker>.{ELEMENT}'))
    page.locator("market-ticker button").click()
    expect(page.locator("market-ticker output")).to_contain_text("98.34")


def test_a_frame_stays_as_it_is_with_its_look_and_its_height(page: Page, news: Newsroom, url: str) -> None:
    said = watch(page)
    frame = '<iframe src="TICKER/embed/list?i=energy&lang=es&theme=dark&up=red" height="150" width="300"></iframe>'
    page.goto(news.page(frame + "<script async src=TICKER/frame.js></script>"))
    inside = page.frame_locator("iframe")
    expect(inside.locator("data").first).to_have_text("98,34")
    expect(inside.locator("section")).to_have_attribute("data-theme", "dark")
    expect(inside.locator("section")).to_have_attribute("data-up", "red")
    expect(inside.locator("meta[name=color-scheme]")).to_have_attribute("content", "dark")
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 200")
    assert page.frames[1].url == f"{url}/embed/list_i=energy_lang=es.html?i=energy&lang=es&theme=dark&up=red"
    assert said == []


def test_a_frame_with_a_chart_changes_its_range_in_place(page: Page, news: Newsroom) -> None:
    page.goto(news.page('<iframe src="TICKER/embed/chart?i=wti" height="600" width="600"></iframe>'))
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("application")).to_be_visible()
    inside.locator("[data-range='5y']").click()
    expect(inside.locator("[data-range='5y']")).to_have_attribute("aria-current", "true")


def test_the_page_of_an_instrument_works_and_leads_to_files(page: Page, url: str) -> None:
    said, wrong = watch(page), []
    page.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
    page.goto(f"{url}/i/wti?lang=es&range=5y")
    expect(page.locator("h1")).to_contain_text("WTI")
    assert page.locator("html").get_attribute("lang") == "es"
    page.locator("[data-range='6m']").click()
    expect(page.locator("[data-range='6m']")).to_have_attribute("aria-current", "true")
    assert page.locator("form").count() == 0
    page.locator("nav a[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for link in page.locator(".about li a").all():
        address = link.evaluate("link => link.href")
        assert page.evaluate("async (address) => (await fetch(address)).ok", address), address
    assert (said, wrong) == ([], [])


def test_a_new_figure_reaches_an_open_page(press: Press, page: Page, news: Newsroom) -> None:
    page.clock.install(time=FRESH)
    page.goto(news.page(f'<market-ticker widget="list" i="energy" lang="es">Mercados</market-ticker>{ELEMENT}'))
    expect(page.locator("market-ticker data").first).to_have_text("98,34")
    press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    press.publish(WANTED)
    page.clock.fast_forward(60 * 60 * 24 * 1000)
    expect(page.locator("market-ticker data").first).to_have_text("97,77")


def test_files_whose_publisher_ended_say_that_they_are_old(page: Page, news: Newsroom, url: str) -> None:
    page.clock.install(time=FRESH + timedelta(days=365))
    element = f'<market-ticker widget="list" i="energy" lang="es">Mercados</market-ticker>{ELEMENT}'
    page.goto(news.page(f'{element}<iframe src="TICKER/embed/list?i=energy&lang=es" height="400"></iframe>'))
    for place in (page.locator("market-ticker"), page.frame_locator("iframe")):
        expect(place.locator(".tkr-h small")).to_have_text("10 abr 2026, sin actualizar")
    page.goto(f"{url}/i/wti")
    expect(page.locator(".tkr-h > small")).to_have_text("10 Apr 2026 stale")
    page.locator("[data-range='5y']").click()
    expect(page.locator("[data-range='5y']")).to_have_attribute("aria-current", "true")
    expect(page.locator(".tkr-h > small")).to_have_text("10 Apr 2026 stale")


def test_scripts_ask_for_the_file_that_was_written(page: Page, url: str) -> None:
    """The two that make names of addresses, in Python and in JavaScript, agree."""
    from ticker.render.files import file_of

    name = Path("static/files/name.js").read_text("utf-8")
    page.goto(f"{url}/embed.js")
    for address in (
        "/w/list", "/w/list?i=energy,currencies&lang=es&link=1", "/w/list?link=1&lang=en&i=wti%2Cbrent",
        "/w/list?spark=0&utm_source=x", "/w/chart?range=1y&i=wti", "/w/chart?range=max&i=wti&link=0",
        "/w/chart.json?i=wti,brent&range=5y&lang=pt-BR&link=1", "/i/wti?lang=es&range=5y&vs=brent", "/i/wti",
        "/embed/card?i=wti,%20brent&theme=dark&up=red", "/embed/strip?lang=en&style=0", "/w/chart?i=wti&link=1&style=0",
    ):  # fmt: skip
        found = page.evaluate(f"([address]) => ({name})(address)", [url + address])
        assert found == f"{url}/{file_of(address)}", address
