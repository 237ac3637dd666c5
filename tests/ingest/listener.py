"""A server on loopback that takes what is posted to it, and answers as a test wants: well, badly, slowly or not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Listener:
    """What was posted to it, and with which headers; how it answers."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    trickles: bool = False
    silent: bool = False
    taken: list[Any] = field(default_factory=list)
    said: list[Mapping[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening(path: str) -> Iterator[Listener]:
    """One, at that path, as long as it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            found.said.append(dict(self.headers))
            if found.silent:
                found.over.wait(30)
            if found.trickles:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not found.over.wait(0.1):
                    self.wfile.write(b"X-More: yes\r\n")
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def handle(self) -> None:
            with suppress(OSError):  # the other side has hung up, as it should
                super().handle()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Listener(f"http://127.0.0.1:{server.server_port}{path}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
