"""Requests a second over HTTP: cached answers of `ticker serve` beside bare programs on the same server, and nginx."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench import nginx
from bench.cores import SERVER
from bench.load import named, rate
from bench.program import BROTLI, Served, bare_served, environment, ticker_served
from bench.report import COLUMNS, Claim, Table, ratios, row, spread

_ROUNDS, _SECONDS = 9, 1.0
_Figures = dict[str, list[float]]
_Plan = dict[str, tuple[Served, str, Mapping[str, str], int]]
_SERVER = "on Granian with the settings of `ticker serve`"


def measure(folder: Path) -> Table:
    """Measure it."""
    paths = ("/w/list", "/v1/quotes")
    with ExitStack() as running:
        ours = running.enter_context(ticker_served(environment(folder), SERVER))
        for path in paths * 2:
            ours.ask(path)  # the second one is kept
        answers = {path: ours.ask(path) for path in paths}
        kinds = ("flask", "conditional", "wsgi")
        bare = {kind: running.enter_context(bare_served(kind, answers, folder, SERVER)) for kind in kinds}
        tag = {name.lower(): value for name, value in answers["/w/list"].headers}["etag"]
        plan = _plan(ours, bare, {**BROTLI, "If-None-Match": tag})
        if program := nginx.program():
            found = running.enter_context(nginx.nginx_served(program, folder, answers["/w/list"].body))
            plan |= dict(zip(("file", "opened"), ((one, "/w/list", BROTLI, 200) for one in found), strict=True))
        fast, spent = _measured(plan)
    remark = (
        f"Load from {named()}; brotli; {_ROUNDS} rounds of a second each, all in turn; one worker. "
        + ("" if program else "Left out: nginx, which is not on this machine. ")
    )  # fmt: skip
    return Table("A cached answer, over HTTP", COLUMNS, _rows(fast, spent), remark, _claims(fast))


def _plan(ours: Served, bare: Mapping[str, Served], held: Mapping[str, str]) -> _Plan:
    return {
        "list": (ours, "/w/list", BROTLI, 200),
        "wsgi": (bare["wsgi"], "/w/list", BROTLI, 200),
        "flask": (bare["flask"], "/w/list", BROTLI, 200),
        "304": (ours, "/w/list", held, 304),
        "flask 304": (bare["conditional"], "/w/list", held, 304),
        "quotes": (ours, "/v1/quotes", BROTLI, 200),
        "flask quotes": (bare["flask"], "/v1/quotes", BROTLI, 200),
    }


def _measured(plan: _Plan) -> tuple[_Figures, _Figures]:
    """Requests a second and processor time for one, of each in every round."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in plan}
    for _ in range(_ROUNDS):
        for name, (server, path, headers, status) in plan.items():
            found[name].append(rate(server, path, headers, status, _SECONDS))
    fast = {name: [one[0] for one in rates] for name, rates in found.items()}
    return fast, {name: [one[1] for one in rates] for name, rates in found.items()}


def _rows(fast: _Figures, spent: _Figures) -> list[tuple[str, ...]]:
    rows = [
        row("`/w/list`, cached", fast["list"], "bare Flask view, same bytes", fast["flask"], "/s",
            "a cached fragment costs less than the smallest thing Flask can do"),
        row("`/w/list`, cached", fast["list"], "bare WSGI function, same bytes", fast["wsgi"], "/s",
            "what is left to gain if our part took no time at all"),
        row("`/w/list`, answered 304", fast["304"], "bare Flask view, answered 304", fast["flask 304"], "/s",
            "a reader's second look, without a body"),
        row("`/v1/quotes`, cached", fast["quotes"], "bare Flask view, same bytes", fast["flask quotes"], "/s",
            "the API's answers come from the same cache"),
        row("processor time for one `/w/list`", spent["list"], "bare Flask view", spent["flask"], "s",
            "the same without what else the machine does, so nearer to the truth"),
        row("processor time for one `/w/list`", spent["list"], "bare WSGI function", spent["wsgi"], "s",
            "the rest is the server's own work for any request"),
    ]  # fmt: skip
    if "file" in fast:
        rows += [
            row("`/w/list`, cached", fast["list"], "nginx, a file of the same bytes", fast["file"], "/s",
                "nginx as it is installed"),
            row("`/w/list`, cached", fast["list"], "the same with `open_file_cache`", fast["opened"], "/s",
                "nginx at its best: it neither opens nor stats the file"),
            row("processor time for one `/w/list`", spent["list"], "nginx, a file of the same bytes", spent["file"],
                "s", "of one core"),
            row("processor time for one `/w/list`", spent["list"], "the same with `open_file_cache`", spent["opened"],
                "s", "of one core"),
        ]  # fmt: skip
    return rows


def _claims(fast: _Figures) -> list[Claim]:
    claims = [
        Claim("cached fragment ÷ bare WSGI function", "at least", 0.85, ratios(fast["list"], fast["wsgi"]),
              f"a function that answers with the same headers and bytes, {_SERVER}",
              "Of a request's processor time nearly nine tenths are Granian's and the kernel's, the same on both "
              "sides. Ours is 1.2 µs of Python: is the snapshot true (two clocks), the answer by the request's words, "
              "the ETag, a copy of the headers, a count under a lock. Counting without a lock would be a tenth of it. "
              "More would take a hit that Python never sees: a cache inside the server."),
        Claim("cached fragment ÷ a Flask view", "at least", 4, ratios(fast["list"], fast["flask"]),
              f"a view of one line that returns the same headers and bytes, {_SERVER}",
              "Limited by the server: even an answer that cost us nothing would be only some 15 % more. A faster WSGI "
              "server would move it, for Flask's own time stays what it is (threads that take turns did: 3.8 before)."),
        Claim("304 ÷ the same Flask view's 304", "at least", 4, ratios(fast["304"], fast["flask 304"]),
              f"that view with `make_conditional`, {_SERVER}",
              "As above; a 304 has one more header to read and no body to send. The ETag is compared as it stands "
              "first, and parsed only if it differs."),
    ]  # fmt: skip
    if "file" in fast:
        claims.append(
            Claim("cached fragment ÷ nginx, a static file, one core each", "at least", 0.7,
                  ratios(fast["list"], fast["file"]),
                  "the same bytes as a file from one nginx worker on the same core, configured as nginx is by itself; "
                  "beside nginx with `open_file_cache` see the table below",
                  f"The bare WSGI function is {spread(ratios(fast['wsgi'], fast['file']))} of it: what is "
                  "left of Granian's two threads since they take turns (0.54 before: they interrupted each other twice "
                  "a request). The rest is our 1.2 µs, and twelve headers made of Python's strings. A server that "
                  "answers hits in its own loop would move it; the shipped nginx configuration in front does.")
        )  # fmt: skip
    return claims
