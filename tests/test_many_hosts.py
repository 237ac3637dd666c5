"""Web processes and workers, each as on a host of its own, that meet in one PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from bench.postgres import PASSWORD, Server
from tests.store.books import NOW, put
from tests.test_serve import TICKER, running
from tests.test_store_faults import NOWHERE, PATHS, Served, serving
from ticker.store.engine import open_store
from ticker.store.figures import read_revision
from ticker.web.patience import AT_ONCE

pytestmark = pytest.mark.slow


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    """The address of an empty database."""
    yield (url := postgres.create())
    postgres.drop(url)


def ran(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TICKER, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_store_is_moved_from_a_file_to_a_server_and_back(tmp_path: Path, url: str) -> None:
    before = ran(tmp_path, "quotes", "--json").stdout
    went = ran(tmp_path, "migrate", "sqlite:///ticker.db", url)
    assert (went.returncode, went.stderr) == (0, "")
    assert went.stdout.endswith("figures and 1 other rows at revision 1, each compared\n")
    assert ran(tmp_path, "quotes", "--json", TICKER_DATABASE_URL=url).stdout == before
    assert ran(tmp_path, "check", TICKER_DATABASE_URL=url).stdout == ran(tmp_path, "check").stdout
    back = ran(tmp_path, "migrate", url, "sqlite:///back.db")
    assert back.stdout == went.stdout
    assert ran(tmp_path, "quotes", "--json", TICKER_DATABASE_URL="sqlite:///back.db").stdout == before
    for target in (url, "sqlite:///back.db", "sqlite:///ticker.db"):
        again = ran(tmp_path, "migrate", "sqlite:///ticker.db", target)
        assert (again.returncode, again.stdout) == (1, "")
        assert again.stderr.endswith("holds figures already; only an empty one is moved into.\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["migrate", "sqlite:///none.db", "URL"], "The database none.db does not exist."),
        (["migrate", "URL", "sqlite:///new.db"], "holds no figures."),
        (["backup", "copy.db"], "The database is PostgreSQL's: pg_dump copies it, and pg_restore puts a copy back."),
        (["restore", "some.db"], "The database is PostgreSQL's: pg_dump copies it, and pg_restore puts a copy back."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, url: str, words: list[str], says: str) -> None:
    (tmp_path / "some.db").write_text("some")
    ended = ran(tmp_path, *(url if word == "URL" else word for word in words), TICKER_DATABASE_URL=url)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("ticker: ")
    assert ended.stderr.endswith(f"{says}\n")
    assert PASSWORD not in ended.stderr


@pytest.mark.parametrize(
    "given", ["oracle://x:hush-hush@y", "postgresql://x:hush-hush@y:port/z", "postgresql://[::1/z"]
)
def test_what_is_the_address_of_no_database_is_wrong_usage(tmp_path: Path, given: str) -> None:
    ended = ran(tmp_path, "migrate", given, "sqlite:///ticker.db")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.endswith("is not the address of a database.\n")
    assert "hush" not in ended.stderr


@pytest.mark.parametrize("command", [["quotes"], ["serve", "--port", "1"], ["check"], ["worker"]])
def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path, url: str, command: list[str]) -> None:
    ended = ran(tmp_path, *command, TICKER_DATABASE_URL=url.rpartition("/")[0] + "/none")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1) if command != ["check"] else ended.returncode == 1
    assert "does not exist." in ended.stderr + ended.stdout


NEVER_ASKED = [f"/v1/history/{key}?range={span}" for span in ("6m", "5y") for key in ("usdjpy", "usdchf", "brent")]


@contextmanager
def asked_all_along(served: Served) -> Iterator[None]:
    """As many readers as a process lets at the database at a time; each asks for one thing after another meanwhile.

    Some of it was never asked for before.
    """
    stop, paths = threading.Event(), (*PATHS, *NEVER_ASKED, "/corrections", "/status", "/readyz")

    def ask(first: int) -> dict[str, int]:
        answers: dict[str, int] = {}
        for path in cycle((*paths[first:], *paths[:first])):
            if stop.is_set() and len(answers) > len(NEVER_ASKED):
                return answers
            answers[path] = max(answers.get(path, 0), served.get(path).status_code)
        raise AssertionError

    with ThreadPoolExecutor(AT_ONCE) as pool:
        asking = [pool.submit(ask, 3 * n) for n in range(AT_ONCE)]
        yield
        stop.set()
        answers = [one.result(120) for one in asking]
    assert {status for each in answers for status in each.values()} == {200}, answers


@contextmanager
def at_ease(folder: Path, seconds: int = 30, **environment: str) -> Iterator[Served]:
    """A Ticker that serves, and at its end has said nothing of a mistake of ours, and no secret."""
    with serving(folder, **environment) as (served, process):
        yield served
        process.terminate()
        _, log = process.communicate(timeout=seconds)
    assert "Traceback" not in log
    assert PASSWORD not in log


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_server_that_is_restarted_costs_no_reader_an_error(
    tmp_path: Path, url: str, postgres: Server, how: signal.Signals
) -> None:
    with at_ease(tmp_path, TICKER_DATABASE_URL=url, TICKER_REFRESH="0") as served, asked_all_along(served):
        for _ in range(3):
            postgres.stop(how)
            served.goes_on()
            postgres.start()
            served.until(lambda state: state["store"] == "ok")


def test_a_server_that_says_nothing_holds_up_who_asks_it_and_nobody_else(
    tmp_path: Path, url: str, postgres: Server
) -> None:
    with at_ease(tmp_path, TICKER_DATABASE_URL=url, TICKER_REFRESH="0") as served:
        assert served.get("/w/list").status_code == 200
        with ThreadPoolExecutor(24) as pool:
            with postgres.silent():
                paths = [f"/v1/history/{key}?from=2024-01-{day}" for key in ("wti", "brent") for day in range(10, 22)]
                asking = [pool.submit(served.get, path) for path in paths]
                answers = [served.get("/w/list").status_code for _ in range(3)]
                still = [one for one in asking if not one.done()]
            assert answers == [200] * 3
            assert still
            assert {one.result(90).status_code for one in asking} <= {200, 503}
        served.until(lambda state: state["store"] == "ok")


def test_a_server_that_is_away_for_long_blanks_nothing_that_was_shown(
    tmp_path: Path, url: str, postgres: Server
) -> None:
    with at_ease(tmp_path, 60, TICKER_DATABASE_URL=url) as served:
        served.until(lambda state: state["refresher"] == "in charge")
        postgres.stop()
        for _ in range(20):
            served.goes_on()
        served.until(lambda state: state["store"].startswith(f"The database postgresql://127.0.0.1:{postgres.port}/"))
        postgres.start()
        served.until(lambda state: state["store"] == "ok")


def test_what_one_stores_every_host_serves_and_one_worker_is_in_charge(tmp_path: Path, url: str) -> None:
    settings = {"TICKER_DATABASE_URL": url}
    with (
        serving(tmp_path, TICKER_REFRESH="0", **settings) as (one, _),
        serving(tmp_path, TICKER_REFRESH="0", **settings) as (other, _),
        running([*TICKER, "worker"], tmp_path, **NOWHERE, **settings) as first,
    ):
        assert first.stderr is not None
        assert any("this process is in charge" in line for line in first.stderr)
        with running([*TICKER, "worker"], tmp_path, **NOWHERE, **settings) as second:
            store = open_store(url)
            for n in range(1, 6):
                put(store, NOW + timedelta(days=n), f"1.{n}")
                for served in (one, other):
                    served.until(lambda state: state["revision"] == read_revision(store))
                    assert "GBP" in served.get("/v1/quotes").text
            store.close()
            first.terminate()
            assert second.stderr is not None
            said = next(line for line in second.stderr if "in charge" in line)
            assert "this process is in charge" in said
            assert first.wait(30) == 0
