"""While the database is out: what is served from memory, and what `/readyz` says of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.web.conftest import Site
from ticker.errors import StoreBusy
from ticker.store import lease
from ticker.store.engine import Store


def said(site: Site) -> dict[str, object]:
    site.look_again()
    answer = site.get("/readyz")
    assert answer.status_code == 200
    found: dict[str, object] = json.loads(answer.text)
    return found


@contextmanager
def gone(site: Site) -> Iterator[None]:
    """The database's file is away, and comes back."""
    file = Path(site.parts.store._engine.url.database or "")
    site.parts.store.close()
    file.rename(file.with_suffix(".away"))
    site.look_again()
    yield
    file.with_suffix(".away").rename(file)
    site.look_again()


@pytest.mark.parametrize("path", ["/w/list", "/w/strip", "/w/card?i=wti", "/w/inline?i=wti", "/", "/v1/quotes"])
def test_widgets_pages_and_data_go_on(site: Site, path: str) -> None:
    before = site.get(path).text
    with gone(site):
        answer = site.get(path)
        assert (answer.status_code, answer.text) == (200, before)
        site.pass_time(hours=1)
        assert site.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/w/chart?range=5y", "/embed/chart", "/i/wti", "/v1/history/wti", "/img/chart.svg"])
def test_charts_are_drawn_from_the_line_that_was_read_last(site: Site, path: str) -> None:
    site.get(path)
    site.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    site.look_again()
    site.live.snapshot()  # the newest figure is known, its line has not been read
    with gone(site):
        assert site.get(path).status_code == 200
        history = json.loads(site.get("/v1/history/wti?from=2026-04-10").text) if "history" in path else None
    if history:
        assert history["observations"][-1] == ["2026-04-13", "101.50"]
    assert site.get(path).status_code == 200


def test_a_chart_that_nobody_has_asked_for_is_not_invented(site: Site) -> None:
    site.get("/w/list")
    with gone(site):
        answer = site.get("/w/chart?i=natgas&range=5y")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert (answer.headers["Retry-After"], "in a minute" in answer.text) == ("60", True)


def test_who_finds_too_many_before_him_is_told_to_come_back_soon(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise StoreBusy("Too many readers ask at once for what is not in memory.")

    monkeypatch.setattr(site.live, "moment", busy)
    answer = site.get("/v1/history/wti")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert json.loads(answer.text)["detail"] == "Too many ask for such figures at once. Please try again in a moment."


def lose(site: Site, of: str, revision: int) -> None:
    with site.parts.store.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM observation WHERE series LIKE '{of}'")
        connection.exec_driver_sql(f"UPDATE revision SET number = {revision}")
    site.look_again()


@pytest.mark.parametrize(("of", "revision"), [("%", 7), ("eia:RNG%", 0)])
def test_a_database_that_lost_figures_blanks_nothing(site: Site, of: str, revision: int) -> None:
    """All of them; or those of a series, such as where the seed is in the place of a file that was deleted."""
    before = site.get("/w/list").text
    lose(site, of, revision)
    assert site.get("/w/list").text == before
    assert "lost the figures" in str(said(site)["store"])


def test_a_series_whose_figures_were_all_taken_back_is_blank_and_the_others_go_on(site: Site) -> None:
    site.get("/w/list")
    lose(site, "eia:RNG%", 7)
    site.publish("eia:RWTC", date(2026, 4, 13), "97.11")
    site.look_again()
    quotes = {quote["key"]: quote["value"] for quote in json.loads(site.get("/v1/quotes").text)["quotes"]}
    assert (quotes["natgas"], quotes["wti"]) == (None, "97.11")
    assert said(site)["store"] == "ok"


def test_readyz_says_whether_anybody_refreshes_and_when_anything_was_written(site: Site) -> None:
    assert (said(site)["refresher"], said(site)["written_at"]) == ("none in charge", "2026-04-13T18:00:00Z")  # the seed
    site.pass_time(minutes=5)
    lease.take(site.parts.store, lease.REFRESHER, "a:1", site.now, lease.LASTS)
    assert (said(site)["refresher"], said(site)["written_at"]) == ("in charge", "2026-04-13T18:05:00Z")
    site.pass_time(seconds=91)  # it cannot write: its disk is full, or it hangs
    assert (said(site)["refresher"], said(site)["written_at"]) == ("none in charge", "2026-04-13T18:05:00Z")
    with gone(site):
        there = said(site)
    assert (there["store"], there["written_at"]) == (
        f"The database {site.parts.store._engine.url.database} is gone.",
        "2026-04-13T18:05:00Z",
    )
    assert said(site)["store"] == "ok"


def test_corrections_that_were_shown_stay_when_time_goes_on(site: Site) -> None:
    before = site.get("/corrections?i=wti").text
    with gone(site):
        site.pass_time(days=1)
        assert site.get("/corrections?i=wti").text == before
        assert site.get("/corrections?i=brent").status_code == 503  # nobody had asked for these
    assert site.get("/corrections?i=brent").status_code == 200


def test_a_store_that_says_nothing_is_not_asked_by_those_who_watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("board", "metrics"):
        monkeypatch.setattr(f"ticker.web.{module}._LOOK", 0)
    pages = {path: site.get(path).status_code for path in ("/readyz", "/status", "/v1/sources", "/metrics")}
    assert set(pages.values()) == {200}
    with gone(site):
        monkeypatch.setattr("ticker.web.live._SILENT", -1)  # as if it had taken long to fail
        site.live.snapshot()
        assert site.live.silent
        site.live._slack = 1e9  # as if a thread looked for readers
        monkeypatch.setattr(type(site.parts.store), "read", lambda *_: pytest.fail("the store was asked"))
        assert {path: site.get(path).status_code for path in pages} == pages
        assert "ticker_store_readable 0.0" in site.get("/metrics").text


def test_who_watches_has_what_was_seen_before_the_store_froze_and_one_look_waits_for_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("board", "metrics"):
        monkeypatch.setattr(f"ticker.web.{module}._LOOK", 0)
    monkeypatch.setattr("ticker.web.glance._PATIENCE", 0.05)
    pages = {path: site.get(path).status_code for path in ("/readyz", "/status", "/v1/sources", "/metrics")}
    asked, thaws, plain = threading.Semaphore(0), threading.Event(), type(site.parts.store).read

    def frozen(store: Store) -> AbstractContextManager[Connection]:
        asked.release()
        assert thaws.wait(60)
        return plain(store)

    site.live._next = float("inf")
    monkeypatch.setattr(type(site.parts.store), "read", frozen)
    for _ in range(3):
        assert {path: site.get(path).status_code for path in pages} == pages
    assert sum(asked.acquire(blocking=False) for _ in range(20)) == 3  # those who ask: readiness, the board, metrics
    thaws.set()
    for thread in threading.enumerate():
        if thread.name == "glance":
            thread.join(60)
    assert {path: site.get(path).status_code for path in pages} == pages
