"""Opening a database: migrations, many at once, and one plain sentence for each thing that can be wrong."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import ticker.store
import ticker.store.sqlite
from ticker.errors import ConfigError, StoreBusy, StoreError
from ticker.store.engine import HEAD, Store, open_store
from ticker.store.sqlite import _keep_wal
from ticker.store.tables import metadata


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(ticker.store.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    with store.read() as connection:
        seen = inspect(connection)
        assert set(seen.get_table_names()) == {*metadata.tables, "alembic_version"}
        for name, table in metadata.tables.items():
            dialect = connection.dialect
            there = {c["name"]: (c["type"].compile(dialect), c["nullable"]) for c in seen.get_columns(name)}
            assert there == {c.name: (c.type.compile(dialect), c.nullable) for c in table.columns}
            assert seen.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]


def ordered(address: str, statement: str) -> None:
    """An order to a database, given by another program."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _open(url: str, ready: object, results: object) -> None:
    ready.wait()  # type: ignore[attr-defined]
    try:
        open_store(url).close()
        results.put("ok")  # type: ignore[attr-defined]
    except StoreError as wrong:
        results.put(str(wrong))  # type: ignore[attr-defined]


def test_eight_processes_may_start_on_an_empty_database_at_once(address: str) -> None:
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_open, args=(address, ready, results)) for _ in range(8)]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == ["ok"] * 8
    for process in processes:
        process.join()


def test_who_comes_while_another_sets_the_journal_waits_for_it(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    first = sqlite3.connect(file, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    late = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
    waits = threading.Event()
    late.set_trace_callback(lambda said: waits.set() if said.startswith("BEGIN") else None)
    thread = threading.Thread(target=_keep_wal, args=(late,))
    thread.start()
    assert waits.wait(30)  # SQLite itself did not wait
    first.execute("COMMIT")
    thread.join(60)
    assert late.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    first.close()
    late.close()


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://:bad:/", "mysql+nothing://x/y"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError, match="is not the address of a database"):
        open_store(url)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="its folder does not exist or is not writable"):
        open_store(f"sqlite:///{tmp_path}/none/ticker.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    file.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match="not a SQLite database, or is damaged"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"this is not")


def test_a_database_of_another_program(address: str) -> None:
    ordered(address, "CREATE TABLE theirs (x integer)")
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(address)


def test_a_database_of_a_newer_ticker(address: str) -> None:
    open_store(address).close()
    ordered(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="made by a newer Ticker"):
        open_store(address)


def test_a_database_that_is_locked(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    store = open_store(f"sqlite:///{file}", wait=0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreBusy, match="is locked by another program"), store.write():
            pass
        with store.read() as connection:  # readers are not disturbed
            assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar() == 0
    finally:
        other.close()
        store.close()


def test_threads_that_write_take_turns_however_long_one_needs(tmp_path: Path) -> None:
    store, began, wrote = open_store(f"sqlite:///{tmp_path}/ticker.db", wait=0.0), threading.Event(), list[str]()

    def write() -> None:
        began.set()
        with store.write():
            wrote.append("second")

    second = threading.Thread(target=write)
    with store.write():
        second.start()
        began.wait()
        second.join(0.2)  # without turns it has failed by now
        wrote.append("first")
    second.join()
    assert wrote == ["first", "second"]
    store.close()


def test_a_disk_with_no_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"sqlite:///{tmp_path}/ticker.db")
    store.require_writable()
    monkeypatch.setattr(ticker.store.sqlite, "_LEAST_FREE", 1 << 62)
    with pytest.raises(StoreError, match="cannot be written: the disk is full"):
        store.require_writable()
    store.close()


def test_a_folder_that_nobody_may_write() -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store("sqlite:////proc/ticker.db")


def test_a_file_that_was_put_in_place_of_the_database_is_read(tmp_path: Path) -> None:
    file, other = tmp_path / "ticker.db", tmp_path / "other.db"
    open_store(f"sqlite:///{other}").close()
    with sqlite3.connect(other) as backup:
        backup.execute("INSERT INTO revision VALUES (1, 77, '2026-03-19 14:00:00')")
    backup.close()
    store = open_store(f"sqlite:///{file}")
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar() == 0
    for old in tmp_path.glob("ticker.db*"):
        old.unlink()
    other.rename(file)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT number FROM revision").scalar() == 77
    store.close()


def test_a_database_that_was_deleted_is_said_to_be_gone(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    store = open_store(f"sqlite:///{file}")
    file.unlink()
    with pytest.raises(StoreError, match="is gone"), store.read():
        pass
    store.close()
    assert not file.exists()
