"""SIGHUP: a changed catalog comes into a running `ticker serve` under load, and no request fails."""

from __future__ import annotations

import http.client
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.conftest import free_port
from tests.test_serve import TICKER, get, running, said

pytestmark = pytest.mark.slow

NEW = """
[instruments.usdtry]
group = "world"
name = "US dollar in Turkish lira"
label = "Turkey Lira"
detail = "USD/TRY"
kind = "reference"
unit = "TRY"
decimals = 4
cadence = "daily"
range = ["1", "900"]
chain = ["ecb: TRY / USD"]
"""


class Reader:
    """Asks again and again, on a connection that it keeps, or on a new one each time.

    A kept connection may be closed just as it is used: then, as browsers and proxies do, it asks once
    more on a new one.
    """

    def __init__(self, port: int, keeps: bool) -> None:
        self.port, self.keeps, self.heard = port, keeps, Counter[str]()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self) -> None:
        for _ in range(2):
            try:
                self.connection.request("GET", "/w/list?i=wti")
                answer = self.connection.getresponse()
                answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                self.heard["closed"] += 1
                continue
            self.heard[str(answer.status)] += 1
            break
        else:
            self.heard["failed"] += 1
        if not self.keeps:
            self.connection.close()


@contextmanager
def asking(readers: list[Reader]) -> Iterator[None]:
    stop = threading.Event()

    def ask(reader: Reader) -> None:
        while not stop.wait(0.002):
            reader.ask()
        reader.connection.close()

    threads = [threading.Thread(target=ask, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def wait(what: Callable[[], bool]) -> None:
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)  # another program is at work; there is nothing to wait on
    pytest.fail("it does not happen")


def workers(pid: int) -> set[int]:
    found = psutil.Process(pid).children()
    return {child.pid for child in found if child.status() != psutil.STATUS_ZOMBIE and "worker" not in child.cmdline()}


def test_a_changed_catalog_comes_in_under_load_without_a_failed_request(tmp_path: Path) -> None:
    port, catalog = free_port(), tmp_path / "own.toml"
    catalog.write_text("")
    command = [*TICKER, "serve", "--port", str(port), "--workers", "2"]
    settings = {"TICKER_CATALOG": str(catalog), "TICKER_REFRESH": "0"}
    with running(command, tmp_path, **settings) as process:
        new = f"http://127.0.0.1:{port}/v1/quotes/usdtry"
        assert get(new).status_code == 404
        readers = [Reader(port, keeps) for keeps in (True, True, False, False)]
        with asking(readers):
            before = workers(process.pid)
            catalog.write_text(NEW)
            process.send_signal(signal.SIGHUP)
            wait(lambda: len(workers(process.pid)) == 2 and not before & workers(process.pid))
        assert {get(new).status_code for _ in range(8)} == {200}
        heard = sum((reader.heard for reader in readers), Counter[str]())
        assert heard["failed"] == 0
        assert set(heard) <= {"200", "closed"}
        assert heard["200"] > 100


def test_a_catalog_with_a_mistake_changes_nothing_and_is_one_sentence(tmp_path: Path) -> None:
    port, catalog = free_port(), tmp_path / "own.toml"
    catalog.write_text("")
    settings = {"TICKER_CATALOG": str(catalog), "TICKER_REFRESH": "0"}
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, **settings) as process:
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200
        before = workers(process.pid)
        catalog.write_text(NEW.replace("TRY / USD", "TRY /"))
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told.startswith(f"ticker: nothing is reloaded: {catalog}: [instruments.usdtry]")
        assert workers(process.pid) == before
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200


def test_the_refresher_reads_it_too(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as process:
        said(process)
        get(f"http://127.0.0.1:{port}/livez")

        def refreshers() -> set[int]:
            found = psutil.Process(process.pid).children()
            return {c.pid for c in found if c.status() != psutil.STATUS_ZOMBIE and "worker" in c.cmdline()}

        before = refreshers()
        assert len(before) == 1
        process.send_signal(signal.SIGHUP)
        wait(lambda: len(refreshers()) == 1 and not before & refreshers())
