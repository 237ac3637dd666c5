"""What the application does otherwise when it is published to a host of files, which knows no query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, make_response, render_template

from ticker.render.files import file_of
from ticker.web.headers import keep

_ASKING = ("asked.js", "chart.js", "embed.js")
_WRAPPED = "((fileOf) => {{ const fetch = (asked, rest) => window.fetch(fileOf(asked), rest);\n{script}\n}})({name});\n"


def wrapping(folder: Path) -> Callable[[str, bytes], bytes]:
    """What makes of our scripts, by their names, those that ask for files: `static/files/name.js` says for which."""
    name = (folder / "files" / "name.js").read_text("utf-8").strip()
    name = "".join(line for line in name.splitlines(keepends=True) if not line.startswith("//"))

    def wrapped(file: str, body: bytes) -> bytes:
        return _WRAPPED.format(script=body.decode(), name=name).encode() if file in _ASKING else body

    return wrapped


def init_files(app: Flask, *, files: bool) -> None:
    """Let templates know; `|at` gives the path at which something of ours is: itself, or that of its file."""
    app.jinja_env.globals["files"] = files
    app.jinja_env.filters["at"] = (lambda address: f"/{file_of(address)}") if files else str
    if files:
        app.register_blueprint(_asked())


def _asked() -> Blueprint:
    """Pages that lead from an address with a query to its file."""
    blueprint = Blueprint("asked", __name__)

    @blueprint.get("/asked/<path:address>")
    def page(address: str) -> Response:
        return keep(make_response(render_template("pages/asked.html", first=f"/{file_of(f'/{address}')}")))

    return blueprint


@dataclass(frozen=True)
class Answer:
    """What the application says to an address: its status, type, how long it may be kept, and the body."""

    status: int
    kind: str
    cache: str
    body: bytes


Ask = Callable[[str], Answer]
"""Asks the application itself for one of its addresses, without a network."""


def asking(app: Flask) -> Ask:
    """Ask this one."""
    client = app.test_client()

    def ask(address: str) -> Answer:
        found = client.get(address)
        headers = found.headers
        return Answer(found.status_code, headers["Content-Type"], headers.get("Cache-Control", ""), found.data)

    return ask
