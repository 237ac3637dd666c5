"""Copies of the database: whole or not at all, made and put back while others read and write."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from bench.long.aged import aged
from tests.conftest import ONLY_SQLITE, at
from tests.store.books import NOW, broken_in_the_middle, filled_store, put
from ticker.errors import StoreError
from ticker.store.copies import backup
from ticker.store.engine import HEAD, Store, open_store
from ticker.store.figures import read_revision
from ticker.store.restore import restore

pytestmark = ONLY_SQLITE


def rows(store: Store) -> int:
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM observation").scalar() or 0)


@pytest.fixture
def full(store: Store) -> Store:
    return filled_store(store)


def test_a_copy_has_all_that_was_committed(full: Store, tmp_path: Path) -> None:
    copy = backup(full.url, tmp_path / "copy.db")
    assert (copy.figures, copy.revision, copy.size) == (rows(full), 1, (tmp_path / "copy.db").stat().st_size)
    other = open_store(f"sqlite:///{tmp_path}/copy.db")
    assert (rows(other), read_revision(other)) == (rows(full), 1)
    other.close()
    assert {file.name for file in tmp_path.iterdir()} <= {"copy.db", "ticker.db", "ticker.db-wal", "ticker.db-shm"}


def test_copies_made_while_figures_are_committed_are_each_of_one_revision(full: Store, tmp_path: Path) -> None:
    """Every commit adds a figure and raises the revision by one; half a commit would be one without the other."""
    surplus, stop = rows(full) - 1, threading.Event()

    def commit() -> None:
        for n in range(2000):
            if stop.is_set():
                break
            put(full, NOW + timedelta(days=n), "1.5")

    thread = threading.Thread(target=commit)
    thread.start()
    try:
        found = [backup(full.url, tmp_path / "copy.db") for _ in range(8)]
    finally:
        stop.set()
        thread.join()
    assert all(copy.figures - copy.revision == surplus for copy in found)
    assert [copy.revision for copy in found] == sorted(copy.revision for copy in found)


def test_of_a_damaged_database_there_is_no_copy_and_the_last_good_one_stays(full: Store, tmp_path: Path) -> None:
    backup(full.url, tmp_path / "copy.db")
    good = (tmp_path / "copy.db").read_bytes()
    full.close()
    broken_in_the_middle(tmp_path / "ticker.db")
    with pytest.raises(StoreError, match="damaged"):
        backup(full.url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == good
    assert {file.name for file in tmp_path.iterdir()} <= {"copy.db", "ticker.db", "ticker.db-wal", "ticker.db-shm"}


def test_no_copy_onto_itself_into_nowhere_or_of_nothing(full: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is the database itself"):
        backup(full.url, tmp_path / "ticker.db")
    with pytest.raises(StoreError, match="cannot be written: No such file or directory"):
        backup(full.url, tmp_path / "none" / "copy.db")
    with pytest.raises(StoreError, match="does not exist"):
        backup(f"sqlite:///{tmp_path}/other.db", tmp_path / "copy.db")
    assert not (tmp_path / "other.db").exists()


def test_what_is_put_back_is_seen_by_whoever_has_it_open_and_has_a_revision_of_its_own(
    full: Store, tmp_path: Path
) -> None:
    before = rows(full)
    backup(full.url, tmp_path / "copy.db")
    for n in range(3):
        put(full, NOW + timedelta(days=n), "1.5")
    with full.read() as connection:  # a reader who is at it sees what it began with, to its end
        assert connection.exec_driver_sql("SELECT count(*) FROM observation").scalar() == before + 3
        found, aside = restore(full.url, tmp_path / "copy.db", NOW)
        assert connection.exec_driver_sql("SELECT count(*) FROM observation").scalar() == before + 3
    assert (rows(full), read_revision(full), found.revision, aside) == (before, 5, 5, None)
    put(full, NOW, "1.5")
    assert (rows(full), read_revision(full)) == (before + 1, 6)


@pytest.mark.parametrize("there", ["damaged", "gone", "garbage"])
def test_a_copy_takes_the_place_of_a_database_that_is_none_any_more(full: Store, tmp_path: Path, there: str) -> None:
    before = rows(full)
    file = tmp_path / "ticker.db"
    backup(full.url, tmp_path / "copy.db")
    if there == "damaged":
        full.close()
        broken_in_the_middle(file)
    elif there == "gone":
        file.unlink()  # its journal stays, and must not be read into the new one
    else:
        full.close()
        file.write_bytes(b"garbage" * 9000)
    found, aside = restore(full.url, tmp_path / "copy.db", NOW)
    assert (rows(full), found.figures) == (before, before)
    assert aside == (tmp_path / "ticker.db.damaged" if there == "garbage" else None)
    with full.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.parametrize("kind", ["garbage", "empty", "theirs", "newer", "damaged"])
def test_what_is_no_copy_changes_nothing(full: Store, tmp_path: Path, kind: str) -> None:
    copy = tmp_path / "copy.db"
    backup(full.url, copy)
    if kind == "garbage":
        copy.write_bytes(b"garbage" * 9000)
    elif kind == "empty":
        copy.write_bytes(b"")
    elif kind == "damaged":
        broken_in_the_middle(copy)
    else:
        with sqlite3.connect(copy) as other:
            other.execute("DROP TABLE revision" if kind == "theirs" else "UPDATE alembic_version SET version_num = 'x'")
        other.close()
    before = rows(full), read_revision(full)
    with pytest.raises(StoreError, match=r"copy\.db"):
        restore(full.url, copy, NOW)
    assert (rows(full), read_revision(full)) == before
    assert [name for name in os.listdir(tmp_path) if name.startswith(".")] == []  # noqa: PTH208


def test_a_database_that_is_locked_is_not_overwritten(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticker.store.copies.WAIT", 0.2)
    monkeypatch.setattr("ticker.store.restore.WAIT", 0.2)
    backup(full.url, tmp_path / "copy.db")
    other = sqlite3.connect(tmp_path / "ticker.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another program"):
        restore(full.url, tmp_path / "copy.db", NOW)
    other.close()
    restore(full.url, tmp_path / "copy.db", NOW)


def test_a_copy_of_an_older_ticker_is_brought_up_to_date_on_its_way(full: Store, tmp_path: Path) -> None:
    aged(backup(full.url, tmp_path / "today.db").file, tmp_path / "copy.db")
    before = rows(full)
    put(full, NOW, "1.5")
    restore(full.url, tmp_path / "copy.db", at("2026-03-20T14:00"))
    with full.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
    assert (rows(full), read_revision(full)) == (before, 3)
