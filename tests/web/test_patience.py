"""A read that fails for a moment is tried again, by a few readers at a time."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ticker.errors import StoreBusy, StoreError
from ticker.serve import THREADS
from ticker.store.postgres import MOST
from ticker.web.patience import AT_ONCE, WAITING, Patience


def test_it_reads_again_until_it_can_and_then_gives_up() -> None:
    tried: list[int] = []

    def read(fails: int) -> int:
        tried.append(fails)
        if len(tried) <= fails:
            raise StoreError("The database is starting.")
        return len(tried)

    patient = Patience(pauses=(0, 0, 0))(read)
    for fails in range(4):
        assert patient(fails) == fails + 1
        tried.clear()
    with pytest.raises(StoreError, match="starting"):
        patient(4)
    assert tried == [4, 4, 4, 4]


def refused(patient: Callable[[list[bool]], str]) -> int:
    """How many places the error that he is told has come by."""
    with pytest.raises(StoreError, match="away") as told:
        patient([True])
    return len(traceback.extract_tb(told.value.__traceback__))


def test_while_enough_readers_try_the_others_are_told_at_once() -> None:
    tries, away = threading.Semaphore(0), threading.Event()

    def read(first: list[bool]) -> str:
        if first.pop():
            raise StoreError("The database is away.")
        tries.release()
        assert away.wait(60)
        return "back"

    patient = Patience(at_once=2, pauses=(0,))(read)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(patient, [False, True]) for _ in range(2)]
        assert all(tries.acquire(timeout=60) for _ in waiting)
        assert refused(patient) == refused(patient)  # the one keeps nothing of the other
        away.set()
        assert [one.result(60) for one in waiting] == ["back", "back"]
    assert patient([False]) == "back"


def held(asked: threading.Semaphore, answers: threading.Event) -> Callable[[], str]:
    """A read that says when it is asked, and answers when it may."""

    def read() -> str:
        asked.release()
        assert answers.wait(60)
        return "after all"

    return read


def test_one_that_says_nothing_keeps_so_many_threads_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.web.patience._TURN", 0)
    asked, answers = threading.Semaphore(0), threading.Event()
    patient = Patience(at_once=3)(held(asked, answers))
    with ThreadPoolExecutor(3) as pool:
        kept = [pool.submit(patient) for _ in range(3)]
        assert all(asked.acquire(timeout=60) for _ in kept)
        with pytest.raises(StoreBusy, match="Too many readers ask at once"):
            patient()
        answers.set()
        assert [one.result(60) for one in kept] == ["after all"] * 3


def test_only_so_many_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.web.patience._TURN", 60)
    asked, answers = threading.Semaphore(0), threading.Event()
    patience = Patience(at_once=1, waiting=1)
    patient = patience(held(asked, answers))
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(patient), pool.submit(patient)
        assert asked.acquire(timeout=60)
        while patience.waiting._value:  # the other has to stand in line first
            threading.Event().wait(0.001)
        with pytest.raises(StoreBusy, match="Too many readers ask at once"):
            patient()
        answers.set()
        assert (one.result(60), other.result(60)) == ("after all", "after all")


def test_some_threads_never_wait_whatever_happens() -> None:
    assert AT_ONCE < MOST
    watched = 3  # by /readyz, /metrics, /status
    assert AT_ONCE + WAITING + watched < THREADS


def test_a_reader_waits_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    monkeypatch.setattr("ticker.web.patience._LIMIT", 0)  # as after a try that took all his time

    def away() -> None:
        tried.append(1)
        raise StoreError("The database is away.")

    with pytest.raises(StoreError, match="away"):
        Patience(pauses=(1, 1))(away)()
    assert len(tried) == 1


def test_what_memory_has_too_is_asked_for_once() -> None:
    tried: list[int] = []

    def away() -> None:
        tried.append(1)
        raise StoreError("The database is away.")

    patience = Patience(pauses=(0, 0))
    for n in (1, 2):
        with pytest.raises(StoreError, match="away"):
            patience(away, again=False)()
        assert len(tried) == n
