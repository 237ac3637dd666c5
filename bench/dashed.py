"""A minimal Dash app with one line: `python -m bench.dashed PORT SETTINGS DATA` serves it on Granian.

SETTINGS are the arguments that `ticker serve` gives to Granian; DATA a file with the text above the chart and the
line's days and values. Both JSON.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bare import on_granian

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FILE = "BENCH_LINE"
COMPRESSES = importlib.util.find_spec("flask_compress") is not None
"""Whether Dash can compress what it sends."""


def app() -> WSGIApplication:
    """For Granian."""
    dash = importlib.import_module("dash")  # by name: what checks types need not have it
    data = json.loads(Path(os.environ[_FILE]).read_text("utf-8"))
    line = {"x": data["days"], "y": data["values"], "type": "scatter", "mode": "lines"}
    made = dash.Dash("dashed", compress=COMPRESSES)
    text = [dash.html.H1(data["title"]), *(dash.html.P(text) for text in data["text"])]
    made.layout = dash.html.Div([*text, dash.dcc.Graph(figure={"data": [line], "layout": {"height": 400}})])
    server: WSGIApplication = made.server
    return server


if __name__ == "__main__":
    _port, _settings, os.environ[_FILE] = sys.argv[1:]
    on_granian("bench.dashed:app", _port, _settings)
