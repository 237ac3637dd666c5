"""Charts, their pages and pictures as they are answered: forms, headers, mistakes, bytes."""

from __future__ import annotations

import json
import re
import struct
from datetime import date, timedelta
from pathlib import Path

import brotli
import pytest
from defusedxml.ElementTree import fromstring

from tests.web.conftest import Site

WIDGETS = ("card", "list", "strip", "chart")


def packed(site: Site, address: str) -> int:
    """Bytes on the wire, from the second request on."""
    site.get(address, Accept_Encoding="br")
    answer = site.get(address, Accept_Encoding="br")
    assert brotli.decompress(answer.data)
    return len(answer.data)


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
@pytest.mark.parametrize("query", ["i=wti&range=1y", "i=wti&range=max", "i=usdmxn&range=max", "i=gasoline&range=max"])
def test_a_chart_costs_a_page_at_most_twelve_thousand_bytes_before_anyone_touches_it(
    site: Site, query: str, lang: str
) -> None:
    fragment, script = packed(site, f"/w/chart?{query}&lang={lang}"), packed(site, "/chart.js")
    assert fragment + script <= 9_500  # the promise is 12,000, with forty years; the seed has ten
    assert packed(site, "/w/chart?i=wti,brent,natgas&range=max") + script <= 12_000


def test_a_chart_loads_nothing_by_itself(site: Site) -> None:
    html = site.get("/w/chart").text
    assert not re.search(r"<(script|link|img|iframe|object)|url\(|@import", html)
    assert "style=" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def test_the_script_names_plotly_with_its_digest_and_it_is_kept_for_ever(site: Site) -> None:
    explored = json.loads(site.get("/w/chart.json?i=wti").text)
    script = explored["script"]
    answer = site.get(script["src"])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert script["integrity"].startswith("sha384-")
    compared = json.loads(site.get("/w/chart.json?i=wti,brent&range=6m").text)
    assert [trace["y"][0] for trace in compared["figure"]["data"]] == [100.0, 100.0]


def test_without_figures_everything_still_answers(empty: Site) -> None:
    for address in ("/w/chart", "/w/chart?i=wti,brent", "/i/wti", "/i/wti?vs=brent", "/embed/chart", "/embed/list"):
        answer = empty.get(address)
        assert answer.status_code == 200, address
        if "list" not in address:
            assert "no figure yet" in answer.text, address
    assert json.loads(empty.get("/w/chart.json").text)["figure"] is None
    for widget in WIDGETS:
        assert empty.get(f"/img/{widget}.svg").status_code == 200, widget
        assert empty.get(f"/img/{widget}.png").data.startswith(b"\x89PNG")
    assert "no figure yet" in json.loads(empty.get("/v1/pictures/chart").text)["alt"]


# --- the page -------------------------------------------------------------------------------------


def test_the_page_names_itself_its_picture_and_its_languages(site: Site) -> None:
    page = site.get("/i/wti?range=5y&vs=brent&lang=es&utm_source=mail").text
    assert '<html lang="es">' in page
    here = "https://ticker.example/i/wti?range=5y&amp;vs=brent&amp;lang=es"
    assert f'<link rel="canonical" href="{here}">' in page
    assert f'<meta property="og:url" content="{here}">' in page
    image = re.search(r'og:image" content="https://ticker.example(/img/[^"]+)"', page)
    assert image
    picture = site.get(image[1].replace("&amp;", "&"))
    assert struct.unpack(">II", picture.data[16:24]) == (1200, 630)
    for lang in ("en", "es", "pt"):
        assert f'hreflang="{lang}"' in page


def test_every_address_on_a_page_is_answered(site: Site) -> None:
    for address in ("/i/wti?range=6m&vs=gbpusd", "/i/gasoline?lang=pt", "/"):
        page = site.get(address).text
        for found in sorted(set(re.findall(r'(?:href|src)="(/[^"]*)"', page))):
            assert site.get(found.replace("&amp;", "&")).status_code == 200, found


def test_a_form_gives_one_or_two_to_compare_with_in_any_way(site: Site) -> None:
    plain = site.get("/i/wti?vs=brent,natgas").text
    assert site.get("/i/wti?vs=brent&vs=natgas").text == plain
    assert site.get("/i/wti?vs=&vs=").text == site.get("/i/wti").text
    assert site.get("/i/wti?vs=wti").text == site.get("/i/wti").text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/i/gold", 404, "wti, brent, gasoline"),
        ("/i/wti?vs=brent,natgas,gasoline", 400, "at most 2 of brent, gasoline, natgas"),
        ("/i/wti?vs=gold", 400, "at most 2 of brent"),
        ("/i/wti?range=2y", 400, "1m, 3m, 6m, 1y, 5y, max"),
        ("/i/wti?lang=xx", 400, "en, es, pt"),
        ("/w/chart?range=2y", 400, "1m, 3m, 6m, 1y, 5y, max"),
        ("/w/chart?i=energy,currencies", 400, "1 to 3 instruments, and these are 10"),
        ("/w/chart.json?i=energy", 400, "1 to 3 instruments, and these are 4"),
        ("/embed/tape", 404, "strip, list, card, chart"),
        ("/img/chart.gif", 404, "chart.svg, chart.png"),
        ("/img/tape.png", 404, "strip.svg, strip.png"),
        ("/img/chart.png?size=640", 400, "300, 600, 1200"),
        ("/img/chart.png?scale=3", 400, "1, 2"),
        ("/img/chart.png?on=2016-03-31", 400, "a day from 2016-04-01 to 2026-04-14"),
        ("/img/chart.png?on=2026-04-15", 400, "a day from 2016-04-01 to 2026-04-14"),
        ("/img/chart.png?on=today", 400, "a day from 2016-04-01 to 2026-04-14"),
        ("/img/card.png?i=wti,brent", 400, "one instrument"),
        ("/v1/pictures/tape", 404, "strip, list, card, chart"),
        ("/v1/pictures/chart?width=5", 400, "i, lang, theme, up, range, size, scale, on"),
    ],
)
def test_a_mistake_is_answered_with_what_is_allowed(site: Site, address: str, status: int, said: str) -> None:
    answer = site.get(address)
    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


# --- frames ---------------------------------------------------------------------------------------


def test_a_framed_widget_may_stand_on_any_site_and_our_pages_may_not(site: Site) -> None:
    framed, page = site.get("/embed/chart?i=natgas"), site.get("/i/natgas")
    assert "frame-ancestors" not in framed.headers["Content-Security-Policy"]  # a star would leave out files
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    for answer in (framed, page):
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "<style" not in answer.text
    assert framed.headers["X-Robots-Tag"] == "noindex"


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_picture_is_as_large_as_its_document_says_and_both_forms_say_the_same(site: Site, widget: str) -> None:
    for query in ("size=300&scale=2", "size=600&theme=dark", "size=1200&lang=es"):
        document = json.loads(site.get(f"/v1/pictures/{widget}?{query}").text)
        image = site.get(document["png"].removeprefix("https://ticker.example"))
        assert struct.unpack(">II", image.data[16:24]) == (document["width"], document["height"])
        assert image.headers["Content-Type"] == "image/png"
        assert image.headers["Access-Control-Allow-Origin"] == "*"
        drawn = fromstring(site.get(document["svg"].removeprefix("https://ticker.example")).text)
        space = "{http://www.w3.org/2000/svg}"
        assert (drawn.findtext(f"{space}title"), drawn.findtext(f"{space}desc")) == (document["title"], document["alt"])


def test_a_png_is_not_compressed_again_and_its_copies_are_known_by_their_tag(site: Site) -> None:
    answer = site.get("/img/card.png", Accept_Encoding="br, gzip")
    assert "Content-Encoding" not in answer.headers
    assert site.get("/img/card.png", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_a_day_fixes_the_picture_and_how_long_it_is_kept(site: Site) -> None:
    old, new = site.get("/img/card.svg?i=wti&on=2020-04-20"), site.get("/img/card.svg?i=wti&on=2026-04-02")
    assert "−36.98" in old.text
    assert "20 Apr 2020" in old.text
    assert "n/a" in old.text
    assert "Next" not in old.text
    assert old.headers["Cache-Control"].startswith("public, max-age=31536000, s-maxage=300,")
    assert new.headers["Cache-Control"].startswith("public, max-age=3600, s-maxage=300,")
    assert "max-age=60" in site.get("/img/card.svg?i=wti").headers["Cache-Control"]
    limit = site.now.date() - timedelta(days=60)
    assert "3600" in site.get(f"/img/card.svg?on={limit}").headers["Cache-Control"]
    assert "31536000" in site.get(f"/img/card.svg?on={limit - timedelta(days=1)}").headers["Cache-Control"]


def test_a_day_without_a_figure_shows_the_one_before_it(site: Site) -> None:
    sunday = json.loads(site.get("/v1/pictures/card?i=gbpusd&on=2026-03-15").text)
    friday = json.loads(site.get("/v1/pictures/card?i=gbpusd&on=2026-03-13").text)
    assert sunday["alt"] == friday["alt"]
    assert "13 Mar 2026" in sunday["alt"]


def test_a_figure_corrected_since_is_shown_corrected_with_the_word_revised(site: Site) -> None:
    address = "/v1/pictures/card?i=wti&on=2026-04-06"
    site.publish("eia:RWTC", date(2026, 4, 6), "115.01")  # what the seed knew becomes the publisher's own word
    site.look_again()
    before = json.loads(site.get(address).text)["alt"]
    assert "115.01" in before
    assert "revised" not in before
    site.publish("eia:RWTC", date(2026, 4, 6), "114.99")
    site.look_again()
    after = json.loads(site.get(address).text)["alt"]
    assert "114.99" in after
    assert "revised" in after
    assert "revised" not in json.loads(site.get("/v1/pictures/card?i=wti").text)["alt"]
    assert "revisado" in json.loads(site.get(f"{address}&lang=es").text)["alt"]
    assert "revised" in json.loads(site.get("/v1/pictures/list?i=brent,wti&on=2026-04-06").text)["alt"]


# --- history in pieces ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["", ".csv"])
def test_a_long_history_is_compressed_piece_by_piece_in_every_coding_with_one_tag(site: Site, form: str) -> None:
    address = f"/v1/history/wti{form}?from=2016-04-13"
    plain = site.get(address)
    assert int(plain.headers["Content-Length"]) == len(plain.data)  # whole: a slow reader holds no thread
    assert plain.text.count("\n") > 2400 or len(json.loads(plain.text)["observations"]) > 2400
    for coding in ("br", "gzip"):
        answer = site.get(address, Accept_Encoding=coding)
        assert answer.headers["Content-Encoding"] == coding
        assert answer.headers["ETag"] == plain.headers["ETag"]
        assert len(answer.data) < len(plain.data) / 3
    assert brotli.decompress(site.get(address, Accept_Encoding="br").data) == plain.data
    again = site.get(address, If_None_Match=plain.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    head = site.get(address, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert "s-maxage" in plain.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "kept"), [("", True), ("?range=1y", True), ("?from=2026-01-02", True), ("?from=2016-04-13", False)]
)
def test_a_whole_line_and_a_short_span_are_kept_and_a_long_span_is_not(site: Site, query: str, kept: bool) -> None:
    for _ in range(3):
        assert "Content-Length" in site.get(f"/v1/history/wti{query}").headers
    assert ('cache="hit",kind="data",status="2xx"} 1.0' in site.get("/metrics").text) == kept


def test_the_typeface_and_plotly_are_there(site: Site) -> None:
    vendor = Path(__file__).parents[2] / "static" / "vendor"
    assert {"plotly-basic.min.js", "plex-sans-400.woff2", "plex-sans-600.woff2"} <= {f.name for f in vendor.iterdir()}
