"""Answers that are none, and answers that say "nothing new": what is kept, what is asked next, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import FILLED_AT, Replay, at
from ticker.ingest.refresh import lines, when
from ticker.ingest.refresher import Refresher
from ticker.store.feeds import FeedState, Validators, read_feed, read_validators
from ticker.store.figures import read_revision

pytestmark = pytest.mark.replay

BLOCKED = b"<!DOCTYPE html><html><head><title>Request Rejected</title></head></html>"


def rates(refresher: Refresher) -> FeedState:
    return read_feed(refresher.store, "ecb", "rates")


def next_look(refresher: Refresher, now: datetime) -> datetime:
    line = next(line for line in lines(refresher.catalog, refresher.sources) if line.name == "ecb:rates")
    return when(refresher.store, line, now, timedelta(0))


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html200"},
        {"kind": "status", "status": 200, "body": "Exceeded the daily hits limit"},
        {"kind": "status", "status": 200, "body": '{"Information": "please pay"}'},
        {"kind": "status", "status": 200, "body": "/*{...}*/", "headers": {"Content-Type": "text/xml"}},
    ],
    ids=["html", "limit", "information", "comment"],
)
def test_trap_33_an_error_dressed_as_success_changes_nothing_and_is_called_what_it_is(
    filled: Refresher, replay: Replay, fault: dict[str, Any]
) -> None:
    replay.now = at("2026-03-18T16:00")
    revision = read_revision(filled.store)
    replay.fault(match="ecb", **fault)
    filled.once(everything=False, only="ecb")
    state = rates(filled)
    assert (read_revision(filled.store), state.failures) == (revision, 1)
    assert (state.error or "").startswith("source sent something else: ")
    assert state.accepted_at is not None
    assert state.accepted_at < replay.now


def test_trap_34_an_answer_with_nothing_in_it_withdraws_nothing(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    revision = read_revision(filled.store)
    replay.fault(match="", kind="empty")
    results = filled.once(everything=True)
    assert all(result.error for result in results)
    assert read_revision(filled.store) == revision


def test_trap_38_a_source_that_asks_for_patience_is_not_asked_before(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    replay.fault(match="ecb", kind="status", status=429, headers={"Retry-After": "5400"})
    filled.once(everything=False, only="ecb")
    replay.clear()
    assert next_look(filled, replay.now) == at("2026-03-18T17:30")
    replay.now = at("2026-03-18T17:29")
    assert filled.once(everything=False, only="ecb") == []
    replay.now = at("2026-03-18T17:30")
    assert [result.error for result in filled.once(everything=False, only="ecb")] == [None]
    assert rates(filled).retry_at is None


def test_trap_38_failures_back_off_and_keep_what_was_good(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    revision, pauses = read_revision(filled.store), []
    replay.fault(match="ecb", kind="status", status=403)
    for _ in range(7):
        filled.once(everything=False, only="ecb")
        pauses.append(int((next_look(filled, replay.now) - replay.now).total_seconds() / 60))
        replay.now += timedelta(minutes=pauses[-1])
    assert pauses == [5, 10, 20, 40, 80, 120, 120]
    assert read_revision(filled.store) == revision


def test_trap_39_a_304_says_when_we_looked_and_nothing_of_the_figures(filled: Refresher, replay: Replay) -> None:
    before, revision = rates(filled), read_revision(filled.store)
    replay.now = FILLED_AT + timedelta(hours=1)
    filled.once(everything=True, only="ecb")
    replay.now += timedelta(hours=1)
    replay.clear()
    filled.once(everything=True, only="ecb")
    assert [seen["status"] for seen in replay.log] == [304]
    after = rates(filled)
    assert (after.checked_at, after.accepted_at) == (replay.now, replay.now)
    assert before.checked_at is not None
    assert before.checked_at < replay.now
    assert (after.whole_at, read_revision(filled.store)) == (before.whole_at, revision)


def test_trap_39_the_validators_of_a_body_that_was_refused_are_never_sent(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    bad = {"ETag": '"bad"', "Last-Modified": "Wed, 18 Mar 2026 15:30:00 GMT"}
    replay.fault(match="ecb", kind="status", status=200, headers=bad, body=BLOCKED.decode())
    filled.once(everything=False, only="ecb")
    replay.clear()
    replay.now += timedelta(minutes=10)
    filled.once(everything=False, only="ecb")
    sent = [seen["sent"] for seen in replay.log]
    assert sent
    assert not [headers for headers in sent if "If-None-Match" in headers or "If-Modified-Since" in headers]
    assert rates(filled).failures == 0


def test_trap_39_nor_those_of_a_body_of_which_something_was_held_back(filled: Refresher, replay: Replay) -> None:
    replay.now = at("2026-03-18T16:00")
    replay.fault(match="ecb", kind="x100", code="GBP")
    filled.once(everything=False, only="ecb")
    asked = f"https://www.ecb.europa.eu{replay.log[-1]['path']}"
    assert read_validators(filled.store, asked) == Validators()
    replay.clear()
    filled.once(everything=True, only="ecb")
    assert read_validators(filled.store, asked) != Validators()
