"""Three pages with the same ten years of crude oil: with Ticker's chart, with lightweight-charts, and a Dash app."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.pages import NO_LIGHTWEIGHT, Site, Sites, lightweight, page
from bench.program import PLAIN, bare_served, environment, free_port, served, settings, ticker_served

_TITLE = "Crude oil, ten years on"
_TEXT = ["What a barrel has cost since the spring of 2016, day by day.", "The figures are those of the government."]
_LIGHTWEIGHT_PAGE = """
<script defer src=/lightweight-charts.js></script>
<div id=chart></div>
<script type=module>
const line = LINE;
const options = {width: 984, height: 400, timeScale: {minBarSpacing: 0.1}};  // by default it shows six of the ten years
const chart = LightweightCharts.createChart(document.getElementById("chart"), options);
const series = chart.addSeries(LightweightCharts.LineSeries);
series.setData(line.map(([time, value]) => ({time, value})));
chart.timeScale().fitContent();
window.drawn = true;
</script>"""


@contextmanager
def running(folder: Path) -> Iterator[Sites]:
    """Serve them, Ticker and the pages around it on Granian with the settings of `ticker serve`, as the Dash app."""
    with ExitStack() as stack:
        ours = stack.enter_context(ticker_served(environment(folder)))
        history = json.loads(ours.ask("/v1/history/wti?range=max", PLAIN).body)["observations"]
        line = [[day, float(value)] for day, value in history]
        for path in ("/w/chart?range=max", "/chart.js", "/w/chart.json?i=wti&range=max"):
            for _ in range(2):
                ours.ask(path)  # the second one is kept, thoroughly compressed
        fragment = ours.ask("/w/chart?range=max", PLAIN).body.decode()
        script = f"<script async src=http://127.0.0.1:{ours.port}/chart.js></script>"
        answers = {"/w/list": page(_TITLE, _TEXT, ""), "/ticker": page(_TITLE, _TEXT, fragment + script)}
        if peer := lightweight():
            drawn = _LIGHTWEIGHT_PAGE.replace("LINE", json.dumps(line, separators=(",", ":")))
            answers |= {"/lightweight-charts": page(_TITLE, _TEXT, drawn), "/lightweight-charts.js": peer[1]}
        host = stack.enter_context(bare_served("wsgi", answers, folder))
        base = f"http://127.0.0.1:{host.port}"
        sites = [
            Site("Ticker", f"{base}/ticker", "document.querySelector('.tkr-line')"),
            Site("the page without a chart", f"{base}/w/list", "document.querySelector('p')"),
        ]
        missing = []
        if peer:
            sites.append(Site(peer[0], f"{base}/lightweight-charts", "window.drawn"))
        else:
            missing.append(NO_LIGHTWEIGHT)
        if importlib.util.find_spec("dash"):
            port = stack.enter_context(_dash(line, folder))
            drawn = "document.querySelector('.js-plotly-plot .scatterlayer path.js-line')?.getAttribute('d')"
            sites.append(Site(f"Dash {importlib.metadata.version('dash')}", f"http://127.0.0.1:{port}/", drawn))
        else:
            missing.append("Dash is not installed (`pip install -e '.[bench]'`)")
        yield Sites(tuple(sites), tuple(missing), len(line))


@contextmanager
def _dash(line: list[list[str | float]], folder: Path) -> Iterator[int]:
    file, port = folder / "line.json", free_port()
    days, values = zip(*line, strict=True)
    file.write_text(json.dumps({"title": _TITLE, "text": _TEXT, "days": days, "values": values}), "utf-8")
    command = [sys.executable, "-m", "bench.dashed", str(port), json.dumps(settings()), str(file)]
    with served(command, port, environment(folder)):
        yield port
