"""Copies of the database: one is made, or put back, while others go on reading and writing."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from ticker.errors import StoreError
from ticker.store.engine import open_store, sentence
from ticker.store.figures import revision_of
from ticker.store.tables import revision

_WAIT = 30.0  # seconds for others to let go
_PARTS = ("", "-wal", "-shm")  # of a database in a folder
DAMAGED = ".damaged"


@dataclass(frozen=True)
class Copy:
    """What is in a copy: its file, its size in bytes, how many figures it has, and at which revision."""

    file: Path
    size: int
    figures: int
    revision: int


def file_of(url: str) -> Path:
    """The file of a database that is there; StoreError where it is not."""
    file = Path(make_url(url).database or "")
    if not file.is_file():
        raise StoreError(f"The database {file} does not exist.")
    return file


def backup(url: str, to: Path) -> Copy:
    """Copy the database as it is at one moment: whole, checked and on the disk, or not at all.

    It replaces what is there under that name. StoreError where it cannot be read or written, or is damaged.
    """
    file = file_of(url)
    if to.exists() and to.samefile(file):
        raise StoreError(f"{to} is the database itself.")
    with _beside(to) as new:
        _copy(file, new)
        copy = _checked(new, file)
        _put(new, to)
    return replace(copy, file=to)


def restore(url: str, copy: Path, now: datetime) -> tuple[Copy, Path | None]:
    """Put a copy in the place of the database, in one transaction, while it is served and refreshed.

    The revision goes on rising, so that nobody takes these figures for others. A file that is no database any more
    is set aside, and its new name returned. StoreError where the copy is none; nothing has changed then.
    """
    file = Path(make_url(url).database or "")
    with _beside(file) as new:
        _copy(copy, new)
        _checked(new, copy)
        there = _revision(file)
        _renumber(new, copy, there or 0, now)
        found = replace(_checked(new, copy), file=file)
        if there is not None:
            _pour(new, file)
            return found, None
        aside = file.with_name(file.name + DAMAGED) if file.exists() else None
        for part in _PARTS:
            old = file.with_name(file.name + part)
            if old.exists():
                old.replace(file.with_name(file.name + DAMAGED + part))
        _put(new, file)
        return found, aside


def _opened(file: Path) -> sqlite3.Connection:
    """A database that is there; unlike with a plain name, none is made where it is not."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", _WAIT, isolation_level=None, uri=True)


def _copy(file: Path, new: Path) -> None:
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", _WAIT, isolation_level=None, uri=True)
        ) as c:
            c.execute("VACUUM INTO ?", (str(new),))
    except sqlite3.Error as wrong:
        raise StoreError(sentence(file, wrong)) from wrong


def _checked(new: Path, was: Path) -> Copy:
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise StoreError(f"The database {was} is damaged: {found}.")
            figures = connection.execute("SELECT count(*) FROM observation").fetchone()[0]
            number = connection.execute("SELECT max(number) FROM revision").fetchone()[0]
    except sqlite3.Error as wrong:
        raise StoreError(f"The database {was} is not one of Ticker's: {wrong}.") from wrong
    return Copy(new, new.stat().st_size, figures, number or 0)


def _renumber(new: Path, was: Path, least: int, now: datetime) -> None:
    """Bring a copy up to date, if an older Ticker made it, and raise its revision above both."""
    try:
        opened = open_store(f"sqlite:///{new}")
    except StoreError as wrong:
        raise StoreError(str(wrong).replace(f"sqlite:///{new}", str(was)).replace(str(new), str(was))) from wrong
    with opened.write() as connection:
        number = max(revision_of(connection), least) + 1
        connection.execute(revision.update().values(number=number, committed_at=now))
    opened.close()


def _revision(file: Path) -> int | None:
    """The revision of a database; None where there is no database of ours. StoreError where it is locked."""
    try:
        with closing(_opened(file)) as connection:
            return connection.execute("SELECT max(number) FROM revision").fetchone()[0] or 0
    except sqlite3.Error as wrong:
        if "locked" in str(wrong):
            raise StoreError(sentence(file, wrong)) from wrong
        return None


def _pour(new: Path, file: Path) -> None:
    """Write a copy over the database, in one transaction of it."""
    until = time.monotonic() + _WAIT

    def patient(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")  # it would try for ever

    try:
        with closing(sqlite3.connect(new)) as source, closing(_opened(file)) as target:
            source.backup(target, progress=patient)
    except sqlite3.Error as wrong:
        raise StoreError(sentence(file, wrong)) from wrong


def _put(new: Path, to: Path) -> None:
    """Give a whole file its name, and have both on the disk."""
    for path in (new, to.parent):
        if path is not new:
            new.replace(to)
        at = os.open(path, os.O_RDONLY)
        try:
            os.fsync(at)
        finally:
            os.close(at)


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A name for a new file on the same disk; what is left under it in the end is removed."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as folder:
            yield Path(folder) / file.name
    except OSError as wrong:
        raise StoreError(f"{file} cannot be written: {wrong.strerror or wrong}.") from wrong
