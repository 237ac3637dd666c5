"""The state of each feed: when it was looked at, what came of it, and the validators of what was accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, insert, select

from ticker.market.observation import Standing
from ticker.store.engine import Store
from ticker.store.figures import newest
from ticker.store.tables import feed, held, validator


@dataclass(frozen=True)
class FeedState:
    """What is known of a feed. Moments are UTC; `failures` counts those in a row, `error` says the last one's cause."""

    source: str
    feed: str
    checked_at: datetime | None = None
    accepted_at: datetime | None = None
    whole_at: datetime | None = None
    codes: frozenset[str] = frozenset()
    failures: int = 0
    error: str | None = None
    retry_at: datetime | None = None
    next_release: date | None = None

    def failed(self, now: datetime, error: str, retry_at: datetime | None) -> FeedState:
        """The state after a look that failed."""
        return replace(self, checked_at=now, failures=self.failures + 1, error=error, retry_at=retry_at)

    def succeeded(self, now: datetime) -> FeedState:
        """The state after a good answer."""
        return replace(self, checked_at=now, accepted_at=now, failures=0, error=None, retry_at=None)


@dataclass(frozen=True)
class FeedReport:
    """How a feed stands at a moment.

    `next_look` is UTC; `missed` counts publications that are overdue, `held` figures that are held back.
    """

    state: FeedState
    next_look: datetime
    missed: int
    held: int


@dataclass(frozen=True)
class Validators:
    """What a source gave to ask "has it changed?" with."""

    etag: str | None = None
    last_modified: str | None = None


def read_feed(store: Store, source: str, key: str) -> FeedState:
    """The state of a feed; an empty one if it was never looked at."""
    with store.read() as connection:
        row = connection.execute(select(feed).where(feed.c.source == source, feed.c.feed == key)).first()
    if row is None:
        return FeedState(source, key)
    values = dict(row._mapping)
    return FeedState(**values | {"codes": frozenset(values["codes"].split())})


def record(store: Store, state: FeedState) -> None:
    """Remember the state of a feed."""
    with store.write() as connection:
        write_feed(connection, state)


def write_feed(connection: Connection, state: FeedState) -> None:
    """The same, in a transaction that is open."""
    values = {**state.__dict__, "codes": " ".join(sorted(state.codes))}
    connection.execute(delete(feed).where(feed.c.source == state.source, feed.c.feed == state.feed))
    connection.execute(insert(feed).values(values))


def read_validators(store: Store, url: str) -> Validators:
    """The validators that came with the last body accepted in full from an address."""
    with store.read() as connection:
        row = connection.execute(select(validator).where(validator.c.url == url)).first()
    return Validators(row.etag, row.last_modified) if row else Validators()


def write_validators(connection: Connection, url: str, given: Validators) -> None:
    """Keep an address's validators, in a transaction that is open; forget them where there are none."""
    connection.execute(delete(validator).where(validator.c.url == url))
    if given != Validators():
        connection.execute(insert(validator).values(url=url, **given.__dict__))


def read_newest(store: Store, keys: Iterable[str], standing: Standing) -> dict[str, date]:
    """The newest day, of that standing or firmer, of each series that has any."""
    with store.read() as connection:
        return newest(connection, keys, standing)


def count_held(store: Store) -> dict[str, int]:
    """How many figures are held back, by series."""
    with store.read() as connection:
        rows = connection.execute(select(held.c.series, func.count().label("n")).group_by(held.c.series))
        return {row.series: row.n for row in rows}
