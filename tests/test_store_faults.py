"""`ticker serve` while its database is deleted, replaced, cut short, damaged, locked, read-only: processes and HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.conftest import absent, free_port
from tests.test_serve import TICKER, get, running, said

pytestmark = pytest.mark.slow

PATHS = ("/w/list", "/w/card?i=gbpusd", "/embed/strip", "/v1/quotes", "/w/chart?i=wti&range=5y", "/i/wti")
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
Fault = Callable[[Path], None]


def restored(file: Path) -> None:
    done = subprocess.run(
        [*TICKER, "restore", "copy.db"], cwd=file.parent, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def parts(file: Path) -> list[Path]:
    return [part for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")) if part.exists()]


def deleted(file: Path) -> None:
    (file.parent / "away").mkdir()
    for part in parts(file):
        part.rename(file.parent / "away" / part.name)


def put_back(file: Path) -> None:
    for part in (file.parent / "away").iterdir():
        part.rename(file.parent / part.name)


def replaced(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"<html>not a database</html>" * 4000)
    other.replace(file)


def another(file: Path) -> None:
    """A good database, without any figure in it."""
    other = file.with_name("other")
    sqlite3.connect(other).executescript("CREATE TABLE theirs (x)")
    other.replace(file)


def a_folder(file: Path) -> None:
    for part in parts(file):
        part.unlink()
    file.mkdir()


def restored_from_nothing(file: Path) -> None:
    file.rmdir()
    restored(file)


def cut_short(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.truncate(50_000)


def emptied(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.truncate(0)


def damaged(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.seek(5000)
        raw.write(os.urandom(file.stat().st_size - 9000))


FAULTS: list[tuple[Fault, Fault]] = [
    (deleted, put_back),
    (replaced, restored),
    (another, restored),
    (a_folder, restored_from_nothing),
    (cut_short, restored),
    (emptied, restored),
    (damaged, restored),
]


class Served:
    """A running `ticker serve`, and what it answered while all was well."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.trust_env = False
        get(f"{self._base}/livez")
        self.before = {path: self.shown(path) for path in PATHS}

    def close(self) -> None:
        self._session.close()

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._base + path, timeout=20)

    def shown(self, path: str) -> str:
        answer = self.get(path)
        assert (path, answer.status_code) == (path, 200)
        return re.sub(r'"revision":\d+', "", answer.text)

    def ready(self) -> dict[str, Any]:
        answer = self.get("/readyz")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text)
        return found

    def goes_on(self) -> None:
        """Everything is answered as it was."""
        for path, before in self.before.items():
            assert self.shown(path) == before, path

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        """Ask on, until its state is as wanted; a minute at most."""
        for _ in range(300):
            if wanted(self.ready()):
                return
            time.sleep(0.2)  # other processes are at it; there is nothing to wait on
        pytest.fail(f"it says {self.ready()}")


@contextmanager
def serving(folder: Path, *before: str, **environment: str) -> Iterator[tuple[Served, subprocess.Popen[str]]]:
    port = free_port()
    with running([*before, *TICKER, "serve", "--port", str(port)], folder, **NOWHERE, **environment) as process:
        said(process)
        served = Served(port)
        yield served, process
        served.close()


def copied(folder: Path) -> None:
    done = subprocess.run([*TICKER, "backup", "copy.db"], cwd=folder, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def refresher(process: subprocess.Popen[str]) -> psutil.Process:
    return next(c for c in psutil.Process(process.pid).children() if "worker" in " ".join(c.cmdline()))


def test_serving_goes_on_from_memory_and_heals_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    with serving(tmp_path) as (served, process):
        served.until(lambda state: state["refresher"] == "in charge")
        copied(tmp_path)
        worker = refresher(process).pid
        for broken, healed in FAULTS:
            broken(file)
            for _ in range(3):
                served.goes_on()
            if broken is not damaged:  # it may have all that it reads in its own memory
                served.until(lambda state: state["store"].startswith("The database"))
            served.goes_on()
            healed(file)
            served.until(lambda state: state["store"] == "ok")
            served.goes_on()
        assert refresher(process).pid == worker
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert "Traceback" not in log
    assert log.count("ERROR") < 10 * len(FAULTS), log


def test_a_lock_that_another_program_holds_disturbs_no_reader(tmp_path: Path) -> None:
    with serving(tmp_path) as (served, _):
        other = sqlite3.connect(tmp_path / "ticker.db", isolation_level=None, timeout=30)
        other.execute("BEGIN EXCLUSIVE")
        served.goes_on()
        assert served.ready()["store"] == "ok"
        other.execute("ROLLBACK")
        other.close()


def test_a_web_process_that_may_only_read_shows_what_a_refresher_beside_it_writes(tmp_path: Path) -> None:
    """Root may do everything; so the web side runs without the right to pass over permissions."""
    if shutil.which("setpriv") is None or os.getuid() != 0:
        absent("no setpriv, or not root")
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
    with running([*TICKER, "worker"], tmp_path, **NOWHERE) as worker:
        assert worker.stderr is not None
        assert any("this process is in charge" in line for line in worker.stderr)
        for part in parts(tmp_path / "ticker.db"):
            part.chmod(0o444)
        tmp_path.chmod(0o555)
        try:
            with serving(tmp_path, *powerless, TICKER_REFRESH="0") as (served, _):
                served.goes_on()
                state = served.ready()
                assert (state["store"], state["refresher"]) == ("ok", "in charge")
            worker.terminate()
            worker.wait(30)
            assert parts(tmp_path / "ticker.db") == [tmp_path / "ticker.db"]
            alone = subprocess.run(
                [*powerless, *TICKER, "quotes"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
            )
        finally:
            tmp_path.chmod(0o755)
    assert (alone.returncode, alone.stdout) == (1, "")
    assert alone.stderr == (
        "ticker: The database ticker.db may only be read by this user, which takes a refresher that has it open.\n"
    )
