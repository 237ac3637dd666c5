"""Open the database: settings of the connection, migrations, and errors as one plain sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ticker.errors import StoreError, discreet

HEAD = "0006"
"""The newest migration; a test compares it with the folder."""

_ALONE = "may only be read by this user, which takes a refresher that has it open."
_TRIES = 20

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


class Store:
    """A database that is open. `read()` and `write()` give transactions; both raise StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writer = engine, engine.execution_options(ticker_writes=True)
        self.url = engine.url.render_as_string(hide_password=True)
        self._file = Path(engine.url.database) if engine.url.database else None
        self._identity = self._seen()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database from its first query on."""
        self._require_same_file()
        with self._told(_ALONE), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; on SQLite it is alone from its start."""
        self._require_same_file()
        with self._told(), self._writer.begin() as connection:
            yield connection

    def require_writable(self) -> None:
        """StoreError where nothing can be written now. It writes nothing, so a full disk is not noticed."""
        with self.write():
            pass

    def _seen(self) -> tuple[int, int] | None:
        try:
            about = self._file.stat() if self._file else None
        except OSError:
            return None
        return (about.st_dev, about.st_ino) if about else None

    def _require_same_file(self) -> None:
        """A file put in the place of ours is read from now on; connections would go on with the one that is gone."""
        seen = self._seen()
        if seen != self._identity:
            self._engine.dispose()
            if seen is None and self._identity is not None and self._file is not None:
                raise StoreError(f"The database {self._file} is gone.")
            self._identity = seen

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def _told(self, read_only: str = "cannot be written.") -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as wrong:
            raise StoreError(_sentence(self.url, wrong).replace("cannot be written.", read_only)) from wrong


def open_store(url: str, wait: float = 30.0) -> Store:
    """Open a database, make its tables or bring them up to date. Any number may start at once.

    `wait` is how long, in seconds, a writer waits for another.
    """
    store = _opened(url, wait)
    try:
        with store.read() as connection:
            version = _version(connection)
        if version != HEAD:
            _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def read_schema(url: str, wait: float = 5.0) -> str | None:
    """The newest migration that a database has had, None for one without tables. No table is made or changed."""
    store = _opened(url, wait)
    try:
        with store.read() as connection:
            return _version(connection)
    finally:
        store.close()


def file_in(url: str) -> Path | None:
    """The file of a database; None for one that is a server's."""
    found = make_url(url)
    return Path(found.database or "") if found.get_backend_name() == "sqlite" else None


def _opened(url: str, wait: float) -> Store:
    try:
        engine = create_engine(url, connect_args={"timeout": wait})
    except (SQLAlchemyError, ValueError, ImportError) as wrong:
        raise StoreError(f"{discreet(url)!r} is not the address of a database.") from wrong
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return Store(engine)


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
    writes = connection.get_execution_options().get("ticker_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection) -> str | None:
    tables = connection.dialect.get_table_names(connection)
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(f"The database {connection.engine.url.database} holds tables of another program.")
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
        if _version(connection) == HEAD:
            return  # another process was first
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as wrong:
            raise StoreError(f"The database {store.url} was made by a newer Ticker.") from wrong


def _sentence(url: str, wrong: SQLAlchemyError) -> str:
    return sentence(make_url(url).database or url, wrong.orig if isinstance(wrong, DBAPIError) else wrong)


def sentence(file: str | Path, wrong: BaseException | None) -> str:
    """What is the matter with a database, in one sentence."""
    said = str(wrong).lower()
    what = next((s for sign, s in _SENTENCES if sign in said), "failed: " + discreet(said)[:200])
    return f"The database {file} {what}."
