"""What `<market-ticker>` costs a page, and where its script is."""

from __future__ import annotations

import base64
import hashlib
import re

import brotli
import pytest

from tests.conftest import ROOT
from tests.web.conftest import Site
from ticker import catalog
from ticker.render.language import languages

GROUPS = re.compile(r"const GROUPS = \{ (.*?) \}")


def packed(site: Site, address: str) -> int:
    site.get(address, Accept_Encoding="br")  # an address is kept, and compressed thoroughly, from its second request on
    return len(site.get(address, Accept_Encoding="br").data)


def test_the_script_is_small(site: Site) -> None:
    """It was 2,500 bytes until it told readers of figures that nobody renews, 2,600 until it told old copies apart."""
    assert packed(site, "/embed.js") <= 2750
    assert len(brotli.compress(site.get("/embed.js").data)) <= 2750


@pytest.mark.parametrize("lang", languages())
def test_a_sidebar_of_ten_quotes_costs_seven_thousand_bytes_in_two_requests(site: Site, lang: str) -> None:
    """The browser's part, that nothing else is loaded, is in tests/browser/test_element.py."""
    assert packed(site, "/embed.js") + packed(site, f"/w/list?lang={lang}&link=1") <= 7000


def test_a_pinned_script_is_the_same_and_kept_for_ever(site: Site) -> None:
    stable = site.get("/embed.js")
    digest = base64.b64encode(hashlib.sha384(stable.data).digest()).decode()
    (pinned,) = set(re.findall(r"/static/embed\.\w+\.js", site.get("/").text))
    assert f"sha384-{digest}" in site.get("/").text
    answer = site.get(pinned)
    assert answer.data == stable.data
    assert "immutable" in answer.headers["Cache-Control"]
    assert stable.headers["Cache-Control"].startswith("public, max-age=3600")
    assert answer.headers["Access-Control-Allow-Origin"] == stable.headers["Access-Control-Allow-Origin"] == "*"


def test_the_script_knows_how_many_rows_our_groups_have() -> None:
    found = GROUPS.search((ROOT / "static" / "embed.js").read_text("utf-8"))
    assert found
    said = dict(pair.split(": ") for pair in found[1].split(", "))
    assert said == {group.key: str(len(group.instruments)) for group in catalog.load().groups}
