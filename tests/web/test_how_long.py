"""A shared cache holds an answer only as long as it is true, and never over five minutes: every address, any moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from tests.conftest import at
from tests.web.conftest import FRESH, Site, site_at
from ticker.web.cache import ResponseCache

ADDRESSES = {
    "/": "/", "/?lang=es&form=picture": "/", "/i/wti": "/i/<instrument>", "/i/gbpusd?range=1m": "/i/<instrument>",
    "/i/natgas?vs=gasoline&lang=pt": "/i/<instrument>", "/w/list": "/w/<widget>", "/w/strip": "/w/<widget>",
    "/w/card?i=gasoline": "/w/<widget>", "/w/chart": "/w/<widget>", "/w/inline": "/w/<widget>",
    "/w/chart.json": "/w/chart.json", "/embed/list": "/embed/<widget>", "/embed/chart": "/embed/<widget>",
    "/img/list.svg": "/img/<name>", "/img/chart.svg?range=1m": "/img/<name>", "/img/card.svg": "/img/<name>",
    "/img/list.svg?on=2026-04-10": "/img/<name>", "/img/list.svg?on=2026-01-12": "/img/<name>",
    "/v1/pictures/list": "/v1/pictures/<widget>", "/mail/list": "/mail/<widget>",
    "/mail/chart?on=2026-04-10": "/mail/<widget>", "/v1/quotes": "/v1/quotes",
    "/v1/quotes/wti": "/v1/quotes/<instrument>",
    "/v1/instruments": "/v1/instruments", "/v1/history/wti?range=1m": "/v1/history/<instrument>",
    "/v1/history/gbpusd.csv?range=3m": "/v1/history/<instrument>",
    "/v1/history/wti?from=2016-04-13": "/v1/history/<instrument>", "/feeds/wti.atom": "/feeds/<name>",
    "/feeds/gbpusd.atom?above=1.3&lang=es": "/feeds/<name>", "/corrections": "/corrections",
    "/corrections.atom": "/corrections.atom", "/openapi.json": "/openapi.json",
    "/oembed?url=https://ticker.example/i/wti": "/oembed", "/favicon.ico": "/favicon.ico",
}  # fmt: skip
FILES = {"/embed.js", "/ticker.css", "/chart.js", "/frame.js"}
OWN = ["/status", "/v1/sources", "/livez", "/readyz", "/metrics", "/w/list?i=gold", "/v1/quotes?x=1", "/nowhere"]
LEAST = 15  # seconds, whatever may change meanwhile
FORM = re.compile(r"public, max-age=(\d+), s-maxage=(\d+), stale-while-revalidate=600, stale-if-error=604800")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("long")), FRESH)
    yield found
    found.parts.store.close()


def body(site: Site, address: str, moment: datetime) -> bytes:
    """What the application answers at a moment, past the cache."""
    site.now = moment
    site.look_again()
    cache = site.app.wsgi_app
    assert isinstance(cache, ResponseCache)
    found: bytes = Client(cache._app).get(address).data
    return found


def held(site: Site, address: str, moment: datetime) -> timedelta:
    """How long a shared cache may hold what is answered at a moment."""
    site.now = moment
    site.look_again()
    found = FORM.fullmatch(site.get(address).headers["Cache-Control"])
    assert found, address
    assert int(found[1]) == 60 or "on=" in address
    return timedelta(seconds=int(found[2]))


def test_every_address_is_looked_at(shared: Site) -> None:
    rules = {rule.rule for rule in shared.app.url_map.iter_rules()}
    private = {"/status", "/v1/sources", "/livez", "/readyz", "/metrics", "/builder"}
    files = {"/static/<path:address>", *(rule for rule in rules if rule.startswith("/<any("))}
    assert set(ADDRESSES.values()) == rules - private - files


moments = st.integers(0, 20 * 24 * 60 * 60).map(lambda seconds: FRESH + timedelta(seconds=seconds))
MIDNIGHT = at("2026-04-15T23:58:30")


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(ADDRESSES)), moments, st.floats(0, 1))
@example("/i/wti", MIDNIGHT, 1.0)
@example("/feeds/wti.atom", MIDNIGHT, 1.0)
@example("/w/list", at("2026-04-14T15:28:00"), 1.0)  # two minutes before the ECB's next day is overdue
def test_what_a_shared_cache_holds_is_what_it_would_be_told_anew(
    shared: Site, address: str, moment: datetime, part: float
) -> None:
    held_for = held(shared, address, moment)
    assert timedelta(seconds=LEAST) <= held_for <= timedelta(minutes=5)
    true_for = held_for - timedelta(seconds=1) if held_for > timedelta(seconds=LEAST) else timedelta(0)
    assert body(shared, address, moment + true_for * part) == body(shared, address, moment)


def test_while_a_figure_is_expected_a_shared_cache_asks_twice_a_minute_for_an_hour(shared: Site) -> None:
    due, second = at("2026-04-14T14:00"), timedelta(seconds=1)  # the ECB's rates
    assert held(shared, "/w/list", due - second) == timedelta(seconds=LEAST)
    for moment in (due, due + timedelta(minutes=59)):
        assert held(shared, "/w/list", moment) == timedelta(seconds=30)
    assert held(shared, "/w/list", due + timedelta(hours=1)) == timedelta(minutes=5)


@pytest.mark.parametrize("address", sorted(ADDRESSES))
def test_no_address_changes_at_midnight_while_it_is_held(shared: Site, address: str) -> None:
    held_for = held(shared, address, MIDNIGHT)
    end = MIDNIGHT + max(held_for - timedelta(seconds=1), timedelta(0))
    assert held_for == timedelta(seconds=LEAST) or body(shared, address, end) == body(shared, address, MIDNIGHT)


def test_what_is_asked_for_in_the_same_words_again_and_again_is_held_no_longer_than_it_is_true(site: Site) -> None:
    until, before = site.live.snapshot().valid_until, 300
    for tenths in range(3100, 0, -7):
        site.now = until - timedelta(seconds=tenths / 10)
        found = FORM.fullmatch(site.get("/w/list").headers["Cache-Control"])
        assert found
        assert int(found[2]) == max(15, min(300, tenths // 10)) <= before
        before = int(found[2])


@pytest.mark.parametrize("address", OWN)
def test_what_is_of_this_moment_or_wrong_is_held_by_nobody(shared: Site, address: str) -> None:
    assert shared.get(address).headers["Cache-Control"] == "no-store"


def test_only_files_without_figures_are_held_for_longer(shared: Site) -> None:
    for address in FILES:
        assert shared.get(address).headers["Cache-Control"] == "public, max-age=3600, stale-if-error=604800"


def test_answers_with_figures_have_a_tag_where_a_purge_is_set_up_and_no_others_ever(site: Site) -> None:
    assert "Surrogate-Key" not in site.get("/w/list").headers
    site.app.config["TAGGED"] = True
    site.publish("eia:RWTC", FRESH.date(), "99")
    site.look_again()
    for address in sorted(ADDRESSES):
        answer = site.get(address)
        assert (answer.headers["Surrogate-Key"], answer.headers["Cache-Tag"]) == ("ticker", "ticker"), address
    for address in [*OWN, *FILES]:
        assert "Surrogate-Key" not in site.get(address).headers
