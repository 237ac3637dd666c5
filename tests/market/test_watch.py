"""What is told of: changes for the worse and for the better, once, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import at
from tests.market.history import PUBLISHERS, instrument, observations
from ticker.market.instrument import Bounds, Catalog, Group
from ticker.market.observation import Figures
from ticker.market.snapshot import Holding, Snapshot, build
from ticker.market.watch import about, changes, states

LINE = observations(("2026-03-16", "1.10"), ("2026-03-17", "1.11"))


def snapshot(now: str, figures: Figures | None = None, *chain: str) -> Snapshot:
    shown = instrument(*(chain or ("ecb: USD",)), decimals=4)
    catalog = Catalog((Group("g", "G", True, (shown,)),), {"ecb:USD": Bounds(Decimal(0), Decimal(9))})
    held = {"ecb:USD": LINE} if figures is None else figures
    return build(catalog, PUBLISHERS, Holding(1, held, {}), at(now))


FRESH, LATE, STALE = (snapshot(f"2026-03-{day}T17:00") for day in (17, 18, 19))


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (FRESH, FRESH, []),
        (FRESH, LATE, ["instrument.late"]),
        (LATE, LATE, []),
        (LATE, STALE, ["instrument.stale"]),
        (FRESH, STALE, ["instrument.stale"]),
        (STALE, LATE, ["instrument.late"]),
        (STALE, FRESH, ["instrument.recovered"]),
        (None, FRESH, []),
        (None, LATE, ["instrument.late"]),
        (None, snapshot("2026-03-17T17:00", {}), []),  # an empty database is filled yet
        (FRESH, snapshot("2026-03-17T17:00", {}), ["instrument.empty"]),
        (snapshot("2026-03-17T17:00", {}), FRESH, ["instrument.recovered"]),
    ],
)
def test_freshness_that_changes_is_told(before: Snapshot | None, after: Snapshot, events: list[str]) -> None:
    was = states(before, {}) if before else {}
    assert [change.event for change in changes(was, states(after, {}))] == events


def test_a_chain_that_moves_on_and_returns_is_told() -> None:
    chain = ("ecb: USD", "eia: RWTC")
    with_reserve = {"ecb:USD": LINE, "eia:RWTC": observations(("2026-03-17", "1.12"), ("2026-03-18", "1.13"))}
    first = snapshot("2026-03-17T17:00", {"ecb:USD": LINE}, *chain)
    moved = snapshot("2026-03-19T17:00", with_reserve, *chain)
    there = changes(states(first, {}), states(moved, {}))
    back = changes(states(moved, {}), states(first, {}))
    assert [c.event for c in there] == ["chain.moved"]
    assert [c.event for c in back] == ["chain.returned"]
    assert about(there[0], moved, {})["source"] == "eia"
    assert about(there[0], moved, {})["was"] == "ecb"


def test_sources_that_fail_for_long_are_told() -> None:
    good: dict[str, str | None] = {"ecb:rates": None}
    bad: dict[str, str | None] = {"ecb:rates": "source not answering"}
    assert changes({}, states(FRESH, good)) == ()
    found = changes(states(FRESH, good), states(FRESH, bad))
    assert [c.event for c in found] == ["source.failing_long"]
    assert about(found[0], FRESH, bad) == {
        "event": "source.failing_long",
        "source": "ecb",
        "feed": "rates",
        "error": "source not answering",
        "text": "ecb:rates: source not answering, for hours.",
    }
    assert [c.event for c in changes(states(FRESH, bad), states(FRESH, good))] == ["source.recovered"]


def test_a_change_says_of_which_day_the_figure_is_and_since_when_one_is_overdue() -> None:
    found = about(changes(states(FRESH, {}), states(LATE, {}))[0], LATE, {})
    assert found == {
        "event": "instrument.late",
        "instrument": "x",
        "name": "X",
        "source": "ecb",
        "freshness": "late",
        "was": "current",
        "as_of": "2026-03-17",
        "since": "2026-03-18T16:30:00Z",
        "next_due": "2026-03-19T15:00:00Z",
        "text": "X is late: the newest figure is for 2026-03-17 (ECB), a newer one overdue since 2026-03-18T16:30:00Z.",
    }


states_of_things = st.dictionaries(
    st.sampled_from(["freshness/a", "freshness/b", "source/a", "feed/ecb:rates"]),
    st.sampled_from(["current", "late", "stale", "0 ecb", "1 boc", "failing", "answering"]),
)


@given(states_of_things, states_of_things)
def test_nothing_is_told_twice_and_nothing_that_was_told_is_lost(before: dict[str, str], after: dict[str, str]) -> None:
    found = changes(before, after)
    assert changes(after, after) == ()
    assert {f"{c.aspect}/{c.subject}" for c in found} >= {k for k in before.keys() & after if before[k] != after[k]}
    assert all(c.was != c.now for c in found)


def test_overdue_and_since_are_those_of_the_first_that_is_missing() -> None:
    quote = snapshot("2026-06-30T17:00").by_key["x"]
    assert quote.latest is not None
    assert quote.latest.day == date(2026, 3, 17)
    assert quote.standing.since == at("2026-03-18T16:30")
    assert quote.standing.overdue == 30  # and more, which nobody counts
    assert FRESH.by_key["x"].standing.since is None
