"""Rule 9: when a chain moves on, and when it comes back."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ticker.market.chain import Fitness, Left, Turn, turn
from ticker.market.freshness import Freshness

FIRST = date(2026, 3, 2)


def fit(entry: str, day: int | None, freshness: Freshness = "current") -> Fitness:
    newest = None if day is None else FIRST + timedelta(days=day)
    return Fitness(entry, newest, freshness if newest else "empty")


def after(before: Turn | None, *chain: Fitness) -> Turn:
    found = turn(chain, before)
    assert turn(chain, found) == found  # to look again changes nothing
    return found


def test_it_moves_on_from_what_is_stale_or_empty_and_from_what_is_late_to_a_later_day() -> None:
    assert after(None, fit("a", 3), fit("b", 9)).entry == "a"
    assert after(None, fit("a", 3, "late"), fit("b", 3)).entry == "a"
    assert after(None, fit("a", 3, "late"), fit("b", 4)).entry == "b"
    assert after(None, fit("a", 3, "stale"), fit("b", 3)).entry == "b"
    assert after(None, fit("a", 3, "stale"), fit("b", 2, "stale")).entry == "a"
    assert after(None, fit("a", 3, "stale"), fit("b", None), fit("c", 1, "late")).entry == "c"
    assert after(None, fit("a", None), fit("b", None)).entry == "a"
    assert after(None, fit("a", None), fit("b", 1, "stale")).entry == "b"


def test_it_comes_back_after_two_good_publications() -> None:
    now = after(None, fit("a", 1, "stale"), fit("b", 4))
    assert now == Turn("b", {"a": Left(FIRST + timedelta(days=1))})
    now = after(now, fit("a", 5), fit("b", 5))  # all that it missed, at once: one good publication
    assert (now.entry, now.left["a"].good) == ("b", 1)
    now = after(now, fit("a", 6), fit("b", 5))
    assert now == Turn("a")


def test_it_does_not_come_back_while_it_is_late_and_to_be_stale_again_begins_the_count_anew() -> None:
    now = after(None, fit("a", 1, "stale"), fit("b", 4))
    now = after(now, fit("a", 5), fit("b", 5))
    now = after(now, fit("a", 5, "late"), fit("b", 6))
    assert (now.entry, now.left["a"].good) == ("b", 1)
    assert after(now, fit("a", 6), fit("b", 6)).entry == "a"
    now = after(now, fit("a", 5, "stale"), fit("b", 7))
    assert now.left["a"].good == 0
    now = after(now, fit("a", 8), fit("b", 8))
    assert (now.entry, now.left["a"].good) == ("b", 1)
    assert after(now, fit("a", 9), fit("b", 9)).entry == "a"


def test_it_does_not_come_back_to_an_older_day() -> None:
    now = Turn("b", {"a": Left(FIRST, 1)})
    assert after(now, fit("a", 5), fit("b", 6)).entry == "b"
    assert after(now, fit("a", 6), fit("b", 6)).entry == "a"


def test_it_comes_back_at_once_where_the_reserve_fails() -> None:
    now = Turn("b", {"a": Left(FIRST)})
    assert after(now, fit("a", 5), fit("b", 3, "stale")) == Turn("a")
    assert after(now, fit("a", 5), fit("b", 4, "late")) == Turn("a")


def test_an_entry_that_is_no_longer_in_the_chain_is_forgotten() -> None:
    now = Turn("gone", {"a": Left(FIRST), "b": Left(FIRST)})
    assert after(now, fit("a", 1), fit("b", 2)) == Turn("a")


STATES = st.sampled_from(["current", "late", "stale"])
STEPS = st.lists(
    st.lists(st.tuples(st.integers(0, 2), STATES), min_size=3, max_size=3), min_size=1, max_size=30
)  # fmt: skip


@given(steps=STEPS)
def test_no_way_of_failing_shows_what_is_stale_while_another_is_current_nor_comes_back_too_soon(
    steps: list[list[tuple[int, Freshness]]],
) -> None:
    now: Turn | None = None
    days, good = [1, 1, 1], {"a": 0, "b": 0}
    for step in steps:
        before, newer = now, [grown > 0 for grown, _ in step]
        days = [day + grown for day, (grown, _) in zip(days, step, strict=True)]
        chain = [fit(name, day, state) for name, day, (_, state) in zip("abc", days, step, strict=True)]
        now = after(now, *chain)
        fitness = {f.entry: f for f in chain}
        used = fitness[now.entry]
        for at, name in enumerate("ab"):
            good[name] = 0 if step[at][1] == "stale" else good[name] + (newer[at] and step[at][1] == "current")
        if used.freshness != "current":
            current = [f.newest for f in chain if f.freshness == "current"]
            assert all(newest is None or used.newest is None or newest <= used.newest for newest in current)
        if used.freshness == "stale":
            assert all(f.freshness == "stale" for f in chain)
        if before and now.entry < before.entry and fitness[before.entry].freshness == "current":
            assert good[now.entry] >= 2


@given(steps=STEPS, ahead=st.integers(0, 9))
def test_where_the_first_is_well_again_for_good_it_is_soon_in_use(
    steps: list[list[tuple[int, Freshness]]], ahead: int
) -> None:
    now: Turn | None = None
    for at, step in enumerate(steps):
        now = turn([fit(name, at, state) for name, (_, state) in zip("abc", step, strict=True)], now)
    for at in range(len(steps), len(steps) + 3):
        now = turn([fit("a", at), fit("b", at), fit("c", at)], now)
    assert now == Turn("a")
