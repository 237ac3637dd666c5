"""A cached hit without a server: the WSGI application called directly."""

from __future__ import annotations

from pathlib import Path

from bench.bare import flask_of, wsgi_of
from bench.inside import application, asker
from bench.report import COLUMNS, Table, row
from bench.rounds import interleaved

_ROUNDS, _SECONDS = 9, 0.15


def measure(folder: Path) -> Table:
    """Measure it."""
    app = application(folder)
    ask = asker(app)
    for _ in range(2):
        ask("/w/list")  # the second one is kept
    answer = ask("/w/list")
    tag = dict(answer.headers)["ETag"]
    unchanged = asker(app, "304")
    flask, wsgi = asker(flask_of({"/w/list": answer})), asker(wsgi_of({"/w/list": answer}))
    assert flask("/w/list").body == wsgi("/w/list").body == answer.body
    took = interleaved(
        {
            "hit": lambda: ask("/w/list"),
            "flask": lambda: flask("/w/list"),
            "304": lambda: unchanged("/w/list", HTTP_IF_NONE_MATCH=tag),
            "wsgi": lambda: wsgi("/w/list"),
        },
        _ROUNDS,
        _SECONDS,
    )
    rows = [
        row("a cached `/w/list`", took["hit"], "bare Flask view, same bytes", took["flask"], "s",
            "all that Ticker itself does for most requests, beside the least that Flask does"),
        row("a 304", took["304"], "bare Flask view, same bytes", took["flask"], "s",
            "the same, and the reader's ETag compared"),
        row("a cached `/w/list`", took["hit"], "bare WSGI function", took["wsgi"], "s",
            "the reference is nearly nothing, so this ratio is large; the difference is what a hit costs"),
    ]  # fmt: skip
    return Table("A cached answer, in the process", COLUMNS, rows, f"{_ROUNDS} rounds, all applications in turn.")
