"""Requests a second over HTTP: cached answers of `ticker serve` beside bare programs on the same server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.load import named, rate
from bench.program import BROTLI, Served, bare_served, environment, ticker_served
from bench.report import COLUMNS, Table, row

_ROUNDS, _SECONDS = 5, 1.2
_Rates = dict[str, list[tuple[float, float]]]


def measure(folder: Path) -> Table:
    """Measure it."""
    paths = ("/w/list", "/v1/quotes")
    with ticker_served(environment(folder)) as ours:
        for path in paths * 2:
            ours.ask(path)  # the second one is kept
        answers = {path: ours.ask(path) for path in paths}
        with bare_served("flask", answers, folder) as flask, bare_served("wsgi", answers, folder) as wsgi:
            tag = {name.lower(): value for name, value in answers["/w/list"].headers}["etag"]
            found = _rates(ours, flask, wsgi, {**BROTLI, "If-None-Match": tag})
    fast = {name: [one[0] for one in rates] for name, rates in found.items()}
    spent = {name: [one[1] for one in rates] for name, rates in found.items()}
    rows = [
        row("`/w/list`, cached", fast["list"], "bare Flask view, same bytes", fast["flask"], "/s",
            "a cached fragment costs less than the smallest thing Flask can do"),
        row("`/w/list`, cached", fast["list"], "bare WSGI function, same bytes", fast["wsgi"], "/s",
            "what is left to gain if our part took no time at all"),
        row("`/w/list`, answered 304", fast["304"], "bare Flask view, `/w/list`", fast["flask"], "/s",
            "a reader's second look, without a body"),
        row("`/v1/quotes`, cached", fast["quotes"], "bare Flask view, same bytes", fast["flask quotes"], "/s",
            "the API's answers come from the same cache"),
        row("processor time for one `/w/list`", spent["list"], "bare Flask view", spent["flask"], "s",
            "the same without the load generator's share of the machine, so nearer to the truth"),
        row("processor time for one `/w/list`", spent["list"], "bare WSGI function", spent["wsgi"], "s",
            "the rest is the server's own work for any request"),
    ]  # fmt: skip
    remark = f"Load from {named()}; brotli; {_ROUNDS} rounds of {_SECONDS} seconds each; one worker."
    return Table("A cached answer, over HTTP", COLUMNS, rows, remark)


def _rates(ours: Served, flask: Served, wsgi: Served, held: Mapping[str, str]) -> _Rates:
    plan: dict[str, tuple[Served, str, Mapping[str, str], int]] = {
        "list": (ours, "/w/list", BROTLI, 200),
        "flask": (flask, "/w/list", BROTLI, 200),
        "wsgi": (wsgi, "/w/list", BROTLI, 200),
        "304": (ours, "/w/list", held, 304),
        "quotes": (ours, "/v1/quotes", BROTLI, 200),
        "flask quotes": (flask, "/v1/quotes", BROTLI, 200),
    }
    found: _Rates = {name: [] for name in plan}
    for _ in range(_ROUNDS):
        for name, (server, path, headers, status) in plan.items():
            found[name].append(rate(server, path, headers, status, _SECONDS))
    return found
