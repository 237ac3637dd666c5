"""SQLite: a database in one file, with readers beside one writer."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ticker.errors import StoreError, discreet

_ALONE = "may only be read by this user, which takes a refresher that has it open."
_TRIES = 20
_LEAST_FREE = 1 << 20  # bytes; the log of writes grows by less between two looks
_WRITES = "ticker_writes"

_SENTENCES = (
    ("locked", "is locked by another program"),
    ("not a database", "is not a SQLite database, or is damaged"),
    ("malformed", "is damaged"),
    ("unable to open", "cannot be opened: its folder does not exist or is not writable"),
    ("readonly", "cannot be written"),
    ("read-only", "cannot be written"),
    ("disk i/o error", "cannot be read or written: the disk is full or broken"),
    ("disk is full", "cannot be written: the disk is full"),
)


class SQLite:
    """One file: how it is opened, how transactions begin, and what can be the matter with it."""

    def __init__(self, url: URL, wait: float, *, makes: bool, silence: float) -> None:  # a file has no `silence`
        self.name = url.database or str(url)
        self.reader = create_engine(url, connect_args={"timeout": wait})
        self.writer = self.reader.execution_options(**{_WRITES: True})
        event.listen(self.reader, "connect", _prepare)
        event.listen(self.reader, "begin", _begin)
        self._file = Path(url.database) if url.database else None
        self._identity, self._makes = self._seen(), makes

    def look(self) -> None:
        """A file put in the place of ours is read from now on; connections would go on with the one that is gone.

        StoreError where there is none, unless it is still to be made.
        """
        seen = self._seen()
        if seen != self._identity:
            self.reader.dispose()
        if seen is not None:
            self._identity, self._makes = seen, False
        elif self._file is not None and not self._makes:
            raise StoreError(f"The database {self._file} is gone.")

    def _seen(self) -> tuple[int, int] | None:
        try:
            about = self._file.stat() if self._file else None
        except OSError:
            return None
        return (about.st_dev, about.st_ino) if about else None

    def require_room(self) -> None:
        """StoreError where the disk is full."""
        try:
            full = self._file is not None and shutil.disk_usage(self._file).free < _LEAST_FREE
        except OSError:  # it went away just now, and the next look says so
            return
        if full:
            raise StoreError(f"The database {self._file} cannot be written: the disk is full.")

    def clock(self) -> datetime:
        """This host's."""
        return datetime.now(UTC)

    def is_busy(self, wrong: SQLAlchemyError) -> bool:
        """Whether another was writing for longer than we wait."""
        return isinstance(wrong, DBAPIError) and getattr(wrong.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")

    def sentence(self, wrong: SQLAlchemyError, writes: bool) -> str:
        """What is the matter, in one sentence."""
        said = sentence(self.name, wrong.orig if isinstance(wrong, DBAPIError) else wrong)
        return said if writes else said.replace("cannot be written.", _ALONE)

    def damage(self, connection: Connection) -> Iterator[str]:
        """What SQLite itself finds damaged."""
        for (found,) in connection.execute(text("PRAGMA integrity_check(20)")):
            if found != "ok":
                yield found


def sentence(file: str | Path, wrong: BaseException | None) -> str:
    """What is the matter with a file, in one sentence."""
    said = str(wrong).lower()
    what = next((s for sign, s in _SENTENCES if sign in said), "failed: " + discreet(said)[:200])
    return f"The database {file} {what}."


def _prepare(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # transactions begin when we say so, not when the driver guesses
    _keep_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _keep_wal(connection: sqlite3.Connection) -> None:
    """Readers beside a writer, for good: the file remembers it.

    SQLite refuses whoever sets it while another does, without waiting; so the second waits here, and looks again.
    """
    for _ in range(_TRIES):
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            return
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as wrong:
            if "locked" not in str(wrong):
                return  # a file that may only be read is read as it is
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")


def _begin(connection: Connection) -> None:
    """A writer is alone from its start, so that nothing it has read changes until it writes."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
