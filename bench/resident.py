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
from bench.report import COLUMNS, Claim, Table, ratios, row
from ticker.market.history import RANGES
from ticker.render.variant import WIDGETS

_ROUNDS = 3
_GROWN = 25.0  # seconds after its start, by which a worker has read what it reads ahead
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
            "started on a full database, every widget in three languages rendered and cached"),
        row("web worker, half a minute old", ours["ready"], "bare Flask worker", ours["bare worker"], "B",
            "and the whole lines of ten instruments in memory, so that their charts need no database"),
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
    full = "all history" if there() else "the seed: the sources are out of reach"
    remark = f"PSS from `/proc`; {_ROUNDS} rounds; one worker, on a database with {full}."
    return Table("Memory", COLUMNS, rows, remark, [_claim(ours)])


def _claim(ours: Mapping[str, Sequence[float]]) -> Claim:
    return Claim(
        "memory of one worker ÷ a bare Flask worker", "at most", 3, ratios(ours["ready"], ours["bare worker"]),
        "a worker of bare Flask on Granian, which has answered; Ticker's has a full database, has rendered every "
        "widget in three languages and is half a minute old: the whole lines of ten instruments are in it, packed",
        "Two thirds of what it has more than bare Flask is code: SQLAlchemy, Babel with three languages, holidays, "
        "our own; a tenth is figures. A store without SQLAlchemy would save some 12 MB.",
    )  # fmt: skip


def _round(replay: Replay | None) -> Mapping[str, float]:
    with TemporaryDirectory() as name:
        folder, found = Path(name), dict[str, float]()
        environ = environment(folder, TICKER_REFRESH="1", **(replay.environment() if replay else _NOWHERE))
        with ticker_served(environ) as first:
            _wait_for_refresher(first, replay)
            found["refresher"] = next(memory(pid) for pid in first.children() if pid != first.worker)
        with ticker_served(environ) as ours:
            began, answers = time.monotonic(), {"/w/list": ours.ask("/w/list")}
            for path in [f"/w/{w}?lang={lang}" for w in WIDGETS for lang in LANGUAGES] * 3 + ["/"] * 3:
                ours.ask(path)
            found |= {"worker": memory(ours.worker), "parent": memory(ours.parent)}
            time.sleep(max(0.0, began + _GROWN - time.monotonic()))
            found["ready"] = memory(ours.worker)
            found |= _with_charts(ours)
        with bare_served("flask", answers, folder) as bare:
            for _ in range(30):
                bare.ask("/w/list")
            found |= {"bare worker": memory(bare.worker), "bare parent": memory(bare.parent)}
        return found


def _with_charts(ours: Served) -> Mapping[str, float]:
    """A worker that has drawn every chart, and one from which every chart was explored."""
    keys = [quote["key"] for quote in json.loads(ours.ask("/v1/quotes", PLAIN).body)["quotes"]]
    for path in _charts(keys) * 3:
        ours.ask(path)
    charts = memory(ours.worker)
    for path in [f"{of}?i={key}" for key in keys for of in _ON_REQUEST] * 3:
        ours.ask(path)
    return {"charts": charts, "all": memory(ours.worker)}


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
