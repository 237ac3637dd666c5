"""Frames on another site, in a real Chromium: their height in every protocol, their ground, their cost."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.browser.conftest import Served, watch
from tests.browser.test_pages import complaints
from tests.conftest import CHROMIUM, QUIET, ROOT, absent, free_port
from tests.render.test_picture import read
from tests.web.conftest import FRESH, site_at

pytestmark = pytest.mark.browser

WIDGETS = ("list", "strip", "card?i=wti,gbpusd", "chart")


@dataclass
class Host:
    """Another site, whose pages a test writes."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)

    def page(self, body: str, head: str = "") -> str:
        """Publish a page; its address."""
        path = f"/{len(self.pages)}"
        self.pages[path] = f"<!doctype html><html lang=en><title>News</title>{head}<body>{body}"
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests here."""
    found = Served(site_at(tmp_path_factory.mktemp("frames"), FRESH))
    found.start()
    yield found
    found.stop()
    found.site.parts.store.close()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    found = Host(free_port())

    @Request.application
    def answer(request: Request) -> Response:
        return Response(found.pages.get(request.path, ""), content_type="text/html")

    server = make_server("127.0.0.1", found.port, answer, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def frame(served: Served, address: str, height: int = 150, width: str = "100%", more: str = "") -> str:
    return (
        f'<iframe src="{served.url}/embed/{address}" title="Markets" width="{width}" height="{height}" '
        f'style="border:0" {more}></iframe>'
    )


def script(served: Served) -> str:
    return f'<script async src="{served.url}/frame.js"></script>'


def fitted(page: Page, *, but: int = 150) -> list[int]:
    """The heights of the frames of a page, each as tall as its content, once none is as it was before."""
    page.wait_for_function("but => [...document.querySelectorAll('iframe')].every(f => f.offsetHeight != but)", arg=but)
    for n, inner in enumerate(page.frames[1:]):
        page.locator("iframe").nth(n).scroll_into_view_if_needed()  # out of sight, a frame is not laid out anew
        inner.wait_for_function("() => document.body.offsetHeight == innerHeight")
        assert inner.evaluate("document.documentElement.scrollHeight") == inner.evaluate("innerHeight")
    found: list[int] = page.evaluate("[...document.querySelectorAll('iframe')].map(f => f.offsetHeight)")
    return found


# --- height ---------------------------------------------------------------------------------------


def test_the_frames_scripts_are_under_eight_hundred_bytes(served: Served) -> None:
    for widget in WIDGETS:
        page = served.site.get(f"/embed/{widget}").text
        scripts = [a for a in re.findall(r'<script[^>]* src="([^"]+)"', page) if "/chart." not in a]
        sizes = {address.split("/")[2].split(".")[0]: len(served.site.get(address).data) for address in scripts}
        assert sizes.keys() == {"age", "height"}
        assert sizes["height"] < 300
        assert sizes["age"] < 500
        assert "<script>" not in page


@pytest.mark.parametrize("width", [280, 640])
def test_frames_become_as_tall_as_their_content_however_often_the_script_is_there(
    browser: Browser, served: Served, host: Host, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said = watch(page)
    frames = "".join(frame(served, widget) for widget in WIDGETS)
    page.goto(host.page(frames + script(served), head=script(served)))
    fitted(page)
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", frame(served, "list?i=wti&lang=es"))
    page.wait_for_function("() => document.querySelectorAll('iframe').length == 5")
    heights = fitted(page)
    page.evaluate("scrollTo(0, 0)")
    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function("was => document.querySelector('iframe').offsetHeight != was", arg=heights[0])
    fitted(page)
    assert said == []
    page.close()


@pytest.mark.parametrize("query", ["list?lang=es", "chart?i=wti,brent", "card?i=natgas", "strip"])
def test_a_frames_page_has_a_name_and_is_accessible(browser: Browser, served: Served, axe: str, query: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{served.url}/embed/{query}")
    assert page.title() == page.locator("h1").inner_text()
    assert page.title() in ("Mercados", "WTI crude oil and Brent crude oil", "Henry Hub natural gas", "Markets")
    assert complaints(axe, page) == []
    context.close()


def test_a_frame_that_was_there_before_the_script_is_asked(browser: Browser, served: Served, host: Host) -> None:
    page = browser.new_page()
    page.goto(host.page(frame(served, "list")))
    page.frames[1].wait_for_function("() => document.readyState == 'complete'")
    assert page.evaluate("document.querySelector('iframe').offsetHeight") == 150
    page.add_script_tag(url=f"{served.url}/frame.js")
    fitted(page)
    page.close()


def test_a_table_that_is_opened_and_a_chart_that_is_explored(browser: Browser, served: Served, host: Host) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 900})
    said = watch(page)
    page.goto(host.page(frame(served, "chart?i=wti") + script(served)))
    closed = fitted(page)
    inner = page.frames[1]
    inner.locator("summary").click()
    opened = fitted(page, but=closed[0])
    assert opened[0] > closed[0] + 100
    inner.locator("summary").click()
    assert fitted(page, but=opened[0]) == closed
    inner.locator(".tkr-e").click()
    inner.locator(".js-plotly-plot").wait_for()
    inner.locator("[data-range='5y']").click()
    fitted(page)
    assert said == []
    page.close()


def test_only_our_own_frames_are_believed_and_no_height_is_beyond_reason(
    browser: Browser, served: Served, host: Host
) -> None:
    spoken = "parent.postMessage({sentinel:'amp',type:'embed-size',height:N,message:'height',value:N}, '*')"
    foreign = host.page(f"<script>{spoken.replace('N', '777')}</script>")
    page = browser.new_page()
    page.goto(host.page(f'<iframe src="{foreign}#/embed/"></iframe>{frame(served, "card")}{script(served)}'))
    page.wait_for_function("() => document.querySelectorAll('iframe')[1].offsetHeight > 200")
    assert page.evaluate("document.querySelector('iframe').style.height") == ""
    ours = page.frames[2]
    for given in ("-5", "'x'", "null", "NaN", "{}"):
        ours.evaluate(spoken.replace("N", given))
    ours.evaluate(spoken.replace("N", "1e9"))
    page.wait_for_function("() => document.querySelectorAll('iframe')[1].style.height == '10000px'")
    page.close()


_SHIFTS = """new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntries().length)).observe({type: "layout-shift", buffered: true});
  setTimeout(resolve, 100, 0);
})"""


def test_a_frame_of_the_right_height_moves_nothing(browser: Browser, served: Served, host: Host) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 2000})
    page.goto(host.page(frame(served, "list", width="300") + script(served)))
    (height,) = fitted(page)
    page.goto(host.page(frame(served, "list", height=height, width="300") + "<p>After" + script(served)))
    page.frames[1].wait_for_function("() => document.readyState == 'complete'")
    page.wait_for_function("() => document.querySelector('iframe').style.height != ''")
    assert page.evaluate(_SHIFTS) == 0
    page.close()


def test_the_script_in_one_line_from_the_documents_is_enough(browser: Browser, served: Served, host: Host) -> None:
    text = (ROOT / "docs" / "frames.md").read_text()
    found = re.search(r"<script>addEventListener.*?</script>", text, re.DOTALL)
    assert found
    page = browser.new_page()
    said = watch(page)
    page.goto(host.page(frame(served, "list"), head=found[0].replace("https://ticker.example", served.url)))
    fitted(page)
    assert said == []
    page.close()


# --- the protocols of others ----------------------------------------------------------------------


def test_pym_sizes_it(browser: Browser, served: Served, host: Host) -> None:
    file = ROOT / "node_modules" / "pym.js" / "dist" / "pym.v1.min.js"
    if not file.is_file():
        absent("pym.js is not in node_modules (npm ci)")
    page = browser.new_page()
    page.goto(host.page('<div id="markets-1"></div>'))
    page.add_script_tag(content=file.read_text())
    page.evaluate("url => { window.pymParent = new pym.Parent('markets-1', url) }", f"{served.url}/embed/chart?i=wti")
    page.wait_for_function("() => document.querySelector('iframe')?.offsetHeight > 300")
    closed = fitted(page)
    page.frames[1].locator("summary").click()
    fitted(page, but=closed[0])
    page.close()


def test_amp_and_wordpress_are_told_in_their_own_words_in_a_sandbox_too(
    browser: Browser, served: Served, host: Host
) -> None:
    page = browser.new_page()
    said = watch(page)
    listen = "<script>heard = []; addEventListener('message', e => heard.push(e.data))</script>"
    address = f"{served.url}/embed/card#?secret=aB3dE6"
    page.goto(host.page(f'{listen}<iframe src="{address}" sandbox="allow-scripts" width=300></iframe>'))
    page.wait_for_function("heard.length")
    height = page.frames[1].evaluate("document.body.offsetHeight")
    assert page.evaluate("heard.at(-1)") == {
        "sentinel": "amp",
        "type": "embed-size",
        "height": height,
        "message": "height",
        "value": height,
        "secret": "aB3dE6",
    }
    assert said == []
    page.close()


def test_a_page_that_is_not_framed_speaks_to_nobody(browser: Browser, served: Served) -> None:
    page = browser.new_page()
    page.add_init_script("heard = []; addEventListener('message', e => heard.push(e.data))")
    page.goto(f"{served.url}/embed/chart?childId=x")
    page.evaluate("postMessage('anything', '*')")
    page.wait_for_function("heard.length")
    assert page.evaluate("new Promise(r => setTimeout(() => r(heard), 50))") == ["anything"]
    page.close()


def test_what_others_add_to_the_address_makes_no_other_answer(served: Served) -> None:
    plain = served.site.get("/embed/list?i=wti")
    assert served.site.get("/embed/list?i=wti&childId=a&initialWidth=300&parentUrl=x").text == plain.text


# --- the ground -----------------------------------------------------------------------------------


def pixel(page: Page, x: float, y: float) -> tuple[int, ...]:
    """The colour of one pixel of the page as it is seen."""
    return read(page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1}))[2]


SAYS = '<meta name="color-scheme" content="{}">'
LIGHT, DARK = (240, 250, 245), (16, 20, 24)
HOSTS = {
    "light, unsaid": ("", "background:rgb(240,250,245);color:#111"),
    "dark, unsaid": ("", "background:rgb(16,20,24);color:#eee"),
    "light": (SAYS.format("light"), "background:rgb(240,250,245);color:#111"),
    "dark": (SAYS.format("dark"), "background:rgb(16,20,24);color:#eee"),
    "either": (
        SAYS.format("light dark"),
        "background:light-dark(rgb(240,250,245),rgb(16,20,24));color:light-dark(#111,#eee)",
    ),
}


@pytest.fixture(scope="module", params=["light", "dark"])
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser whose system is light or dark. (Emulated, a scheme would overrule what a page says of its frames.)"""
    assert CHROMIUM is not None
    setting = f"--blink-settings=preferredColorScheme={int(request.param == 'light')}"
    running = browser.browser_type.launch(executable_path=CHROMIUM, args=[*QUIET, setting])
    yield running
    running.close()


def ink_is_light(page: Page) -> bool:
    red = page.frames[1].evaluate("parseInt(getComputedStyle(document.querySelector('.tkr')).color.match(/\\d+/)[0])")
    return bool(red > 128)


def stands_on_the_pages_ground(page: Page, ground: tuple[int, ...]) -> None:
    """Nothing is painted behind the frame, and its ink can be read there."""
    page.wait_for_function("() => document.querySelector('iframe').offsetHeight > 150")
    box = page.locator("iframe").bounding_box()
    assert box
    assert ink_is_light(page) == (ground == DARK)
    page.frames[1].evaluate("document.querySelector('.tkr').style.visibility = 'hidden'")
    assert pixel(page, box["x"] + 9, box["y"] + 9) == ground


@pytest.mark.parametrize("name", HOSTS)
def test_a_frame_stands_on_the_ground_of_any_page(reader: Browser, served: Served, host: Host, name: str) -> None:
    head, look = HOSTS[name]
    page = reader.new_page(color_scheme="null", viewport={"width": 500, "height": 600})
    dark = name.startswith("dark") or (
        name == "either" and page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    )
    for theme in ("auto", "dark" if dark else "light"):
        page.goto(
            host.page(
                f'<div style="padding:20px">{frame(served, f"card?theme={theme}")}</div>{script(served)}',
                head + f"<style>body{{margin:0;{look}}}</style>",
            )
        )
        stands_on_the_pages_ground(page, DARK if dark else LIGHT)
    page.close()


@pytest.mark.parametrize("name", HOSTS)
def test_a_frame_whose_theme_is_not_the_pages_has_a_ground_of_its_own(
    reader: Browser, served: Served, host: Host, name: str
) -> None:
    head, look = HOSTS[name]
    page = reader.new_page(color_scheme="null", viewport={"width": 500, "height": 600})
    dark = name.startswith("dark") or (
        name == "either" and page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    )
    shown = frame(served, f"card?theme={'light' if dark else 'dark'}") + script(served)
    page.goto(host.page(shown, head + f"<style>body{{margin:0;{look}}}</style>"))
    page.wait_for_function("() => document.querySelector('iframe').offsetHeight > 150")
    assert ink_is_light(page) != dark
    page.frames[1].evaluate("document.querySelector('.tkr').style.visibility = 'hidden'")
    ground = pixel(page, 9, 9)
    assert min(ground) == 255 if dark else max(ground) < 32, "dark ink on white, or white ink on what is nearly black"
    page.close()


def test_a_frame_follows_a_page_that_changes_its_mind(reader: Browser, served: Served, host: Host) -> None:
    look = f"<style>body{{margin:0;{HOSTS['light'][1]}}} .night body{{{HOSTS['dark'][1]}}}</style>"
    page = reader.new_page(color_scheme="null", viewport={"width": 500, "height": 600})
    page.goto(host.page(frame(served, "card") + script(served), look))
    stands_on_the_pages_ground(page, LIGHT)
    page.evaluate("document.documentElement.className = 'night'")
    page.wait_for_function("() => document.querySelector('iframe').style.colorScheme == 'dark'")
    page.frames[1].wait_for_function("() => matchMedia('(prefers-color-scheme: dark)').matches")
    stands_on_the_pages_ground(page, DARK)
    page.close()


# --- what an editor is given ----------------------------------------------------------------------


def test_the_html_of_oembed_shows_the_frame_or_else_the_figures(browser: Browser, served: Served, host: Host) -> None:
    given = json.loads(served.site.get("/oembed?url=https://ticker.example/i/wti").text)["html"]
    page = browser.new_page()
    address = host.page(given.replace("https://ticker.example", served.url))
    page.goto(address)
    fitted(page, but=520)
    expect(page.locator("blockquote")).to_be_hidden()
    served.stop()
    page.goto(address)
    expect(page.locator("blockquote")).to_contain_text("WTI crude oil closed at $98.34 on 10 April 2026")
    served.start()
    page.close()


def test_a_frame_that_could_not_be_loaded_is_asked_for_again(browser: Browser, served: Served, host: Host) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.clock.install()
    page.route("**/embed/**", lambda route: route.abort())
    page.goto(host.page(frame(served, "list?i=energy") + script(served)))
    page.wait_for_load_state("networkidle")
    page.unroute_all()
    with page.expect_response("**/embed/list?i=energy"):
        page.clock.run_for(120_000)
    expect(page.frame_locator("iframe").locator(".tkr")).to_be_visible()
    page.close()
