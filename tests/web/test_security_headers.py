"""Security headers, address by address: every route of the application is in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.conftest import FRESH, Site, site_at
from ticker.web.headers import PAGE_POLICY

PAGE, FRAME, MAIL, FRAGMENT = "page", "frame", "mail", "fragment"
DATA, DRAWN, FILE, OURS = "data", "drawn", "file", "ours"

TABLE = [
    ("/", PAGE, "/"),
    ("/i/wti", PAGE, "/i/<instrument>"),
    ("/status", PAGE, "/status"),
    ("/corrections", PAGE, "/corrections"),
    ("/nowhere", PAGE, ""),
    ("/i/gold", PAGE, "/i/<instrument>"),
    ("/embed/list", FRAME, "/embed/<widget>"),
    ("/mail/list", MAIL, "/mail/<widget>"),
    ("/w/list", FRAGMENT, "/w/<widget>"),
    ("/w/chart", FRAGMENT, "/w/<widget>"),
    ("/w/chart.json", DATA, "/w/chart.json"),
    ("/w/list?i=gold", DATA, "/w/<widget>"),
    ("/embed/list?i=gold", DATA, "/embed/<widget>"),
    ("/v1/quotes", DATA, "/v1/quotes"),
    ("/v1/quotes/wti", DATA, "/v1/quotes/<instrument>"),
    ("/v1/quotes/gold", DATA, "/v1/quotes/<instrument>"),
    ("/v1/history/wti", DATA, "/v1/history/<instrument>"),
    ("/v1/history/wti.csv", DATA, "/v1/history/<instrument>"),
    ("/v1/instruments", DATA, "/v1/instruments"),
    ("/v1/sources", DATA, "/v1/sources"),
    ("/v1/pictures/list", DATA, "/v1/pictures/<widget>"),
    ("/openapi.json", DATA, "/openapi.json"),
    ("/feeds/wti.atom", DATA, "/feeds/<name>"),
    ("/corrections.atom", DATA, "/corrections.atom"),
    ("/oembed?url=https://ticker.example/i/wti", DATA, "/oembed"),
    ("/oembed?url=https://ticker.example/i/wti&format=xml", DATA, "/oembed"),
    ("/img/card.svg?i=wti", DRAWN, "/img/<name>"),
    ("/img/card.png?i=wti", FILE, "/img/<name>"),
    ("/embed.js", FILE, "/<any(chart.js, embed.js, frame.js, ticker.css):name>"),
    ("/livez", OURS, "/livez"),
    ("/readyz", OURS, "/readyz"),
    ("/metrics", OURS, "/metrics"),
]
ELSEWHERE = {"/static/<path:address>", "/favicon.ico", "/builder"}  # below: their addresses are not fixed

OPEN = (FRAME, MAIL, FRAGMENT, DATA, DRAWN, FILE)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("headers")), FRESH)
    yield found
    found.parts.store.close()


def test_the_table_has_every_route(shared: Site) -> None:
    assert {str(rule) for rule in shared.app.url_map.iter_rules()} == {rule for *_, rule in TABLE if rule} | ELSEWHERE


@pytest.mark.parametrize(("address", "kind", "rule"), TABLE, ids=[address for address, *_ in TABLE])
def test_each_address_has_the_headers_of_its_kind(shared: Site, address: str, kind: str, rule: str) -> None:
    headers = shared.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers
    assert headers.get("Access-Control-Allow-Origin") == ("*" if kind in OPEN else None)
    assert "Access-Control-Allow-Credentials" not in headers
    assert headers.get("Cross-Origin-Resource-Policy") == {PAGE: "same-origin", OURS: None}.get(kind, "cross-origin")
    assert headers.get("Cross-Origin-Opener-Policy") == ("same-origin" if kind == PAGE else None)
    policy = headers.get("Content-Security-Policy")
    if kind == PAGE:
        assert policy == PAGE_POLICY
    elif kind in (FRAGMENT, FILE):  # a fragment's policy is its host's
        assert policy is None
    else:
        assert policy is not None
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy or kind == FRAME
    if kind == FRAME:
        assert "frame-ancestors" not in str(policy)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/w/list", "/v1/quotes", "/status"])
def test_nothing_can_be_written(shared: Site, address: str, method: str) -> None:
    answer = shared.get(address, method=method)
    assert answer.status_code == 405
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_pages_load_is_same_as_any_file(shared: Site) -> None:
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', shared.get("/").text):
        headers = shared.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("address", ["/embed/<x>", "/i/<x>", "/builder?widget=<x>", "/w/list?i=<x>"])
def test_htmx_gets_no_markup_of_a_visitors_either(shared: Site, address: str) -> None:
    answer = shared.get(address, HX_Request="true")
    assert answer.status_code in (400, 404)
    assert answer.mimetype == "text/plain"


def test_no_header_follows_the_host_that_a_visitor_names(shared: Site) -> None:
    for address in (
        "/",
        "/status",
        "/i/wti",
        "/feeds/wti.atom",
        "/oembed?url=https://ticker.example/i/wti",
        "/nowhere",
    ):
        answer = shared.get(address, Host="evil.example", X_Forwarded_Host="evil.example")
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("path", ["/v1//instruments", "/i//wti", "/w/list/", "/status/", "/w//list?i=wti"])
def test_nobody_is_led_to_a_host_that_the_request_names(site: Site, path: str) -> None:
    answer = site.app.test_client().get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)
