"""The tables. Moments are kept in UTC, values as the digits that were published."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator


class Digits(TypeDecorator[Decimal]):
    """A Decimal kept as its text, so that 0.85620 stays 0.85620."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        """To text."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        """From text."""
        return None if value is None else Decimal(value)


class Said(TypeDecorator[str]):
    """Text that came from outside. A NUL in it becomes the sign for what cannot be read: PostgreSQL takes none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Without NUL."""
        return None if value is None else value.replace("\0", "\ufffd")


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("committed_at", Moment, nullable=False),
)

observation = Table(
    "observation",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("value", Digits, nullable=False),
    Column("standing", Integer, nullable=False),
    sqlite_with_rowid=False,
)

edition = Table(  # a change of the figures, and in which series it was; the newest of them
    "edition",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("mark", String(16), nullable=False),  # by chance: two histories may have an edition of the same number
    Column("revision", Integer, nullable=False),  # after it
    Column("series", Text, nullable=False),
)

held = Table(  # a figure that is held back, or about which an operator decided
    "held",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("value", Digits),  # null: the source withdrew the figure
    Column("rule", String(64), nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment),
    Column("before", Digits),  # the figure of that day until then, else the one before it; null: there was none
    Column("standing", Integer, nullable=False, server_default="2"),
    Column("decision", String(16)),  # null: none yet; accepted; rejected
    Column("decided_at", Moment),
    sqlite_with_rowid=False,
)

correction = Table(  # a figure that a publisher had stated, and later stated otherwise or no longer
    "correction",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("seen_at", Moment, primary_key=True),
    Column("was", Digits, nullable=False),
    Column("became", Digits),  # null: the source withdrew the figure
    sqlite_with_rowid=False,
)

feed = Table(
    "feed",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("feed", String(64), primary_key=True),
    Column("checked_at", Moment),  # the last attempt, whatever came of it
    Column("accepted_at", Moment),  # the last good answer, 304 included
    Column("whole_at", Moment),  # the last time all history was read
    Column("codes", Text, nullable=False, default=""),  # what that history was read for
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failing_since", Moment),  # the first failure in a row
    Column("error", Said),
    Column("retry_at", Moment),  # the source asked us to wait until then
    Column("next_release", Date),
)

validator = Table(
    "validator",
    metadata,
    Column("url", String(400), primary_key=True),
    Column("etag", Said),
    Column("last_modified", Said),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("until", Moment, nullable=False),
)

turn = Table(  # which entry of its chain an instrument is drawn from
    "turn",
    metadata,
    Column("instrument", String(32), primary_key=True),
    Column("entry", String(160), nullable=False),
    Column("left", Text, nullable=False),  # JSON: each preferred entry's newest day and good publications since
    sqlite_with_rowid=False,
)

told = Table(  # how everything stood when the log or the webhook last told of it
    "told",
    metadata,
    Column("teller", String(16), primary_key=True),
    Column("subject", String(120), primary_key=True),
    Column("state", String(64), nullable=False),
    sqlite_with_rowid=False,
)
