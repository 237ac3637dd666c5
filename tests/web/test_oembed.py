"""oEmbed: what an editor is told that asks how to embed an address, and which addresses it is told nothing of."""

from __future__ import annotations

import html
import json
import re
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.conftest import FRESH, Site, site_at

HOME = "https://ticker.example"
OURS = (
    "",
    "/",
    "/?lang=es&utm_source=mail",
    "/?widget=card&i=natgas&theme=dark&form=ssi",
    "/i/wti",
    "/i/wti?range=5y&vs=brent&lang=pt-BR",
    "/embed/list",
    "/embed/list?i=energy&theme=dark#top",
    "/embed/card?i=wti,gasoline",
    "/embed/chart?i=usdbrl&range=max&lang=es",
    "/embed/strip?lang=pt",
    "/w/list?i=gbpusd&style=0&spark=0",
)
NOT_OURS = (
    "http://ticker.example/embed/list",
    "https://ticker.example:8443/embed/list",
    "https://ticker.example.org/embed/list",
    "https://ticker.example@evil.example/embed/list",
    "https://evil.example/https://ticker.example/embed/list",
    "https://user@ticker.example/embed/list",
    "https://ticker.example\\@evil.example/embed/list",
    "https://ticker.example//evil.example/embed/list",
    "//ticker.example/embed/list",
    "javascript:alert(1)//https://ticker.example/embed/list",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "https://ticker.example/embed/tape",
    "https://ticker.example/embed/list/",
    "https://ticker.example/embed/list?i=gold",
    "https://ticker.example/embed/inline",
    "https://ticker.example/?widget=tape",
    "https://ticker.example/embed/list?lang=<script>",
    "https://ticker.example/i/gold",
    "https://ticker.example/i/wti?vs=gold",
    "https://ticker.example/status",
    "https://ticker.example/img/list.png",
    "https://ticker.example/oembed?url=https://ticker.example/embed/list",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests here: none of them changes it."""
    found = site_at(tmp_path_factory.mktemp("oembed"), FRESH)
    yield found
    found.parts.store.close()


def asked(site: Site, address: str, rest: str = "") -> Any:
    answer = site.get(f"/oembed?url={quote(address, safe='')}{rest}")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


@pytest.mark.parametrize("address", OURS)
def test_every_address_of_ours_is_answered_in_both_forms_alike(site: Site, address: str) -> None:
    found = asked(site, HOME + address)
    assert (found["type"], found["version"], found["provider_url"]) == ("rich", "1.0", f"{HOME}/")
    answer = site.get(f"/oembed?url={quote(HOME + address, safe='')}&format=xml")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert {field.tag: field.text for field in fromstring(answer.data)} == {k: str(v) for k, v in found.items()}
    frame = re.search(r'<iframe src="([^"]+)"', found["html"])
    assert frame
    assert site.get(html.unescape(frame[1]).removeprefix(HOME)).status_code == 200
    image = site.get(found["thumbnail_url"].removeprefix(HOME)).data
    assert struct.unpack(">II", image[16:24]) == (found["thumbnail_width"], found["thumbnail_height"])


def test_the_html_begins_with_the_figures_as_text_each_with_its_day_and_source(site: Site) -> None:
    said = asked(site, f"{HOME}/embed/list?i=wti,gbpusd&lang=es")["html"]
    text = html.unescape(re.sub(r"<[^>]+>", "", said.partition("</blockquote>")[0])).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("<blockquote ")
    assert "El petróleo WTI cerró en 98,34 US$ el 10 de abril de 2026" in text
    assert "Fuente: U.S. Energy Information Administration. La libra esterlina" in text
    assert "1,3421" in text
    assert "13 de abril de 2026" in text
    assert "Fuente: European Central Bank" in text
    assert f'<a href="{HOME}/i/wti?lang=es">Petróleo WTI</a>' in said
    assert "\n" not in said


def test_a_chart_is_told_over_its_range_and_an_empty_store_says_so(site: Site, empty: Site) -> None:
    assert "Over five years it rose" in asked(site, f"{HOME}/i/wti?range=5y")["html"]
    assert "Over" not in asked(site, f"{HOME}/embed/card")["html"]
    assert "no figure" in asked(empty, f"{HOME}/i/wti")["html"]


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("/", "/embed/list?"),
        ("/?widget=card&lang=es", "/embed/card?i=wti&lang=es"),
        ("/i/wti?range=5y&vs=brent", "/i/wti?range=5y&vs=brent"),
        ("/embed/card?i=wti,natgas&theme=dark", "/embed/card?i=wti,natgas&theme=dark"),
    ],
)
def test_pages_lead_to_it(site: Site, address: str, here: str) -> None:
    page = site.get(address).text.partition("</head>")[0]
    for kind, form in (("application/json", "json"), ("text/xml", "xml")):
        link = re.search(rf'<link rel="alternate" type="{re.escape(kind)}\+oembed" href="{HOME}([^"]+)">', page)
        assert link
        answer = site.get(html.unescape(link[1]))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert f"format={form}" in link[1]
        assert unquote(html.unescape(link[1])).startswith(f"/oembed?url={HOME}{here}")
    assert "+oembed" not in site.get("/embed/inline").text


@pytest.mark.parametrize("address", NOT_OURS)
def test_of_another_address_nothing_is_told_and_nothing_kept(site: Site, address: str) -> None:
    for form in ("json", "xml"):
        answer = site.get(f"/oembed?url={quote(address, safe='')}&format={form}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Allowed: " in answer.text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "an address of ours"),
        ("url=", 400, "an address of ours"),
        ("url=https://ticker.example/&format=yaml", 501, "json, xml"),
        ("url=https://ticker.example/&maxwidth=0", 400, "whole pixels, 1 to 10000"),
        ("url=https://ticker.example/&maxwidth=-5", 400, "whole pixels"),
        ("url=https://ticker.example/&maxwidth=%D9%A3", 400, "whole pixels"),
        ("url=https://ticker.example/&maxheight=1e3", 400, "whole pixels"),
        ("url=https://ticker.example/&maxheight=99999999999999999999", 400, "whole pixels"),
        ("url=https://ticker.example/" + "a" * 1000, 414, "longer than 1000"),
    ],
)
def test_a_mistake_is_answered_with_what_is_allowed(site: Site, query: str, status: int, said: str) -> None:
    answer = site.get(f"/oembed?{query}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert said in answer.text


def test_the_hosts_script_weighs_a_kilobyte(site: Site) -> None:
    site.get("/frame.js", Accept_Encoding="br")
    answer = site.get("/frame.js", Accept_Encoding="br")
    assert len(answer.data) <= 1100
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_nothing_is_larger_than_the_room_there_is(site: Site) -> None:
    for wide, high in ((640, 300), (320, 2000), (120, 90)):
        found = asked(site, f"{HOME}/embed/list", f"&maxwidth={wide}&maxheight={high}")
        assert found["width"] <= wide
        assert found["height"] <= high
        assert found.get("thumbnail_width", 0) <= wide
        assert found.get("thumbnail_height", 0) <= high
        assert ("thumbnail_url" in found) == ("thumbnail_width" in found) == ("thumbnail_height" in found)


def test_an_answer_may_be_kept_as_long_as_it_is_true_and_read_by_any_site(site: Site) -> None:
    address = "/oembed?url=https://ticker.example/i/wti"
    answer = site.get(address)
    assert "s-maxage" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert site.get(address, If_None_Match=answer.headers["ETag"]).status_code == 304


_PIECES = st.sampled_from(
    [
        "",
        HOME,
        "https://",
        "/",
        "embed/",
        "w/",
        "i/",
        "list",
        "card",
        "wti",
        "?",
        "i=",
        "&",
        "lang=",
        "#",
        "@",
        ":",
        "%",
        "\\",
    ]
)
_ADDRESSES = st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=9).map(lambda parts: HOME + "".join(parts))


@settings(deadline=None)  # the first one draws a picture
@given(address=_ADDRESSES)
def test_whatever_is_asked_only_our_own_frame_is_given(site: Site, address: str) -> None:
    answer = site.get(f"/oembed?url={quote(address.encode('utf-8', 'replace'), safe='')}")
    assert answer.status_code in (200, 404, 414)
    if answer.status_code == 200:
        said = json.loads(answer.text)["html"]
        assert said.count("<iframe") == said.count("<script") == 1
        assert re.findall(r' src="([^"?]+)', said) in (
            [f"{HOME}/embed/{widget}", f"{HOME}/frame.js"] for widget in ("list", "card", "chart", "strip")
        )
