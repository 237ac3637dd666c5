"""The lease: one holder at a time, however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import at
from ticker.errors import StoreError
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, read_feed, record
from ticker.store.lease import give_up, holder_of, take, under

NOW = at("2026-03-19T14:00")
LASTS = timedelta(seconds=90)


def test_one_takes_it_and_renews_it_and_another_waits(store: Store) -> None:
    assert take(store, "refresher", "a", NOW, LASTS)
    assert not take(store, "refresher", "b", NOW + timedelta(seconds=89), LASTS)
    assert take(store, "refresher", "a", NOW + timedelta(seconds=89), LASTS)
    assert not take(store, "refresher", "b", NOW + timedelta(seconds=178), LASTS)
    assert take(store, "refresher", "b", NOW + timedelta(seconds=179), LASTS)
    assert holder_of(store, "refresher", NOW + timedelta(seconds=179)) == "b"


def test_one_that_is_given_up_is_free(store: Store) -> None:
    take(store, "refresher", "a", NOW, LASTS)
    give_up(store, "refresher", "b")
    assert not take(store, "refresher", "b", NOW, LASTS)
    give_up(store, "refresher", "a")
    assert take(store, "refresher", "b", NOW, LASTS)


def test_a_lease_from_a_clock_that_was_set_back_since_is_void(store: Store) -> None:
    take(store, "refresher", "a", NOW + timedelta(days=400), LASTS)
    assert take(store, "refresher", "b", NOW, LASTS)


def test_whoever_lost_it_without_noticing_writes_nothing_more(store: Store) -> None:
    mine = under(store, "refresher", "a")
    take(store, "refresher", "a", NOW, LASTS)
    record(mine, FeedState("ecb", "rates", failures=1))
    take(store, "refresher", "b", NOW + LASTS, LASTS)
    with pytest.raises(StoreError, match=r"Another refresher is in charge by now\."):
        record(mine, FeedState("ecb", "rates", failures=2))
    assert read_feed(mine, "ecb", "rates").failures == 1
    take(store, "refresher", "a", NOW + 2 * LASTS, LASTS)
    record(mine, FeedState("ecb", "rates", failures=3))
    assert read_feed(store, "ecb", "rates").failures == 3


def test_the_clock_of_all_who_use_it_is_near_ours(store: Store) -> None:
    assert abs(store.clock() - datetime.now(UTC)) < timedelta(minutes=5)
    assert store.clock() <= store.clock()


def test_of_many_that_ask_at_once_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(12) as pool:
        got = list(pool.map(lambda n: take(store, "refresher", str(n), NOW, LASTS), range(12)))
    assert got.count(True) == 1
