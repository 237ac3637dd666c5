"""A copy put in the place of the database, while others go on reading and writing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ticker.errors import StoreError
from ticker.store.copies import WAIT, Copy, beside, checked, opened, path_of, put, write_out
from ticker.store.engine import open_store
from ticker.store.figures import revision_of
from ticker.store.sqlite import sentence
from ticker.store.tables import revision

DAMAGED = ".damaged"
_PARTS = ("", "-wal", "-shm")  # of a database in a folder


def restore(url: str, copy: Path, now: datetime) -> tuple[Copy, Path | None]:
    """Put a copy in the place of the database, in one transaction, while it is served and refreshed.

    The revision goes on rising, so that nobody takes these figures for others. A file that is no database any more
    is set aside, and its new name returned. StoreError where the copy is none; nothing has changed then.
    """
    file = path_of(url)
    with beside(file) as new:
        write_out(copy, new)
        checked(new, copy)
        there = _revision(file)
        _renumber(new, copy, there or 0, now)
        found = replace(checked(new, copy), file=file)
        if there is not None:
            _pour(new, file)
            return found, None
        aside = file.with_name(file.name + DAMAGED) if file.exists() else None
        for part in _PARTS:
            old = file.with_name(file.name + part)
            if old.exists():
                old.replace(file.with_name(file.name + DAMAGED + part))
        put(new, file)
        return found, aside


def _renumber(new: Path, was: Path, least: int, now: datetime) -> None:
    """Bring a copy up to date, if an older Ticker made it, and raise its revision above both."""
    try:
        store = open_store(f"sqlite:///{new}")
    except StoreError as wrong:
        raise StoreError(str(wrong).replace(str(new), str(was))) from wrong
    with store.write() as connection:
        number = max(revision_of(connection), least) + 1
        connection.execute(revision.update().values(number=number, committed_at=now))
    store.close()


def _revision(file: Path) -> int | None:
    """The revision of a database; None where there is no database of ours. StoreError where it is locked."""
    try:
        with closing(opened(file)) as connection:
            return connection.execute("SELECT max(number) FROM revision").fetchone()[0] or 0
    except sqlite3.Error as wrong:
        if "locked" in str(wrong):
            raise StoreError(sentence(file, wrong)) from wrong
        return None


def _pour(new: Path, file: Path) -> None:
    """Write a copy over the database, in one transaction of it."""
    until = time.monotonic() + WAIT

    def patient(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")  # it would try for ever

    try:
        with closing(sqlite3.connect(new)) as source, closing(opened(file)) as target:
            source.backup(target, progress=patient)
    except sqlite3.Error as wrong:
        raise StoreError(sentence(file, wrong)) from wrong
