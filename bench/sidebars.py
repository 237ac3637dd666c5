"""Three pages: a sidebar of ten quotes by `<market-ticker>`, the page without it, and lightweight-charts' ten lines."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.pages import NO_LIGHTWEIGHT, Site, Sites, lightweight, page
from bench.program import PLAIN, Served, bare_served, environment, ticker_served
from ticker import catalog
from ticker.render.heights import estimate
from ticker.render.variant import parse_variant

_SHOWN = {"daily": 60, "weekly": 26}  # figures of a line, as in Ticker's own
_TITLE = "Oil falls, and so does the pound"
_TEXT = ["What a barrel costs, and what the world's money is worth.", "The figures are those of public sources."]
_BELOW = "<p>What stands below the sidebar, and would move if that took its place late.</p>"
_WIDTH = 360
_ASIDE = f"<aside style=width:{_WIDTH}px>{{}}</aside>"
_ELEMENT = """
<script async src=http://127.0.0.1:{port}/embed.js></script>
<market-ticker style="display:block;min-height:{height}px"></market-ticker>"""
_ALL_TEN = "document.querySelector('market-ticker')?.shadowRoot?.querySelectorAll('svg').length === 10"
_LIGHTWEIGHT = """
<style>
.quotes { margin: 0; padding: 0; list-style: none; }
.quotes li { display: grid; grid-template-columns: 1fr 118px 6em; align-items: center; gap: 8px; padding: 6px 0; }
.quotes div { height: 30px; }
.quotes span { text-align: end; }
.quotes small { display: block; }
.up { color: #0a7a3d; }
.down { color: #c22e2e; }
</style>
<script defer src=/lightweight-charts.js></script>
<ul class=quotes>ROWS</ul>
<script type=module>
const lines = LINES;
const {ColorType, LineSeries, createChart} = LightweightCharts;
const off = {visible: false}, none = {visible: false, labelVisible: false};
const options = {
  width: 118, height: 30, handleScroll: false, handleScale: false,
  layout: {background: {type: ColorType.Solid, color: "transparent"}, attributionLogo: false},
  grid: {vertLines: off, horzLines: off}, crosshair: {vertLine: none, horzLine: none},
  rightPriceScale: off, timeScale: off,
};
const plain = {lineWidth: 1, priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false};
document.querySelectorAll(".quotes div").forEach((place, at) => {
  const chart = createChart(place, options);
  chart.addSeries(LineSeries, plain).setData(lines[at].map(([time, value]) => ({time, value})));
  chart.timeScale().fitContent();
});
window.drawn = true;
</script>"""


@contextmanager
def running(folder: Path) -> Iterator[Sites]:
    """Serve them: Ticker, and on another port the pages around it, both on Granian with `ticker serve`'s settings."""
    with ticker_served(environment(folder)) as ours:
        for path in ("/embed.js", "/w/list?link=1") * 2:
            ours.ask(path)  # the second one is kept, thoroughly compressed
        quotes = json.loads(ours.ask("/v1/quotes?i=energy,currencies", PLAIN).body)["quotes"]
        known = catalog.load()
        rhythm = {one.key: one.cadence for one in known.instruments}
        element = _ELEMENT.format(port=ours.port, height=estimate(parse_variant("list", {}, known), _WIDTH, known))
        lines = [_line(ours, quote["key"], _SHOWN[rhythm[quote["key"]]]) for quote in quotes]
        answers = {
            "/w/list": page(_TITLE, _TEXT, _BELOW),
            "/ticker": page(_TITLE, _TEXT, _ASIDE.format(element) + _BELOW),
        }
        if peer := lightweight():
            drawn = _LIGHTWEIGHT.replace("ROWS", "".join(map(_row, quotes)))
            drawn = drawn.replace("LINES", json.dumps(lines, separators=(",", ":")))
            answers["/lightweight-charts"] = page(_TITLE, _TEXT, _ASIDE.format(drawn) + _BELOW)
            answers["/lightweight-charts.js"] = peer[1]
        with bare_served("wsgi", answers, folder) as host:
            base = f"http://127.0.0.1:{host.port}"
            sites = [
                Site("Ticker", f"{base}/ticker", _ALL_TEN),
                Site("the page without a sidebar", f"{base}/w/list", "document.querySelector('p')"),
            ]
            if peer:
                sites.append(Site(peer[0], f"{base}/lightweight-charts", "window.drawn"))
            yield Sites(tuple(sites), () if peer else (NO_LIGHTWEIGHT,), sum(map(len, lines)))


def _line(ours: Served, key: str, length: int) -> list[tuple[str, float]]:
    """The newest figures of an instrument."""
    history = json.loads(ours.ask(f"/v1/history/{key}?range=max", PLAIN).body)["observations"]
    return [(day, float(value)) for day, value in history[-length:]]


def _row(quote: Mapping[str, str]) -> str:
    """A name, the place of its line, its figure and change."""
    sign, moved = "+" if quote["direction"] == "up" else "", f"{quote['change']} ({quote['change_percent']}%)"
    change = f"<small class={quote['direction']}>{sign}{moved}</small>"
    return f"<li><b>{html.escape(quote['label'])}</b><div></div><span>{quote['value']} {change}</span></li>"
