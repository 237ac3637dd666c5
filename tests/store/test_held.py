"""The held list: what waits, what confirms it, and what an operator decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import ticker.store
from tests.conftest import at
from ticker import catalog
from ticker.errors import Undecidable
from ticker.ingest.evidence import gather
from ticker.market.observation import Figures, Observation, Series, Standing
from ticker.market.rules import BACKWARDS, FUTURE, HOLIDAY, JUMP, LATE, RANGE, ZERO, Rule
from ticker.store import decide
from ticker.store.changes import Change
from ticker.store.commit import Arrival, Outcome, commit
from ticker.store.desk import Hold
from ticker.store.engine import Store, open_store
from ticker.store.feeds import FeedState, Validators, read_validators
from ticker.store.figures import corrected, read_revision, span
from ticker.store.held import Held, count_held, read_held, read_held_of

KEY = "eia:RWTC"
NOW = at("2026-03-19T14:00")
SOON, LATER = NOW + timedelta(minutes=10), NOW + timedelta(minutes=30)
STATE = FeedState("eia", "RWTC", codes=frozenset({"RWTC"}))


def march(day: int) -> date:
    return date(2026, 3, day)


def days(first: int, last: int | None = None) -> decide.Span:
    return decide.Span(KEY, march(first), march(last or first))


def series(*rows: tuple[int, str], standing: Standing = Standing.FINAL) -> Series:
    return tuple(Observation(march(day), Decimal(value), standing) for day, value in rows)


def put(
    store: Store, rows: Series, now: datetime = NOW, rule: Rule = JUMP, above: str = "200", holds: Sequence[Hold] = ()
) -> Outcome:
    """Commit a document, with a guard that holds every figure above a level under a rule."""

    def suspicion(changes: Sequence[Change]) -> list[Hold]:
        return [
            Hold(c.series, c.day, c.value, rule, Decimal(90), c.standing)
            for c in changes
            if c.value is not None and c.value > Decimal(above)
        ]

    return commit(store, Arrival({KEY: rows}, holds), suspicion, now, STATE, ("https://x/", Validators("e")))


def shown(store: Store) -> list[tuple[int, str]]:
    with store.read() as connection:
        return [(o.day.day, str(o.value)) for o in span(connection, KEY, date.min, date.max)]


def listed(store: Store) -> list[tuple[int, str | None, str]]:
    return [(h.day.day, None if h.value is None else str(h.value), h.rule.key) for h in read_held(store)]


# --- what is kept, and what confirms it -----------------------------------------------------------


def test_what_is_held_has_its_rule_its_moments_and_what_was_there(store: Store) -> None:
    put(store, series((2, "90")))
    put(store, series((2, "90"), (3, "400")))
    put(store, series((2, "90"), (3, "400")), SOON)
    assert read_held(store) == (Held(KEY, march(3), Decimal(400), JUMP, Decimal(90), NOW, SOON, Standing.FINAL),)
    assert read_held(store)[0].confirmed_at == LATER
    assert count_held(store) == {(KEY, Standing.FINAL): 1}
    assert read_held_of(store, ["eia:RBRTE"]) == ()
    assert shown(store) == [(2, "90")]


@pytest.mark.parametrize(("rule", "witnesses"), [(JUMP, {KEY: series((3, "400"))}), (RANGE, {}), (BACKWARDS, {})])
def test_only_what_is_held_for_its_jump_speaks_for_another_publishers_figure(
    store: Store, rule: Rule, witnesses: Figures
) -> None:
    put(store, series((3, "400")), rule=rule)
    assert gather(store, catalog.load(), ["fred:DCOILWTICO"], march(19)).witnesses == witnesses


@pytest.mark.parametrize("value", ["400", "400.0"])
def test_trap_02_a_second_answer_half_an_hour_later_confirms(store: Store, value: str) -> None:
    put(store, series((2, "90"), (3, "400")))
    assert put(store, series((2, "90"), (3, value)), LATER - timedelta(seconds=1)).held == 1
    outcome = put(store, series((2, "90"), (3, value)), LATER)
    assert (outcome.added, outcome.held) == (1, 0)
    assert shown(store) == [(2, "90"), (3, value)]
    assert read_held(store) == ()


def test_another_figure_starts_the_half_hour_anew(store: Store) -> None:
    put(store, series((3, "400")))
    assert put(store, series((3, "401")), LATER).held == 1
    assert put(store, series((3, "400")), LATER + timedelta(minutes=29)).held == 1
    assert shown(store) == []


def test_another_rule_starts_the_half_hour_anew(store: Store) -> None:
    put(store, series((3, "400")))
    assert put(store, series((3, "400")), LATER, rule=LATE).held == 1
    assert put(store, series((3, "400")), LATER + timedelta(minutes=30), rule=LATE).added == 1


def test_range_is_never_confirmed_by_repetition(store: Store) -> None:
    for n in range(50):
        assert put(store, series((3, "400")), NOW + timedelta(days=n), rule=RANGE).held == 1
    assert shown(store) == []
    assert read_held(store)[0].first_seen == NOW


def test_trap_03_a_holidays_row_is_confirmed_only_when_it_outlives_two_releases(store: Store) -> None:
    assert put(store, series((3, "400")), rule=HOLIDAY).held == 1
    assert put(store, series((3, "400")), NOW + timedelta(days=13), rule=HOLIDAY).held == 1
    assert put(store, series((3, "400")), NOW + timedelta(days=14), rule=HOLIDAY).added == 1


def test_trap_03_a_row_that_leaves_the_file_leaves_the_list(store: Store) -> None:
    put(store, series((2, "90"), (3, "400")), rule=HOLIDAY)
    put(store, series((2, "90"), (4, "91")), LATER, rule=HOLIDAY)
    assert read_held(store) == ()
    assert shown(store) == [(2, "90"), (4, "91")]


def test_a_page_and_the_record_each_keep_their_own_list(store: Store) -> None:
    put(store, series((2, "90")))
    put(store, series((5, "400"), standing=Standing.EARLY))
    put(store, series((2, "90"), (3, "500")), SOON)
    assert listed(store) == [(5, "400", "jump"), (3, "500", "jump")]
    put(store, series((6, "92"), standing=Standing.EARLY), SOON)  # the page has one day: the other is no longer on it
    assert listed(store) == [(3, "500", "jump")]


def test_the_record_ends_the_wait_of_a_pages_figure(store: Store) -> None:
    put(store, series((5, "400"), standing=Standing.EARLY))
    put(store, series((2, "90"), (5, "91")), SOON)
    assert (listed(store), shown(store)) == ([], [(2, "90"), (5, "91")])


def test_validators_are_kept_only_when_nothing_waits_so_the_second_answer_is_never_a_304(store: Store) -> None:
    put(store, series((2, "90"), (3, "400")))
    assert read_validators(store, "https://x/") == Validators()
    put(store, series((2, "90"), (3, "400")), LATER)
    assert read_validators(store, "https://x/") == Validators("e")


# --- decisions ------------------------------------------------------------------------------------


def test_an_accepted_figure_is_shown_at_once_and_not_held_again(store: Store) -> None:
    put(store, series((2, "90"), (3, "400")))
    revision = read_revision(store)
    assert [h.value for h in decide.accept(store, days(3), SOON)] == [Decimal(400)]
    assert shown(store) == [(2, "90"), (3, "400")]
    assert read_revision(store) == revision + 1
    assert listed(store) == []
    assert put(store, series((2, "90"), (3, "400")), SOON).held == 0
    assert put(store, series((2, "90"), (3, "401")), SOON).held == 1  # another one is
    assert shown(store) == [(2, "90"), (3, "400")]


def test_a_figure_out_of_range_is_accepted_only_where_that_is_said(store: Store) -> None:
    document = [Hold(KEY, march(3), Decimal(9100), RANGE)]
    put(store, series((2, "90"), (3, "9100")), holds=document)
    with pytest.raises(Undecidable, match="3: 9100 is outside the values that this series can have; only --impossible"):
        decide.accept(store, days(2, 4), SOON)
    assert (shown(store), len(listed(store))) == ([(2, "90")], 1)
    decide.accept(store, days(3), SOON, impossible=True)
    assert put(store, series((2, "90"), (3, "9100")), SOON, above="99999", holds=document).held == 0
    assert shown(store) == [(2, "90"), (3, "9100")]


def test_what_an_operator_took_back_waits_for_nobody(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    decide.take_back(store, days(3), SOON)
    assert [day for day, *_ in listed(store)] == [3]
    assert count_held(store) == {}


def test_a_zero_is_accepted_only_where_that_is_said_and_a_day_that_has_not_come_never(store: Store) -> None:
    put(store, series((2, "90"), (3, "0")), holds=[Hold(KEY, march(3), Decimal(0), ZERO)])
    with pytest.raises(Undecidable, match="only --impossible"):
        decide.accept(store, days(3), SOON)
    put(store, series((2, "90"), (31, "91")), holds=[Hold(KEY, march(31), Decimal(91), FUTURE)])
    with pytest.raises(Undecidable, match="31: 91 is for a day that has not come; nothing accepts it"):
        decide.accept(store, days(31), SOON, impossible=True)
    assert shown(store) == [(2, "90")]


def test_a_rejected_figure_stays_out_and_is_not_asked_about_again(store: Store) -> None:
    put(store, series((2, "90"), (3, "400")))
    decide.reject(store, days(3), SOON)
    for n in range(3):
        assert put(store, series((2, "90"), (3, "400")), LATER + timedelta(days=n)).held == 0
    assert put(store, series((2, "90"), (3, "400")), LATER, above="999").held == 0  # even where no guard minds it
    assert (shown(store), listed(store)) == ([(2, "90")], [])
    assert read_validators(store, "https://x/") == Validators("e")


def test_another_figure_for_a_rejected_day_is_looked_at_anew(store: Store) -> None:
    put(store, series((2, "90"), (3, "400")))
    decide.reject(store, days(3), SOON)
    assert put(store, series((2, "90"), (3, "500")), LATER).held == 1
    assert put(store, series((2, "90"), (3, "92")), LATER).added == 1
    assert (shown(store), listed(store)) == ([(2, "90"), (3, "92")], [])


def test_a_rejected_figure_may_still_be_accepted(store: Store) -> None:
    put(store, series((3, "400")))
    decide.reject(store, days(3), SOON)
    decide.accept(store, days(3), LATER)
    assert shown(store) == [(3, "400")]


def test_a_rejected_revision_leaves_what_was_there(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    put(store, series((2, "90"), (3, "400")), SOON)
    decide.reject(store, days(3), SOON)
    put(store, series((2, "90"), (3, "400"), (4, "92")), LATER)
    assert shown(store) == [(2, "90"), (3, "91"), (4, "92")]


@pytest.mark.parametrize(("decision", "left"), [("accept", [2]), ("reject", [2, 3])])
def test_a_withdrawal_can_be_accepted_or_rejected(store: Store, decision: str, left: list[int]) -> None:
    put(store, series((2, "90"), (3, "91")))
    gone = [Hold(KEY, march(3), None, BACKWARDS, Decimal(91))]
    put(store, series((2, "90")), SOON, holds=gone)
    assert listed(store) == [(3, None, "backwards")]
    getattr(decide, decision)(store, days(3), SOON)
    put(store, series((2, "90")), LATER, holds=gone if decision == "reject" else ())
    assert [day for day, _ in shown(store)] == left
    assert listed(store) == []
    assert (march(3) in corrected(store, [KEY]).get(KEY, {})) == (decision == "accept")


def test_what_an_operator_takes_back_is_held_whatever_the_source_says_until_it_is_accepted(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    revision = read_revision(store)
    decide.take_back(store, days(3), SOON)
    assert (shown(store), read_revision(store)) == ([(2, "90")], revision + 1)
    assert corrected(store, [KEY]) == {KEY: {march(3): SOON}}
    for n, value in enumerate(("91", "91", "92", "91")):
        assert put(store, series((2, "90"), (3, value)), LATER + timedelta(days=n)).held == 1
        assert (shown(store), listed(store)) == ([(2, "90")], [(3, value, "operator")])
    put(store, series((2, "90"), (4, "93")), LATER + timedelta(days=9))  # and while it is not published at all
    put(store, series((2, "90"), (3, "91"), (4, "93")), LATER + timedelta(days=10))
    assert shown(store) == [(2, "90"), (4, "93")]
    decide.accept(store, days(3), LATER + timedelta(days=11))
    put(store, series((2, "90"), (3, "91"), (4, "93")), LATER + timedelta(days=12))
    assert (shown(store), listed(store)) == ([(2, "90"), (3, "91"), (4, "93")], [])


def test_an_early_close_that_was_taken_back_is_not_put_back_by_the_record(store: Store) -> None:
    put(store, series((3, "91"), standing=Standing.EARLY))
    decide.take_back(store, days(3), SOON)
    assert put(store, series((2, "90"), (3, "91")), LATER).held == 1
    assert shown(store) == [(2, "90")]
    decide.accept(store, days(3), LATER)
    with store.read() as connection:
        assert span(connection, KEY, march(3), march(3))[0].standing == Standing.FINAL


def test_what_was_taken_back_and_rejected_stays_out(store: Store) -> None:
    put(store, series((2, "90"), (3, "91")))
    decide.take_back(store, days(3), SOON)
    decide.reject(store, days(3), SOON)
    assert put(store, series((2, "90"), (3, "91")), LATER).held == 0
    assert shown(store) == [(2, "90")]


def test_decisions_survive_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ticker.db"
    store = open_store(url)
    put(store, series((2, "90"), (3, "400"), (4, "91")))
    decide.reject(store, days(3), SOON)
    decide.take_back(store, days(4), SOON)
    store.close()
    store = open_store(url)
    put(store, series((2, "90"), (3, "400"), (4, "91")), LATER)
    assert (shown(store), listed(store)) == ([(2, "90")], [(4, "91", "operator")])
    store.close()


def test_a_decision_about_nothing_says_so(store: Store) -> None:
    put(store, series((2, "90")))
    with pytest.raises(Undecidable, match=r"eia:RWTC 2026-03-03: no figure is held there\."):
        decide.accept(store, days(3), NOW)
    with pytest.raises(Undecidable, match=r"eia:RWTC 2026-03-02 to 2026-03-03: no figure is held there\."):
        decide.reject(store, days(2, 3), NOW)
    with pytest.raises(Undecidable, match=r"eia:RWTC 2026-03-03: no figure is shown there\."):
        decide.take_back(store, days(3), NOW)
    put(store, series((2, "90"), (3, "400")))
    decide.accept(store, days(3), NOW)
    for decision in (decide.accept, decide.reject):
        with pytest.raises(Undecidable, match="no figure is held there"):
            decision(store, days(3), NOW)


def test_decisions_are_in_the_log(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "ticker")
    put(store, series((2, "90"), (3, "400"), (4, "401")))
    decide.accept(store, days(3), SOON)
    decide.reject(store, days(4), SOON)
    decide.take_back(store, days(2), SOON)
    assert [r.getMessage() for r in caplog.records] == [
        "eia:RWTC 2026-03-03: 400 (jump) accepted by an operator; revision 2",
        "eia:RWTC 2026-03-04: 401 (jump) rejected by an operator",
        "eia:RWTC 2026-03-02: 90 (operator) taken back by an operator; revision 3",
    ]


def test_a_list_from_before_keeps_its_rules_and_moments(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ticker.db"
    config = Config()
    config.set_main_option("script_location", str(Path(ticker.store.__file__).with_name("migrations")))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for day, value, reason in (
            (1, "NULL", "changed after 60 days"),
            (2, "'9100'", "out of range"),
            (3, "0", "zero"),
        ):
            row = f"'eia:RWTC', '2026-03-0{day}', {value}, '{reason}', '2026-03-18 14:00:00.000000'"
            connection.exec_driver_sql(f"INSERT INTO held VALUES ({row})")
    engine.dispose()
    store = open_store(url)
    assert listed(store) == [(3, "0", "zero"), (2, "9100", "range"), (1, None, "late")]
    assert {(h.first_seen, h.last_seen, h.before) for h in read_held(store)} == {
        (at("2026-03-18T14:00"), at("2026-03-18T14:00"), None)
    }
    put(store, series((1, "90"), (4, "91")))
    assert listed(store) == []
    store.close()
