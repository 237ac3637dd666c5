"""Ticker behind a gate that a test shuts or bends, and the programs of a host in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug.serving import make_server

from tests.browser.conftest import Served
from tests.conftest import ROOT, absent
from tests.web.conftest import FRESH, site_at

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RECIPES = ROOT / "docs" / "recipes"
FIGURE = "98.34"
"""What WTI stands at in the seed."""
EDITORS_WORDS = "The markets are"
"""How the text begins that the recipes show without figures."""
FOREIGN = "Somebody else's page"


@dataclass(frozen=True)
class Fault:
    """An answer in the place of Ticker's own: by default a page that is not Ticker's, readable by every site."""

    status: str
    cut: bool = False
    """Whether the connection ends in the middle of the body."""
    readable: bool = True
    """Whether it lets scripts of other origins read it."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with it."""
        body = f"<!doctype html><p>{FOREIGN}</p>".encode()
        said = [("Content-Type", "text/html"), ("Content-Length", str(len(body) + 99 * self.cut))]
        said += [("Access-Control-Allow-Origin", "*")] if self.readable else []
        start_response(self.status, said)
        return [body]


@dataclass
class Gate:
    """Stands before an application: remembers what it was asked for, and answers with a fault when told to."""

    app: WSGIApplication
    fault: Fault | None = None
    age: int | None = None
    """How many seconds old it says that its answers are, as another cache would."""
    asked: list[WSGIEnvironment] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, by the application or in its place."""
        if environ["PATH_INFO"] == "/livez":
            return self.app(environ, start_response)
        self.asked.append(environ)
        if self.fault and environ["PATH_INFO"].startswith("/w/") and environ["REQUEST_METHOD"] == "GET":
            return self.fault(environ, start_response)
        older = [] if self.age is None else [("Age", str(self.age))]
        return self.app(environ, lambda status, said, *more: start_response(status, [*said, *older], *more))

    def headers(self) -> list[dict[str, str]]:
        """The headers of each request."""
        return [{k[5:].lower(): v for k, v in asked.items() if k.startswith("HTTP_")} for asked in self.asked]


@dataclass
class Upstream:
    """Ticker on a port, behind its gate."""

    served: Served
    gate: Gate

    @property
    def port(self) -> str:
        """As text, for a recipe."""
        return str(self.served.port)

    def publish(self, value: str) -> None:
        """A new figure of WTI."""
        self.served.site.pass_time(seconds=1)
        self.served.site.publish("eia:RWTC", self.served.site.now.date(), value)
        self.served.site.look_again()


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    site_at(folder, FRESH).parts.store.close()
    return folder / "ticker.db"


@pytest.fixture
def upstream(tmp_path: Path, _seeded: Path) -> Iterator[Upstream]:
    (tmp_path / "ticker").mkdir()
    shutil.copy(_seeded, tmp_path / "ticker")
    served = Served(site_at(tmp_path / "ticker", FRESH))
    gate = Gate(served.site.app.wsgi_app)
    served.site.app.wsgi_app = gate  # type: ignore[method-assign]  # how Flask is wrapped
    served.start()
    yield Upstream(served, gate)
    served.stop()
    served.site.parts.store.close()


@contextmanager
def on_a_port(app: WSGIApplication) -> Iterator[str]:
    """An application of the host's own; gives its port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield str(server.server_port)
    server.shutdown()
    server.server_close()
    thread.join()


def recipe(name: str, *changes: tuple[str, str]) -> str:
    """A file of docs/recipes, with what a reader is told to change in it changed."""
    text = (RECIPES / name).read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, new)
    return text


def program(name: str, package: str) -> str:
    """Where a program is; the test is skipped where it is not."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if found is None:
        absent(f"no {name} on this machine (Debian: apt-get install --no-install-recommends {package})")
    return found


def get(url: str, **headers: str) -> requests.Response:
    """Ask once, on a new connection, as a browser does that has a cookie."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers={"Cookie": "reader=1", **headers}, timeout=20, allow_redirects=False)


def eventually(true: Callable[[], bool], what: str) -> None:
    """Ask until it is true, for twenty seconds at most: what another program does, it does in its own time."""
    for _ in range(400):
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"not in twenty seconds: {what}")


@contextmanager
def running(command: list[str], url: str, log: Path, **environment: str) -> Iterator[None]:
    """A program of the host, from when anything answers at `url`. What it says goes to the log."""
    with (
        log.open("w") as said,
        subprocess.Popen(command, env=os.environ | environment, stdout=said, stderr=said) as host,
    ):

        def answers() -> bool:
            assert host.poll() is None, log.read_text()
            try:
                return get(url).status_code > 0
            except requests.ConnectionError:
                return False

        try:
            eventually(answers, f"an answer from {command[0]}")
            yield
        finally:
            host.terminate()
            host.wait(20)
