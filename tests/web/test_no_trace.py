"""Why no consent is needed, and nothing for a blocker to find: what no answer has, over every address that there is."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.web.conftest import Site
from ticker.render.variant import PICTURED, WIDGETS
from ticker.web.assets import STABLE

SENT = (
    *(f"/w/{widget}?link=1" for widget in WIDGETS),
    *(f"/embed/{widget}" for widget in WIDGETS),
    *(f"/img/{widget}.{form}" for widget in PICTURED for form in ("png", "svg")),
    *(f"/mail/{widget}" for widget in PICTURED),
    *(f"/{name}" for name in STABLE),
    *("/", "/builder?widget=card", "/i/wti", "/feeds/wti.atom", "/oembed?url=https://ticker.example/i/wti"),
    *("/v1/quotes", "/v1/history/wti", "/w/chart.json", "/v1/pictures/list"),
)
"""An address of every kind that a reader's browser, or a host's server, asks for."""

BLOCKED = re.compile(
    r"(?<![a-z])(ads?|adserver|advert\w*|affiliate\w*|analytics?|banners?|beacons?|counters?|fingerprint\w*|metrics?|"
    r"pixels?|pop(up|under)s?|promo\w*|social|sponsor\w*|stats?|telemetry|track(er|ing)?s?|tagmanager)(?![a-z])"
)
"""Words that general rules of common block lists act upon, in addresses and in class names."""


@pytest.mark.parametrize("address", SENT)
def test_no_answer_sets_a_cookie_asks_to_be_remembered_or_leads_a_browser_elsewhere(site: Site, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code in (200, 303), address
    assert "Set-Cookie" not in answer.headers
    assert not {"Accept-CH", "NEL", "Report-To", "Reporting-Endpoints"} & set(answer.headers.keys())
    if answer.mimetype in ("text/html", "image/svg+xml"):
        loaded = re.findall(r'<(?:script|img|iframe|source|video)\b[^>]*?\s(?:src|srcset)="([^"]+)"', answer.text)
        loaded += re.findall(r'<link rel="(?:stylesheet|icon|preload)"[^>]*?\shref="([^"]+)"', answer.text)
        shown = [where for where in loaded if not where.startswith(("/", "data:", "https://ticker.example/"))]
        assert shown == []
    vary = answer.headers.get("Vary", "")
    assert vary in ("", "Accept-Encoding") or address.startswith("/builder")


def test_our_scripts_keep_nothing_and_tell_nobody() -> None:
    for file in (ROOT / "static").glob("*.js"):
        text = re.sub(r"^\s*//.*$", "", file.read_text("utf-8"), flags=re.MULTILINE)
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|sendBeacon|caches\.", text), (
            file.name
        )
        assert not re.search(r"\beval\(|new Function|https?://", text), file.name


def test_no_address_and_no_class_is_what_block_lists_look_for(site: Site) -> None:
    names = {address.partition("?")[0] for address in SENT}
    for address in ("/", "/i/wti", "/embed/chart", "/embed/list", *(f"/w/{widget}" for widget in WIDGETS)):
        text = site.get(address).text
        names |= set(re.findall(r'(?:src|href|hx-get|data-figure)="(/[^"?]*)', text))
        names |= {name for found in re.findall(r'(?:class|id)="([^"]*)"', text) for name in found.split()}
    assert len(names) > 60
    assert [name for name in sorted(names) if BLOCKED.search(name.lower())] == []
