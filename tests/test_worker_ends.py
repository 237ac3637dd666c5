"""A web worker that ends at a bad moment: another takes its place, and the others go on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from tests.conftest import free_port
from tests.test_reload import NEW, Reader, asking, wait, workers
from tests.test_serve import TICKER, get, running, said
from ticker.store.engine import open_store

pytestmark = pytest.mark.slow


def statuses(url: str, times: int = 16) -> Counter[int]:
    """What so many readers get, each on a connection of his own."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Connection"] = "close"
        return Counter(session.get(url, timeout=30).status_code for _ in range(times))


def kill_one(pid: int) -> None:
    """Kill a worker, and wait until there is another."""
    before = workers(pid)
    psutil.Process(min(before)).kill()
    wait(lambda: len(workers(pid)) == len(before) and min(before) not in workers(pid))


def test_while_the_database_is_away_nothing_is_reloaded_and_no_worker_takes_the_others_along(tmp_path: Path) -> None:
    port, there, away = free_port(), tmp_path / "data", tmp_path / "elsewhere"
    there.mkdir()
    settings = {"TICKER_DATABASE_URL": "sqlite:///data/ticker.db", "HTTPS_PROXY": "http://127.0.0.1:9"}
    widget = f"http://127.0.0.1:{port}/w/list"
    with running([*TICKER, "serve", "--port", str(port), "--workers", "2"], tmp_path, **settings) as process:
        said(process)
        wait(lambda: statuses(widget) == {200: 16})
        before = workers(process.pid)
        there.rename(away)
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        while "nothing is reloaded" not in (told := process.stderr.readline()):
            assert told
        assert told == "ticker: nothing is reloaded: The database data/ticker.db is gone.\n"
        assert (statuses(widget), workers(process.pid)) == ({200: 16}, before)
        with asking([Reader(port, keeps=True)]):
            kill_one(process.pid)
            wait(lambda: statuses(widget)[503] > 0)  # the new one, which has no figures yet
        heard = statuses(widget, 32)
        assert set(heard) == {200, 503}
        assert not there.exists()  # nobody made another
        away.rename(there)
        wait(lambda: statuses(widget) == {200: 16})
        assert process.poll() is None


def test_a_worker_that_starts_later_reads_the_catalog_that_was_found_good(tmp_path: Path) -> None:
    port, catalog = free_port(), tmp_path / "own.toml"
    catalog.write_text("")
    (swept := tmp_path / "temporary").mkdir()
    settings = {"TICKER_CATALOG": str(catalog), "TICKER_REFRESH": "0", "TMPDIR": str(swept)}
    new = f"http://127.0.0.1:{port}/v1/quotes/usdtry"
    with running([*TICKER, "serve", "--port", str(port), "--workers", "2"], tmp_path, **settings) as process:
        said(process)
        assert get(new).status_code == 404
        before = workers(process.pid)
        catalog.write_text(NEW)
        process.send_signal(signal.SIGHUP)
        wait(lambda: workers(process.pid) != before)
        catalog.write_text("a file that is just being wr")
        wait(lambda: len(workers(process.pid)) == 2 and not before & workers(process.pid))
        assert statuses(new) == {200: 16}
        kill_one(process.pid)
        wait(lambda: statuses(new) == {200: 16})
        catalog.unlink()
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        while "nothing is reloaded" not in (told := process.stderr.readline()):
            assert told
        assert told.endswith(f"{catalog}: the catalog cannot be read: No such file or directory.\n")
        assert statuses(new) == {200: 16}
        shutil.rmtree(next(swept.iterdir()))  # by whoever keeps /tmp clean
        kill_one(process.pid)
        wait(lambda: statuses(new) == {200: 16})
        catalog.write_text(NEW)
        before = workers(process.pid)
        for _ in range(5):
            process.send_signal(signal.SIGHUP)
        wait(lambda: len(workers(process.pid)) == 2 and not before & workers(process.pid))
        with suppress(psutil.NoSuchProcess):  # the next reload may have ended it
            psutil.Process(min(workers(process.pid))).kill()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_refresher_that_starts_later_leaves_a_database_of_a_newer_ticker_alone(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/ticker.db").close()
    with sqlite3.connect(tmp_path / "ticker.db") as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.close()
    before = (tmp_path / "ticker.db").read_bytes()
    with running([*TICKER, "worker", "--parent", str(os.getpid())], tmp_path) as process:
        assert process.stderr is not None
        assert "The database ticker.db has the schema 9999, ours is" in process.stderr.readline()
    assert (tmp_path / "ticker.db").read_bytes() == before


def test_one_that_ends_again_and_again_ends_the_service_only_where_it_is_the_only_one(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as process:
        said(process)
        assert get(f"http://127.0.0.1:{port}/livez").status_code == 200
        for _ in range(2):
            kill_one(process.pid)
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200
        while process.poll() is None:
            for pid in workers(process.pid):
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
            wait(lambda: process.poll() is not None or bool(workers(process.pid)))
        assert process.returncode == 1
