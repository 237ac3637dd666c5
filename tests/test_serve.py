"""`ticker serve` and the Procfile, as processes: they say where they are, serve, and end as they are told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
import requests

from tests.conftest import ROOT, free_port
from ticker.market.observation import Observation, Standing
from ticker.store.commit import Arrival, commit
from ticker.store.engine import open_store
from ticker.store.feeds import FeedState, Validators

pytestmark = pytest.mark.slow


@contextmanager
def running(command: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment}
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def get(url: str) -> requests.Response:
    """Ask until the workers have started, for half a minute at most."""
    session = requests.Session()
    session.trust_env = False
    for _ in range(300):
        try:
            return session.get(url, timeout=30)
        except requests.ConnectionError:
            time.sleep(0.1)  # a process is starting; there is nothing to wait on
    pytest.fail(f"{url} does not answer")


TICKER = [sys.executable, "-m", "ticker.cli"]


def test_it_says_where_it_is_and_shows_figures_at_once_without_a_network(tmp_path: Path) -> None:
    port = free_port()
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, **nowhere) as process:
        assert said(process) == f"Ticker is on http://127.0.0.1:{port} (stop it with Ctrl-C)\n"
        page = get(f"http://127.0.0.1:{port}/")
        assert page.status_code == 200
        assert "98.34" in page.text
        assert f'href="http://127.0.0.1:{port}/"' in page.text  # absolute addresses from the bound one
        forged = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}, timeout=5)
        assert "evil.example" not in forged.text
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("worker" in " ".join(child.cmdline()) for child in children)
        assert {os.sched_getscheduler(child.pid) for child in children} == {os.SCHED_BATCH}  # threads take turns
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        _, alive = psutil.wait_procs(children, timeout=15)
        assert alive == []


def _asked(port: int, said: bytes) -> socket.socket:
    """A connection that has said this, and reads no more than it must."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.settimeout(60)
    found.connect(("127.0.0.1", port))
    found.sendall(said)
    return found


HISTORY = b"GET /v1/history/wti HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "how_many"),
    [
        pytest.param(b"GET /w/list HTTP/1.1\r\nHost: x\r\nX-Slow: ", 400, id="its head never ends"),
        pytest.param(b"POST /w/list HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n", 400, id="nor its body"),
        pytest.param(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="it stays and asks nothing more"),
        pytest.param(HISTORY * 20, 16, id="it does not read what it asked for"),
    ],
)
def test_slow_clients_keep_nobody_else_waiting(said: bytes, how_many: int, tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0"):
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200
        slow = [_asked(port, said) for _ in range(how_many)]
        for round_ in range(3):
            for client in slow if not said.endswith(b"\r\n\r\n") else ():
                client.sendall(b"a")
            answer = requests.get(f"http://127.0.0.1:{port}/w/card?lang=es&i=wti&r={round_}", timeout=60)
            assert answer.status_code == 200
        for client in slow:
            client.close()


def test_of_whom_it_answered_nothing_is_kept(tmp_path: Path) -> None:
    port = free_port()
    reader = {"User-Agent": "canary-agent", "X-Forwarded-For": "203.0.113.97", "Referer": "https://news.example/canary"}
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as process:
        said(process)
        for path in ("/", "/w/list?utm_source=canary-query", "/embed.js", "/nowhere-canary", "/w/list?i=canary"):
            get(f"http://127.0.0.1:{port}{path}")
            with requests.Session() as session:
                session.get(f"http://127.0.0.1:{port}{path}", headers=reader, timeout=5)
        process.send_signal(signal.SIGTERM)
        out, wrong = process.communicate(timeout=30)
    kept = (out + wrong).encode() + b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"canary" not in kept
    assert b"203.0.113.97" not in kept
    assert len(kept) > 100_000  # the database was among it


def test_without_the_refresher_it_only_serves(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as process:
        said(process)
        get(f"http://127.0.0.1:{port}/livez")
        commands = [" ".join(child.cmdline()) for child in psutil.Process(process.pid).children(recursive=True)]
        assert not any("ticker.cli worker" in command for command in commands)


def asked(url: str) -> requests.Response:
    """On a connection of its own, so that any of the workers may answer."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=30)


def widgets_counted(text: str) -> float:
    counts = [line for line in text.splitlines() if line.startswith("ticker_http_requests_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in counts if 'kind="widget"' in line)


def test_whichever_worker_is_asked_the_counts_are_those_of_all(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port), "--workers", "2"], tmp_path, TICKER_REFRESH="0") as process:
        said(process)
        get(f"http://127.0.0.1:{port}/livez")
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        before = widgets_counted(get(f"http://127.0.0.1:{port}/metrics").text)
        for _ in range(60):
            assert asked(f"http://127.0.0.1:{port}/w/list").status_code == 200
        texts = [asked(f"http://127.0.0.1:{port}/metrics").text for _ in range(12)]
        assert [widgets_counted(text) - before for text in texts] == [60] * 12
        assert all("ticker_web_processes 2.0" in text for text in texts)
        workers[0].kill()
        get(f"http://127.0.0.1:{port}/livez")
        assert widgets_counted(get(f"http://127.0.0.1:{port}/metrics").text) - before == 60  # of both still


def test_a_worker_that_nobody_asks_makes_what_is_asked_for_most_for_a_new_revision(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0"):
        for _ in range(3):
            assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200
        assert "ticker_cache_made_ahead_total 0.0" in get(f"http://127.0.0.1:{port}/metrics").text
        store = open_store(f"sqlite:///{tmp_path}/ticker.db")
        arrival = Arrival({"eia:RWTC": (Observation(date(2026, 4, 14), Decimal("91.25"), Standing.FINAL),)})
        state, source = FeedState("eia", "RWTC"), ("https://x/", Validators())
        commit(store, arrival, lambda changes: [], datetime.now(UTC), state, source)
        store.close()
        for _ in range(100):
            if "91.25" in get(f"http://127.0.0.1:{port}/w/list").text:
                break
            time.sleep(0.1)  # it looks five times a second, and serves it once it is made
        else:
            pytest.fail("the new figure is not served")
        assert "ticker_cache_made_ahead_total 1.0" in get(f"http://127.0.0.1:{port}/metrics").text


def test_a_refresher_that_is_killed_is_started_again_and_serving_goes_on(tmp_path: Path) -> None:
    port = free_port()
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, **nowhere) as process:
        said(process)
        get(f"http://127.0.0.1:{port}/livez")

        def refreshers() -> list[psutil.Process]:
            children = psutil.Process(process.pid).children()
            alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
            return [child for child in alive if "ticker.cli worker" in " ".join(child.cmdline())]

        first = refreshers()[0]
        first.kill()
        assert get(f"http://127.0.0.1:{port}/w/list").status_code == 200
        for _ in range(150):
            if [child for child in refreshers() if child.pid != first.pid]:
                break
            time.sleep(0.1)
        else:
            pytest.fail("no new refresher")


def test_when_the_server_is_killed_nothing_of_it_stays(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as process:
        said(process)
        get(f"http://127.0.0.1:{port}/livez")
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running([*TICKER, "serve", "--port", str(port)], tmp_path) as process:
            out, wrong = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert (
        wrong
        == f"ticker: The address 127.0.0.1:{port} is in use by another program; choose another with --host or --port.\n"
    )


def test_two_of_ours_do_not_share_a_port(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as first:
        said(first)
        get(f"http://127.0.0.1:{port}/livez")
        with running([*TICKER, "serve", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as second:
            second.communicate(timeout=60)
        assert second.returncode == 2


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return socket.has_dualstack_ipv6()


IPV6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")


@IPV6
def test_an_ipv6_address_is_said_as_it_is_written_in_links(tmp_path: Path) -> None:
    port = free_port()
    with running([*TICKER, "serve", "--host", "::1", "--port", str(port)], tmp_path, TICKER_REFRESH="0") as process:
        assert said(process) == f"Ticker is on http://[::1]:{port} (stop it with Ctrl-C)\n"
        assert f'href="http://[::1]:{port}/"' in get(f"http://[::1]:{port}/").text


@IPV6
@pytest.mark.parametrize("workers", ["1", "2"])
def test_on_all_addresses_it_answers_both_families(workers: str, tmp_path: Path) -> None:
    port = free_port()
    command = [*TICKER, "serve", "--host", "::", "--port", str(port), "--workers", workers]
    with running(command, tmp_path, TICKER_REFRESH="0") as process:
        assert said(process) == f"Ticker is on http://127.0.0.1:{port} (stop it with Ctrl-C)\n"
        assert get(f"http://127.0.0.1:{port}/livez").status_code == 200
        assert get(f"http://[::1]:{port}/livez").status_code == 200


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line.strip())}


def test_the_procfile_honours_port_and_web_concurrency(tmp_path: Path) -> None:
    assert set(procfile()) == {"web", "worker"}
    port = free_port()
    web = ["sh", "-c", "exec " + procfile()["web"]]
    with running(web, tmp_path, PORT=str(port), WEB_CONCURRENCY="2") as process:
        assert f":{port} " in said(process)
        get(f"http://127.0.0.1:{port}/livez")
        assert len(psutil.Process(process.pid).children()) == 2
    with running(["sh", "-c", "exec " + procfile()["worker"]], tmp_path, HTTPS_PROXY="http://127.0.0.1:9") as worker:
        assert worker.stderr is not None
        assert "this process is in charge" in worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_a_scheduling_policy_that_an_operator_chose_stays() -> None:
    code = (
        "import os; from ticker.turns import take_turns; os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)); "
        "take_turns(); print(os.sched_getscheduler(0) == os.SCHED_IDLE)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"
