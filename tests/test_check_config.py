"""`ticker check-config`: every setting, where it is from, whether it is good; nothing is made by looking."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ticker.cli import ticker
from ticker.config import SETTINGS
from ticker.store.engine import HEAD, open_store


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def checked(**environment: str) -> Result:
    return CliRunner().invoke(ticker, ["check-config"], env=environment)


def row(result: Result, name: str) -> list[str]:
    found = re.search(rf"^{name} +(.*)$", result.stdout, re.MULTILINE)
    assert found
    return re.split(r" {2,}", found[1].strip())


def test_all_good_and_nothing_made(tmp_path: Path) -> None:
    result = checked(TICKER_CONTACT="web@example.org")
    assert (result.exit_code, result.stderr) == (0, "")
    assert {s.name for s in SETTINGS} <= set(re.findall(r"^TICKER_\w+", result.stdout, re.MULTILINE))
    assert row(result, "TICKER_CONTACT") == ["web@example.org", "set", "good"]
    assert row(result, "TICKER_DATABASE_URL") == ["sqlite:///ticker.db", "default", "good"]
    assert re.search(r"^catalog .*: 19 instruments from \d sources$", result.stdout, re.MULTILINE)
    assert "database ticker.db: not there yet; the first start makes it" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_hidden_good_or_bad() -> None:
    secret = "SECRETsecret0123"
    good = checked(TICKER_EIA_API_KEY=secret, TICKER_WEBHOOK_URL=f"https://hooks.example/{secret}")
    assert good.exit_code == 0
    assert row(good, "TICKER_EIA_API_KEY") == ["***", "set", "good"]
    bad = checked(TICKER_EIA_API_KEY=f"{secret} {secret}", TICKER_WEBHOOK_URL=f"ftp://{secret}")
    assert bad.exit_code == 1
    assert bad.stderr.count("\n") == 2
    assert secret not in good.output + bad.output


def test_all_that_is_wrong_is_told_at_once_a_sentence_each() -> None:
    result = checked(TICKER_REFRESH="maybe", TICKER_PUBLIC_URL="here", TICKER_PORT="80")
    assert result.exit_code == 1
    assert row(result, "TICKER_REFRESH") == ["maybe", "set", "wrong"]
    assert row(result, "TICKER_PUBLIC_URL") == ["here", "set", "wrong"]
    told = result.stderr.splitlines()
    assert [line.split()[1] for line in told] == ["TICKER_PORT", "TICKER_PUBLIC_URL='here':", "TICKER_REFRESH='maybe':"]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("TICKER_CATALOG", "the catalog cannot be read"),
        ("TICKER_SEED", "the seed cannot be read"),
        ("TICKER_DATABASE_URL", "cannot be made: its folder does not exist"),
    ],
)
def test_what_is_not_there_is_one_sentence(setting: str, says: str, tmp_path: Path) -> None:
    before = "sqlite:///" if setting == "TICKER_DATABASE_URL" else ""
    result = checked(**{setting: f"{before}{tmp_path}/none/it"})
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def at_schema(file: Path, version: str) -> str:
    open_store(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()
    return f"sqlite:///{file}"


@pytest.mark.parametrize(
    ("version", "code", "says"),
    [
        (HEAD, 0, f"schema {HEAD}\n"),
        ("0003", 0, f"schema 0003; the next start brings it to {HEAD}"),
        ("9999", 1, f"was made by a newer Ticker: its schema is 9999, ours is {HEAD}."),
    ],
)
def test_the_database_is_opened_and_left_as_it_is(version: str, code: int, says: str, tmp_path: Path) -> None:
    url = at_schema(tmp_path / "ticker.db", version)
    result = checked(TICKER_DATABASE_URL=url)
    assert (result.exit_code, says in result.output) == (code, True)
    with sqlite3.connect(tmp_path / "ticker.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)
    connection.close()


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/ticker.db").close()
    with (tmp_path / "ticker.db").open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 3 * 4096)
    result = checked()
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "damaged" in result.stderr


def test_a_database_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ticker.db").write_text("not a database, but long enough to look like one " * 100)
    result = checked()
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "is not a SQLite database, or is damaged" in result.stderr
