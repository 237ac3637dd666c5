"""Ticker inside this process: its WSGI application and its parts, on a database that is planted from the seed."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from bench.bare import Answer
from bench.program import environment
from ticker import wsgi
from ticker.start import Parts, clock, start

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def application(folder: Path) -> WSGIApplication:
    """What a worker of the web server runs."""
    with patch.dict(os.environ, environment(folder), clear=True):
        return wsgi.create()


def parts(folder: Path) -> Parts:
    """Settings, catalog and store."""
    return start(environment(folder), clock())


def asker(app: WSGIApplication, status: str = "200") -> Callable[..., Answer]:
    """A function that asks for a path; further arguments are parts of the WSGI environment."""

    def ask(path: str, **more: str) -> Answer:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def listen(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            said.append((line, headers))
            return lambda data: None

        chunks: Iterable[bytes] = app(_environ(path) | more, listen)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        assert said[0][0].startswith(status), said
        return Answer([(n, v) for n, v in said[0][1] if n != "Content-Length"], body)

    return ask


def _environ(path: str) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_ACCEPT_ENCODING": "br",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }
