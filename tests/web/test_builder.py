"""The builder as a server answers it: state in the address, a form without scripts, snippets that work, true costs."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

import pytest

from tests.web.conftest import Site
from ticker.render.forms import forms_of
from ticker.render.variant import PICTURED, WIDGETS

ALL = [(widget, form) for widget in WIDGETS for form in forms_of(widget)]
OURS = "https://ticker.example"


def snippet_of(text: str) -> str:
    found = re.search(r'<code id="snippet">(.*?)</code>', text, re.DOTALL)
    assert found
    return unescape(re.sub(r"<[^>]+>", "", found[1]))


def addresses(snippet: str) -> list[str]:
    """Our addresses in what is pasted, after the host."""
    found = re.findall(rf'(?:{OURS}|(?<=virtual=")|(?<=<esi:include src="))(/[^"\s<]*)', snippet)
    return [address.replace("&amp;", "&") for address in found]


def test_every_address_in_a_snippet_answers(site: Site) -> None:
    for widget, form in ALL:
        page = site.get(f"/?widget={widget}&form={form}&i=gasoline&lang=es-VE&theme=dark&up=red&range=5y&spark=0")
        assert page.status_code == 200
        found = addresses(snippet_of(page.text))
        assert found, (widget, form)
        for address in found:
            assert site.get(address).status_code == 200, address


def test_the_snippet_gives_what_the_preview_shows(site: Site) -> None:
    for widget in PICTURED:
        page = site.get(f"/?widget={widget}&form=ssi&i=natgas&lang=es-VE&theme=dark&style=0").text
        (address,) = (found for found in addresses(snippet_of(page)) if found != "/ticker.css")
        assert site.get(address).text.replace(OURS, "").strip() in page


def test_it_says_at_once_how_a_sidebar_is_pasted(site: Site) -> None:
    snippet = snippet_of(site.get("/").text)
    assert snippet.startswith(f'<script async src="{OURS}/embed.js"></script>\n<market-ticker widget="list" ')
    assert 'i="energy,currencies"' in snippet
    assert re.search(r"min-height:\d{3}px", snippet)


def test_the_script_can_be_pinned(site: Site) -> None:
    page = site.get("/").text
    found = re.search(
        r"src=&#34;https://ticker.example(/static/embed[^&]+)&#34; integrity=&#34;(sha384-[^&]+)&#34;", page
    )
    assert found
    body = site.get(found[1]).data
    assert found[2] == "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()
    assert body == site.get("/embed.js").data


def test_what_is_not_plain_is_escaped(site: Site) -> None:
    text = site.get("/?find=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text
    assert "&#34;&gt;&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("widget=tape", "strip, list, card, chart"),
        ("form=<script>", "element, frame"),
        ("i=<img/src=x>", "groups energy, currencies, world"),
        ("theme=pink", "auto, light, dark"),
        ("width=1", "300, 360, 640"),
    ],
)
def test_a_wrong_value_is_a_page_that_says_what_is_allowed(site: Site, query: str, allowed: str) -> None:
    for address in ("/", "/builder"):
        answer = site.get(f"{address}?{query}")
        assert (answer.status_code, answer.mimetype) == (400, "text/html")
        assert answer.headers["Cache-Control"] == "no-store"
        assert allowed in answer.text
        assert "<img" not in answer.text
        assert "<script" not in answer.text


def test_too_many_instruments_are_refused(site: Site) -> None:
    answer = site.get("/?widget=chart&i=energy")
    assert answer.status_code == 400
    assert "1 to 3 instruments" in answer.text
    assert site.get("/?utm_source=mail").status_code == 200


def test_the_form_leads_a_browser_to_the_address_of_its_choice(site: Site) -> None:
    answer = site.get("/builder?widget=list&i=&lang=es&theme=auto&form=element&width=300&ground=light&spark=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?lang=es#builder")
    assert answer.headers["Cache-Control"] == "no-store"
    moved = site.get("/builder?widget=list&i=energy,gbpusd&edit=later:energy&find=")
    assert moved.headers["Location"] == "/?i=gbpusd,energy#builder"
    sought = site.get("/builder?widget=list&i=&find=gás&lang=en").headers["Location"]
    found = site.get(sought.partition("#")[0]).text
    assert re.search(r'<li data-words="[^"]*"><button name="edit" id="add-world', found) is None
    assert 'value="gás"' in found
    odd = site.get("/builder?find=a%0d%0aX-Y:%20z%26theme=dark").headers
    assert odd["Location"] == "/?find=a%0D%0AX-Y%3A+z%26theme%3Ddark#builder"
    assert "X-Y" not in odd


def test_htmx_gets_the_builder_alone_and_the_address_to_show(site: Site) -> None:
    answer = site.get("/builder?widget=card&lang=es", HX_Request="true", HX_Current_URL=f"{OURS}/")
    assert (answer.status_code, answer.headers["HX-Push-Url"]) == (200, "/?widget=card&lang=es")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.startswith('<form id="builder"')
    again = site.get("/builder?widget=card", HX_Request="true", HX_Current_URL=f"{OURS}/?widget=card")
    assert "HX-Push-Url" not in again.headers


def test_the_page_is_the_same_for_htmx_and_may_be_kept(site: Site) -> None:
    address = "/?widget=chart&form=frame"
    page = site.get(address)
    restored = site.get(address, HX_Request="true", HX_History_Restore_Request="true")
    assert page.data == restored.data
    assert page.headers["ETag"]
    assert "public" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "loaded", "requests"),
    [
        ("", ["/w/list?i=energy,currencies&link=1", "/embed.js"], 2),
        ("widget=chart&theme=dark", ["/w/chart?i=wti&link=1", "/embed.js", "/chart.js"], 3),
        ("widget=inline", ["/embed.js"], 1),
        ("form=ssi", ["/w/list?i=energy,currencies"], 0),
        ("form=htmx4&widget=strip", ["/w/strip?i=energy,currencies"], 1),
        ("form=json", ["/v1/quotes?i=energy,currencies"], 1),
        ("form=picture&widget=card", ["/img/card.png?i=wti&size=300"], 1),
        ("form=oembed&widget=chart", ["/embed/chart?i=wti"], 6),
        ("form=frame", ["/embed/list?i=energy,currencies", "/frame.js"], 6),
    ],
)
def test_the_costs_are_those_of_the_real_answers(site: Site, query: str, loaded: list[str], requests: int) -> None:
    page = site.get("/?" + query).text
    embed = site.get(loaded[0]).text if loaded[0].startswith("/embed/") else ""
    total = 0
    for address in [*loaded, *re.findall(r'(?:stylesheet" href|<script(?: defer)? src)="([^"]+)', embed)]:
        site.get(address, Accept_Encoding="br")
        total += len(site.get(address, Accept_Encoding="br").data)  # kept answers are compressed thoroughly
    assert f"<b>{total / 1000:.1f} kB</b> compressed" in page
    assert f"<dt>Requests</dt><dd><b>{requests}</b>" in page


def test_what_is_weighed_is_not_kept(site: Site) -> None:
    site.get("/?form=ssi&i=natgas")
    site.get("/builder?form=ssi&i=natgas", HX_Request="true")
    cache = site.app.wsgi_app
    assert not [key for key in cache._seen if "/w/" in key[0]]  # type: ignore[attr-defined]  # how Flask is wrapped


def test_a_picture_has_its_own_size_and_each_card_one(site: Site) -> None:
    snippet = snippet_of(site.get("/?form=picture&widget=card&i=wti,gasoline&width=640").text)
    images = re.findall(r'<img src="([^"]+)" srcset="[^"]+" width="600" height="(\d+)" alt="([^"]+)"', snippet)
    assert [alt for _, _, alt in images] == ["Crude Oil, WTI spot", "US Gasoline Prices, regular, retail"]


def test_an_empty_store_still_has_a_builder(empty: Site) -> None:
    assert empty.get("/?widget=inline").status_code == 200
    assert empty.get("/").status_code == 200
