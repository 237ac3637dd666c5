"""The client against the replay's faults, and a local server's: every one is an error with a cause, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import Replay, at
from ticker.errors import Malformed, Refused, SourceError, TooLarge, Unreachable
from ticker.ingest.client import Client, Limits
from ticker.sources import ecb
from ticker.sources.source import Request
from ticker.store.feeds import Validators

pytestmark = pytest.mark.replay
NOW = at("2026-03-19T14:00")
NONE = Validators()


@pytest.fixture
def client(replay: Replay) -> Iterator[Client]:
    replay.now = NOW
    opened = Client("desk@news.example", Limits(connect=10, read=30, total=60))
    yield opened
    opened.close()


@pytest.fixture
def impatient(client: Client) -> Iterator[Client]:
    opened = Client("desk@news.example", Limits(connect=5, read=6, total=8))
    yield opened
    opened.close()


def fails(
    client: Client, kind: type[SourceError], request: Request = ecb.DAILY, held: Validators = NONE
) -> SourceError:
    with pytest.raises(kind) as caught:
        client.fetch(request, held, NOW)
    return caught.value


def test_it_says_who_asks_and_what_it_takes(client: Client, replay: Replay) -> None:
    answer = client.fetch(ecb.DAILY, NONE, NOW)
    assert answer.body is not None
    assert b"gesmes:Envelope" in answer.body
    sent = replay.log[-1]["sent"]
    assert "Ticker/" in sent["User-Agent"]
    assert "desk@news.example" in sent["User-Agent"]
    assert sent["Accept"] == ecb.DAILY.accept


def test_trap_39_it_asks_whether_anything_changed(client: Client, replay: Replay) -> None:
    first = client.fetch(ecb.DAILY, NONE, NOW)
    assert first.validators.last_modified
    again = client.fetch(ecb.DAILY, first.validators, NOW)
    assert (again.body, again.validators) == (None, first.validators)
    assert replay.log[-1]["status"] == 304


def test_trap_39_a_304_that_nobody_asked_for_is_an_error(client: Client, replay: Replay) -> None:
    replay.fault(kind="status", status=304)
    assert "304" in str(fails(client, Refused))


@pytest.mark.parametrize("kind", ["refuse", "badtls", "truncated"])
def test_no_whole_answer(client: Client, replay: Replay, kind: str) -> None:
    replay.fault(kind=kind)
    assert str(fails(client, Unreachable)).startswith("www.ecb.europa.eu: ")


@pytest.mark.parametrize(("kind", "most"), [("hang", 20), ("slow", 25)])
def test_trap_35_no_answer_lasts_beyond_its_deadline(impatient: Client, replay: Replay, kind: str, most: int) -> None:
    replay.fault(kind=kind, seconds=0.4 if kind == "slow" else 60)
    begun = time.monotonic()
    fails(impatient, Unreachable)
    assert time.monotonic() - begun < most  # a bound on hanging for ever, not a measurement


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_trap_38_an_error_status_is_no_answer(client: Client, replay: Replay, status: int) -> None:
    replay.fault(kind="status", status=status, body="<html>no")
    wrong = fails(client, Refused)
    assert str(status) in str(wrong)
    assert wrong.retry_at is None


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Thu, 19 Mar 2026 15:00:00 GMT", timedelta(hours=1)),
        ("999999999", timedelta(days=1)),
        ("Thu, 19 Mar 2020 15:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
    ],
)
def test_trap_38_when_to_come_back(client: Client, replay: Replay, said: str, wait: timedelta | None) -> None:
    replay.fault(kind="status", status=429, headers={"Retry-After": said})
    assert fails(client, Refused).retry_at == (None if wait is None else NOW + wait)


def test_trap_36_a_redirect_to_another_host_is_refused(client: Client, replay: Replay) -> None:
    replay.fault(kind="redirect", to="https://login.example/blocked")
    assert "login.example" in str(fails(client, Refused))
    assert all(seen["host"] == "www.ecb.europa.eu" for seen in replay.log)


@pytest.mark.parametrize("to", ["http://www.ecb.europa.eu/x", "https://www.ecb.europa.eu:8443/x", "file:///etc/passwd"])
def test_trap_36_a_redirect_off_https_or_to_another_port_is_refused(client: Client, replay: Replay, to: str) -> None:
    replay.fault(kind="redirect", to=to)
    assert "another address" in str(fails(client, Refused))


def test_trap_36_redirects_on_the_same_host_are_followed_three_times(client: Client, replay: Replay) -> None:
    replay.fault(kind="redirect", to="/stats/eurofxref/eurofxref-daily.xml", times=3)
    assert client.fetch(ecb.DAILY, NONE, NOW).body
    replay.fault(kind="redirect", to="/stats/eurofxref/eurofxref-daily.xml", times=4)
    assert "more than 3 times" in str(fails(client, Refused))


@pytest.mark.parametrize("kind", ["huge", "bomb"])
def test_what_is_too_large_is_dropped_early(client: Client, replay: Replay, kind: str) -> None:
    replay.fault(kind=kind, megabytes=64)
    fails(client, TooLarge)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_codings_that_are_not_what_they_say(client: Client, replay: Replay, coding: str) -> None:
    replay.fault(kind="status", status=200, headers={"Content-Encoding": coding}, body="neither of them")
    fails(client, Malformed)


def test_no_cookie_is_ever_sent_back(client: Client, replay: Replay) -> None:
    replay.fault(kind="status", status=200, headers={"Set-Cookie": "id=1; Path=/"}, body="x")
    client.fetch(ecb.DAILY, NONE, NOW)
    assert not client._session.cookies
