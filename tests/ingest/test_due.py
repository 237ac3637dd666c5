"""When to look: at publications, again until they have arrived, and not otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.conftest import at
from ticker.ingest.due import next_look
from ticker.sources import ecb, eia
from ticker.store.feeds import FeedState

CODES = frozenset({"GBP"})
GOOD = FeedState("ecb", "rates", codes=CODES)
JITTER = timedelta(seconds=60)
WED, THU = date(2026, 3, 18), date(2026, 3, 19)


def look(checked: str | None, now: str, newest: date | None = WED, state: FeedState = GOOD) -> datetime:
    state = replace(state, checked_at=at(checked) if checked else None)
    return next_look(ecb.SCHEDULE, state, newest, CODES, at(now), JITTER)


def test_what_was_never_looked_at_is_due_now() -> None:
    assert look(None, "2026-03-19T09:00", newest=None) == at("2026-03-19T09:00")


def test_a_new_instrument_needs_its_history_now() -> None:
    state = replace(GOOD, codes=frozenset({"USD"}))
    assert look("2026-03-19T08:00", "2026-03-19T09:00", state=state) == at("2026-03-19T09:00")


def test_nothing_is_due_until_the_next_publication_and_the_jitter() -> None:
    assert look("2026-03-18T15:01", "2026-03-19T09:00") == at("2026-03-19T15:01")
    assert look("2026-03-18T15:01", "2026-03-19T15:00:30") == at("2026-03-19T15:01")


def test_a_publication_that_has_not_arrived_is_looked_for_at_growing_distances() -> None:
    now, looks = at("2026-03-19T15:00"), []
    checked = at("2026-03-18T15:01")
    while (due := next_look(ecb.SCHEDULE, replace(GOOD, checked_at=checked), WED, CODES, now, JITTER)) < at(
        "2026-03-20T15:00"
    ):
        now = checked = due
        looks.append(due)
    looks.remove(at("2026-03-19T16:31"))  # once it is overdue
    gaps = [b - a for a, b in pairwise(looks)]
    assert looks[0] == at("2026-03-19T15:01")
    assert gaps[0] == timedelta(minutes=10)
    assert gaps == sorted(gaps)
    assert gaps[-1] == timedelta(hours=4)
    assert len(looks) <= 14


def test_a_weekend_and_a_holiday_ask_for_nothing() -> None:
    friday = date(2026, 4, 2)
    assert look("2026-04-02T14:01", "2026-04-03T14:30", newest=friday) == at(
        "2026-04-07T14:01"
    )  # Good Friday to Easter Monday


def test_failures_back_off_and_the_source_may_say_when() -> None:
    failed = replace(GOOD, failures=1)
    assert look("2026-03-19T15:01", "2026-03-19T15:02", state=failed) == at("2026-03-19T15:06")
    assert look("2026-03-19T15:01", "2026-03-19T15:02", state=replace(failed, failures=3)) == at("2026-03-19T15:21")
    assert look("2026-03-19T15:01", "2026-03-19T15:02", state=replace(failed, failures=500)) == at("2026-03-19T17:01")
    told = replace(failed, retry_at=at("2026-03-19T18:00"))
    assert look("2026-03-19T15:01", "2026-03-19T15:02", state=told) == at("2026-03-19T18:00")


def test_a_clock_that_was_set_back_does_not_stop_the_looking() -> None:
    assert look("2027-01-01T00:00", "2026-03-19T09:00") == at("2026-03-19T09:00")


@pytest.mark.parametrize(("said", "due"), [("2026-03-24", "2026-03-24T15:01"), ("2026-03-30", "2026-03-25T15:01")])
def test_the_publishers_own_word_adds_a_look_and_cancels_none(said: str, due: str) -> None:
    schedule = next(feed for feed in eia.SOURCE.feeds if feed.key == "RWTC").schedule
    state = FeedState(
        "eia", "RWTC", checked_at=at("2026-03-18T15:01"), codes=CODES, next_release=date.fromisoformat(said)
    )
    assert next_look(schedule, state, date(2026, 3, 16), CODES, at("2026-03-19T09:00"), JITTER) == at(due)
