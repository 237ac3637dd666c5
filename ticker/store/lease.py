"""The lease: one row names the refresher in charge, so that any number may run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from ticker.errors import StoreError
from ticker.store.engine import Store
from ticker.store.tables import feed, lease, revision

REFRESHER = "refresher"
LASTS = timedelta(seconds=90)
"""How long the refresher's lease lasts without being renewed."""


@dataclass(frozen=True)
class Writing:
    """Who writes to the store: whether a refresher is in charge, and when anything was last written (UTC)."""

    in_charge: bool
    last: datetime | None


def take(store: Store, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew a lease; False while another holder's has not run out.

    A lease that ends further ahead than any can is a clock's that was set back since, and is void.
    """
    with store.write() as connection:
        free = or_(lease.c.holder == holder, lease.c.until <= now, lease.c.until > now + 2 * lasts)
        changed = connection.execute(
            update(lease).where(lease.c.name == name, free).values(holder=holder, until=now + lasts)
        )
        if changed.rowcount:
            return True
        if connection.execute(select(lease.c.name).where(lease.c.name == name)).first():
            return False
        connection.execute(insert(lease).values(name=name, holder=holder, until=now + lasts))
        return True


def under(store: Store, name: str, holder: str) -> Store:
    """The same store, into which only the holder of a lease writes: StoreError once another has taken it.

    A holder that was stopped for minutes, and goes on as if nothing had been, so does no harm.
    """

    def allow(connection: Connection) -> None:
        if connection.execute(select(lease.c.holder).where(lease.c.name == name)).scalar() not in (None, holder):
            raise StoreError("Another refresher is in charge by now.")

    return store.guarded(allow)


def give_up(store: Store, name: str, holder: str) -> None:
    """Let the lease go, if it is held by this holder."""
    with store.write() as connection:
        connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def holder_of(store: Store, name: str, now: datetime) -> str | None:
    """Who holds a lease at a moment."""
    with store.read() as connection:
        return connection.execute(select(lease.c.holder).where(lease.c.name == name, lease.c.until > now)).scalar()


def writing(store: Store, now: datetime) -> Writing:
    """How it stands at a moment. A refresher that cannot write does not renew its lease, and is not in charge."""
    with store.read() as connection:
        until = connection.execute(select(lease.c.until).where(lease.c.name == REFRESHER)).scalar()
        seen = [
            connection.execute(select(func.max(feed.c.checked_at))).scalar(),
            connection.execute(select(func.max(revision.c.committed_at))).scalar(),
            until - LASTS if until else None,
        ]
    return Writing(until is not None and until > now, max((moment for moment in seen if moment), default=None))
