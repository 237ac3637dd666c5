"""A read that fails for a moment is tried again, by a few readers at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ticker.errors import StoreError
from ticker.web.patience import Patience


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


def test_while_enough_readers_wait_the_others_are_told_at_once() -> None:
    tries, away = threading.Semaphore(0), threading.Event()

    def read(first: list[bool]) -> str:
        if first.pop():
            raise StoreError("The database is away.")
        tries.release()
        assert away.wait(60)
        return "back"

    patient = Patience(most=2, pauses=(0,))(read)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(patient, [False, True]) for _ in range(2)]
        assert all(tries.acquire(timeout=60) for _ in waiting)
        with pytest.raises(StoreError, match="away"):
            patient([False, True])
        away.set()
        assert [one.result(60) for one in waiting] == ["back", "back"]
    assert patient([False, True]) == "back"
