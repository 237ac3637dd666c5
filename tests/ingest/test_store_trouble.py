"""The refresher while its store cannot be written, its clock jumps, or another refresher is at it."""

from __future__ import annotations

import logging
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import FILLED_AT, ONLY_SQLITE, Replay, again, at, refresher_of
from ticker.errors import StoreError
from ticker.ingest.refresher import Refresher
from ticker.ingest.trouble import Trouble
from ticker.market.instrument import Catalog
from ticker.market.observation import Series
from ticker.store import lease
from ticker.store.engine import Store, open_store
from ticker.store.figures import read_revision, span
from ticker.store.tables import observation

WEDNESDAY = at("2026-03-18T22:00")


Figures = dict[str, Series]


def figures(store: Store) -> Figures:
    """Every series that is held."""
    with store.read() as connection:
        keys = connection.execute(select(observation.c.series).distinct()).scalars().all()
        return {key: span(connection, key, date.min, date.max) for key in keys}


def file_of(refresher: Refresher) -> Path:
    return Path(refresher.store.url.removeprefix("sqlite:///"))


@pytest.fixture(scope="module")
def a_day_later(
    _filled: Path, ours: Catalog, _replay_server: Replay, tmp_path_factory: pytest.TempPathFactory
) -> Figures:
    """What an undisturbed refresh makes of the night of 17 March, a day later."""
    file = tmp_path_factory.mktemp("later") / "ticker.db"
    file.write_bytes(_filled.read_bytes())
    store = open_store(f"sqlite:///{file}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _replay_server.environment().items():
            patch.setenv(name, value)
        _replay_server.clear()
        _replay_server.now = WEDNESDAY
        assert not [r.error for r in refresher_of(store, ours, _replay_server).once(everything=False) if r.error]
    found = figures(store)
    store.close()
    return found


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the database has: as on a full disk, a write fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@ONLY_SQLITE
@pytest.mark.replay
def test_on_a_full_disk_nothing_is_lost_and_the_next_refresh_makes_up_for_it(
    filled: Refresher, replay: Replay, a_day_later: Figures
) -> None:
    before = figures(filled.store)
    replay.now = WEDNESDAY
    with full_disk(file_of(filled)):
        with pytest.raises(StoreError, match="full"):
            filled.once(everything=False)
        with pytest.raises(StoreError, match="full"):
            lease.take(filled.store, lease.REFRESHER, "a:1", replay.now, lease.LASTS)
        assert read_revision(filled.store)
    assert figures(filled.store) == before
    filled.once(everything=False)
    assert figures(filled.store) == a_day_later


@pytest.mark.replay
def test_while_another_program_holds_the_lock_nothing_is_lost(
    filled: Refresher, replay: Replay, a_day_later: Figures
) -> None:
    hasty, other = replace(filled, store=again(filled.store, wait=0.05)), again(filled.store)
    replay.now = WEDNESDAY
    with other.write(), pytest.raises(StoreError, match="locked"):
        hasty.once(everything=False)
    other.close()
    filled.once(everything=False)  # with patience: its own threads wait for one another
    assert figures(filled.store) == a_day_later
    hasty.store.close()


@pytest.mark.replay
def test_two_refreshers_at_once_end_as_one_does(
    filled: Refresher, replay: Replay, ours: Catalog, a_day_later: Figures
) -> None:
    other = refresher_of(again(filled.store), ours, replay)
    replay.now = WEDNESDAY
    results: list[object] = []
    threads = [threading.Thread(target=lambda r=r: results.extend(r.once(everything=True))) for r in (filled, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12
    assert figures(filled.store) == a_day_later
    other.store.close()


@pytest.mark.replay
@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(hours=5), timedelta(days=-800), timedelta(days=800)])
def test_a_clock_that_was_wrong_for_a_while_leaves_no_trace_in_the_figures(
    filled: Refresher, replay: Replay, a_day_later: Figures, jump: timedelta
) -> None:
    replay.now = WEDNESDAY - timedelta(minutes=40)
    wrong = replace(filled, clock=lambda: replay.now + jump)
    wrong.once(everything=False)
    wrong.once(everything=True)
    replay.now = WEDNESDAY
    filled.once(everything=False)
    replay.now = WEDNESDAY + timedelta(hours=3)
    filled.once(everything=False)
    assert figures(filled.store) == a_day_later


@pytest.mark.replay
def test_all_history_is_read_again_after_a_clock_that_was_ahead(filled: Refresher, replay: Replay) -> None:
    replay.now = FILLED_AT + timedelta(hours=1)
    replace(filled, clock=lambda: replay.now + timedelta(days=800)).once(everything=True, only="ecb")
    replay.clear()
    filled.once(everything=True, only="ecb")
    assert [seen["path"].rsplit("/", 1)[1] for seen in replay.log] == ["eurofxref-hist.zip"]


def test_two_whose_clocks_differ_by_hours_both_get_the_lease_in_turn_and_neither_waits_for_ever(
    filled: Refresher,
) -> None:
    ahead = FILLED_AT + timedelta(hours=3)
    assert lease.take(filled.store, lease.REFRESHER, "a:1", FILLED_AT, lease.LASTS)
    assert lease.take(filled.store, lease.REFRESHER, "b:1", ahead, lease.LASTS)
    assert lease.take(filled.store, lease.REFRESHER, "a:1", FILLED_AT, lease.LASTS)


def test_two_whose_clocks_differ_by_a_minute_never_work_at_once(filled: Refresher) -> None:
    assert lease.take(filled.store, lease.REFRESHER, "a:1", FILLED_AT, lease.LASTS)
    for n in range(20):
        now = FILLED_AT + timedelta(seconds=20 * n)
        assert lease.take(filled.store, lease.REFRESHER, "a:1", now, lease.LASTS)
        assert not lease.take(filled.store, lease.REFRESHER, "b:1", now + timedelta(seconds=60), lease.LASTS)
        assert not lease.take(filled.store, lease.REFRESHER, "c:1", now - timedelta(seconds=60), lease.LASTS)


def test_trouble_is_logged_when_it_begins_changes_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = Trouble("ecb")
    pauses = [trouble.met(StoreError("The database x is locked.")) for _ in range(9)]
    trouble.met(StoreError("The database x is gone."))
    for _ in range(3):
        trouble.met(ZeroDivisionError("ours"))
    trouble.over()
    trouble.over()
    assert pauses == [30, 60, 120, 240, 480, 480, 480, 480, 480]
    assert [record.getMessage() for record in caplog.records] == [
        "ecb: The database x is locked.",
        "ecb: The database x is gone.",
        "ecb: a mistake of ours; it is tried again",
        "ecb: works again",
    ]
    assert trouble.met(StoreError("The database x is locked.")) == 30


@pytest.mark.replay
def test_a_refresher_that_cannot_write_asks_nobody_says_so_once_and_goes_on_by_itself(
    filled: Refresher, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="ticker.ingest.trouble")
    hasty, other = replace(filled, store=again(filled.store, wait=0.01)), again(filled.store)
    mine, trouble = threading.Event(), Trouble("the lease")
    with other.write():
        for _ in range(10):
            assert hasty._hold("a:1", mine, None, trouble) is None
            assert not mine.is_set()
    other.close()
    hasty._hold("a:1", mine, None, trouble)
    assert mine.is_set()
    heard = [record.getMessage() for record in caplog.records if record.name == "ticker.ingest.trouble"]
    assert heard == [
        f"the lease: The database {filled.store.name} is locked by another program.",
        "the lease: works again",
    ]
    hasty.store.close()
