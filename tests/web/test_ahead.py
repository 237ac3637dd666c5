"""What is asked for most is made before a new revision or phase is served: nobody waits for a new figure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest
from werkzeug.test import Client

from tests.web.conftest import Site, site_at
from ticker.errors import StoreError
from ticker.market.snapshot import Snapshot
from ticker.web import live as living
from ticker.web.app import cache_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOT = ["/w/list", "/w/list?lang=es", "/i/wti", "/v1/quotes"]


@pytest.fixture
def hot(site: Site) -> Site:
    for address in HOT * 3:
        assert site.get(address, Accept_Encoding="br").status_code == 200
    assert site.get("/w/strip").status_code == 200  # once only
    return site


@contextmanager
def through(site: Site, door: Callable[[WSGIApplication, str], None]) -> Iterator[None]:
    """Let `door` hear of everything that enters the application."""
    cache = cache_of(site.app)
    application = cache._app

    def entered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        door(application, f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        return application(environ, start_response)

    cache._app = entered
    yield
    cache._app = application


def from_the_cache(site: Site) -> dict[str, bytes]:
    """What is answered to who asks for what is hot; it fails where any of it has to be made."""
    with through(site, lambda application, address: pytest.fail(f"{address} was made")):
        return {address: brotli.decompress(site.get(address, Accept_Encoding="br").data) for address in HOT}


def made_anew(site: Site) -> dict[str, bytes]:
    """What the application answers to the same."""
    return {address: Client(cache_of(site.app)._app).get(address).data for address in HOT}


def prepare(site: Site) -> list[str]:
    """Let it look; what was made ahead."""
    made: list[str] = []
    with through(site, lambda application, address: made.append(address)):
        site.live.prepare(cache_of(site.app).ahead)
    return made


def test_a_new_figure_is_ready_before_it_is_served(hot: Site) -> None:
    assert prepare(hot) == []
    hot.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    assert len(prepare(hot)) == len(HOT)
    found = from_the_cache(hot)
    assert all(b"101.50" in body for body in found.values())
    assert found == made_anew(hot)
    assert "ticker_cache_made_ahead_total 4.0" in hot.get("/metrics").text


def test_until_it_is_ready_others_see_what_was(hot: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_READY", 600.0)  # however slow the machine is
    hot.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    seen: list[bool] = []

    def make(before: Snapshot, coming: Snapshot) -> Iterator[None]:
        for step in cache_of(hot.app).ahead(before, coming):
            other = threading.Thread(target=lambda: seen.append("101.50" in hot.get("/w/list").text))
            other.start()
            other.join()
            yield step

    hot.live.prepare(make)
    assert seen == [False] * len(HOT)
    assert "101.50" in hot.get("/w/list").text


def test_what_takes_too_long_is_served_before_it_is_ready(hot: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_READY", -1.0)
    hot.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    served: list[int] = []

    def make(before: Snapshot, coming: Snapshot) -> Iterator[None]:
        for step in cache_of(hot.app).ahead(before, coming):
            yield step
            assert hot.live._snapshot is not None
            served.append(hot.live._snapshot.revision - before.revision)

    hot.live.prepare(make)
    assert served == [1] * len(HOT)


def test_what_time_changes_is_ready_and_served_in_its_time(hot: Site) -> None:
    until, before = hot.live.snapshot().valid_until, from_the_cache(hot)
    hot.now = until - timedelta(seconds=1)
    assert len(prepare(hot)) == len(HOT)
    assert prepare(hot) == []
    assert from_the_cache(hot) == before == made_anew(hot)
    hot.now = until
    after = from_the_cache(hot)
    assert after == made_anew(hot)
    assert after["/v1/quotes"] != before["/v1/quotes"]


def test_a_new_figure_in_the_last_second_of_a_phase_is_not_lost(hot: Site) -> None:
    until = hot.live.snapshot().valid_until
    hot.now = until - timedelta(seconds=1)
    prepare(hot)
    hot.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    hot.now = until
    hot.look_again()
    assert "101.50" in hot.get("/w/list").text


def test_what_nobody_asks_for_any_more_is_forgotten(hot: Site) -> None:
    made: list[int] = []
    for n in range(4):
        hot.publish("eia:RWTC", date(2026, 4, 13), f"10{n}.5")
        made.append(len(prepare(hot)))
    assert made[0] == len(HOT)
    assert made[-1] == 0


def test_one_that_fails_is_not_kept_and_stops_nothing(hot: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.web.instruments.profile", lambda *said: 1 / 0)
    hot.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    assert len(prepare(hot)) == len(HOT)
    assert hot.get("/i/wti", Accept_Encoding="br").status_code == 500
    assert "101.50" in hot.get("/w/list").text


def test_a_store_that_is_out_is_told_and_served_from_memory(hot: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def out() -> int:
        raise StoreError("The database is away.")

    monkeypatch.setattr(hot.live, "_revision", out)
    assert prepare(hot) == []
    assert hot.live.store_error == "The database is away."
    assert hot.get("/w/list").status_code == 200
    monkeypatch.undo()
    hot.look_again()
    prepare(hot)
    assert hot.live.store_error is None


def test_another_database_at_a_lower_revision_is_served_too(hot: Site, tmp_path: Path) -> None:
    for n in range(3):
        hot.publish("eia:RWTC", date(2026, 4, 13), f"10{n}.5")
        prepare(hot)
    assert "102.50" in hot.get("/w/list").text
    (tmp_path / "other").mkdir()
    other = site_at(tmp_path / "other", hot.now)
    assert other.parts.revision() < hot.live.snapshot().revision
    hot.live._revision, hot.live._hold = other.parts.revision, other.parts.holding
    prepare(hot)
    assert "98.34" in hot.get("/w/list").text
    assert hot.live.snapshot().revision == other.parts.revision()
    other.parts.store.close()
