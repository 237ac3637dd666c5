"""What each address answers: contents, headers, and errors that say what is allowed."""

from __future__ import annotations

import json
import re

import brotli
import pytest

from tests.web.conftest import Site

FRAGMENTS = ["/w/list", "/w/strip", "/w/card", "/w/list?lang=es-VE&theme=dark&up=red&spark=0&style=0&i=world,wti"]
PAGES = ["/", "/?lang=pt-BR"]
DATA = ["/v1/quotes", "/v1/quotes?i=world", "/v1/quotes/wti", "/v1/instruments"]


@pytest.mark.parametrize("address", [*FRAGMENTS, *PAGES, *DATA])
def test_every_good_answer_can_be_kept_and_says_how_long_it_is_true(site: Site, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 200
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', answer.headers["ETag"])
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert (
        answer.headers["Cache-Control"]
        == "public, max-age=60, s-maxage=300, stale-while-revalidate=600, stale-if-error=604800"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", [*FRAGMENTS, *DATA])
def test_what_is_embeddable_may_be_fetched_from_anywhere(site: Site, address: str) -> None:
    answer = site.get(address)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert ("X-Robots-Tag" in answer.headers) == address.startswith("/w/")
    asked = site.get(
        address, method="OPTIONS", Origin="https://news.example", Access_Control_Request_Headers="hx-request"
    )
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Headers"] == "*"
    assert "max-age" in asked.headers["Cache-Control"]


@pytest.mark.parametrize("address", PAGES)
def test_pages_run_nothing_inline_and_load_nothing_from_elsewhere(site: Site, address: str) -> None:
    answer = site.get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=['\x22]|\son\w+=|javascript:", answer.text)
    loaded = re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']([^"']+)""", answer.text)
    assert loaded
    assert all(url.startswith(("/static/", "https://ticker.example/")) for url in loaded)
    for url in loaded:
        if url.startswith("/static/"):
            assert site.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_fragment_is_bare_html_with_its_day_source_and_words(site: Site) -> None:
    text = site.get("/w/list").text
    assert "<html" not in text
    assert "<body" not in text
    for words in ("Crude Oil", "98.34", "U.S. EIA", "ECB", "1.3421", "2026-04-13"):
        assert words in text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/w/list?lang=xx", "lang='xx' is not allowed. Allowed: en, es, pt"),
        ("/w/list?theme=pink", "theme='pink' is not allowed. Allowed: auto, light, dark."),
        ("/w/list?up=blue", "Allowed: green, red."),
        ("/w/list?spark=2", "Allowed: 1, 0."),
        ("/w/list?i=gold", "Allowed: groups energy, currencies, world; instruments wti, brent"),
        ("/w/list?i=", "is not allowed"),
        ("/w/list?i=" + "x" * 900, "..."),
    ],
)
def test_a_wrong_value_is_a_400_that_says_what_is_allowed(site: Site, address: str, said: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert said in answer.text
    assert len(answer.text) < 700
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_widget_is_a_404_that_names_those_there_are(site: Site) -> None:
    answer = site.get("/w/tape")
    assert (answer.status_code, answer.text) == (
        404,
        "widget='tape' is not allowed. Allowed: strip, list, card, chart, inline.\n",
    )


def test_widgets_ignore_what_campaigns_add_to_addresses(site: Site) -> None:
    assert site.get("/w/list?utm_source=mail").data == site.get("/w/list").data


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/quotes?x=1", 400),
        ("/v1/quotes?i=wti&i=brent", 400),
        ("/v1/quotes?i=gold", 400),
        ("/v1/quotes/gold", 404),
        ("/v1/quotes/wti?i=wti", 400),
        ("/v1/no", 404),
    ],
)
def test_the_api_answers_mistakes_as_problem_details(site: Site, address: str, status: int) -> None:
    answer = site.get(address)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = json.loads(answer.text)
    assert problem["status"] == status
    assert problem["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_methods_that_write_are_refused(site: Site) -> None:
    refused = site.get("/v1/quotes", method="POST")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert site.get("/w/list", method="DELETE").status_code == 405


def test_a_quote_has_every_field_of_the_contract(site: Site) -> None:
    quote = json.loads(site.get("/v1/quotes/gbpusd").text)
    assert quote == {
        "key": "gbpusd",
        "name": "British pound in US dollars",
        "label": "UK Pound",
        "group": "currencies",
        "kind": "reference",
        "unit": "USD",
        "value": "1.3421",
        "as_of": "2026-04-13",
        "previous": {"value": "1.3445", "as_of": "2026-04-10"},
        "change": "-0.0024",
        "change_percent": "-0.18",
        "direction": "down",
        "freshness": "current",
        "next_due": "2026-04-14T14:00:00Z",
        "source": {
            "key": "ecb",
            "name": "European Central Bank",
            "series": ["USD", "GBP"],
            "url": quote["source"]["url"],
            "terms": quote["source"]["terms"],
        },
        "derived": "USD / GBP",
    }
    assert list(json.loads(site.get("/v1/quotes").text)) == ["revision", "valid_until", "quotes"]


def test_all_ten_are_answered_by_default_and_the_world_when_asked_for(site: Site) -> None:
    keys = [q["key"] for q in json.loads(site.get("/v1/quotes").text)["quotes"]]
    assert len(keys) == 10
    assert len(json.loads(site.get("/v1/quotes?i=world").text)["quotes"]) >= 8
    assert [q["key"] for q in json.loads(site.get("/v1/quotes?i=usdinr,wti").text)["quotes"]] == ["wti", "usdinr"]


def test_an_instrument_without_figures_keeps_its_key_with_nulls(empty: Site) -> None:
    quote = json.loads(empty.get("/v1/quotes/wti").text)
    nothing = ("value", "as_of", "previous", "change", "change_percent", "direction")
    assert {name: quote[name] for name in nothing} == dict.fromkeys(nothing)
    assert quote["freshness"] == "empty"
    assert "Crude Oil" in empty.get("/w/list").text


def test_alive_needs_nothing_and_ready_needs_figures(site: Site, empty: Site) -> None:
    assert site.get("/livez").status_code == 200
    assert site.get("/readyz").status_code == 200
    assert empty.get("/livez").status_code == 200
    assert empty.get("/readyz").status_code == 503
    assert site.get("/readyz").headers["Cache-Control"] == "no-store"


def test_alive_touches_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.live, "snapshot", lambda: 1 / 0)
    assert site.get("/livez").status_code == 200


def test_a_query_that_is_endless_is_refused(site: Site) -> None:
    answer = site.get("/w/list?x=" + "y" * 1000)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (414, "no-store")
    assert site.get("/w/list?x=" + "y" * 998).status_code == 200


def test_a_page_that_is_not_there_is_a_page_and_to_htmx_it_changes_nothing(site: Site) -> None:
    page = site.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Back to the widgets" in page.text
    fragment = site.get("/nowhere", HX_Request="true")
    assert fragment.headers["HX-Reswap"] == "none"
    assert "<html" not in fragment.text


def test_a_mistake_of_ours_says_nothing_of_its_inside(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticker.render.document.instruments", lambda catalog: 1 / 0)
    answer = site.get("/v1/instruments")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("", None)]
)
def test_answers_come_in_the_best_coding_the_client_takes(site: Site, accepted: str, coding: str | None) -> None:
    answer = site.get("/w/list", Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == coding
    plain = site.get("/w/list")
    assert answer.headers["ETag"] == plain.headers["ETag"]
    if coding == "br":
        assert brotli.decompress(answer.data) == plain.data


def test_a_head_has_the_headers_of_a_get_and_no_body(site: Site) -> None:
    head, full = site.get("/w/list", method="HEAD"), site.get("/w/list")
    assert head.data == b""
    assert head.headers["ETag"] == full.headers["ETag"]
    assert site.get("/w/none", method="HEAD").data == b""


@pytest.mark.parametrize("form", ["{etag}", '"x", {etag}', "*", "{strong}"])
def test_what_has_not_changed_is_a_304(site: Site, form: str) -> None:
    etag = site.get("/w/list").headers["ETag"]
    answer = site.get("/w/list", If_None_Match=form.format(etag=etag, strong=etag.removeprefix("W/")))
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert "Cache-Control" in answer.headers
    assert site.get("/w/list", If_None_Match='W/"other"').status_code == 200
