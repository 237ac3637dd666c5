"""One looks, the others have what was seen."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ticker.errors import StoreError
from ticker.web.glance import Glance


def test_who_comes_during_the_first_look_waits_for_it_and_later_ones_do_not() -> None:
    seen, asked, answers = iter(["first", "second"]), threading.Semaphore(0), threading.Semaphore(0)

    def look() -> str:
        asked.release()
        assert answers.acquire(timeout=60)
        return next(seen)

    glance = Glance(look, "nothing")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(glance)
        assert asked.acquire(timeout=60)
        other = pool.submit(glance, 3600)
        answers.release()
        assert (first.result(60), other.result(60)) == ("first", "first")
        again = pool.submit(glance)
        assert asked.acquire(timeout=60)
        assert glance() == "first"  # while it is looked again
        answers.release()
        assert (again.result(60), glance(3600)) == ("second", "second")


def test_a_look_that_does_not_end_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.web.glance._PATIENCE", 0.01)
    looks, answers = list[int](), threading.Event()

    def look() -> str:
        looks.append(1)
        assert answers.wait(60)
        return "something"

    glance = Glance(look, "nothing")
    assert [glance() for _ in range(3)] == ["nothing"] * 3
    assert len(looks) == 1
    monkeypatch.setattr("ticker.web.glance._PATIENCE", 60)
    answers.set()
    assert glance(3600) == "something"


def test_after_a_look_that_fails_the_next_looks_again() -> None:
    looks = iter(["", "seen"])

    def look() -> str:
        found = next(looks)
        if not found:
            raise StoreError("It is away.")
        return found

    glance = Glance(look, "nothing")
    with pytest.raises(StoreError):
        glance(3600)
    assert glance(3600) == "seen"
