"""Mounted under a path prefix: every page is crawled, and every address in it is followed."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from werkzeug.test import Client

from tests.web.conftest import FRESH, Site, site_at
from ticker.config import OURS
from ticker.render.forms import FORMS, forms_of

HOME = "https://news.example/markets"
BEGIN = ["/", "/?find=dollar", "/status", "/corrections", "/nowhere", "/i/wti", "/i/gbpusd?vs=audusd&lang=es"]
BEGIN += [f"/?widget={w}&form={f}" for w in ("list", "chart", "card") for f in FORMS if f in forms_of(w)]
BEGIN += ["/w/list?link=1", "/w/chart", "/w/inline?link=1", "/embed/list?link=1", "/embed/chart", "/w/chart.json"]
BEGIN += ["/mail/list", "/mail/card?view=code", "/feeds/wti.atom", "/corrections.atom", "/openapi.json"]
BEGIN += ["/v1/quotes", "/v1/instruments", "/v1/sources", "/v1/pictures/list"]
BEGIN += [f"/oembed?url={HOME}/i/wti&format={form}" for form in ("json", "xml")]

ATTRIBUTE = re.compile(r"""\s(?:href|src|action|hx-get|data-figure|data-src|content|poster)=["']([^"']*)["']""")
ABSOLUTE = re.compile(r"""https://news\.example[^\s"'<>\\)]*""")
ROOTED = re.compile(r'"(?:src|url|href)": ?"(/[^"]*)"')


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("mounted")), FRESH, HOME)
    yield found
    found.parts.store.close()


def addresses(text: str) -> set[str]:
    """All that is an address in a page, a feed, a document, or a snippet that stands in a page as text."""
    found: set[str] = set()
    once = html.unescape(text)
    for seen in (text, once, html.unescape(once)):
        found |= {html.unescape(a) for a in ATTRIBUTE.findall(seen) if a.startswith(("/", "?", "#", "http"))}
        found |= set(ROOTED.findall(seen))
    found |= {*ABSOLUTE.findall(once), *ABSOLUTE.findall(html.unescape(once))}
    return {a.rstrip(".,;:") for a in found if not a.startswith("#")}


def shape(address: str) -> tuple[str, frozenset[str]]:
    """What makes an address another kind of address: its path and the names of its parameters."""
    parts = urlsplit(address)
    return parts.path, frozenset(parse_qs(parts.query, keep_blank_values=True))


def test_every_address_in_every_page_is_under_the_prefix_and_leads_somewhere(mounted: Site) -> None:
    known, followed = {shape(HOME + path) for path in BEGIN}, 0
    waiting = deque(HOME + path for path in BEGIN)
    while waiting:
        here = waiting.popleft()
        path = here.removeprefix(HOME)
        answer = mounted.get(path)
        if answer.status_code == 303:
            assert answer.headers["Location"].startswith("/markets/")
            continue
        assert answer.status_code == (404 if path == "/nowhere" else 200), (here, answer.text[:200])
        followed += 1
        if not (answer.mimetype or "").startswith(("text/html", "application/", "text/xml", "text/plain")):
            continue
        for address in addresses(answer.text):
            there = urljoin(here, address).partition("#")[0]
            if urlsplit(there).hostname != "news.example" or there in ("https://news.example", HOME):
                continue
            if re.search(r"/(markets/)?(i|w|feeds|v1/\w+|embed|img)/?$|[{<…]|\$", there):
                continue  # the beginning of an address, or a pattern of one
            assert there.startswith(f"{HOME}/"), f"{here} names {address}"
            if shape(there) not in known:
                known.add(shape(there))
                waiting.append(there)
    assert followed > 100


@pytest.mark.parametrize("path", ["/", "/w/list", "/i/wti", "/v1/quotes", "/embed.js", "/livez"])
def test_it_answers_whether_the_prefix_is_taken_away_in_front_of_it_or_not(mounted: Site, path: str) -> None:
    taken, left = mounted.get(path), mounted.get("/markets" + path)
    assert left.status_code == taken.status_code == 200
    assert left.data == taken.data


def test_what_only_looks_like_the_prefix_is_not_it(mounted: Site) -> None:
    assert mounted.get("/marketsw/list").status_code == 404
    assert mounted.get("/markets").status_code == 200
    assert mounted.get("/markets/markets/w/list").status_code == 404


def test_a_form_and_what_htmx_is_told_stay_under_it(mounted: Site) -> None:
    plain = mounted.get("/markets/builder?widget=card")
    assert (plain.status_code, plain.headers["Location"]) == (303, "/markets/?widget=card#builder")
    pushed = mounted.get("/builder?widget=card", HX_Request="true", HX_Current_Url=f"{HOME}/")
    assert pushed.headers["HX-Push-Url"] == "/markets/?widget=card"
    again = mounted.get("/builder?widget=card", HX_Request="true", HX_Current_Url=f"{HOME}/?widget=card")
    assert "HX-Push-Url" not in again.headers


def test_the_weight_of_a_snippet_is_the_same(mounted: Site, site: Site) -> None:
    for address in ("/?form=element", "/?form=frame&widget=chart"):
        there, here = (re.search(r"<dt>Requests</dt><dd><b>(\d+)", s.get(address).text) for s in (mounted, site))
        assert there is not None
        assert here is not None
        assert there[1] == here[1]


def test_the_beginnings_that_a_prefix_may_not_have_are_all_of_ours(site: Site) -> None:
    rules = {rule.rule.split("/")[1] for rule in site.app.url_map.iter_rules()}
    stable = {name for name in rules if name.startswith("<")}
    assert rules - stable - {""} | {"chart.js", "embed.js", "frame.js", "ticker.css"} == set(OURS)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-For"])
@pytest.mark.parametrize("path", ["/", "/i/wti", "/embed/list", "/feeds/wti.atom", "/openapi.json", "/status"])
def test_nothing_is_believed_of_what_a_proxy_or_a_visitor_says(mounted: Site, name: str, path: str) -> None:
    application = mounted.app.wsgi_app
    said = {name: "evil.example", "Forwarded": "for=1.2.3.4;host=evil.example;proto=ftp", "Host": "evil.example"}
    forged = Client(application).get(path, headers=said)
    assert forged.data == mounted.get(path).data
    assert "evil.example" not in forged.text + str(forged.headers)
