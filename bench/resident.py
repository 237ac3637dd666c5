"""Memory: every process's share (PSS), after it has rendered every widget and read every source."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.program import LANGUAGES, PLAIN, Served, bare_served, environment, memory, ticker_served
from bench.replay import Replay, replaying, there
from bench.report import COLUMNS, Table, row
from ticker.market.history import RANGES
from ticker.render.variant import WIDGETS

_ROUNDS = 2
_ON_REQUEST = ("/w/chart.json", "/img/chart.png", "/img/chart.svg")
_NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}  # port 9: nobody listens


def measure(folder: Path) -> Table:
    """Measure it."""
    with replaying(folder) if there() else nullcontext() as replay:
        rounds = [_round(replay) for _ in range(_ROUNDS)]
    ours = {name: [one[name] for one in rounds] for name in rounds[0]}
    total = [sum(one[name] for name in ("parent", "worker", "refresher")) for one in rounds]
    bare_total = [one["bare parent"] + one["bare worker"] for one in rounds]
    rows = [
        row("web worker", ours["worker"], "bare Flask worker", ours["bare worker"], "B",
            "what a worker costs on a first start (seed planted), every widget in three languages rendered and cached"),
        row("web worker with every chart", ours["charts"], "bare Flask worker", ours["bare worker"], "B",
            "the same, after every chart of one instrument in every range and language, and every chart page"),
        row("the same", ours["charts"], "the web worker before", ours["worker"], "B",
            "what the charts add: whole lines, fragments, finished answers"),
        row("the same, every chart explored and drawn", ours["all"], "the web worker before", ours["worker"], "B",
            "and the figures for Plotly (that is the Python package), PNG and SVG of every chart"),
        row("parent", ours["parent"], "its bare parent", ours["bare parent"], "B",
            "the process that starts the others"),
        row("refresher", ours["refresher"], "bare Flask worker", ours["bare worker"], "B",
            "after it has read all history" if there() else "its sources out of reach"),
        row("all of `ticker serve`", total, "bare Flask: parent and worker", bare_total, "B",
            "what an operator pays for the whole service"),
    ]  # fmt: skip
    return Table("Memory", COLUMNS, rows, f"PSS from `/proc`; {_ROUNDS} rounds; one worker.")


def _round(replay: Replay | None) -> Mapping[str, float]:
    with TemporaryDirectory() as name:
        folder, found = Path(name), dict[str, float]()
        away = replay.environment() if replay else _NOWHERE
        with ticker_served(environment(folder, TICKER_REFRESH="1", **away)) as ours:
            _wait_for_refresher(ours, replay)
            answers = {"/w/list": ours.ask("/w/list")}
            for path in [f"/w/{w}?lang={lang}" for w in WIDGETS for lang in LANGUAGES] * 3 + ["/"] * 3:
                ours.ask(path)
            found |= {"worker": memory(ours.worker), "parent": memory(ours.parent)}
            keys = [quote["key"] for quote in json.loads(ours.ask("/v1/quotes", PLAIN).body)["quotes"]]
            for path in _charts(keys) * 3:
                ours.ask(path)
            found["charts"] = memory(ours.worker)
            for path in [f"{of}?i={key}" for key in keys for of in _ON_REQUEST] * 3:
                ours.ask(path)
            found["all"] = memory(ours.worker)
            found["refresher"] = next(memory(pid) for pid in ours.children() if pid != ours.worker)
        with bare_served("flask", answers, folder) as bare:
            for _ in range(30):
                bare.ask("/w/list")
            found |= {"bare worker": memory(bare.worker), "bare parent": memory(bare.parent)}
        return found


def _charts(keys: Sequence[str]) -> list[str]:
    """Every chart of one instrument, and its page."""
    charts = [f"/w/chart?i={key}&range={span}&lang={lang}" for key in keys for span in RANGES for lang in LANGUAGES]
    return charts + [f"/i/{key}" for key in keys]


def _wait_for_refresher(ours: Served, replay: Replay | None) -> None:
    """Until it is quiet: the revision has not changed for two seconds, or the sources have refused it."""
    deadline, revision, since = time.monotonic() + 30, -1, time.monotonic()
    while time.monotonic() < deadline:
        now = int(json.loads(ours.ask("/v1/quotes", PLAIN).body)["revision"])
        if now != revision:
            revision, since = now, time.monotonic()
        if time.monotonic() - since > 3 and len(ours.children()) == 2 and (replay is None or revision > 1):
            return
        time.sleep(0.2)
