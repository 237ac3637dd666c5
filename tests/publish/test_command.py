"""`ticker publish` and `ticker worker --publish` as an operator runs them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.publish.conftest import URL
from tests.test_commands import Shell

pytestmark = pytest.mark.slow
LIST = "# a sidebar\n/w/list?i=energy&lang=es\n"


@pytest.fixture
def ticker(tmp_path: Path) -> Shell:
    (tmp_path / "variants.txt").write_text(LIST)
    return Shell(tmp_path, {"TICKER_PUBLIC_URL": URL, "TICKER_SEED": ""})


def test_publish_writes_a_site_and_a_second_time_nothing(ticker: Shell) -> None:
    first = ticker("publish", "out", "--variants", "variants.txt")
    assert (first.returncode, first.stderr) == (0, "")
    assert "written, 0 removed" in first.stdout
    assert "Petróleo" in (ticker.folder / "out/w/list_i=energy_lang=es.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (["out"], {"TICKER_PUBLIC_URL": ""}, "TICKER_PUBLIC_URL is not set"),
        (["ftp://host/x"], {}, "DEST=ftp://... cannot be published to; it is a folder, or s3://bucket/prefix."),
        ([""], {}, "DEST is empty"),
        (["s3:/figures"], {}, "DEST=s3:/figures is no bucket; write s3://bucket/prefix."),
        (["out", "--variants", "none.txt"], {}, "none.txt cannot be read: No such file or directory."),
    ],
)
def test_wrong_usage_is_one_sentence_and_nothing_is_written(
    ticker: Shell, words: list[str], environment: dict[str, str], sentence: str
) -> None:
    said = ticker.where(**environment)("publish", *words)
    assert said.returncode == 2, said.stderr
    assert sentence in said.stderr
    assert said.stderr.count("\n") == 1
    assert not (ticker.folder / "out").exists()


def test_a_read_only_place_is_one_sentence(ticker: Shell) -> None:
    said = ticker("publish", "/proc/ticker", "--variants", "variants.txt")
    assert said.returncode == 1
    assert said.stderr == "ticker: /proc/ticker cannot be written: No such file or directory.\n"


def test_a_worker_publishes_beside_its_refresher_and_ends_when_told(ticker: Shell) -> None:
    command = [sys.executable, "-m", "ticker.cli", "worker", "--publish", "out", "--variants", "variants.txt"]
    env = {"PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://127.0.0.1:9", **ticker.environment}
    with subprocess.Popen(command, cwd=ticker.folder, env=env, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        assert any("published: " in line for line in worker.stderr)  # the lines until then
        assert (ticker.folder / "out/w/list_i=energy_lang=es.html").is_file()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0


def test_what_a_worker_is_to_publish_needs_a_place(ticker: Shell) -> None:
    said = ticker("worker", "--variants", "variants.txt")
    assert said.returncode == 2
    assert "it needs --publish" in said.stderr
