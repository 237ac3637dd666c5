"""`/status` and `/v1/sources`: how sources and figures stand, in words and as data, with a store and without."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import at
from tests.web.conftest import Site, app_of, watch_of
from ticker.market.observation import Observation
from ticker.market.rules import RANGE
from ticker.render import state
from ticker.render.status import status
from ticker.store import lease
from ticker.store.commit import Arrival, commit
from ticker.store.desk import Hold
from ticker.store.engine import open_store
from ticker.store.feeds import FeedState, Validators, read_feed, record
from ticker.web.board import Board


def words(site: Site) -> str:
    """What the page says, without its tags, from an application that has not looked at the store this second."""
    answer = _fresh(site).get("/status")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def told(site: Site) -> dict[str, Any]:
    answer = _fresh(site).get("/v1/sources")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def _fresh(site: Site) -> Site:
    return Site(site.parts, app_of("https://ticker.example", site.live, site.parts), site.live, site.now)


def file_of(site: Site) -> Path:
    return Path(site.parts.settings.database_url.removeprefix("sqlite:///"))


def feed_of(found: dict[str, Any], source: str, key: str) -> dict[str, Any]:
    feeds = next(s["feeds"] for s in found["sources"] if s["key"] == source)
    feed: dict[str, Any] = next(f for f in feeds if f["key"] == key)
    return feed


def test_where_all_is_well_each_figure_has_its_day_and_its_next(site: Site) -> None:
    said = words(site)
    assert "11 of 19 instruments are current. Without figures: US dollar in Japanese yen, " in said
    assert "As of 13 Apr, next due 14 Apr, 14:00 UTC." in said
    assert "The database can be read and written." in said
    assert "Nobody is in charge of refreshing it." in said
    assert "Never asked yet." in said  # the seed needs no source
    assert "No figure is held back." in said


def test_a_late_figure_says_since_when_and_how_many_were_missed(site: Site) -> None:
    site.now = at("2026-04-14T15:30")
    assert "As of 13 Apr, late since 14 Apr, 15:30 UTC." in words(site)
    site.now = at("2026-04-17T15:30")
    said = words(site)
    assert "As of 13 Apr, late since 14 Apr, 15:30 UTC, 4 publications missed." in said
    assert "Late by two publications or more: " in said
    gbp = next(i for i in told(site)["instruments"] if i["key"] == "gbpusd")
    assert (gbp["freshness"], gbp["missed"], gbp["late_since"]) == ("stale", 4, "2026-04-14T15:30:00Z")
    assert gbp["next_due"] == "2026-04-20T14:00:00Z"


def test_a_source_that_fails_has_failed_since_its_first_failure_in_a_row(site: Site) -> None:
    store, first = site.parts.store, site.now - timedelta(hours=2)
    known = FeedState("ecb", "rates").succeeded(first - timedelta(hours=1)).failed(first, "source refused it: x", None)
    known = known.failed(site.now, "source not answering: www.ecb.europa.eu: no answer in time", None)
    record(store, known)
    assert read_feed(store, "ecb", "rates").failing_since == first
    said = words(site)
    assert "Source not answering since 13 Apr, 16:00 UTC." in said
    assert "no answer in time" not in said  # the cause is for the log
    feed = feed_of(told(site), "ecb", "rates")
    assert (feed["error"], feed["failing_since"]) == ("source not answering", "2026-04-13T16:00:00Z")
    assert (feed["failures"], feed["last_success"]) == (2, "2026-04-13T15:00:00Z")
    assert (feed["last_attempt"], feed["next_look"]) == ("2026-04-13T18:00:00Z", "2026-04-13T18:10:00Z")
    record(store, known.succeeded(site.now))
    assert feed_of(told(site), "ecb", "rates")["failing_since"] is None


def test_a_late_figure_names_the_source_that_does_not_answer(site: Site) -> None:
    site.now = at("2026-04-14T15:30")
    record(site.parts.store, FeedState("ecb", "rates").failed(at("2026-04-14T14:02"), "source not answering: x", None))
    expected = "As of 13 Apr, late since 14 Apr, 15:30 UTC; source not answering since 14 Apr, 14:02 UTC."
    assert words(site).count(expected) == sum(
        q.link.source == "ecb" and bool(q.latest) for q in site.live.snapshot().quotes
    )


def test_what_a_source_sent_never_reaches_the_page(site: Site) -> None:
    record(site.parts.store, FeedState("ecb", "rates").failed(site.now, "<script>api_key=CANARY</script>", None))
    for text in (words(site), json.dumps(told(site))):
        assert "CANARY" not in text
        assert "script>" not in text
    assert feed_of(told(site), "ecb", "rates")["error"] == "source failed"


def test_a_source_that_asked_for_quiet_is_told_with_its_moment(site: Site) -> None:
    until = site.now + timedelta(hours=3)
    record(site.parts.store, FeedState("ecb", "rates").failed(site.now, "source refused the request: 429", until))
    assert "The source asked to be left alone until 13 Apr, 21:00 UTC." in words(site)
    assert feed_of(told(site), "ecb", "rates")["wait_until"] == "2026-04-13T21:00:00Z"
    site.now = until
    assert feed_of(told(site), "ecb", "rates")["wait_until"] is None


def test_a_document_that_lacks_a_series_names_it(site: Site) -> None:
    record(site.parts.store, replace(FeedState("ecb", "rates").succeeded(site.now), error="not in it: BRL, MXN"))
    assert "Its last document has no BRL, MXN." in words(site)
    feed = feed_of(told(site), "ecb", "rates")
    assert (feed["missing_series"], feed["error"]) == (["BRL", "MXN"], None)


def test_many_missed_publications_are_not_counted(site: Site) -> None:
    site.pass_time(days=120)
    assert "25 publications or more missed." in words(site)


def test_what_is_held_back_stands_there_with_its_reason(site: Site) -> None:
    arrival = Arrival(
        {"ecb:GBP": (Observation(date(2026, 4, 13), Decimal("0.8702")),)},
        [Hold("ecb:GBP", date(2026, 4, 14), Decimal("87.02"), RANGE, Decimal("0.8702"))],
    )
    accepted = ("https://x/", Validators())
    commit(site.parts.store, arrival, lambda changes: [], site.now, FeedState("ecb", "rates"), accepted)
    assert "ecb:GBP, 14 April: 87.02 is outside the values that this series can have." in words(site)
    assert "Before: 0.8702. Held since 13 Apr, 18:00 UTC." in words(site)
    found = told(site)
    assert found["held"] == [
        {
            "series": "ecb:GBP",
            "day": "2026-04-14",
            "value": "87.02",
            "before": "0.8702",
            "rule": "range",
            "reason": "is outside the values that this series can have",
            "seen_at": "2026-04-13T18:00:00Z",
        }
    ]
    assert feed_of(found, "ecb", "rates")["held"] == 1


def test_a_feed_names_the_instruments_it_feeds_and_an_instrument_the_entry_it_is_on(site: Site) -> None:
    found = told(site)
    assert feed_of(found, "eia", "RWTC")["instruments"] == ["wti"]
    assert "gbpusd" in feed_of(found, "ecb", "rates")["instruments"]
    wti = found["instruments"][0]
    assert (wti["in_use"]["source"], wti["in_use"]["series"], wti["in_use"]["entry"]) == ("eia", ["RWTC"], 1)


def test_who_refreshes_is_named_until_the_lease_ends(site: Site) -> None:
    lease.take(site.parts.store, lease.REFRESHER, "web1:42", site.now, timedelta(seconds=90))
    assert "web1:42 refreshes it, with a lease until 13 Apr, 18:01 UTC." in words(site)
    assert told(site)["store"]["refresher"] == {"holder": "web1:42", "until": "2026-04-13T18:01:30Z"}
    site.now += timedelta(seconds=90)
    assert told(site)["store"]["refresher"] is None


def test_without_its_database_it_tells_what_it_remembers_and_when_that_was(site: Site) -> None:
    board = Board(site.live, watch_of(site.parts))
    before = state.sources(board.condition())
    file_of(site).unlink()
    site.pass_time(hours=1)
    board._seen._looked = -1.0
    page = status(board.condition())
    assert page.store[0] == "The database cannot be read; the log says why."
    assert page.store[1] == "What follows is from memory, as it was on 13 Apr, 18:00 UTC."
    assert page.instruments[0].words.startswith("As of ")
    found = state.sources(board.condition())
    assert (found["store"]["readable"], found["store"]["writable"]) == (False, False)
    assert found["store"]["read_at"] == before["at"] == "2026-04-13T18:00:00Z"
    assert [s["key"] for s in found["sources"]] == [s["key"] for s in before["sources"]]


def test_a_process_that_has_never_read_its_database_says_so(site: Site) -> None:
    file_of(site).unlink()
    said = words(site)
    assert "This process has not read it since it started." in said
    assert "Nothing has been read from the database yet." in said
    found = told(site)
    assert (found["sources"], found["instruments"], found["held"]) == ([], [], [])


def test_a_database_that_can_only_be_read_is_told(site: Site) -> None:
    site.parts.store.close()
    site.parts = replace(site.parts, store=open_store(site.parts.settings.database_url, wait=0.0))
    other = sqlite3.connect(file_of(site), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "The database can be read, but not written." in words(site)
    assert told(site)["store"] | {"writable": False, "readable": True} == told(site)["store"]
    other.execute("ROLLBACK")
    assert lease.take(site.parts.store, lease.REFRESHER, "here:1", site.now, timedelta(hours=1))
    other.execute("BEGIN IMMEDIATE")  # a refresher that is in charge, and has much to write
    site.pass_time(minutes=1)
    assert told(site)["store"]["writable"] is True
    other.close()


@pytest.mark.parametrize("address", ["/v1/sources?x=1", "/v1/sources?i=wti"])
def test_a_parameter_it_does_not_know_is_a_problem(site: Site, address: str) -> None:
    answer = site.get(address)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
