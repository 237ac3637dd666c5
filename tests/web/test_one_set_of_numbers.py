"""Chart, table, sentence, JSON, CSV, Plotly's figure and the picture's words: one set of numbers, digit for digit."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.numbers import format_decimal

from tests.web.conftest import FRESH, Site, site_at
from ticker.market.history import RANGES

TEN = ("wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")
LANGUAGES = {"en": "en_001", "es": "es", "pt-BR": "pt_BR"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("numbers")), FRESH)
    yield found
    found.parts.store.close()


class Chart(HTMLParser):
    """What a reader, a screen reader and a machine find in a chart's fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: list[tuple[str, str]] = []
        self.rows: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.sentence = ""
        self.inside: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in ("path", "meta", "br"):
            self.inside.append((tag, given))
        if tag == "time" and any(t == "th" for t, _ in self.inside):
            self.rows.append((given["datetime"], ""))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, text: str) -> None:
        tag, given = self.inside[-1] if self.inside else ("", {})
        if tag == "data":
            self.data.append((given["value"], text))
        elif tag == "td" and self.rows:
            self.rows[-1] = (self.rows[-1][0], text)
        elif tag == "text":
            self.texts.append((given.get("class", ""), text))
        elif tag == "figcaption":
            self.sentence += text.replace("\u2060", "")


@dataclass
class Told:
    """One chart in every form."""

    history: list[tuple[date, Decimal]]
    chart: Chart
    rows: list[list[str]]
    explored: dict[str, Any]
    picture: dict[str, Any]


def told(site: Site, key: str, named: str, lang: str) -> Told:
    query = f"range={named}"
    history = json.loads(site.get(f"/v1/history/{key}?{query}").text)["observations"]
    return Told(
        history=[(date.fromisoformat(day), Decimal(value)) for day, value in history],
        chart=Chart(site.get(f"/w/chart?i={key}&{query}&lang={lang}").text),
        rows=list(csv.reader(io.StringIO(site.get(f"/v1/history/{key}.csv?{query}").text)))[1:],
        explored=json.loads(site.get(f"/w/chart.json?i={key}&{query}&lang={lang}").text),
        picture=json.loads(site.get(f"/v1/pictures/chart?i={key}&{query}&lang={lang}").text),
    )


def written(value: Decimal, lang: str) -> str:
    """The value as its language writes it: Babel's word, with a true minus."""
    places = -int(value.as_tuple().exponent)
    pattern = "#,##0." + "0" * places if lang == "en" else Locale.parse(LANGUAGES[lang]).decimal_formats[None].pattern
    fixed = re.sub(r"0\.###", "0." + "0" * places, pattern)
    return format_decimal(value, fixed, LANGUAGES[lang]).replace("-", "−")


def digits(text: str) -> set[str]:
    """The numbers in a text, as they are written, without signs."""
    return set(re.findall(r"\d[\d.,]*\d|\d", text))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("named", RANGES)
@pytest.mark.parametrize("key", TEN)
def test_every_form_of_a_chart_says_the_same(shared: Site, key: str, named: str, lang: str) -> None:
    found = told(shared, key, named, lang)
    history, values = found.history, dict(found.history)
    last, first = history[-1], history[0]
    assert [row[:2] for row in found.rows] == [[str(d), str(v)] for d, v in history]

    assert found.chart.data == [(str(last[1]), written(last[1], lang))]
    assert found.chart.rows[0][0] == str(last[0])
    for iso, cell in found.chart.rows:
        assert cell == written(values[date.fromisoformat(iso)], lang)
    ends = [text for name, text in found.chart.texts if name == "tkr-q"]
    assert ends == [written(last[1], lang)]
    marked = {text for name, text in found.chart.texts if name.split(" ")[0] == "tkr-m"}
    low, high = min(values.values()), max(values.values())
    expected = {v for v in (low, high) if v != last[1]} if low != high else set()
    assert {written(v, lang) for v in expected} <= marked
    assert marked <= {written(v, lang) for v in (low, high, first[1])}

    said = digits(found.chart.sentence)
    for value in (last[1], low, high) if len(history) > 1 else (last[1],):
        assert written(abs(value), lang) in said
    if len(history) > 1 and first[1] > 0 and last[1] > 0:
        percent = ((last[1] - first[1]) * 100 / first[1]).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        if percent:
            assert written(abs(percent), lang) in said
    assert digits(found.chart.sentence) <= digits(found.picture["alt"]) | {str(first[0].year), str(last[0].year)}

    (trace,) = found.explored["figure"]["data"]
    shown = {date.fromisoformat(d): y for d, y in zip(trace["x"], trace["y"], strict=True) if y is not None}
    places = -int(last[1].as_tuple().exponent)
    for day, value in history:
        assert Decimal(repr(shown[day])).quantize(Decimal(1).scaleb(-places)) == value
    start, end = found.explored["figure"]["layout"]["xaxis"]["range"]
    assert start <= str(first[0])
    assert end == str(last[0])


@pytest.mark.parametrize("key", TEN)
def test_the_page_the_quote_and_the_chart_agree(shared: Site, key: str) -> None:
    quote = json.loads(shared.get(f"/v1/quotes/{key}").text)
    page = shared.get(f"/i/{key}").text
    rows = re.findall(r'<tr><th scope="row"><time datetime="([\d-]+)">[^<]*</time></th><td>([^<]*)</td><td>', page)
    history = dict(json.loads(shared.get(f"/v1/history/{key}").text)["observations"])
    assert len(rows) == 20
    assert rows[0] == (quote["as_of"], written(Decimal(quote["value"]), "en"))
    for day, figure in rows:
        assert figure == written(Decimal(history[day]), "en")
    assert f'<data value="{quote["value"]}">' in page
