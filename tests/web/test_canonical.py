"""Equal questions share an answer: the canonical form of an address, and what is found in the cache by it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

import ticker.web.cache
from tests.web.conftest import FRESH, Site, site_at
from ticker.render.fragment import Renderer
from ticker.web.cache import ResponseCache
from ticker.web.canonical import canonical


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("canonical")), FRESH)
    yield found
    found.parts.store.close()


def cache_of(site: Site) -> ResponseCache:
    found = site.app.wsgi_app
    assert isinstance(found, ResponseCache)
    return found


def form(site: Site, address: str) -> str | None:
    path, _, query = address.partition("?")
    return canonical(path, query, site.live.snapshot())


def made(site: Site, address: str) -> TestResponse:
    """What the application makes of an address, past the cache."""
    return Client(cache_of(site)._app).get(address)


SAME = [
    ("/w/list?i=wti,natgas&lang=es", "/w/list?lang=es&i=wti,natgas"),
    ("/w/list?i=wti,natgas", "/w/list?i=wti,natgas,wti"),
    ("/w/list?i=wti,natgas", "/w/list?i=wti%2Cnatgas"),
    ("/w/list?i=wti,natgas", "/w/list?i=wti,+natgas&i=brent"),  # of a name given twice the first one counts
    ("/w/list", "/w/list?i=energy,currencies"),
    ("/w/list", "/w/list?lang=en&theme=auto&up=green&spark=1&link=0&style=1&range=1y"),
    ("/w/list", "/w/list?range=5y"),  # a list has no use for it
    ("/w/list", "/w/list?utm_source=mail&fbclid=x"),
    ("/w/list?lang=es-VE", "/w/list?lang=ES-ve"),
    ("/w/chart.json", "/w/chart.json?range=1y&x=y"),
    ("/embed/card", "/embed/card?style=0&i=wti"),
    ("/img/list.png?size=300&on=2026-04-10", "/img/list.png?on=2026-04-10&theme=auto&scale=1&size=300"),
    ("/mail/list", "/mail/list?view=mail&show=both&size=600"),
    ("/i/wti?vs=brent,natgas&range=5y", "/i/wti?range=5y&vs=brent&vs=natgas,wti"),
    ("/", "/?widget=list&form=element&width=300&utm_source=x"),
    ("/v1/quotes?i=wti,usdinr", "/v1/quotes?i=usdinr,wti,usdinr"),
    ("/v1/history/wti?from=2026-01-02&to=2026-02-02", "/v1/history/wti?to=2026-02-02&from=2026%2D01-02"),
    ("/feeds/wti.atom", "/feeds/wti.atom?lang=en"),
    ("/corrections", "/corrections?page=1&i=&x=1"),
    ("/oembed?url=https://ticker.example/i/wti", "/oembed?x=1&format=json&url=https%3A%2F%2Fticker.example%2Fi%2Fwti"),
    ("/embed.js", "/embed.js?v=3"),
    ("/static/x.css", "/static/x.css?cb=1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_questions_have_one_form(shared: Site, one: str, other: str) -> None:
    assert form(shared, one) == form(shared, other) is not None


@pytest.mark.parametrize(("one", "other"), [pair for pair in SAME if "/static/" not in pair[0]])
def test_equal_questions_share_an_entry_without_entering_flask(site: Site, one: str, other: str) -> None:
    first = [site.get(one) for _ in range(2)][-1]  # kept from the second request on
    assert first.status_code == 200, first.text
    cache_of(site)._app = lambda environ, start_response: pytest.fail("Flask was entered")
    second = site.get(other)
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]
    assert site.get(other, If_None_Match=first.headers["ETag"]).status_code == 304


DIFFERENT = [
    ("/w/list?i=wti,natgas", "/w/list?i=natgas,wti"),  # the order is shown
    ("/w/chart?range=5y", "/w/chart"),
    ("/embed/list", "/w/list"),
    ("/w/list?style=0", "/w/list"),
    ("/i/wti?vs=brent", "/i/wti"),
    ("/?find=dollar", "/"),
    ("/?find=%25FF", "/?find=%25FE"),
    ("/oembed?url=https://ticker.example/i/wti&maxwidth=300", "/oembed?url=https://ticker.example/i/wti"),
    ("/feeds/wti.atom?above=90", "/feeds/wti.atom?below=90"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_questions_have_other_forms(shared: Site, one: str, other: str) -> None:
    assert (one.partition("?")[0], form(shared, one)) != (other.partition("?")[0], form(shared, other))


@pytest.mark.parametrize(
    "address",
    [
        *("/w/list?i=gold", "/w/none", "/w/list?lang=xx", "/i/gold", "/nowhere", "/status", "/builder?i=wti"),
        *("/v1/quotes?x=1", "/v1/quotes?i=wti&i=brent", "/v1/quotes/wti?i=wti", "/v1/sources?x=1", "/?find=%FF"),
        *("/?find=" + "%C3%A9" * 40 + "&i=" + "," * 700, "//w/list", "w/list", "/w/list?i=\xe9"),
    ],
)
def test_what_is_wrong_or_ours_alone_to_judge_has_none(shared: Site, address: str) -> None:
    assert form(shared, address) is None


WORDS = ["wti", "brent", "energy", "gold", "", "en", "es-VE", "dark", "red", "0", "1", "600", "300", "5y", "max", "1y"]
WORDS += [
    "2026-04-01",
    "2",
    "90",
    "picture",
    "code",
    "card",
    "chart",
    "https://ticker.example/embed/card?i=wti",
    "\xe9",
]
NAMES = ["i", "lang", "theme", "up", "spark", "link", "style", "range", "size", "scale", "on", "show", "view", "vs"]
NAMES += ["widget", "form", "width", "ground", "find", "from", "to", "above", "below", "page", "url", "maxwidth", "x"]
PATHS = ["/", "/w/list", "/w/chart", "/w/inline", "/w/chart.json", "/embed/card", "/img/list.svg", "/mail/card"]
PATHS += ["/i/wti", "/v1/quotes", "/v1/history/wti", "/v1/pictures/list", "/v1/instruments", "/feeds/wti.atom"]
PATHS += ["/corrections", "/corrections.atom", "/oembed", "/openapi.json", "/chart.js"]
FIT = {
    "i": ["wti", "brent,wti,wti", "energy"], "lang": ["en", "es-VE", "ES"], "theme": ["dark", "auto"], "up": ["red"],
    "spark": ["0", "1"], "link": ["1"], "style": ["0"], "range": ["5y", "1y"], "size": ["300", "600"], "scale": ["2"],
    "on": ["2026-04-01"], "show": ["text"], "view": ["code"], "vs": ["brent", "brent,natgas"], "widget": ["card"],
    "form": ["picture"], "width": ["640"], "ground": ["dark"], "find": ["eu", "\xe9"], "from": ["2026-04-01"],
    "to": ["2026-04-02"], "above": ["90"], "below": ["9"], "page": ["1", "2"], "maxwidth": ["300"], "x": ["y"],
    "url": ["https://ticker.example/embed/card?i=wti"],
}  # fmt: skip
pairs = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(FIT[name]) | st.sampled_from(WORDS))
)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(PATHS), st.lists(pairs, max_size=4), st.booleans())
def test_the_application_answers_the_canonical_form_as_it_answers_the_address(
    shared: Site, path: str, said: list[tuple[str, str]], packed: bool
) -> None:
    query = urlencode(said, quote_via=quote) if packed else urlencode(said, safe=",:/")
    found = form(shared, f"{path}?{query}")
    if found is None:
        return
    there, here = made(shared, f"{path}?{query}"), made(shared, f"{path}?{found}")
    assert here.status_code == there.status_code
    if there.status_code == 200:
        assert here.data == there.data
    assert form(shared, f"{path}?{found}") == found


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_sent_breaks_it(shared: Site, path: str, query: str) -> None:
    canonical(path, query, shared.live.snapshot())
    canonical("/w/list", query, shared.live.snapshot())


def test_a_flood_of_unknown_parameters_fills_nothing_and_is_answered_from_the_cache(site: Site) -> None:
    for _ in range(2):
        site.get("/w/list")
    cache = cache_of(site)
    before = (len(cache._kept), len(cache._seen))
    cache._app = lambda environ, start_response: pytest.fail("Flask was entered")
    for n in range(200):
        assert site.get(f"/w/list?utm_campaign={n}").status_code == 200
    assert (len(cache._kept), len(cache._seen)) == before


def test_what_falls_out_of_the_cache_is_nowhere_else(site: Site) -> None:
    for _ in range(3):
        assert site.get("/w/list").status_code == 200
    cache = cache_of(site)
    assert [entry() is None for entry in cache._said.values()] == [False]
    cache._kept.clear()
    gc.collect()
    assert [entry() is None for entry in cache._said.values()] == [True]


def test_words_that_are_remembered_are_bounded_in_number_and_length(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker.web.cache, "_WORDS", 10)
    cache = cache_of(site)
    for n in range(40):
        assert site.get(f"/w/list?utm_campaign={n}").data == site.get(f"/w/list?utm_long={'x' * 400}").data
        assert len(cache._said) <= 10
    assert not any(len(said[1]) > 400 for said in cache._said)


def test_an_address_with_a_question_mark_in_its_path_is_not_the_one_it_looks_like(site: Site) -> None:
    for _ in range(2):
        site.get("/w/list?i=wti")
    assert site.get("/w/list%3Fi=wti").status_code == 404


def slowed(site: Site, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> tuple[list[Any], threading.Event]:
    """Let fragments wait until the event is set, and note how often one is asked for."""
    calls: list[Any] = []
    go, fragment = threading.Event(), Renderer.fragment

    def slow(*args: Any) -> Any:
        calls.append(args)
        assert go.wait(30)
        return 1 / 0 if fails else fragment(*args)

    monkeypatch.setattr(Renderer, "fragment", slow)
    return calls, go


def wait_for(site: Site, key: str, how_many: int) -> None:
    """Until so many wait for whoever makes an answer."""
    while len(waiting := cache_of(site)._flights._flying) != 1:
        threading.Event().wait(0.01)
    landed = next(iter(waiting.values())).landed
    while len(landed._cond._waiters) < how_many:  # type: ignore[attr-defined]  # nobody else tells
        threading.Event().wait(0.01)


def test_what_many_ask_for_at_once_is_made_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, go = slowed(site, monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        addresses = ("/w/list", "/w/list?i=energy,currencies", "/w/list?utm_source=x", "/w/list?lang=en")
        asked = [pool.submit(site.get, address) for address in addresses]
        wait_for(site, "/w/list", 3)
        go.set()
        answers = [one.result() for one in asked]
    assert len(calls) == 1
    assert {(a.status_code, a.data) for a in answers} == {(200, answers[0].data)}
    counted = site.get("/metrics").text
    assert 'ticker_http_requests_total{cache="shared",kind="widget",status="2xx"} 3.0' in counted
    assert 'ticker_http_requests_total{cache="miss",kind="widget",status="2xx"} 1.0' in counted


def test_a_failure_frees_those_who_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, go = slowed(site, monkeypatch, fails=True)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(site.get, "/w/list") for _ in range(3)]
        wait_for(site, "/w/list", 2)
        go.set()
        assert [one.result().status_code for one in asked] == [500, 500, 500]
    assert len(calls) == 3  # each found out for himself
    assert not cache_of(site)._flights._flying


def test_one_that_hangs_does_not_hold_the_others_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, go = slowed(site, monkeypatch)
    cache_of(site)._flights._patience = 0.0
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(site.get, "/w/list") for _ in range(2)]
        while len(calls) < 2:
            threading.Event().wait(0.01)
        go.set()
        assert [one.result().status_code for one in asked] == [200, 200]
