"""Big catalogs: what is done for ten quotes, and for one new figure, is the same with many instruments as with few."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from types import FrameType

import pytest
from sqlalchemy import Connection

from bench.bigdata import big
from tests.conftest import again
from ticker.market.observation import Observation, Standing
from ticker.market.snapshot import Holding, Snapshot
from ticker.render import document
from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.start import Parts, clock, start
from ticker.store.commit import Arrival, commit
from ticker.store.feeds import FeedState, Validators
from ticker.store.figures import load, newest
from ticker.web.app import folder as folder_of

_SIZES = (30, 330)


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Parts, Parts]:
    """Two installations, of which the second has three hundred instruments more."""
    few, many = (start(big(tmp_path_factory.mktemp("big"), size, days=90), clock()) for size in _SIZES)
    return few, many


def calls(work: Callable[[], object]) -> int:
    """How many Python functions are called while it works: its cost, without a clock."""
    count = 0

    def seen(frame: FrameType, what: str, argument: object) -> None:
        nonlocal count
        count += what == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def publish(parts: Parts, value: str) -> None:
    arrival = Arrival({"ecb:USD": (Observation(clock().date().replace(day=1), Decimal(value)),)})
    commit(parts.store, arrival, lambda changes: [], clock(), FeedState("ecb", "rates"), ("https://x/", Validators()))


def test_the_list_of_ten_is_rendered_with_the_same_work_whatever_else_there_is(sizes: tuple[Parts, Parts]) -> None:
    counts, found = [], []
    for parts in sizes:
        renderer, now = Renderer(folder_of("templates"), folder_of("static")), clock()
        snapshot = parts.snapshot(now)

        def render(renderer: Renderer = renderer, snapshot: Snapshot = snapshot) -> None:
            found.append(renderer.fragment(snapshot, parse_variant("list", {}, snapshot.catalog)))
            document.quotes(snapshot)

        render()  # the first time words are read and templates compiled
        counts.append(calls(partial(render, snapshot=replace(snapshot, revision=2))))
    assert counts[1] - counts[0] < _SIZES[1] - _SIZES[0]  # a look at each name at most
    assert found[0].split("valid")[0] == found[2].split("valid")[0]


def test_one_new_figure_costs_a_glance_at_each_of_the_others_at_most(sizes: tuple[Parts, Parts]) -> None:
    counts, whole = [], []
    for parts in sizes:
        publish(parts, "1.15")
        now = clock()
        held: Holding = parts.holding(now)
        shown = parts.snapshot_of(held, now)
        publish(parts, "1.16")

        def renew(parts: Parts = parts, now: datetime = now, held: Holding = held, shown: Snapshot = shown) -> Snapshot:
            return parts.snapshot_of(parts.holding(now, held), now, shown)

        assert renew() == parts.snapshot(now)
        counts.append(calls(renew))
        whole.append(calls(partial(parts.snapshot, now)))
    more = _SIZES[1] - _SIZES[0]
    assert counts[1] - counts[0] < 12 * more
    assert whole[1] - whole[0] > 100 * more


def test_the_newest_day_is_found_without_looking_at_all_the_others(sizes: tuple[Parts, Parts]) -> None:
    store, today = again(sizes[0].store), clock().date()
    asked = ["ecb:USD", "ecb:QAA"]  # some two thousand figures, and ninety

    def steps(work: Callable[[Connection], object]) -> int:
        count = 0

        def step() -> None:
            nonlocal count
            count += 1

        with store.read() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.set_progress_handler(step, 1)
            work(connection)
            raw.set_progress_handler(None, 1)
        return count

    long, short = (steps(lambda c, key=key: newest(c, [key], Standing.SEED)) for key in asked)  # type: ignore[misc]
    assert long == short < 100
    assert load(store, asked, ["ecb"], today).figures["ecb:QAA"]
    store.close()


def test_a_name_is_known_by_group_and_by_instrument(sizes: tuple[Parts, Parts]) -> None:
    catalog = sizes[0].catalog
    assert len(catalog.members["many"]) == _SIZES[0]
    assert catalog.members["wti"] == ("wti",)
