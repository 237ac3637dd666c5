"""A copy of the database, made while others go on reading and writing."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ticker.errors import StoreError
from ticker.store.engine import file_in
from ticker.store.sqlite import sentence

WAIT = 30.0
"""Seconds for others to let go."""


@dataclass(frozen=True)
class Copy:
    """What is in a copy: its file, its size in bytes, how many figures it has, and at which revision."""

    file: Path
    size: int
    figures: int
    revision: int


def path_of(url: str) -> Path:
    """The path of a database in a file; StoreError where it is on a server."""
    file = file_in(url)
    if file is None:
        raise StoreError("The database is PostgreSQL's: pg_dump copies it, and pg_restore puts a copy back.")
    return file


def file_of(url: str) -> Path:
    """The file of a database that is there; StoreError where it is not."""
    file = path_of(url)
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
    with beside(to) as new:
        write_out(file, new)
        copy = checked(new, file)
        put(new, to)
    return replace(copy, file=to)


def opened(file: Path) -> sqlite3.Connection:
    """A database that is there; unlike with a plain name, none is made where it is not."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", WAIT, isolation_level=None, uri=True)


def write_out(file: Path, new: Path) -> None:
    """Write all that is in a database into a new file."""
    try:
        with closing(opened(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(new),))
    except sqlite3.Error as wrong:
        raise StoreError(sentence(file, wrong)) from wrong


def checked(new: Path, was: Path) -> Copy:
    """What is in a file written out of another; StoreError, about that one, where it is not as it should be."""
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


def put(new: Path, to: Path) -> None:
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
def beside(file: Path) -> Iterator[Path]:
    """A name for a new file on the same disk; what is left under it in the end is removed."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as folder:
            yield Path(folder) / file.name
    except OSError as wrong:
        raise StoreError(f"{file} cannot be written: {wrong.strerror or wrong}.") from wrong
