"""Commits: a document replaces the span it covers, and the revision rises only when a figure changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.conftest import at
from ticker.market.observation import Observation, Series, Standing
from ticker.market.rules import LATE, RANGE
from ticker.store.changes import Change
from ticker.store.commit import Arrival, Outcome, commit
from ticker.store.desk import Hold
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators, read_feed, read_validators
from ticker.store.figures import load, read_revision, span

KEY = "eia:RWTC"
NOW = at("2026-03-19T14:00")
STATE = FeedState("eia", "RWTC", codes=frozenset({"RWTC"}))


def series(*rows: tuple[int, str], standing: Standing = Standing.FINAL) -> Series:
    return tuple(Observation(date(2026, 3, day), Decimal(value), standing) for day, value in rows)


def put(
    store: Store,
    rows: Series,
    *,
    whole: bool = False,
    holds: Sequence[Hold] = (),
    suspects: Sequence[Hold] = (),
    now: datetime = NOW,
) -> Outcome:
    def suspicion(changes: Sequence[Change]) -> list[Hold]:
        changed = {(c.series, c.day) for c in changes}
        return [h for h in suspects if (h.series, h.day) in changed]

    return commit(store, Arrival({KEY: rows}, holds, whole), suspicion, now, STATE, ("https://x/", Validators("e")))


def shown(store: Store) -> list[tuple[int, str]]:
    with store.read() as connection:
        return [(o.day.day, str(o.value)) for o in span(connection, KEY, date.min, date.max)]


def test_the_first_document_is_all_new(store: Store) -> None:
    outcome = put(store, series((2, "90.1"), (3, "91")))
    assert (outcome.added, outcome.revised, outcome.withdrawn, outcome.revision) == (2, 0, 0, 1)
    assert shown(store) == [(2, "90.1"), (3, "91")]


def test_the_same_document_again_changes_nothing_not_even_the_revision(store: Store) -> None:
    put(store, series((2, "90.1"), (3, "91")))
    outcome = put(store, series((2, "90.1"), (3, "91")))
    assert (outcome.changed, outcome.revision) == (0, 1)


def test_trap_08_equality_is_numeric_and_the_first_text_is_kept(store: Store) -> None:
    put(store, series((2, "0.85620")))
    outcome = put(store, series((2, "0.8562")))
    assert (outcome.changed, outcome.revision, shown(store)) == (0, 1, [(2, "0.85620")])


def test_trap_03_and_04_revised_figures_change_and_withdrawn_rows_go(store: Store) -> None:
    put(store, series((2, "90"), (3, "91"), (4, "92"), (5, "93")))
    outcome = put(store, series((3, "91.5"), (5, "93")))
    assert (outcome.added, outcome.revised, outcome.withdrawn, outcome.revision) == (0, 1, 1, 2)
    assert shown(store) == [(2, "90"), (3, "91.5"), (5, "93")]


def test_trap_05_a_file_that_shrinks_takes_nothing_newer_with_it(store: Store) -> None:
    put(store, series((2, "90"), (3, "91"), (4, "92")))
    assert put(store, series((2, "90"), (3, "91"))).changed == 0
    assert shown(store)[-1] == (4, "92")


def test_an_early_close_is_added_and_the_record_overrides_it(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    put(store, series((4, "92.4"), standing=Standing.EARLY))
    assert shown(store)[-1] == (4, "92.4")
    outcome = put(store, series((2, "90"), (3, "91"), (4, "92.5")))
    assert (outcome.revised, shown(store)[-1]) == (1, (4, "92.5"))


def test_an_early_close_never_touches_days_on_record(store: Store) -> None:
    put(store, series((2, "90"), (4, "92")))
    assert put(store, series((3, "1"), (4, "2"), standing=Standing.EARLY)).changed == 0
    assert shown(store) == [(2, "90"), (4, "92")]


def test_an_early_close_that_the_record_does_not_confirm_is_withdrawn(store: Store) -> None:
    put(store, series((2, "90")))
    put(store, series((3, "91"), standing=Standing.EARLY))
    assert put(store, series((2, "90"), (4, "92"))).withdrawn == 1
    assert shown(store) == [(2, "90"), (4, "92")]


def test_an_early_close_made_firm_is_no_change_to_a_reader(store: Store) -> None:
    put(store, series((2, "90")))
    put(store, series((3, "91"), standing=Standing.EARLY))
    outcome = put(store, series((2, "90"), (3, "91.0")))
    assert (outcome.changed, outcome.revision) == (0, 2)
    assert put(store, series((3, "99"), standing=Standing.EARLY)).changed == 0


def test_all_history_takes_the_seed_away_but_not_a_newer_early_close(store: Store) -> None:
    put(store, series((1, "1"), (2, "2"), (9, "9"), standing=Standing.SEED))
    put(store, series((10, "10"), standing=Standing.EARLY))
    put(store, series((2, "2"), (3, "3")), whole=True)
    assert shown(store) == [(2, "2"), (3, "3"), (10, "10")]


def test_what_a_guard_holds_leaves_the_figure_that_was_there(store: Store) -> None:
    put(store, series((2, "90"), (3, "91"), (4, "92")))
    outcome = put(store, series((2, "90"), (4, "92")), holds=[Hold(KEY, date(2026, 3, 3), Decimal("9100"), RANGE)])
    assert (outcome.changed, outcome.held) == (0, 1)
    assert shown(store) == [(2, "90"), (3, "91"), (4, "92")]


def test_a_suspicious_change_is_taken_when_it_is_seen_again_half_an_hour_later(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    suspect = [Hold(KEY, date(2026, 3, 2), Decimal("80"), LATE)]
    changed = series((2, "80"), (3, "91"))
    assert put(store, changed, suspects=suspect).held == 1
    assert put(store, changed, suspects=suspect, now=NOW + timedelta(minutes=29)).held == 1
    outcome = put(store, changed, suspects=suspect, now=NOW + timedelta(minutes=30))
    assert (outcome.held, outcome.revised) == (0, 1)
    assert shown(store)[0] == (2, "80")


def test_a_suspicious_change_that_is_not_seen_again_is_forgotten(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    suspect = [Hold(KEY, date(2026, 3, 2), Decimal("80"), LATE)]
    put(store, series((2, "80"), (3, "91")), suspects=suspect)
    put(store, series((2, "90"), (3, "91")), now=NOW + timedelta(hours=1))
    assert put(store, series((2, "80"), (3, "91")), suspects=suspect, now=NOW + timedelta(hours=2)).held == 1


def test_the_state_of_the_feed_and_its_validators_are_kept_with_the_figures(store: Store) -> None:
    put(store, series((2, "90")))
    assert read_feed(store, "eia", "RWTC") == STATE
    assert read_validators(store, "https://x/") == Validators("e")


def test_what_came_from_outside_is_kept_whatever_is_in_it(store: Store) -> None:
    odd = "\0'\"%s\u2028é\U0001f6e2" + "x" * 5000
    commit(store, Arrival({}), lambda changes: [], NOW, replace(STATE, error=odd), ("https://x/", Validators(odd, odd)))
    kept = odd.replace("\0", "\ufffd")
    assert read_feed(store, "eia", "RWTC").error == kept
    assert read_validators(store, "https://x/") == Validators(kept, kept)


def test_a_failure_in_the_transaction_leaves_all_as_it_was(store: Store) -> None:
    put(store, series((2, "90")))

    def explode(changes: Sequence[Change]) -> list[Hold]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        commit(store, Arrival({KEY: series((2, "1"))}), explode, NOW, STATE, ("https://x/", Validators()))
    assert shown(store) == [(2, "90")]
    assert read_revision(store) == 1


def test_loading_leaves_out_days_to_come(store: Store) -> None:
    put(store, series((2, "90"), (20, "91")))
    holding = load(store, [KEY, "eia:NONE"], ["eia"], date(2026, 3, 19))
    assert [o.day.day for o in holding.figures[KEY]] == [2]
    assert holding.figures["eia:NONE"] == ()
    assert holding.revision == 1
