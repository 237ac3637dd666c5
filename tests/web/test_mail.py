"""A widget as e-mail: the figures of `/v1/quotes`, the words of its picture, and nothing that mail programs strip."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.dates import format_date

from tests.web.conftest import FRESH, Site, site_at
from tests.web.test_one_set_of_numbers import LANGUAGES, written
from ticker.render.variant import PICTURED

SITE = "https://ticker.example"
EMPTY_TAGS = ("meta", "img", "br")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("mail")), FRESH)
    yield found
    found.parts.store.close()


class Message(HTMLParser):
    """What a mail program finds: every tag with its attributes, rows of cells, and all of the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)
        if tag == "table" and "role" not in given:
            self.tables.append([])
        if tag == "tr" and self.open.count("table") == 2:
            self.tables[-1].append([])
        if tag in ("td", "th") and self.open.count("table") == 2:
            self.tables[-1][-1].append("")
        if tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.text += text
        if self.open.count("table") == 2 and self.open[-1] not in ("table", "tr"):
            self.tables[-1][-1][-1] += text

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.tags if name == tag]

    @property
    def rows(self) -> list[list[str]]:
        return [[" ".join(cell.split()) for cell in row] for table in self.tables for row in table[1:]]


def read(site: Site, address: str) -> Message:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    return Message(answer.text)


def quotes(site: Site, keys: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(site.get(f"/v1/quotes?i={keys}").text)["quotes"]
    return found


def signed(value: str, lang: str) -> str:
    text = written(Decimal(value), lang)
    return f"+{text}" if Decimal(value) > 0 else text


def in_words(day: str, lang: str) -> str:
    return format_date(date.fromisoformat(day), "long", LANGUAGES[lang])


# --- figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_says_the_quotes_digit_for_digit(shared: Site, lang: str) -> None:
    found, asked = read(shared, f"/mail/list?lang={lang}"), quotes(shared, "energy,currencies")
    assert len(found.rows) == len(asked) == 10
    newest = {group: max(q["as_of"] for q in asked if q["group"] == group) for group in ("energy", "currencies")}
    for table, group in zip(found.tables, newest, strict=True):
        assert in_words(newest[group], lang) in " ".join(table[0])
    for (name, figure, change), q in zip(found.rows, asked, strict=True):
        assert figure == written(Decimal(q["value"]), lang)
        share = signed(q["change_percent"], lang)
        assert change.startswith(
            f"{ {'up': '▲', 'down': '▼', 'flat': '='}[q['direction']] } {signed(q['change'], lang)} {share}"
        )
        assert (in_words(q["as_of"], lang) in name) == (q["as_of"] != newest[q["group"]])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", ["wti", "gasoline", "gbpusd", "usdbrl"])
def test_a_card_says_its_quote(shared: Site, key: str, lang: str) -> None:
    found, (q,) = read(shared, f"/mail/card?i={key}&lang={lang}"), quotes(shared, key)
    (row,) = found.rows
    assert row[1] == written(Decimal(q["value"]), lang)
    assert signed(q["change"], lang) in row[2]
    assert in_words(q["as_of"], lang) in found.text
    assert f'<a href="{q["source"]["url"]}"' in shared.get(f"/mail/card?i={key}&lang={lang}").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_strip_and_a_chart_say_theirs(shared: Site, lang: str) -> None:
    strip = read(shared, f"/mail/strip?lang={lang}")
    for q in quotes(shared, "energy,currencies"):
        assert written(Decimal(q["value"]), lang) in strip.text
        assert in_words(q["as_of"], lang) in strip.text
    chart = read(shared, f"/mail/chart?i=natgas&range=5y&lang={lang}")
    picture = json.loads(shared.get(f"/v1/pictures/chart?i=natgas&range=5y&lang={lang}&on=2026-04-06").text)
    (sentence,) = re.findall(
        r"line-height:22px\">([^<]*)</td>", shared.get(f"/mail/chart?i=natgas&range=5y&lang={lang}").text
    )
    assert sentence in picture["alt"]
    assert in_words("2026-04-06", lang) in chart.text


def test_a_day_of_the_past_is_told_as_it_was(shared: Site) -> None:
    history = dict(json.loads(shared.get("/v1/history/gbpusd").text)["observations"])
    found = read(shared, "/mail/card?i=gbpusd&on=2026-03-22")  # a Sunday
    assert found.rows[0][1] == history["2026-03-20"]
    assert "As of 20 March 2026" in found.text


def test_an_absent_figure_is_a_dash_and_says_so(empty: Site) -> None:
    found = read(empty, "/mail/list")
    assert {row[1] for row in found.rows} == {"—"}
    assert all("no figure yet" in row[0] for row in found.rows)
    assert "on=" not in found.all("img")[0]["src"]


# --- the picture ------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "lang=es&theme=dark", "size=300&up=red", "lang=pt&on=2026-03-17"])
@pytest.mark.parametrize("widget", PICTURED)
def test_the_picture_is_there_in_its_size_and_with_its_words(shared: Site, widget: str, query: str) -> None:
    (img,) = read(shared, f"/mail/{widget}?{query}").all("img")
    address = urlsplit(img["src"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{SITE}/img/{widget}.png"
    said = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert said["scale"] == "2"
    assert said["on"] == (
        "2026-03-17" if "on=" in query else "2026-04-10" if widget in ("card", "chart") else "2026-04-13"
    )
    png = shared.get(f"{address.path}?{address.query}")
    assert png.content_type == "image/png"
    width, height = struct.unpack(">II", png.data[16:24])
    assert (width, height) == (2 * int(img["width"]), 2 * int(img["height"]))
    assert json.loads(shared.get(f"/v1/pictures/{widget}?{address.query}").text)["alt"] == img["alt"]


def test_a_message_keeps_its_day_when_new_figures_come(site: Site) -> None:
    before = read(site, "/mail/card").all("img")[0]
    site.publish("eia:RWTC", date(2026, 4, 13), "101.50")
    site.pass_time(minutes=1)
    old = site.get(before["src"].removeprefix(SITE))
    assert old.status_code == 200
    described = json.loads(
        site.get(before["src"].removeprefix(SITE).replace("/img/card.png", "/v1/pictures/card")).text
    )
    assert described["alt"] == before["alt"]
    assert read(site, "/mail/card").all("img")[0]["src"] != before["src"]


@pytest.mark.parametrize(("show", "rows", "images"), [("both", 10, 1), ("text", 10, 0), ("picture", 0, 1)])
def test_text_and_picture_can_be_had_alone(shared: Site, show: str, rows: int, images: int) -> None:
    found = read(shared, f"/mail/list?show={show}")
    assert (len(found.rows), len(found.all("img"))) == (rows, images)
    assert "of 10 April 2026" in found.text
    assert "Source: U.S. EIA" in found.text


# --- for mail programs ------------------------------------------------------------------------------

STRIPPED = re.compile(
    r"<style|<script|<link|<svg|class=|\bid=|flex|grid|var\(|url\(|position:|@media|float:|calc\(|javascript:", re.I
)


@pytest.mark.parametrize("query", ["", "theme=light", "theme=dark", "up=red", "size=300", "show=text"])
@pytest.mark.parametrize("widget", PICTURED)
def test_a_message_is_of_what_mail_programs_keep(shared: Site, widget: str, query: str) -> None:
    html = shared.get(f"/mail/{widget}?{query}").text
    found = Message(html)
    assert not STRIPPED.search(html)
    assert len(html.encode()) < 40_000  # Gmail cuts a message off at 102 kB
    for given in found.all("table"):
        assert given["cellpadding"] == given["cellspacing"] == given["border"] == "0"
    assert [given.get("role") for given in found.all("table")].count(None) == len(found.tables)
    assert all(given["scope"] in ("col", "row") for given in found.all("th"))
    size = 300 if "300" in query else 600
    assert f"max-width:{size}px" in found.all("table")[0]["style"]
    for given in [*found.all("td"), *found.all("th")]:
        style = given["style"]
        assert "background-color:#" in style
        assert "padding:16px" in style or "color:#" in style.replace("background-color:#", "")
    for given in found.all("a"):
        assert given["href"].startswith("https://")
        assert "color:#" in given["style"]
    schemes = {given["content"] for given in found.all("meta") if "color-scheme" in given.get("name", "")}
    assert schemes == {"light" if "light" in query else "dark" if "dark" in query else "light dark"}


def test_the_code_is_the_message_without_its_page(shared: Site) -> None:
    page, code = shared.get("/mail/list?lang=es"), shared.get("/mail/list?lang=es&view=code")
    assert code.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert code.text.strip() in page.text
    assert "<html" not in code.text
    assert "<meta" not in code.text


def test_only_this_address_allows_styles_and_only_as_attributes(shared: Site) -> None:
    policy = shared.get("/mail/list").headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; img-src 'self' https://ticker.example/"
    )
    for other in ("/", "/i/wti", "/embed/list"):
        assert "unsafe" not in shared.get(other).headers["Content-Security-Policy"]


def test_what_a_catalog_says_is_text(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        """[instruments.wti]
group = "energy"
name = '<b onclick=x>"&'
label = '<b onclick=x>"&'
detail = "WTI spot"
kind = "spot"
unit = "USD/bbl"
decimals = 2
cadence = "daily"
range = ["-100", "300"]
chain = ["eia: RWTC"]
"""
    )
    own = site_at(tmp_path, FRESH, TICKER_CATALOG=str(file))
    html = own.get("/mail/card?show=text").text
    feed = own.get("/feeds/wti.atom").text
    own.parts.store.close()
    assert "<b onclick" not in html + feed
    assert "&lt;b onclick=x&gt;&#34;&amp;" in html
    assert "&lt;b onclick=x&gt;&#34;&amp;" in feed


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/mail/list?size=1200", 400, "300, 600"),
        ("/mail/list?show=all", 400, "both, text, picture"),
        ("/mail/list?view=html", 400, "mail, code"),
        ("/mail/list?i=gold", 400, "groups energy"),
        ("/mail/list?on=2099-01-01", 400, "a day from"),
        ("/mail/card?i=wti,brent", 400, "one instrument"),
        ("/mail/sms", 404, "strip, list, card, chart"),
        ("/mail/list?theme=%3Cscript%3E", 400, "auto, light, dark"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(shared: Site, address: str, status: int, says: str) -> None:
    answer = shared.get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert says in answer.text


def test_how_long_a_message_may_be_kept(shared: Site) -> None:
    for query, said in ("", "s-maxage=300"), ("on=2026-04-10", "max-age=3600"), ("on=2026-01-12", "max-age=31536000"):
        first, again = (shared.get(f"/mail/list?{query}&utm_source=x") for _ in range(2))
        assert said in first.headers["Cache-Control"]
        assert first.headers["ETag"] == again.headers["ETag"]
        assert first.headers["X-Robots-Tag"] == "noindex"
    assert shared.get("/mail/list", If_None_Match=shared.get("/mail/list").headers["ETag"]).status_code == 304
