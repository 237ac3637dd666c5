"""A changed catalog comes into a running `ticker serve` under load, a new release in its place: no request fails."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import absent, free_port
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
    found = set()
    for child in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):  # it ended just now
            if child.status() != psutil.STATUS_ZOMBIE and "worker" not in child.cmdline():
                found.add(child.pid)
    return found


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


HOLDER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def serving_at(door: socket.socket, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`ticker serve` at a socket that another holds, as systemd hands it on."""
    door.set_inheritable(True)
    command = [sys.executable, "-c", HOLDER, str(door.fileno()), *TICKER, "serve", *options]
    env = {"PATH": f"{Path(sys.executable).parent}", "TICKER_REFRESH": "0"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        pass_fds=[door.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_one_release_after_another_at_a_socket_that_outlives_them(workers: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as door, ExitStack() as release:
        port = door.getsockname()[1]
        readers = [Reader(port, keeps) for keeps in (True, True, False, False)]

        def answered() -> int:
            return sum(reader.heard["200"] for reader in readers)

        with asking(readers):
            for _ in range(3):
                release.close()  # the one before it; who asks now waits at the door
                process = release.enter_context(serving_at(door, tmp_path, "--workers", workers, "--port", "1"))
                assert said(process) == f"Ticker is on http://127.0.0.1:{port} (stop it with Ctrl-C)\n"
                before = answered()
                wait(lambda before=before: answered() > before + 50)  # type: ignore[misc]
    heard = sum((reader.heard for reader in readers), Counter[str]())
    assert heard["failed"] == 0
    assert set(heard) <= {"200", "closed"}


def test_systemd_hands_a_socket_on(tmp_path: Path) -> None:
    program = shutil.which("systemd-socket-activate")
    if program is None:
        absent("no systemd-socket-activate on this machine (Debian: apt-get install systemd)")
    port = free_port()
    command = [program, f"--listen=127.0.0.1:{port}", "-E", "PATH", "-E", "TICKER_REFRESH=0", *TICKER, "serve"]
    with running(command, tmp_path):
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200  # it is started by who asks


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["it does not listen", "UDP"])
def test_another_socket_is_refused_in_a_sentence(kind: socket.SocketKind, tmp_path: Path) -> None:
    with socket.socket(type=kind) as other:
        other.set_inheritable(True)
        command = [sys.executable, "-c", HOLDER, str(other.fileno()), *TICKER, "serve"]
        found = subprocess.run(
            command, cwd=tmp_path, pass_fds=[other.fileno()], capture_output=True, text=True, check=False
        )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == (
        "ticker: A socket that is handed on is none of TCP; ListenStream= names an address and a port.\n"
    )


def test_a_worker_for_each_socket_or_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.set_inheritable(True)
        holder = HOLDER.replace('"1"', '"2"').replace(
            "os.set_inheritable(3, True)", "os.dup2(3, 4)\nos.set_inheritable(3, True)"
        )
        command = [sys.executable, "-c", holder, str(door.fileno()), *TICKER, "serve"]
        found = subprocess.run(
            command, cwd=tmp_path, pass_fds=[door.fileno()], capture_output=True, text=True, check=False
        )
    assert (found.returncode, found.stderr) == (
        2,
        "ticker: 2 sockets are handed on, so --workers has to be 2 at least: one each.\n",
    )
