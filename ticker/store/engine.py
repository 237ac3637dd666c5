"""Open the database: its transactions, its migrations, and errors as one plain sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ticker.errors import ConfigError, StoreBusy, StoreError, discreet
from ticker.store.postgres import PostgreSQL
from ticker.store.sqlite import SQLite

HEAD = "0007"
"""The newest migration; a test compares it with the folder."""

_SILENCE = 30.0  # seconds
_LOOKS = 2.0  # seconds; who only looks whether a server is there waits for it no longer
_KINDS: dict[str, type[SQLite | PostgreSQL]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "postgresql+psycopg": PostgreSQL,
    "postgres": PostgreSQL,
}


class Store:
    """A database that is open. `read()` and `write()` give transactions; both raise StoreError."""

    def __init__(self, url: str, at: SQLite | PostgreSQL) -> None:
        self.url, self.name = url, at.name
        self._at, self._engine, self._writer = at, at.reader, at.writer
        self._turn = threading.RLock()
        self._allow: Callable[[Connection], None] = lambda connection: None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database from its first query on."""
        self._at.look()
        with self._told(writes=False), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; it is alone from its start, whoever else would write.

        Threads of this process take turns: SQLite lets those that wait try again by chance, and one may be left out for
        longer than it waits.
        """
        self._at.look()
        with self._turn, self._told(writes=True), self._writer.begin() as connection:
            self._allow(connection)
            yield connection

    def guarded(self, allow: Callable[[Connection], None]) -> Store:
        """The same store, each of whose writing transactions begins with `allow`, which raises where it must not be."""
        found = copy(self)
        found._allow = allow
        return found

    def clock(self) -> datetime:
        """The moment (UTC) by the one clock of all who use this database: the server's, or this host's for a file."""
        with self._told(writes=False):
            return self._at.clock()

    def require_writable(self) -> None:
        """StoreError where nothing can be written now. It writes nothing, so a full disk is told by what is free."""
        with self.write():
            pass
        self._at.require_room()

    def damage(self, connection: Connection) -> list[str]:
        """What the database itself finds damaged, in a transaction that is open."""
        return list(self._at.damage(connection))

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def _told(self, writes: bool) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as wrong:
            kind = StoreBusy if self._at.is_busy(wrong) else StoreError
            raise kind(self._at.sentence(wrong, writes)) from wrong


def open_store(url: str, wait: float = 30.0) -> Store:
    """Open a database, make its tables or bring them up to date. Any number may start at once.

    `wait` is how long, in seconds, a writer waits for another.
    """
    store = store_at(url, wait, makes=True)
    try:
        with store.read() as connection:
            version = _version(connection, store.name)
        if version != HEAD:
            _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def read_schema(url: str, wait: float = 5.0, *, sound: bool = True) -> str | None:
    """The newest migration that a database has had, None for one without tables. No table is made or changed.

    StoreError where it is to be `sound`, and finds itself damaged: SQLite looks through the whole file for that.
    """
    store = store_at(url, wait, silence=_LOOKS)
    try:
        with store.read() as connection:
            found = _version(connection, store.name)
            if sound and (damage := store.damage(connection)):
                raise StoreError(f"The database {store.name} is damaged: {damage[0].splitlines()[-1].rstrip('.')}.")
            return found
    finally:
        store.close()


def require_ours(url: str, wait: float = 2.0, *, sound: bool = False) -> None:
    """StoreError where a database is not one of this release, or cannot be read. No table is made or changed."""
    found = read_schema(url, wait, sound=sound)
    if found != HEAD:
        has = f"has the schema {found}, ours is {HEAD}" if found else "has no tables"
        raise StoreError(f"The database {file_in(url) or discreet(url)} {has}.")


def file_in(url: str) -> Path | None:
    """The file of a database; None for one that is a server's. ConfigError as in `store_at`."""
    found = _address(url)
    return Path(found.database or "") if found.get_backend_name() == "sqlite" else None


def store_at(url: str, wait: float, *, makes: bool = False, silence: float = _SILENCE) -> Store:
    """A store that nobody has looked at yet; the first look `makes` the file where there is none, or fails.

    A server that says nothing for `silence` seconds, beyond those that we wait for a writer, is given up.
    ConfigError where the address is that of none.
    """
    address = _address(url)
    at = _KINDS[address.drivername](address, wait, makes=makes, silence=silence)
    return Store(address.render_as_string(hide_password=True), at)


def _address(url: str) -> URL:
    with suppress(SQLAlchemyError, ValueError):  # whose words repeat the password
        if (found := make_url(url)).drivername in _KINDS:
            return found
    raise ConfigError(f"{discreet(url)!r} is not the address of a database.")


def _version(connection: Connection, name: str) -> str | None:
    tables = connection.dialect.get_table_names(connection)
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(f"The database {name} holds tables of another program.")
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def _migrate(store: Store) -> None:
    from alembic import command  # not at the top: it takes longer to import than an up-to-date start takes
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with store.write() as connection:
        if _version(connection, store.name) == HEAD:
            return  # another process was first
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as wrong:
            raise StoreError(f"The database {store.name} was made by a newer Ticker.") from wrong
