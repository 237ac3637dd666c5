"""PostgreSQL: a database for many hosts, with readers beside one writer at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from ticker.errors import StoreError, discreet

MOST = 8
"""Connections that a process has at most: one for each thread that is at the database at the same time."""

_DRIVER = "postgresql+psycopg"
_LOCK = 0x7469636B6572  # "ticker": the advisory lock of whoever writes
_SILENT = 60  # seconds after which a writer that says nothing, its host gone perhaps, loses its transaction

_LOCKED = "55P03"
_CODES = {
    "25006": "cannot be written: it is a standby, or read-only",
    "3D000": "does not exist",
    "42501": "may not be used in this way by this user",
    "53100": "cannot be written: the disk is full",
    "53300": "has no connection left for us",
    _LOCKED: "is locked by another program",
    "57014": "took too long to answer",
}
_SIGNS = (  # of a connection that did not come about there is no code
    ("password", "refuses the user or the password"),
    ("no pg_hba.conf entry", "refuses this host or user"),
    ("role ", "knows no such user"),
    ("too many", "has no connection left for us"),
    ("remaining connection slots", "has no connection left for us"),
    ("starting up", "is starting"),
    ("shutting down", "is shutting down"),
    ("terminating connection", "has ended our connection"),
    ("is not accepting connections", "is starting"),
)


class PostgreSQL:
    """A database on a server: how it is reached, how transactions begin, and what can be the matter with it."""

    def __init__(self, url: URL, wait: float, *, makes: bool, silence: float) -> None:  # who `makes` it is not us
        server = ",".join(f"{host}" for host in _hosts(url)) or "localhost"
        self.name = f"postgresql://{server}/{url.database or ''}"
        self._wait, self._silence = wait, wait + silence
        patience = max(2, round(wait / 6))
        engine = self._engine(url, patience)
        self.reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.writer = engine.execution_options(isolation_level="READ COMMITTED")
        event.listen(self.writer, "begin", self._begin)

    def _engine(self, url: URL, patience: int) -> Engine:
        """Connections are tried before they are used, so that a server's restart costs nobody an error.

        Statements are not prepared: a pooler between us and the server hands each transaction another session.
        """
        silence = {
            "connect_timeout": patience,
            "tcp_user_timeout": 1000 * patience,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        known = {key: value for key, value in silence.items() if key not in url.query}
        try:
            engine = create_engine(
                url.set(drivername=_DRIVER),
                pool_size=MOST,
                max_overflow=0,
                pool_use_lifo=True,
                pool_timeout=self._wait,
                pool_pre_ping=True,
                connect_args={"application_name": "ticker", "prepare_threshold": None, **known},
            )
        except ModuleNotFoundError as wrong:
            raise StoreError("PostgreSQL needs the driver psycopg: pip install 'ticker-widgets[postgres]'.") from wrong
        event.listen(engine, "do_connect", self._connect)
        return engine

    def _connect(self, dialect: object, record: object, args: Sequence[Any], parameters: Mapping[str, Any]) -> object:
        """A connection that gives up a server which says nothing."""
        from ticker.store.driver import Connection as Patient  # psycopg is there, which not everybody has

        connection = Patient.connect(*args, **parameters)
        connection.silence = self._silence
        return connection

    def _begin(self, connection: Connection) -> None:
        """Writers go one after another, as on SQLite: the revision rises without a gap, in the order of commits.

        The lock comes before the first look at a table, so that a writer sees all that the one before it wrote.
        """
        session: Any = connection.connection.driver_connection
        session.read_only = None  # as the server has it: a standby says that it is one
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = {round(self._wait * 1000) or 1};"
            f"SET LOCAL idle_in_transaction_session_timeout = {_SILENT * 1000};"
            f"SELECT pg_advisory_xact_lock({_LOCK})"
        )

    def look(self) -> None:
        """There is nothing to look at before a transaction."""

    def require_room(self) -> None:
        """Nothing: how much is free is the server's to say, and it says so when it is written to."""

    def clock(self) -> datetime:
        """The server's."""
        with self.reader.begin() as connection:
            found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return found.astimezone(UTC)

    def is_busy(self, wrong: SQLAlchemyError) -> bool:
        """Whether another was writing for longer than we wait."""
        return isinstance(wrong, DBAPIError) and getattr(wrong.orig, "sqlstate", None) == _LOCKED

    def sentence(self, wrong: SQLAlchemyError, writes: bool) -> str:
        """What is the matter, in one sentence."""
        cause = wrong.orig if isinstance(wrong, DBAPIError) else wrong
        code = getattr(cause, "sqlstate", None)
        said = discreet(" ".join(re.sub(r"Is the server running[^?]*\?", "", str(cause)).split()))
        low = said.lower()
        if code in _CODES:
            return f"The database {self.name} {_CODES[code]}."
        if "does not exist" in low and 'database "' in low:
            return f"The database {self.name} does not exist."
        what = next((s for sign, s in _SIGNS if sign in low), "")
        if what:
            return f"The database {self.name} {what}."
        verb = "cannot be reached" if isinstance(wrong, OperationalError) and code is None else "failed"
        return f"The database {self.name} {verb}: {said[:200].rstrip('.')}."

    def damage(self, connection: Connection) -> Iterator[str]:
        """Nothing: the server guards its own pages, and says so when it reads a damaged one."""
        yield from ()


def _hosts(url: URL) -> list[str]:
    """The servers, as far as the address says: one before the path, or several in its query."""
    said = url.query.get("host", ())
    several = [said] if isinstance(said, str) else list(said)
    return several or ([f"{url.host}:{url.port}" if url.port else url.host] if url.host else [])
