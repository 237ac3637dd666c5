"""What the log says over time: little while all is well, once what goes wrong, and once that it ended."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import Replay, at
from tests.ingest.watching import walk, watching
from ticker.errors import StoreError
from ticker.ingest.delivery import Undelivered
from ticker.ingest.refresh import lines, refresh
from ticker.ingest.refresher import Refresher
from ticker.ingest.trouble import Trouble
from ticker.ingest.watcher import tell_log
from ticker.sources import SOURCES

pytestmark = pytest.mark.replay


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [getattr(record, "event", record.message) for record in caplog.records if record.name.startswith("ticker")]


@pytest.mark.slow
def test_a_quiet_week_is_a_line_for_each_document_with_new_figures(
    filled: Refresher, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    refresher = watching(filled, "log", tell_log)
    for _ in walk(refresher, replay, at("2026-03-24T22:00"), timedelta(hours=4)):
        pass
    assert set(events(caplog)) == {"figures.changed"}
    assert len(events(caplog)) <= 4 + 5 + 5 + 5  # workbooks, morning pages, the ECB's days; and some to spare


@pytest.mark.slow
def test_five_hundred_failures_are_one_line_and_their_end_another(
    filled: Refresher, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    refresher = watching(filled, "log", tell_log)
    [line] = lines(refresher.catalog, [SOURCES["ecb"]])
    of_the_ecb = sum(i.chain[0].source == "ecb" for i in refresher.catalog.instruments)
    replay.fault(match="www.ecb.europa.eu", kind="refuse")
    client, now = refresher.connect(), replay.now
    for n in range(500):
        now += timedelta(minutes=2)
        assert refresh(refresher.store, client, refresher.catalog, line, now).error
        if n % 50 == 49:
            refresher.watchers[0].look(now)
    said = Counter(events(caplog))
    assert said == {"source.failing": 1, "source.failing_long": 1}
    replay.now = at("2026-03-18T17:00")
    refresher.once(everything=False, only="eia")
    assert (Counter(events(caplog)) - said)["instrument.late"] == of_the_ecb
    replay.clear()
    caplog.clear()
    assert refresh(refresher.store, client, refresher.catalog, line, replay.now).outcome
    client.close()
    refresher.watchers[0].look(replay.now)
    assert Counter(events(caplog)) == {
        "source.answering": 1,
        "figures.changed": 1,
        "instrument.recovered": of_the_ecb,
        "source.recovered": 1,
    }


def test_after_a_start_nothing_is_said_again(
    filled: Refresher, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    replay.fault(kind="refuse")
    replay.now = at("2026-03-18T17:00")
    for _ in range(3):
        watching(filled, "log", tell_log).once(everything=False)  # a new one each time, as after a start
        replay.now += timedelta(minutes=10)
    assert set(events(caplog)) == {"source.failing", "instrument.late"}
    assert len(events(caplog)) == len({r.message for r in caplog.records if r.name.startswith("ticker")})


def test_old_figures_alarm_nobody_before_the_sources_were_asked(filled: Refresher, replay: Replay) -> None:
    told: list[Any] = []
    watcher = watching(filled, "x", lambda found, now: told.extend(found)).watchers[0]
    replay.now = at("2026-03-31T12:00")  # it was off for two weeks
    for minutes in (0, 2, 4):
        watcher.look(replay.now + timedelta(minutes=minutes))
    assert told == []
    filled.once(everything=False)
    watcher.look(replay.now + timedelta(minutes=4))
    assert told == []


def test_what_is_due_and_never_comes_alarms_after_five_minutes(filled: Refresher, replay: Replay) -> None:
    told: list[Any] = []
    watcher = watching(filled, "x", lambda found, now: told.extend(found)).watchers[0]
    replay.now = at("2026-03-31T12:00")
    watcher.look(replay.now)
    watcher.look(replay.now + timedelta(minutes=5))
    assert {fields["event"] for fields in told} == {"instrument.late", "instrument.stale"}


def test_what_is_not_heard_is_told_later_and_ever_less_often(
    filled: Refresher, replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tried, deaf = [], True

    def tell(found: list[Any], now: Any) -> None:
        tried.append(now)
        if deaf:
            raise Undelivered("The webhook does not answer.")

    watcher = watching(filled, "x", tell).watchers[0]
    start = now = at("2026-04-01T12:00")
    while now < start + timedelta(hours=6):
        watcher.look(now)
        now += timedelta(seconds=20)
    pauses = [(b - a).total_seconds() for a, b in pairwise(tried)]
    assert pauses == [20, 40, 80, 160, 320, 640, 1280, 2560, *[3600] * (len(pauses) - 8)]
    assert events(caplog) == ["x.failing"]
    deaf = False
    watcher.look(now + timedelta(hours=1))
    watcher.look(now + timedelta(hours=2))
    assert events(caplog) == ["x.failing", "x.answering"]
    assert tried[-1] == now + timedelta(hours=1)


def test_a_loop_says_what_is_wrong_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trouble = Trouble("lease")
    for _ in range(500):
        trouble.met(StoreError("The database is locked."))
    trouble.met(StoreError("The database is gone."))
    trouble.met(ValueError("a mistake"))
    trouble.over()
    trouble.over()
    assert events(caplog) == ["refresher.failing"] * 3 + ["refresher.recovered"]
    assert "mistake" in (caplog.records[2].exc_text or str(caplog.records[2].exc_info))
