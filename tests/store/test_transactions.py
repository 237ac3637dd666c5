"""Transactions, on every database: a reader sees one state, and writers go one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

from tests.store.books import NOW, put
from ticker.market.observation import Observation
from ticker.store.commit import Arrival, Outcome, commit
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators
from ticker.store.figures import read_revision, revision_of, span


def test_a_reader_sees_one_state_to_its_end(store: Store) -> None:
    put(store, NOW, "1.1")
    with store.read() as connection:
        assert revision_of(connection) == 1
        put(store, NOW, "1.2")
        assert revision_of(connection) == 1
        assert [str(o.value) for o in span(connection, "ecb:USD", date.min, date.max)] == ["1.1"]
    assert read_revision(store) == 2


def test_of_many_that_commit_at_once_each_raises_the_revision_by_one(store: Store) -> None:
    def add(n: int) -> Outcome:
        arrival = Arrival({f"ecb:{n}": (Observation(NOW.date(), Decimal(n)),)})
        return commit(store, arrival, lambda changes: [], NOW, FeedState("ecb", str(n)), ("", Validators()))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(add, range(40)))
    assert sorted(outcome.revision for outcome in found) == list(range(1, 41))
    assert read_revision(store) == 40
