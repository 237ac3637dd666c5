"""Databases for the tests of the store: filled as they should be, and broken."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from tests.conftest import at
from ticker.market.observation import Observation
from ticker.store.commit import Arrival, commit
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators
from ticker.store.tables import lease, metadata

NOW = at("2026-03-19T14:00")
KEYS = ("ecb:GBP", "ecb:USD")


def put(store: Store, now: datetime, value: str) -> None:
    """One more figure."""
    arrival = Arrival({"ecb:USD": (Observation(now.date(), Decimal(value)),)})
    commit(store, arrival, lambda changes: [], now, FeedState("ecb", "rates"), ("https://x/", Validators()))


def filled_store(store: Store) -> Store:
    """With some pages of figures, all of them as they should be."""
    days = [NOW.date() - timedelta(days=n) for n in range(4000, 0, -1)]
    line = tuple(Observation(day, Decimal("0.8562")) for day in days if day.weekday() < 5)
    arrival = Arrival(dict.fromkeys(KEYS, line), whole=True)
    commit(store, arrival, lambda changes: [], NOW, FeedState("ecb", "rates"), ("https://x/", Validators()))
    return store


def all_in(store: Store) -> dict[str, set[str]]:
    """The rows of every table but the lease, to the digit."""
    with store.read() as connection:
        return {
            table.name: {str(tuple(row)) for row in connection.execute(select(table))}
            for table in metadata.sorted_tables
            if table is not lease
        }


def broken_in_the_middle(file: Path) -> None:
    """Zeros over some pages of a database that nobody has open."""
    size = file.stat().st_size
    assert size > 60_000
    with file.open("r+b") as raw:
        raw.seek(size // 2)
        raw.write(bytes(12_000))
