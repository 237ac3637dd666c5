"""Caching as designed: what is kept is never invalidated, and time alone moves it on."""

from __future__ import annotations

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.web.conftest import FRESH, Site, site_at
from ticker.errors import StoreError
from ticker.market.snapshot import Holding, Snapshot
from ticker.render.fragment import Renderer
from ticker.render.variant import Variant
from ticker.store.copies import backup
from ticker.web.live import Live


def freshness(site: Site, key: str) -> str:
    return str(json.loads(site.get(f"/v1/quotes/{key}").text)["freshness"])


def test_a_source_that_answers_with_old_figures_turns_late_then_stale_by_time_alone(site: Site) -> None:
    seen: list[tuple[datetime, str]] = []
    pages = set()
    for _ in range(72):
        pages.add(site.get("/w/list?i=gbpusd").data)  # the same address, no figure changed
        if not seen or seen[-1][1] != freshness(site, "gbpusd"):
            seen.append((site.now, freshness(site, "gbpusd")))
        site.pass_time(hours=1)
    assert [(f"{moment:%d %H}", word) for moment, word in seen] == [
        ("13 18", "current"),
        ("14 16", "late"),
        ("15 16", "stale"),
    ]
    assert len(pages) >= 3
    text = site.get("/w/list?i=gbpusd").text
    assert "stale" in text
    assert "1.3421" in text


def test_the_etag_moves_when_time_alone_changes_the_answer_and_not_before(site: Site) -> None:
    etag = site.get("/w/list").headers["ETag"]
    until = site.live.snapshot().valid_until
    site.pass_time(seconds=(until - site.now).total_seconds() - 1)
    assert site.get("/w/list").headers["ETag"] == etag
    assert site.get("/w/list").headers["Cache-Control"].startswith("public, max-age=60, s-maxage=15,")
    site.pass_time(seconds=1)
    assert site.get("/w/list").headers["ETag"] != etag


def test_a_new_figure_is_shown_at_the_next_look(site: Site) -> None:
    before = site.get("/w/list?i=wti").text
    site.live._next = float("inf")  # as if the last look had been just now
    site.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    assert site.get("/w/list?i=wti").text == before
    site.look_again()
    assert "101.50" in site.get("/w/list?i=wti").text


def test_a_clock_that_is_set_back_shows_what_was_true_then(site: Site) -> None:
    site.pass_time(days=30)
    assert freshness(site, "gbpusd") == "stale"
    site.pass_time(days=-30)
    assert freshness(site, "gbpusd") == "current"


def test_while_the_database_is_out_the_figures_in_memory_are_served_and_go_on_ageing(site: Site) -> None:
    site.get("/w/list")
    database = Path(site.parts.store._engine.url.database or "")
    site.parts.store.close()
    database.rename(database.with_suffix(".away"))
    for leftover in database.parent.glob("ticker.db-*"):
        leftover.unlink()
    database.mkdir()
    site.pass_time(days=3)
    assert freshness(site, "gbpusd") == "stale"
    assert "cannot be opened" in json.loads(site.get("/readyz").text)["store"]
    assert site.get("/readyz").status_code == 200
    database.rmdir()
    database.with_suffix(".away").rename(database)
    site.look_again()
    site.get("/w/list")
    assert json.loads(site.get("/readyz").text)["store"] == "ok"


def test_another_database_that_comes_back_with_the_same_revision_is_read_anew(site: Site) -> None:
    """As after a failover to a server that lacked the last commit, and was given another."""
    site.publish("ecb:GBP", FRESH.date(), "0.8500")
    database = Path(site.parts.store._engine.url.database or "")
    other = database.with_name("other.db")
    backup(f"sqlite:///{database}", other)
    with sqlite3.connect(other) as changed:
        changed.execute("UPDATE observation SET value = '1.2345' WHERE series = 'ecb:USD'")
        changed.execute("UPDATE revision SET committed_at = '2026-03-19 13:00:00.000000'")
    changed.close()
    site.look_again()
    before = [site.get("/v1/quotes?i=gbpusd").text for _ in range(3)]
    site.parts.store.close()
    for part in database.parent.glob("ticker.db*"):
        part.unlink()
    site.look_again()
    assert site.get("/v1/quotes?i=gbpusd").text == before[0]
    other.rename(database)
    site.look_again()
    after = site.get("/v1/quotes?i=gbpusd").text
    assert json.loads(after)["revision"] == json.loads(before[0])["revision"]
    assert after != before[0]


def test_with_no_figures_ever_read_there_is_an_error_and_no_crash(site: Site) -> None:
    def broken(*_: object) -> Holding:
        raise StoreError("The database x is locked by another program.")

    live = Live(lambda: 1, broken, site.parts.snapshot_of, lambda: FRESH)
    with pytest.raises(StoreError, match="locked"):
        live.snapshot()


def test_a_database_that_says_nothing_keeps_only_the_reader_who_asks_it(site: Site) -> None:
    now, asks, answers = [FRESH], threading.Event(), threading.Event()

    def silent(at: datetime, before: Holding | None) -> Holding:
        if at != FRESH:
            asks.set()
            assert answers.wait(60)
        return site.parts.holding(at, before)

    live = Live(site.parts.revision, silent, site.parts.snapshot_of, lambda: now[0])
    before = live.snapshot()
    now[0], live._next = before.valid_until, 0.0
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(live.snapshot)
        assert asks.wait(60)
        others = [pool.submit(live.snapshot).result(60) for _ in range(4)]
        assert not first.done()
        answers.set()
        assert first.result(60).phase == others[0].phase != before.phase


def test_readers_leave_a_database_that_stops_answering_to_the_thread_that_looks(site: Site) -> None:
    looking, away, heard = threading.get_ident(), False, list[int]()

    def revision() -> int:
        if away:
            heard.append(threading.get_ident())
            raise StoreError("The database x says nothing.")
        return site.parts.revision()

    def clock() -> datetime:
        if heard and threading.get_ident() == looking:  # somebody asks at every step from now on
            with ThreadPoolExecutor(1) as reader:
                assert reader.submit(live.snapshot).result(60) is before
        return FRESH

    live = Live(revision, site.parts.holding, site.parts.snapshot_of, clock)
    before = live.snapshot()
    live.prepare(lambda *_: iter(()))
    away = True
    live.prepare(lambda *_: iter(()))
    assert live.store_error == "The database x says nothing."
    assert heard == [looking, looking]  # once for what is new, once for what is wrong


def test_a_look_that_hangs_keeps_no_reader_and_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.web.live._HANGS", 0)
    frozen, asked, thaws = threading.Event(), threading.Event(), threading.Event()
    now = [FRESH]

    def answered() -> bool:
        if frozen.is_set():
            asked.set()
            assert thaws.wait(60)
        return True

    def revision() -> int:
        return site.parts.revision() * answered()

    def hold(at: datetime, before: Holding | None) -> Holding:
        assert answered()
        return site.parts.holding(at, before)

    live = Live(revision, hold, site.parts.snapshot_of, lambda: now[0])
    before = live.snapshot()
    live.prepare(lambda *_: iter(()))
    frozen.set()
    with ThreadPoolExecutor(2) as pool:
        looking = pool.submit(live.prepare, lambda *_: iter(()))
        assert asked.wait(60)
        live._next = -1000.0  # long ago
        assert pool.submit(live.snapshot).result(60) is before
        assert (live.silent, live.trouble, live.store_error) == (True, "The database does not answer.", None)
        assert not live.writing().in_charge
        now[0] = before.valid_until
        assert pool.submit(live.snapshot).result(60).phase != before.phase
        thaws.set()
        looking.result(60)
    assert (live.silent, live.trouble) == (False, None)


def test_many_that_ask_at_once_build_one_snapshot(site: Site) -> None:
    built: list[int] = []

    def build(holding: Holding, now: object, before: Snapshot | None) -> Snapshot:
        built.append(1)
        return site.parts.snapshot_of(holding, FRESH)

    live = Live(site.parts.revision, site.parts.holding, build, lambda: FRESH)
    start = threading.Barrier(16)

    def ask(_: int) -> int:
        start.wait()
        return id(live.snapshot())

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(ask, range(16)))) == 1
    assert len(built) == 1


def test_no_flood_of_addresses_pushes_a_hot_one_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    plain = Renderer._render

    def counted(self: Renderer, snapshot: Snapshot, variant: Variant, at: str) -> str:
        rendered.append("x")
        return plain(self, snapshot, variant, at)

    monkeypatch.setattr(Renderer, "_render", counted)
    hot = site_at(Path(site.parts.store._engine.url.database or "").parent, FRESH)
    for _ in range(3):
        hot.get("/w/list")
    kept = hot.app.wsgi_app._kept  # type: ignore[attr-defined]
    size = len(kept)
    for n in range(3000):
        hot.get(f"/w/list?n={n}")
    assert len(kept) == size
    assert rendered == ["x"]  # the unknown parameter makes no new variant
    hot.parts.store.close()
