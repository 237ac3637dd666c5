"""What Ticker is held against: a bare Flask view and a bare WSGI function that answer with the same bytes.

`python -m bench.bare flask|conditional|wsgi PORT SETTINGS ANSWERS` serves one of them on Granian. SETTINGS are the
arguments that `ticker serve` gives to Granian, ANSWERS a file with the answers by path, both JSON.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Response

_FILE = "BENCH_ANSWERS"


@dataclass(frozen=True)
class Answer:
    """Headers and body, as they came from Ticker."""

    headers: list[tuple[str, str]]
    body: bytes


def keep(answers: Mapping[str, Answer], file: Path) -> None:
    """Write answers to a file."""
    packed = {path: [a.headers, base64.b64encode(a.body).decode()] for path, a in answers.items()}
    file.write_text(json.dumps(packed), "utf-8")


def read(file: Path) -> dict[str, Answer]:
    """Read them."""
    packed = json.loads(file.read_text("utf-8"))
    return {path: Answer([(n, v) for n, v in heads], base64.b64decode(body)) for path, (heads, body) in packed.items()}


def flask_of(answers: Mapping[str, Answer], *, conditional: bool = False) -> WSGIApplication:
    """A Flask application with a view for each path; a conditional one answers 304 where the asker has it."""
    from flask import Flask, make_response, request  # not at the top: the WSGI function must not carry it

    app = Flask("bare", static_folder=None)

    def add(path: str, answer: Answer) -> None:
        def view() -> Response:
            response = make_response(answer.body, 200)
            response.headers.update(answer.headers)
            if conditional:
                response.make_conditional(request)
            return response

        app.add_url_rule(path, path.strip("/").replace("/", "-"), view)

    for path, answer in answers.items():
        add(path, answer)
    return app


def wsgi_of(answers: Mapping[str, Answer]) -> WSGIApplication:
    """A function, and nothing else."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = answers[environ["PATH_INFO"]]
        start_response("200 OK", [*answer.headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]

    return app


def flask() -> WSGIApplication:
    """For Granian."""
    return flask_of(read(Path(os.environ[_FILE])))


def conditional() -> WSGIApplication:
    """For Granian."""
    return flask_of(read(Path(os.environ[_FILE])), conditional=True)


def wsgi() -> WSGIApplication:
    """For Granian."""
    return wsgi_of(read(Path(os.environ[_FILE])))


def on_granian(target: str, port: str, settings: str) -> None:
    """Serve an application with the arguments that `ticker serve` gives to Granian, as JSON, and its turns."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    from ticker.turns import take_turns

    take_turns()
    given = json.loads(settings)
    given |= {"interface": Interfaces(given["interface"]), "log_level": LogLevels(given["log_level"])}
    given["http1_settings"] = HTTP1Settings(**given["http1_settings"])
    Granian(target, address="127.0.0.1", port=int(port), **given).serve()


if __name__ == "__main__":
    _kind, _port, _settings, os.environ[_FILE] = sys.argv[1:]
    on_granian(f"bench.bare:{_kind}", _port, _settings)
