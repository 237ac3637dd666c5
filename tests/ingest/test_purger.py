"""Purging: asked once for each revision, after every web process has it; tried again, told once, and kept secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conftest import at, free_port
from tests.ingest.listener import Listener, listening
from ticker import config
from ticker.errors import ConfigError
from ticker.ingest.client import Limits
from ticker.ingest.purger import Purger
from ticker.market.observation import Observation, Standing
from ticker.store.commit import Arrival, commit
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators
from ticker.store.figures import read_revision

NOW = at("2026-03-18T17:00")
CANARY = "canary-secret"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The cache in front."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with listening(f"/purge/{CANARY}") as found:
        yield found


def purger(store: Store, url: str, waits: list[int] | None = None, header: str = f"Fastly-Key: {CANARY}") -> Purger:
    noted = [] if waits is None else waits
    limits = Limits(connect=1, read=0.3, total=1)
    return Purger(url, header, store, lambda: read_revision(store), lambda: noted.append(1), limits)


def publish(store: Store, day: int) -> None:
    arrival = Arrival({"eia:RWTC": (Observation(date(2026, 3, day), Decimal("96.5"), Standing.FINAL),)})
    commit(store, arrival, lambda changes: [], NOW, FeedState("eia", "RWTC"), ("https://x/", Validators()))


def test_it_asks_once_for_each_revision_after_every_web_process_has_it(store: Store, cache: Listener) -> None:
    waits: list[int] = []
    found = purger(store, cache.url, waits)
    for day in (16, 16, 17):
        publish(store, day)
        found.look(NOW)
        found.look(NOW)
        assert len(waits) == len(cache.taken)
    assert len(cache.taken) == 2  # what changed nothing is no revision
    headers, body = cache.said[0], cache.taken[0]
    assert (headers["Surrogate-Key"], headers["Fastly-Key"], body) == ("ticker", CANARY, {"tags": ["ticker"]})


def test_another_process_goes_on_where_the_last_one_was(store: Store, cache: Listener) -> None:
    publish(store, 16)
    purger(store, cache.url).look(NOW)
    purger(store, cache.url).look(NOW)
    assert len(cache.taken) == 1
    publish(store, 17)
    purger(store, cache.url).look(NOW)
    assert len(cache.taken) == 2


def test_without_a_header_none_is_sent(store: Store, cache: Listener) -> None:
    publish(store, 16)
    purger(store, cache.url, header="").look(NOW)
    assert "Fastly-Key" not in cache.said[0]


@pytest.mark.parametrize("how", ["status", "redirect", "silent", "gone"])
def test_a_failure_is_tried_again_told_once_and_says_no_secret(
    how: str, store: Store, cache: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ticker")
    cache.headers = {"Location": f"{cache.url}/elsewhere"}
    cache.status, cache.silent = {"status": 503, "redirect": 302}.get(how, 200), how == "silent"
    found = purger(store, f"http://127.0.0.1:{free_port()}/{CANARY}" if how == "gone" else cache.url)
    publish(store, 16)
    looks = [NOW + timedelta(seconds=seconds) for seconds in (0, 5, 21, 40, 65)]
    for moment in looks:
        found.look(moment)
    assert len(cache.taken) == (0 if how == "gone" else 3)  # at once, after 20 seconds, and after 40 more
    cache.status, cache.silent, found.url = 200, False, cache.url
    found.look(NOW + timedelta(minutes=10))
    assert [r.event for r in caplog.records if hasattr(r, "event")] == ["purge.failing", "purge.answering"]
    assert CANARY not in caplog.text + repr(found)
    asked = len(cache.taken)
    found.look(NOW + timedelta(minutes=20))
    assert len(cache.taken) == asked


def test_it_never_rests_for_longer_than_the_cache_remembers(store: Store, cache: Listener) -> None:
    cache.status = 500
    found = purger(store, cache.url)
    publish(store, 16)
    moment = NOW
    for _ in range(12):
        found.look(moment)
        moment += timedelta(minutes=5)
    assert len(cache.taken) == 12


@pytest.mark.parametrize(
    ("said", "value"),
    [("fastly-key:abc", "fastly-key: abc"), ("X-Token: Bearer x y", "X-Token: Bearer x y")],
)
def test_a_header_of_the_settings(said: str, value: str) -> None:
    found = config.load({"TICKER_PURGE_HEADER": said})
    assert found.purge_header == value
    assert found.secrets == (value.partition(": ")[2],)
    assert value not in repr(found)


@pytest.mark.parametrize("said", ["abc", ": x", "Key:", "A B: c", f"Key: {CANARY}\r\nX: y", "Key: \xe9"])
def test_a_header_that_is_none_is_refused_without_its_text(said: str) -> None:
    with pytest.raises(ConfigError, match=r"^TICKER_PURGE_HEADER=\*\*\*: must be a header") as wrong:
        config.load({"TICKER_PURGE_HEADER": said})
    assert CANARY not in str(wrong.value)
