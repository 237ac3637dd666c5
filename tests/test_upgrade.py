"""An older Ticker before a newer database, and the way back; what a year adds to the file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import FILLED_AT, ONLY_SQLITE
from ticker.ingest.refresher import Refresher

pytestmark = pytest.mark.slow


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ticker.cli", *words]
    mine = {"TICKER_DATABASE_URL": f"sqlite:///{folder}/ticker.db"}
    return subprocess.run(command, cwd=folder, env=mine, capture_output=True, text=True, timeout=60, check=False)


def test_every_command_refuses_a_newer_database_and_a_copy_from_before_leads_back(tmp_path: Path) -> None:
    run(tmp_path, "quotes")  # makes it
    assert run(tmp_path, "backup", "before.db").returncode == 0
    file = tmp_path / "ticker.db"
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.execute("CREATE TABLE of_tomorrow (x INTEGER)")
        newer.commit()
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    was = file.read_bytes()
    for words in (["serve", "--port", "1"], ["worker"], ["refresh"], ["quotes"], ["sources"], ["check"], ["hold"]):
        refused = run(tmp_path, *words)
        assert refused.returncode == 1, words
        assert "was made by a newer Ticker" in refused.stderr, words
        assert refused.stderr.count("\n") == 1, words
    assert file.read_bytes() == was
    assert run(tmp_path, "restore", "before.db").returncode == 0
    shown = run(tmp_path, "quotes", "--json")
    assert '"98.34"' in shown.stdout
    assert shown.stderr == ""


@ONLY_SQLITE
def test_a_year_of_the_default_catalog_is_a_few_hundred_kilobytes(filled: Refresher, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "filled.db")) as database:
        database.execute("VACUUM INTO ?", (str(tmp_path / "small.db"),))
        figures = database.execute("SELECT count(*) FROM observation").fetchone()[0]
        before = FILLED_AT.date() - timedelta(days=365)
        year = database.execute("SELECT count(*) FROM observation WHERE day > ?", (str(before),)).fetchone()[0]
    each = (tmp_path / "small.db").stat().st_size / figures
    assert each < 45  # bytes; docs/operate.md says 34
    assert 4_000 < year < 6_000  # of the sources that stand first; with all of them 8,300
