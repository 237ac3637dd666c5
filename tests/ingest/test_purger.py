"""Purging: asked once for each revision, after every web process has it; tried again, told once, and kept secret."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.conftest import at, free_port
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


@dataclass
class Cache:
    """The cache in front: what it was asked, and how it answers."""

    url: str
    status: int = 200
    silent: bool = False
    asked: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append((dict(self.headers), body))
            if found.silent:
                found.over.wait(30)
                return
            self.send_response(found.status)
            self.send_header("Location", f"{found.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Cache(f"http://127.0.0.1:{server.server_port}/purge/{CANARY}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    found.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def purger(store: Store, url: str, waits: list[int] | None = None, header: str = f"Fastly-Key: {CANARY}") -> Purger:
    noted = [] if waits is None else waits
    limits = Limits(connect=1, read=0.3, total=1)
    return Purger(url, header, store, lambda: read_revision(store), lambda: noted.append(1), limits)


def publish(store: Store, day: int) -> None:
    arrival = Arrival({"eia:RWTC": (Observation(date(2026, 3, day), Decimal("96.5"), Standing.FINAL),)})
    commit(store, arrival, lambda changes: [], NOW, FeedState("eia", "RWTC"), ("https://x/", Validators()))


def test_it_asks_once_for_each_revision_after_every_web_process_has_it(store: Store, cache: Cache) -> None:
    waits: list[int] = []
    found = purger(store, cache.url, waits)
    for day in (16, 16, 17):
        publish(store, day)
        found.look(NOW)
        found.look(NOW)
        assert len(waits) == len(cache.asked)
    assert len(cache.asked) == 2  # what changed nothing is no revision
    headers, body = cache.asked[0]
    assert (headers["Surrogate-Key"], headers["Fastly-Key"], body) == ("ticker", CANARY, {"tags": ["ticker"]})


def test_another_process_goes_on_where_the_last_one_was(store: Store, cache: Cache) -> None:
    publish(store, 16)
    purger(store, cache.url).look(NOW)
    purger(store, cache.url).look(NOW)
    assert len(cache.asked) == 1
    publish(store, 17)
    purger(store, cache.url).look(NOW)
    assert len(cache.asked) == 2


def test_without_a_header_none_is_sent(store: Store, cache: Cache) -> None:
    publish(store, 16)
    purger(store, cache.url, header="").look(NOW)
    assert "Fastly-Key" not in cache.asked[0][0]


@pytest.mark.parametrize("how", ["status", "redirect", "silent", "gone"])
def test_a_failure_is_tried_again_told_once_and_says_no_secret(
    how: str, store: Store, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ticker")
    cache.status, cache.silent = {"status": 503, "redirect": 302}.get(how, 200), how == "silent"
    found = purger(store, f"http://127.0.0.1:{free_port()}/{CANARY}" if how == "gone" else cache.url)
    publish(store, 16)
    looks = [NOW + timedelta(seconds=seconds) for seconds in (0, 5, 21, 40, 65)]
    for moment in looks:
        found.look(moment)
    assert len(cache.asked) == (0 if how == "gone" else 3)  # at once, after 20 seconds, and after 40 more
    cache.status, cache.silent, found.url = 200, False, cache.url
    found.look(NOW + timedelta(minutes=10))
    assert [r.event for r in caplog.records if hasattr(r, "event")] == ["purge.failing", "purge.answering"]
    assert CANARY not in caplog.text + repr(found)
    asked = len(cache.asked)
    found.look(NOW + timedelta(minutes=20))
    assert len(cache.asked) == asked


def test_it_never_rests_for_longer_than_the_cache_remembers(store: Store, cache: Cache) -> None:
    cache.status = 500
    found = purger(store, cache.url)
    publish(store, 16)
    moment = NOW
    for _ in range(12):
        found.look(moment)
        moment += timedelta(minutes=5)
    assert len(cache.asked) == 12


@pytest.mark.parametrize(
    ("said", "value"),
    [("fastly-key:abc", "fastly-key: abc"), ("Authorization: Bearer x y", "Authorization: Bearer x y")],
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
