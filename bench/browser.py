"""One load of a page in Chromium, with nothing in its cache: what travels, when the chart is seen, what it costs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The browser of this machine."""
PHONE = "1.6 Mbit/s, 150 ms to an answer, a processor four times slower"
"""What a phone is taken to be."""
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_QUIET_FOR = 0.7  # seconds without a request: then a page has done what it does by itself
_THROTTLED = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}

# Asks in every frame whether the chart is there, and notes when the first frame that has it is finished.
_WATCH = """
window.bench = {seen: null, shifted: 0};
new PerformanceObserver((list) => {
  for (const {value} of list.getEntries()) bench.shifted += value;
}).observe({type: "layout-shift", buffered: true});
const look = () => {
  if (!(SEEN)) return requestAnimationFrame(look);
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => { bench.seen = performance.now(); };
  port2.postMessage(0);
};
requestAnimationFrame(look);
"""
_ASK = """() => ({
  seen: bench.seen / 1000,
  first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime / 1000,
  shifted: bench.shifted,
  kept: localStorage.length + sessionStorage.length,
})"""


@dataclass(frozen=True)
class Load:
    """What a load cost, in seconds and bytes.

    `main` is all that the main thread did, `script` and `layout` are parts of it; `shifted` is how far the
    page has moved under its reader, all layout shifts added up (nobody touches the page, so each of them counts);
    `kept` counts cookies and stored items; `coded` names the codings of the answers.
    """

    requests: int
    transferred: float
    first: float
    seen: float
    main: float
    script: float
    layout: float
    heap: float
    shifted: float
    kept: int
    coded: frozenset[str]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, until it is no longer needed."""
    from playwright.sync_api import sync_playwright  # not at the top: a bench without it says so

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield running
        running.close()


@contextmanager
def loaded(
    browser: Browser, url: str, seen: str, phone: bool = False
) -> Iterator[tuple[Page, Load, Callable[[], Load]]]:
    """A page, loaded and quiet; its load; and a function that says what all has cost by the time it is called.

    `seen` is an expression that is true as soon as the chart is in the page.
    """
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.add_init_script(_WATCH.replace("SEEN", seen))
    session = context.new_cdp_session(page)
    traffic = _Traffic(session)
    session.send("Performance.enable")
    if phone:
        session.send("Network.emulateNetworkConditions", _THROTTLED)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    def cost() -> Load:
        traffic.settle(page)
        said = page.evaluate(_ASK)
        spent = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return Load(
            requests=traffic.requests,
            transferred=traffic.transferred,
            first=said["first"],
            seen=max(said["seen"], said["first"]),  # nothing is seen before anything is painted
            main=spent["TaskDuration"],
            script=spent["ScriptDuration"],
            layout=spent["LayoutDuration"] + spent["RecalcStyleDuration"],
            heap=spent["JSHeapUsedSize"],
            shifted=said["shifted"],
            kept=said["kept"] + len(context.cookies()),
            coded=frozenset(traffic.coded),
        )

    try:
        page.goto(url)
        while not page.evaluate("bench.seen"):
            page.wait_for_timeout(100)
        yield page, cost(), cost
    finally:
        context.close()


class _Traffic:
    """Requests of a page and the bytes that came, heads and all, as the browser counts them."""

    def __init__(self, session: CDPSession) -> None:
        self.requests, self.transferred, self.coded = 0, 0.0, set[str]()
        self._open, self._last = set[str](), time.perf_counter()
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._ended)
        session.on("Network.loadingFailed", self._ended)
        session.send("Network.enable")

    def settle(self, page: Page) -> None:
        """Wait until nothing is under way."""
        while self._open or time.perf_counter() - self._last < _QUIET_FOR:
            page.wait_for_timeout(100)

    def _sent(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.requests += 1
            self._open.add(event["requestId"])
            self._last = time.perf_counter()

    def _received(self, event: dict[str, Any]) -> None:
        heads = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if event["requestId"] in self._open and event["response"]["status"] == 200:
            self.coded.add(heads.get("content-encoding", "none"))

    def _ended(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._open:
            self._open.discard(event["requestId"])
            self.transferred += event.get("encodedDataLength", 0)
            self._last = time.perf_counter()
