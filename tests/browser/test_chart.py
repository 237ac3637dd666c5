"""Exploring a chart, in a real Chromium, under a strict policy: in a page, in a shadow root and in a frame."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect

from tests.browser.conftest import Served, blank, watch
from tests.conftest import ROOT, absent
from ticker.market.history import unbroken
from ticker.market.instrument import Cadence
from ticker.market.observation import Observation, Series
from ticker.render import numbers
from ticker.render.figure import Trace, figure
from ticker.render.language import Language, language

pytestmark = pytest.mark.browser

PLOTLY = ROOT / "static" / "vendor" / "plotly-basic.min.js"
SOURCES = ("script-src", "style-src", "connect-src", "frame-src")
POLICY = "default-src 'none'; img-src 'self' data:; " + "; ".join(f"{kind} 'self'" for kind in SOURCES)
LAST = date(2026, 3, 16)
WINDOW = (date(2025, 3, 16), LAST)
SCALE = (Decimal(40), Decimal(110))
TICKS = [(Decimal(n), str(n)) for n in (40, 60, 80, 100)]
WINDOWS = {"1m": (date(2026, 2, 16), LAST), "1y": WINDOW, "max": (date(2024, 1, 1), LAST)}
WORDS = {"explore": "Explore", "zoom_in": "Zoom in", "zoom_out": "Zoom out", "reset": "Whole range", "keys": "Arrows."}
Place = Page | Frame


def business_days(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def line(decimals: int = 2, factor: int = 1) -> Series:
    """A figure for each business day since 2024; the last is 93.39, the one before 98.48."""
    days = business_days(date(2024, 1, 1), LAST)
    tops = [60 + 2500 * (n % 173) // 173 / Decimal(100) + n % 7 for n in range(len(days) - 2)]
    values = [*tops, Decimal("98.48"), Decimal("93.39")]
    cent = Decimal(1).scaleb(-decimals)
    return tuple(Observation(d, (v * factor).quantize(cent)) for d, v in zip(days, values, strict=True))


def fragment(lines: dict[str, Series], cadence: Cadence = "daily", attributes: str = "", named: str = "1y") -> str:
    """The chart of a range as we give it, with these lines."""
    first, last = WINDOWS[named]
    low, high = SCALE

    def path(shown: Series) -> str:
        span = (last - first).days
        points = [((o.day - first).days / span * 1200, float((high - o.value) / (high - low)) * 400) for o in shown]
        return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)

    parts = {name: unbroken(tuple(o for o in all_ if first <= o.day <= last), cadence) for name, all_ in lines.items()}
    paths = "".join(
        f'<path class="tkr-line tkr-{n}" d="{"".join(path(part) for part in shown)}"/>'
        for n, shown in enumerate(parts.values(), 1)
    )
    ranges = "".join(
        f'<a href="/elsewhere?range={key}" data-range="{key}"{" aria-current=true" if key == named else ""}>{key}</a> '
        for key in WINDOWS
    )
    return f"""<section class="tkr" lang="en" data-theme="auto" data-up="green">
<figure class="tkr-f" data-figure="/chart.json?range={named}" {attributes}>
<p class="tkr-h"><b>{", ".join(lines)}</b></p><p class="tkr-n">{ranges}
<button type="button" class="tkr-e" data-failed="Try again" hidden>Explore</button>
</p><div class="tkr-g"><svg class="tkr-plot" role="img" aria-label="Chart, {named}" width="84%" height="200"
fill="none" stroke="currentColor" overflow="visible"><svg width="100%" height="100%" viewBox="0 0 1200 400"
preserveAspectRatio="none" overflow="visible"><path class="tkr-i" d="M0 200h1200"/>{paths}</svg><g class="tkr-t"
fill="currentColor" stroke="none"><text x="100%" dx="8" y="50%" dy=".35em">75</text><text class="tkr-m" x="50%"
y="20%">98.48</text></g></svg><span class="tkr-o" aria-hidden="true">100.00</span></div>
<figcaption class="tkr-y">It rose over {named}.</figcaption><details><summary>Table</summary><table>
<caption>Figures of {named}</caption><tr><th scope="row">16 Mar</th><td>93.39</td></tr></table></details>
</figure></section>"""


def answer(lines: dict[str, Series], lang: Language, decimals: int, cadence: Cadence, named: str) -> dict[str, Any]:
    """What is given to a reader who explores: the figure, and where Plotly is."""
    digest = base64.b64encode(hashlib.sha384(PLOTLY.read_bytes()).digest()).decode()
    traces = [Trace(name, unbroken(shown, cadence), cadence, decimals) for name, shown in lines.items()]
    return {
        "script": {"src": "/plotly.js", "integrity": f"sha384-{digest}"},
        "figure": figure(traces, WINDOWS[named], SCALE, TICKS, 46, lang),
        "words": WORDS,
    }


@dataclass
class Host:
    """A site that has a chart in its pages. A test may spoil what it serves; `asked` is what browsers wanted."""

    lines: dict[str, Series] = field(default_factory=lambda: {"WTI": line()})
    lang: Language = field(default_factory=lambda: language("en"))
    decimals: int = 2
    cadence: Cadence = "daily"
    attributes: str = ""
    charts: int = 1
    spoilt: dict[str, Callable[[bytes], bytes | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        if not PLOTLY.is_file():
            absent("Plotly is not in static/vendor (make build)")

    def page(self, path: str, named: str) -> tuple[str, bytes] | None:
        """The type and body of what is at an address, of a range."""
        static = ROOT / "static"
        head = "<!doctype html><html lang=en><meta charset=utf-8><title>News</title>"
        head += "<meta name=viewport content=width=device-width>"
        head += "<link rel=icon href=data:><link rel=stylesheet href=/style.css>"
        head += "<script src=/note.js></script>"
        early, head = head + "<script src=/chart.js></script>", head + "<script defer src=/chart.js></script>"
        shown = fragment(self.lines, self.cadence, self.attributes, named) * self.charts
        found: dict[str, Callable[[], str]] = {
            "/": lambda: head + f"<main>{shown}<p class=below>Below</p></main>",
            "/early": lambda: early + f"<main>{shown}</main>",
            "/bare": lambda: head + "<main></main>",
            "/chart": lambda: shown,
            "/frame": lambda: head + "<iframe title=chart src=/ width=640 height=480></iframe>",
            "/shadow": lambda: (
                head + "<div class=host></div><p class=below>Below</p>"
                f"<template><link rel=stylesheet href=/style.css>{shown}</template><script src=/shadow.js></script>"
            ),
            "/note.js": lambda: NOTE,
            "/shadow.js": lambda: SHADOW,
            "/chart.js": lambda: (static / "chart.js").read_text("utf-8"),
            "/style.css": lambda: (
                PAGE + "".join(f.read_text("utf-8") for f in sorted(static.glob("[ct][hi]*.css"), reverse=True))
            ),
            "/plotly.js": lambda: PLOTLY.read_text("utf-8"),
            "/chart.json": lambda: json.dumps(answer(self.lines, self.lang, self.decimals, self.cadence, named)),
            "/elsewhere": lambda: "<!doctype html><title>Elsewhere</title><link rel=icon href=data:>",
        }
        kinds = {"js": "text/javascript", "css": "text/css", "json": "application/json"}
        kind = kinds.get(path.rpartition(".")[2], "text/html")
        return (f"{kind}; charset=utf-8", found[path]().encode()) if path in found else None


PAGE = """body { margin: 16px; width: min(640px, 100vw - 32px); font: 16px/1.5 Liberation Sans, Arial; }
iframe { border: 0; } .below { padding-bottom: 600px; }
"""
NOTE = """window.noted = [];
addEventListener("securitypolicyviolation", (e) => noted.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
addEventListener("unhandledrejection", (e) => noted.push(`rejected: ${e.reason}`));
new PerformanceObserver((list) => { for (const e of list.getEntries()) noted.push(`shift: ${e.value}`); })
  .observe({type: "layout-shift", buffered: false});"""
SHADOW = """const root = document.querySelector(".host").attachShadow({mode: "open"});
root.append(document.querySelector("template").content);
addEventListener("DOMContentLoaded", () => TickerChart.attach(root));"""


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            host.asked.append(path)
            found = host.page(path, dict(parse_qsl(query)).get("range", "1y"))
            spoil = host.spoilt.get(path)
            body = spoil(found[1]) if found and spoil else found[1] if found else None
            self.send_response(404 if body is None else 200)
            for name, value in (
                ("Content-Security-Policy", POLICY),
                ("Content-Type", found[0] if found else "text/plain"),
            ):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found[1] if body == b"" and found else body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    yield host
    server.shutdown()
    server.server_close()


@pytest.fixture
def host() -> Iterator[Host]:
    with serving(Host()) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 700, "height": 700}, timezone_id="America/Caracas")
    yield made
    made.close()


def opened(context: BrowserContext, host: Host, path: str = "/") -> tuple[Page, Place, list[str]]:
    """The page, the document that the chart is in, and what the page complains of."""
    page = context.new_page()
    said = watch(page)
    page.goto(host.url + path)
    place: Place = page
    if path == "/frame":
        frame = page.frame(url=host.url + "/")
        assert frame is not None
        place = frame
    expect(place.locator(".tkr-e").first).to_be_visible()
    return page, place, said


def plot(place: Place) -> Locator:
    return place.locator(".tkr-g").first


def explored(place: Place) -> Locator:
    """The chart, which somebody has asked for; waits until Plotly has drawn it."""
    found = plot(place)
    expect(found.locator(".js-line").first).to_be_attached()
    expect(place.locator(".tkr-zs").first).to_be_visible()
    return found


def point(page: Page, place: Place, across: float = 0.5) -> None:
    """Move the mouse over the plot, to a fraction of its width."""
    box = plot(place).locator("svg.tkr-plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * across - 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] / 2)


def press_explore(place: Place) -> Locator:
    place.locator(".tkr-e").first.click()
    return explored(place)


def hover_text(place: Place) -> Locator:
    return plot(place).locator(".hoverlayer text").first


def until(place: Place, condition: str, arg: Any = None) -> None:
    """Wait for a condition in the page, an expression of `arg`: Playwright's own wait needs what the policy forbids."""
    body = f"const end = performance.now() + 5000; while (!({condition})) {{ if (performance.now() > end) return false;"
    assert place.evaluate(
        f"async (arg) => {{ {body} await new Promise(requestAnimationFrame); }} return true; }}", arg
    ), condition


def shown_days(place: Place) -> list[str]:
    """The window of days that Plotly shows."""
    days: list[str] = plot(place).locator(".tkr-ly").evaluate("e => e.layout.xaxis.range.map(d => d.slice(0, 10))")
    return days


def expect_days(place: Place, first: str, last: str) -> None:
    plot(place).locator(".tkr-ly").evaluate(
        """async (e, wanted) => {
          const end = performance.now() + 5000;
          while (e.layout.xaxis.range.map(d => d.slice(0, 10)).join() !== wanted && performance.now() < end)
            await new Promise(requestAnimationFrame);
        }""",
        f"{first},{last}",
    )
    assert shown_days(place) == [first, last]


def the_end(line: Locator) -> list[float]:
    """Where a path ends, on the screen."""
    found: list[float] = line.evaluate(
        "e => { const end = e.getPointAtLength(e.getTotalLength()).matrixTransform(e.getScreenCTM());"
        " return [end.x, end.y]; }"
    )
    return found


def settled(place: Place) -> None:
    """Let what a page noted while it was loading be forgotten."""
    place.evaluate("async () => { await new Promise(requestAnimationFrame); noted.length = 0; }")


PLACES = ("/", "/shadow", "/frame")


@pytest.mark.parametrize("path", PLACES)
def test_pointing_takes_over_in_place_and_shows_day_and_value(context: BrowserContext, host: Host, path: str) -> None:
    page, place, said = opened(context, host, path)
    settled(place)
    end = the_end(plot(place).locator(".tkr-line"))
    before = plot(place).bounding_box()
    assert "/plotly.js" not in host.asked
    point(page, place)
    explored(place)
    assert the_end(plot(place).locator(".js-line")) == pytest.approx(end, abs=2)
    assert plot(place).bounding_box() == before
    expect(plot(place).locator(".tkr-line")).to_be_hidden()
    expect(plot(place).locator(".js-line")).to_be_visible()
    expect(plot(place).get_by_text("98.48")).to_be_visible()  # the picture's own words stay
    point(page, place, 0.997)
    expect(hover_text(place)).to_have_text("16 Mar 2026: 93.39")
    assert plot(place).locator(".main-svg").first.evaluate("e => getComputedStyle(e).position") == "absolute"
    assert place.evaluate("noted") == []
    assert said == []


@pytest.mark.parametrize("path", PLACES)
def test_dragging_zooms_in_and_a_double_click_goes_back(context: BrowserContext, host: Host, path: str) -> None:
    page, place, said = opened(context, host, path)
    press_explore(place)
    settled(place)
    point(page, place, 0.25)
    page.mouse.down()
    point(page, place, 0.5)
    point(page, place, 0.75)
    page.mouse.up()
    expect_days(place, "2025-06-15", "2025-12-14")
    expect(plot(place).locator("svg.tkr-plot")).to_be_hidden()
    expect(plot(place).locator(".ytick").first).to_be_visible()
    low, high = plot(place).locator(".tkr-ly").evaluate("e => e.layout.yaxis.range")
    values = [o.value for o in host.lines["WTI"] if date(2025, 6, 15) <= o.day <= date(2025, 12, 14)]
    pad = (max(values) - min(values)) * Decimal("0.06")
    assert [low, high] == pytest.approx([float(min(values) - pad), float(max(values) + pad)], abs=0.01)
    point(page, place, 0.5)
    expect(hover_text(place)).to_contain_text("Sept 2025: ")
    page.keyboard.down("Shift")  # pans
    page.mouse.down()
    point(page, place, 0.75)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect_days(place, "2025-04-30", "2025-10-29")
    box = plot(place).locator("svg.tkr-plot").bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + 100, box["y"] + 100)
    expect_days(place, "2025-03-16", "2026-03-16")
    expect(plot(place).get_by_text("98.48")).to_be_visible()
    assert [entry for entry in place.evaluate("noted") if not entry.startswith("shift")] == []
    assert said == []


@pytest.mark.parametrize("path", PLACES)
def test_the_keyboard_moves_from_figure_to_figure_and_says_them(context: BrowserContext, host: Host, path: str) -> None:
    page, place, said = opened(context, host, path)
    live = place.locator("[aria-live]")
    place.locator("[data-range=max]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    chart = explored(place)
    expect(chart).to_be_focused()
    assert chart.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    for key, text in (
        ("ArrowLeft", "16 Mar 2026: 93.39"),
        ("ArrowLeft", "13 Mar 2026: 98.48"),
        ("ArrowRight", "16 Mar 2026: 93.39"),
        ("Home", "17 Mar 2025: "),
        ("PageUp", "3 Apr 2025: "),
        ("PageDown", "17 Mar 2025: "),
        ("End", "16 Mar 2026: 93.39"),
    ):
        page.keyboard.press(key)
        expect(live).to_contain_text(text)
        assert live.text_content() == hover_text(place).text_content()
    page.keyboard.press("+")
    expect_days(place, "2025-09-14", "2026-03-16")
    page.keyboard.press("Shift+ArrowLeft")
    expect_days(place, "2025-08-09", "2026-02-07")
    page.keyboard.press("-")
    page.keyboard.press("Escape")
    expect_days(place, "2025-03-16", "2026-03-16")
    page.keyboard.press("Tab")
    expect(chart).not_to_be_focused()  # no trap
    assert said == []


def swipe(page: Page, x: float, y: float, across: int = 0, down: int = 0) -> None:
    """A finger on the screen, from a place on it, in ten steps; it rests before it is lifted."""
    send = page.context.new_cdp_session(page)
    for n in range(16):
        points = [{"x": x + across * min(n, 10) / 10, "y": y + down * min(n, 10) / 10}]
        send.send("Input.dispatchTouchEvent", {"type": "touchMove" if n else "touchStart", "touchPoints": points})
        page.evaluate("new Promise(requestAnimationFrame)")
    send.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_tap_takes_over_and_a_finger_scrolls_the_page(browser: Browser, host: Host) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 400}, has_touch=True, is_mobile=True)
    page, place, said = opened(context, host)
    plot(place).tap()
    explored(place)
    swipe(page, 150, 200, down=-100)
    until(page, "scrollY > 50")
    page.reload()  # a page that was flung would go on moving under the finger
    plot(place).tap()
    explored(place)
    swipe(page, 80, 200, across=80)
    expect(hover_text(place)).to_contain_text("2025: ")
    expect_days(place, "2025-03-16", "2026-03-16")
    page.locator(".tkr-zs button").first.tap()
    until(page, "arg.layout.xaxis.range[0] > '2025-04'", plot(place).locator(".tkr-ly").element_handle())
    expect(hover_text(place)).to_have_count(0)  # it would stand at another day
    before = shown_days(place)
    swipe(page, 80, 200, across=80)
    until(page, "document.querySelector('.tkr-ly').layout.xaxis.range[0].slice(0, 10) < arg", before[0])
    assert said == []
    context.close()


def test_passing_over_it_loads_nothing(context: BrowserContext, host: Host) -> None:
    page = context.new_page()
    page.clock.install(time=0)
    page.goto(host.url)
    expect(page.locator(".tkr-e")).to_be_visible()
    page.clock.pause_at(3_600_000)  # a busy machine's own time must not pass
    point(page, page)
    page.clock.run_for(100)
    page.mouse.move(1, 690)
    page.clock.run_for(5_000)
    assert "/chart.json" not in host.asked
    point(page, page)
    with page.expect_response("**/chart.json*"):
        page.clock.run_for(200)


@pytest.mark.parametrize(
    ("tag", "decimals", "factor"),
    [("en", 2, 1), ("es", 3, -100), ("pt-BR", 4, 10), ("en-IN", 2, 10_000), ("es-VE", 2, 1)],
)
def test_hover_says_what_we_write(context: BrowserContext, host: Host, tag: str, decimals: int, factor: int) -> None:
    spoken = language(tag)
    shown = line(decimals, factor)
    host.lang, host.decimals, host.lines = spoken, decimals, {"WTI": shown}
    page, place, said = opened(context, host)
    press_explore(place)
    page.keyboard.press("End")
    for o in list(reversed(shown))[:260:20]:
        expected = f"{numbers.day(o.day, 0, spoken.locale)}: {spoken.number(o.value, decimals)}"
        expect(hover_text(place)).to_have_text(expected)
        for _ in range(20):
            page.keyboard.press("ArrowLeft")
    assert said == []


@pytest.mark.parametrize("path", PLACES)
def test_another_range_is_another_chart_in_place(context: BrowserContext, host: Host, path: str) -> None:
    page, place, said = opened(context, host, path)
    place.locator("summary").click()
    place.locator("[data-range='1m']").click()  # nobody has explored yet
    current, caption = place.locator("[aria-current]"), place.locator("caption")
    expect(caption).to_have_text("Figures of 1m")
    expect(place.locator(".tkr-y")).to_have_text("It rose over 1m.")
    expect(plot(place)).to_have_accessible_name("Chart, 1m")
    assert "/plotly.js" not in host.asked
    press_explore(place)
    expect_days(place, "2026-02-16", "2026-03-16")
    place.locator("[data-range=max]").focus()
    page.keyboard.press("Enter")
    expect(caption).to_have_text("Figures of max")
    explored(place)
    expect_days(place, "2024-01-01", "2026-03-16")
    expect(plot(place)).to_have_accessible_name("Chart, max")
    expect(plot(place).get_by_text("98.48")).to_be_visible()
    expect(current).to_have_text("max")
    expect(current).to_be_focused()
    expect(caption).to_be_visible()  # the table stays open
    place.get_by_role("button", name="Zoom in").click()
    expect(plot(place).locator("svg.tkr-plot")).to_be_hidden()
    expect(current).to_have_text("max")  # of which the table and the sentence still are
    place.get_by_role("button", name="Whole range").click()
    expect_days(place, "2024-01-01", "2026-03-16")
    assert page.url == host.url + path
    assert host.asked.count("/plotly.js") == 1
    assert said == []


def test_the_range_that_was_asked_for_last_stays(context: BrowserContext, host: Host) -> None:
    page, place, said = opened(context, host)
    answered = threading.Event()

    def late(body: bytes) -> bytes:
        if b"Figures of max" in body:
            answered.wait(5)
        return body

    host.spoilt["/chart"] = late
    page.locator("[data-range=max]").click()
    page.locator("[data-range='1m']").click()
    expect(place.locator("caption")).to_have_text("Figures of 1m")
    with page.expect_event("requestfinished", lambda request: "range=max" in request.url):
        answered.set()
    page.locator("[data-range='1y']").click()  # the new one's ranges can be chosen too
    expect(place.locator("caption")).to_have_text("Figures of 1y")
    assert said == []


@pytest.mark.parametrize(("query", "sandbox"), [("i=natgas", 'sandbox="allow-scripts"'), ("i=wti,gasoline", "")])
def test_a_framed_range_stays_in_its_frame_and_is_all_of_that_range(
    context: BrowserContext, served: Served, query: str, sandbox: str
) -> None:
    told = """e => [e.textContent, e.querySelector(".tkr-plot").ariaLabel,
                    ...[...e.querySelectorAll("svg path")].map(path => path.getAttribute("d"))]"""
    fresh = context.new_page()
    fresh.goto(f"{served.url}/embed/chart?{query}&range=1m")
    expect(fresh.locator(".tkr-e")).to_be_visible()
    page = context.new_page()
    blank(page, served.url)
    said = watch(page)
    address = f"{served.url}/embed/chart?{query}&range=5y"
    page.set_content(f'<iframe {sandbox} src="{address}" width="640" height="600" title="x"></iframe>')
    (frame,) = page.frames[1:]
    press_explore(frame)
    frame.locator("[data-range='1m']").click()
    expect(frame.locator("[aria-current]")).to_have_attribute("data-range", "1m")
    explored(frame)
    frame.locator(".tkr-zs, .tkr-ly, [id^=tkr-keys]").evaluate_all("all => all.forEach(e => e.remove())")
    fresh.locator(".tkr-e").evaluate("e => e.remove()")
    assert frame.locator(".tkr-f").evaluate(told) == fresh.locator(".tkr-f").evaluate(told)
    assert (page.url, frame.url) == (f"{served.url}/blank", address)
    assert said == []


def test_where_the_server_has_the_ranges_a_link_is_a_link(context: BrowserContext, host: Host) -> None:
    host.attributes = "data-server-ranges"
    page, place, _ = opened(context, host)
    press_explore(place)
    page.locator("[data-range='1m']").click()
    page.wait_for_url("**/elsewhere?range=1m")


def test_two_charts_share_one_plotly_and_a_new_one_is_found(context: BrowserContext, host: Host) -> None:
    host.charts = 2
    page, _, said = opened(context, host)
    for n in (0, 1):
        page.locator(".tkr-e").first.click()
        expect(page.locator(".js-line")).to_have_count(n + 1)
    page.evaluate(
        "() => { const next = document.querySelector('main').cloneNode(); next.innerHTML = "
        "`<figure class=tkr-f data-figure=/chart.json><button class=tkr-e hidden></button>"
        "<div class=tkr-g><svg></svg></div></figure>`; document.querySelector('main').replaceWith(next); }"
    )
    expect(page.locator(".tkr-e")).to_be_visible()
    assert host.asked.count("/plotly.js") == 1
    assert page.locator("[id^='plotly.js-style']").count() == 0  # a page's own Plotly gets its style
    assert said == []


def test_a_chart_that_comes_when_the_script_is_there_is_found(context: BrowserContext, host: Host) -> None:
    page = context.new_page()
    said = watch(page)
    page.goto(host.url + "/bare")
    until(page, "window.TickerChart")
    page.evaluate("fetch('/chart').then(a => a.text()).then(html => document.querySelector('main').innerHTML = html)")
    press_explore(page)
    page.goto(host.url + "/early")
    press_explore(page)
    page.goto(host.url + "/shadow")
    page.evaluate("() => { const { shadowRoot } = document.querySelector('.host'); "
                  "shadowRoot.innerHTML = shadowRoot.innerHTML.replace('tkr-x', ''); }")  # fmt: skip
    press_explore(page)
    assert said == []


@pytest.mark.parametrize(
    ("path", "spoil"),
    [
        ("/plotly.js", lambda body: None),
        ("/plotly.js", lambda body: body + b"//"),
        ("/chart.json", lambda body: None),
        ("/chart.json", lambda body: body[: len(body) // 2]),
        ("/chart.json", lambda body: b""),
    ],
    ids=["no script", "another script", "no figure", "half a figure", "broken off"],
)
def test_what_fails_leaves_the_picture_and_can_be_tried_again(
    context: BrowserContext, host: Host, path: str, spoil: Callable[[bytes], bytes | None]
) -> None:
    page, place, said = opened(context, host)
    settled(place)
    host.spoilt[path] = spoil
    page.evaluate(
        "() => { window.busy = []; new MutationObserver(() => busy.push(1))"
        ".observe(document.querySelector('.tkr-g'), {attributeFilter: ['aria-busy']}); }"
    )
    point(page, place)
    until(page, "busy.length === 2 || busy.length === 1 && !document.querySelector('[aria-busy]')")
    expect(plot(place).locator(".tkr-line")).to_be_visible()
    assert page.locator(".tkr-ly").count() == 0
    assert page.evaluate("noted") == []
    assert [
        entry for entry in said if "Failed to load" not in entry and "integrity" not in entry
    ] == []  # the browser's own
    asked = len(host.asked)
    page.mouse.move(1, 690)
    point(page, place)
    page.locator("[data-range=max]").hover()
    assert len(host.asked) == asked  # pointing tries no second time
    expect(page.locator(".tkr-e")).to_have_text("Explore")
    for _ in range(2):
        page.locator(".tkr-e").click()  # who asks is told
        expect(page.locator(".tkr-e")).to_have_text("Try again")
        expect(page.locator("[aria-live]")).to_have_text("Try again")
    host.spoilt.clear()
    press_explore(place)
    expect(plot(place)).to_be_focused()


@pytest.mark.parametrize("spoil", [lambda body: None, lambda body: b"<p>No</p>", lambda body: b""])
def test_a_range_whose_chart_fails_is_told_and_the_page_stays(
    context: BrowserContext, host: Host, spoil: Callable[[bytes], bytes | None]
) -> None:
    host.spoilt["/chart"] = spoil
    page, *_ = opened(context, host)
    page.locator("[data-range='1m']").click()
    expect(page.locator(".tkr-e")).to_have_text("Try again")
    assert page.url == host.url + "/"
    host.spoilt.clear()
    page.locator("[data-range='1m']").click()
    expect(page.locator("[aria-current]")).to_have_attribute("data-range", "1m")


def test_weekly_figures_are_steps_and_gaps_are_not_drawn_through(context: BrowserContext, host: Host) -> None:
    weekly = tuple(o for o in line() if o.day.weekday() == 0 and not date(2025, 9, 1) <= o.day < date(2025, 11, 1))
    host.lines, host.cadence = {"Gasoline": weekly}, "weekly"
    _, place, said = opened(context, host)
    press_explore(place)
    drawn = [e.get_attribute("d") or "" for e in plot(place).locator(".js-line").all()]
    assert len(drawn) == 2
    assert all(set(re.findall("[A-Z]", path)) == {"M", "H", "V"} for path in drawn)
    assert said == []


def test_compared_lines_keep_their_colours_and_are_said_together(context: BrowserContext, host: Host) -> None:
    host.lines = {"WTI <crude> & more": line(), "Brent": line()}
    page, place, said = opened(context, host)
    colours = "e => [getComputedStyle(e).stroke, getComputedStyle(e).strokeWidth]"
    wanted = [e.evaluate("e => { const c = document.createElement('canvas').getContext('2d'); "
                         "c.fillStyle = getComputedStyle(e).stroke; return c.fillStyle; }")
              for e in plot(place).locator(".tkr-line").all()]  # fmt: skip
    press_explore(place)
    lines = plot(place).locator(".js-line").all()
    assert len(lines) == len(wanted) == 2
    assert wanted[0] != wanted[1]
    assert [e.evaluate(colours)[1] for e in lines] == ["1.5px", "1.5px"]
    page.keyboard.press("End")
    expect(page.locator("[aria-live]")).to_have_text("16 Mar 2026, WTI <crude> & more: 93.39, Brent: 93.39")
    assert said == []


def test_under_a_day_stand_the_figures_of_that_very_day(context: BrowserContext, host: Host) -> None:
    mondays = tuple(o for o in line(factor=2) if o.day.weekday() == 0 and o.day < date(2026, 3, 16))
    paused = tuple(o for o in line(factor=3) if not date(2026, 2, 20) <= o.day < date(2026, 3, 6))
    host.lines = {"WTI": line(), "Gas": mondays, "Coal": paused}
    page, place, said = opened(context, host)
    press_explore(place)
    page.keyboard.press("End")

    def told(day: date) -> list[str]:
        figures = [f"{name}: {o.value:.2f}" for name, all_ in host.lines.items() for o in all_ if o.day == day]
        return [numbers.day(day, 0, host.lang.locale), *figures]

    days = [o.day for o in reversed(line())][:18]
    assert {len(told(day)) for day in days} == {2, 3, 4}
    for day in days:
        expect(page.locator("[aria-live]")).to_have_text(", ".join(told(day)))
        page.keyboard.press("ArrowLeft")
    for day in days[1::3]:
        point(page, place, 1 - (LAST - day).days / 365)
        expect(plot(place).locator(".hoverlayer text")).to_have_text(told(day))
    page.mouse.move(1, 690)
    expect(plot(place).locator(".hoverlayer text")).to_have_count(0)
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("names", [["WTI"], ["WTI", "Brent", "Gas"]])
def test_what_is_pointed_at_can_be_read(
    context: BrowserContext, host: Host, scheme: Literal["light", "dark"], names: list[str]
) -> None:
    host.lines = {name: line(factor=n) for n, name in enumerate(names, 1)}
    page, place, said = opened(context, host)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    page.evaluate("document.body.style.color = 'light-dark(#16181d, #f1f2f4)'")
    press_explore(place)
    point(page, place)
    layer = plot(place).locator(".hoverlayer")
    ground, *inks = layer.evaluate(  # all at once: it is drawn anew when the pointer rests elsewhere
        """layer => {
          const of = (what, name) => [...layer.querySelectorAll(what)].map(e => getComputedStyle(e)[name]);
          return [of(".hovertext path, .legend .bg", "fill")[0], ...of("text", "fill"), ...of(".js-line", "stroke")];
        }"""
    )
    assert len(inks) == (1 if len(names) == 1 else 1 + 2 * len(names))
    assert [ink for ink in inks if contrast(ink, ground) < 4.5] == []
    assert said == []


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, `rgb(…)`, as WCAG reckons it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_values_on_the_axis_have_one_number_of_decimals(context: BrowserContext, host: Host) -> None:
    few = tuple(Observation(o.day, (3 + Decimal(n % 21) / 100)) for n, o in enumerate(line()))
    host.lines = {"Natural gas": few}
    _, place, said = opened(context, host)
    press_explore(place)
    for _ in range(3):
        place.get_by_role("button", name="Zoom in").click()
        texts = plot(place).locator(".ytick text").all_text_contents()
        assert len(texts) > 2
        assert len({len(text) for text in texts}) == 1, texts
    assert said == []


def test_colours_follow_the_scheme(context: BrowserContext, host: Host) -> None:
    page, place, said = opened(context, host)
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    page.evaluate("document.body.style.color = 'light-dark(#111111, #eeeeee)'")
    press_explore(place)
    of = "getComputedStyle(document.querySelector('.js-line')).stroke"
    until(page, f"{of} === 'rgb(17, 17, 17)'")
    page.emulate_media(color_scheme="dark")
    until(page, f"{of} === 'rgb(238, 238, 238)'")
    page.evaluate("document.body.style.color = 'oklch(0.6 0.2 29)'")  # the host's own switch, of any kind
    until(page, f"{of} === 'rgb(222, 61, 48)'")
    assert said == []


def test_it_follows_its_place(context: BrowserContext, host: Host) -> None:
    page, place, said = opened(context, host)
    press_explore(place)
    page.evaluate("document.body.style.width = '320px'")
    until(page, "document.querySelector('.tkr-ly').layout.width < 330")
    picture, drawn = plot(place).locator(".tkr-line"), plot(place).locator(".js-line")
    assert the_end(drawn) == pytest.approx(the_end(picture), abs=2)
    assert said == []


def test_an_explored_chart_is_accessible(browser: Browser, host: Host, axe: str) -> None:
    context = browser.new_context(bypass_csp=True)
    _, place, _ = opened(context, host)
    press_explore(place)
    place.evaluate(axe)
    found = place.evaluate("axe.run('figure', {resultTypes: ['violations']})")
    assert [f"{v['id']}: {v['nodes'][0]['failureSummary']}" for v in found["violations"]] == []
    context.close()
