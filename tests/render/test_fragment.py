from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import brotli
import pytest

from tests.render.world import NOW, figures, fragment, renderer, snapshot, written
from ticker import catalog
from ticker.market.instrument import Catalog
from ticker.render.language import languages
from ticker.render.row import row
from ticker.render.stylesheet import minified
from ticker.render.variant import WIDGETS, parse_variant

VOID = {"br", "line", "path"}


class Reader(HTMLParser):
    """What a reader hears, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.heard: list[str] = []
        self.feed(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
        self.close()
        assert not self.open
        self.text = " ".join("".join(self.heard).split())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "br":
            return
        self.open.append(tag + ("!" if ("aria-hidden", "true") in attrs else ""))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().removesuffix("!") == tag

    def handle_data(self, data: str) -> None:
        if not any(tag.endswith("!") for tag in self.open):
            self.heard.append(data)


def held(**lines: str) -> dict[str, Any]:
    """The usual figures with some series replaced: `RWTC="2026-03-13 98.48"`."""
    codes = {"RWTC": "eia", "RBRTE": "eia", "RNGWHHD": "eia", "EMM_EPMR_PTE_NUS_DPG": "eia"}
    return dict(figures()) | {f"{codes.get(c, 'ecb')}:{c}": written(text) for c, text in lines.items()}


def rows(html: str) -> dict[str, str]:
    """What is heard of each row, by its first words."""
    return {r.text[:12]: r.text for r in map(Reader, re.findall(r"<li.*?</li>", html, flags=re.DOTALL))}


TOLD = tuple(w for w in WIDGETS if w != "inline")
"""The widgets that say a change and a unit."""


def test_a_row_says_name_kind_figure_unit_and_direction_in_words() -> None:
    shown = snapshot(held=held(RWTC="2026-03-13 98.48 2026-03-16 93.39"))
    text = "WTI spot 93.39 US dollars per barrel, down −5.09 −5.17%"
    assert rows(fragment("list", shown, i="wti"))["Crude Oil WT"] == f"Crude Oil {text}"
    assert text in Reader(fragment("strip", shown, i="wti")).text
    assert '<data value="93.39">93.39</data>' in fragment("card", shown, i="wti")


def test_trap_41_a_figure_in_a_sentence_has_its_day_and_source() -> None:
    shown = snapshot(held=held(RWTC="2026-03-13 98.48 2026-03-16 93.39", USD="2026-03-18 1", BRL="2026-03-18 5.4321"))
    assert Reader(fragment("inline", shown)).text == "$93.39 (16 Mar, U.S. EIA)"
    assert Reader(fragment("inline", shown, i="usdbrl", lang="pt-BR")).text == "R$ 5,4321 (18 de mar., ECB)"
    assert Reader(fragment("inline", snapshot(held={}), lang="es")).text == "aún sin datos"
    late = snapshot(held=held(RWTC="2026-03-05 98.48 2026-03-06 93.39"))
    assert Reader(fragment("inline", late)).text == "$93.39 (6 Mar, late, U.S. EIA)"


@pytest.mark.parametrize("widget", WIDGETS)
def test_names_lead_to_the_instruments_page_where_that_is_asked_for(widget: str) -> None:
    ours = snapshot()
    variant = parse_variant(widget, {"i": "natgas", "lang": "es", "link": "1"}, ours.catalog)
    linked = renderer().fragment(ours, variant, "https://ticker.example")
    assert linked.count('<a href="https://ticker.example/i/natgas?lang=es">') == 1
    assert '/i/natgas?lang=es">' not in fragment(widget, ours, i="natgas", lang="es")


def test_a_rising_dollar_is_said_to_weaken_the_currency_that_the_row_is_named_after() -> None:
    shown = snapshot(held=held(USD="2026-03-17 1 2026-03-18 1", BRL="2026-03-17 5 2026-03-18 6", GBP="2026-03-17 1"))
    for widget in TOLD:
        assert "weaker" in Reader(fragment(widget, shown, i="usdbrl")).text
        assert "weaker" not in Reader(fragment(widget, shown, i="gbpusd")).text


def test_trap_41_a_group_says_its_day_source_and_next_date_once() -> None:
    text = Reader(fragment("list", snapshot(), i="currencies")).text
    assert text.count("18 Mar") == 1
    assert text.endswith("Reference rates · Source: ECB, cross rates our own calculation · Next: 19 Mar")
    assert "own calculation" not in fragment("list", snapshot(), i="eurusd,wti")


def test_rows_that_differ_repeat_their_day_and_say_late_or_stale() -> None:
    late = held(RWTC="2026-03-05 98.48 2026-03-06 93.39", EMM_EPMR_PTE_NUS_DPG="2026-02-23 3 2026-03-02 3")
    html = fragment("list", snapshot(held=late), i="energy")
    assert rows(html)["Crude Oil WT"].startswith("Crude Oil WTI spot as of 6 Mar, ")
    assert "as of 2 Mar, stale 3.000" in rows(html)["US Gasoline "]
    assert "as of" not in rows(html)["Natural Gas "]
    assert "unchanged 0.000 0.00%" in rows(html)["US Gasoline "]
    assert html.count('class="tkr-w"') == 2


def test_a_frozen_source_shows_once_at_the_head_of_its_group() -> None:
    html = fragment("list", snapshot(NOW + timedelta(days=9), figures()), i="currencies")
    assert "Currencies 18 Mar, stale" in Reader(html).text
    assert Reader(html).text.count("stale") == 1
    assert html.count('class="tkr-w"') == 6


def test_every_widget_has_a_place_for_the_word_that_nobody_renewed_it_and_nothing_stands_there() -> None:
    for widget in WIDGETS:
        assert re.findall(r'<s\w+ class="tkr-at">(.*?)</', fragment(widget, i="gbpusd")) == [""]
    assert '1 year<span class="tkr-at"></span></b>' in fragment("chart", i="gbpusd,usdbrl")
    assert "tkr-at" not in fragment("card", snapshot(held={}), i="wti", style="0")
    old = snapshot(NOW + timedelta(days=9), figures())
    assert '</time><span class="tkr-at">, stale</span>' in fragment("list", old, i="currencies")
    assert '</time> <small class="tkr-at">stale</small>' in fragment("card", old, i="gbpusd")


def test_no_figure_is_a_dash_and_words_never_a_blank() -> None:
    for widget in ("strip", "list", "card"):
        for lang, words in (("en", "no figure yet"), ("es", "aún sin datos"), ("pt", "ainda sem dados")):
            text = Reader(fragment(widget, snapshot(held={}), i="wti,gbpusd", lang=lang)).text
            assert text.count("—") == text.count(words) == 2


def test_every_widget_names_the_day_of_a_change_across_a_gap() -> None:
    shown = snapshot(held=held(RWTC="2026-03-10 98.48 2026-03-16 93.39"))
    for widget in TOLD:
        assert "−5.17% since 10 Mar" in Reader(fragment(widget, shown, i="wti")).text
    near = snapshot(held=held(RWTC="2026-03-13 98.48 2026-03-16 93.39"))
    assert [w for w in TOLD if "since 13 Mar" in Reader(fragment(w, near, i="wti")).text] == ["card"]


def test_a_price_below_zero_has_no_percentage_and_keeps_its_change() -> None:
    shown = snapshot(datetime(2020, 4, 21, 20, tzinfo=UTC), held(RWTC="2020-04-17 18.31 2020-04-20 -36.98"))
    for widget in TOLD:
        html = fragment(widget, shown, i="wti")
        assert "−36.98 US dollars per barrel, down −55.29 n/a" in Reader(html).text
        assert 'class="tkr-a"' not in html
        assert 'value="-36.98"' in html


def test_a_day_of_another_year_has_its_year() -> None:
    assert "16 Mar 2026" in Reader(fragment("list", snapshot(NOW + timedelta(days=365), figures()), i="brent")).text


@pytest.mark.parametrize("widget", WIDGETS)
def test_the_root_carries_language_theme_directions_and_how_long_it_is_true(widget: str) -> None:
    shown = snapshot()
    html = fragment(widget, shown, lang="es-VE", theme="dark", up="red")
    until = f"{shown.valid_until:%Y-%m-%dT%H:%M:%SZ}"
    root = '<section class="tkr" lang="es-VE" dir="ltr" data-theme="dark" data-up="red" data-stale="sin actualizar"'
    root += f' data-valid-until="{until}"'
    if widget == "inline":  # it stands in a sentence, and has no direction
        root = root.replace('section class="tkr"', 'span class="tkr tkr-in"').replace("red", "green")
    assert html.startswith(root)
    assert html.endswith("</section>" if widget != "inline" else "</span>")
    plain = fragment(widget, shown, lang="es-VE")
    assert plain.partition(">")[2] == html.partition(">")[2]
    assert html.partition(">")[0].endswith(" data-awaited") == any(
        shown.by_key[key].standing.awaited for key in parse_variant(widget, {}, shown.catalog).instruments
    )


@pytest.mark.parametrize("widget", WIDGETS)
def test_without_style_there_is_none_and_with_it_only_the_widgets_own(widget: str) -> None:
    assert "<style>" not in fragment(widget, style="0")
    assert "style=" not in fragment(widget, style="0")
    styled = fragment(widget)
    own = {"list": "l", "strip": "s", "card": "k", "chart": "f", "inline": "in"}
    assert [w for w in own.values() if f".tkr-{w} " in styled] == [own[widget]]


def test_without_sparklines_there_are_none() -> None:
    assert "<svg" in fragment("list")
    assert "<svg" not in fragment("list", spark="0")


def test_nothing_that_may_be_cached_says_today_or_a_time_of_day() -> None:
    for widget in WIDGETS:
        for lang in languages():
            shown = "wti" if WIDGETS[widget].most == 1 else "wti,gasoline,gbpusd"
            text = Reader(fragment(widget, i=shown, lang=lang)).text
            assert not re.search(r"today|hoy|hoje|\d:\d\d", text)


def test_a_catalogs_words_are_escaped() -> None:
    ours = catalog.load()
    evil = "<script>alert(1)</script>\"' onload=x {{ 7*7 }}"
    first = replace(ours.groups[0].instruments[0], label=evil, detail=evil, name=evil)
    shown = snapshot(shown=Catalog((replace(ours.groups[0], label=evil, instruments=(first,)),), ours.series_bounds))
    for widget in WIDGETS:
        html = fragment(widget, shown, i="wti")
        assert "<script" not in html
        assert "49" not in re.sub(r"<style>.*</style>|d=\"[^\"]*\"", "", html, flags=re.DOTALL)
        assert widget == "inline" or "{{ 7*7 }}" in Reader(html).text


def test_ten_quotes_with_sparklines_and_style_are_light() -> None:
    """DESIGN.md section 5. A thousand days' figures differ by some 60 bytes; English is the default."""
    for lang in languages():
        assert len(brotli.compress(fragment("list", lang=lang).encode(), quality=11)) <= 2500
    for day in (date(2020, 4, 21), date(2022, 3, 10), date(2024, 9, 12), date(2025, 12, 31), date(2026, 1, 23)):
        shown = snapshot(datetime(day.year, day.month, day.day, 18, tzinfo=UTC))
        assert len(brotli.compress(fragment("list", shown).encode(), quality=11)) <= 2500


def test_a_style_sheet_is_made_small_and_stays_the_same_rules() -> None:
    css = """/* words */
.a > .b:is(c, d) {
  color: red;
  width: calc(1px + 2 * (3px));
}
@media print { .a { top: 0; } }
"""
    assert minified(css) == ".a>.b:is(c,d){color:red;width:calc(1px + 2 * (3px))}@media print{.a{top:0}}"


def test_thirty_two_readers_of_one_fragment_cost_one_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, rendered, start = snapshot(), renderer(), threading.Barrier(32)
    variant = parse_variant("list", {}, shown.catalog)
    made: list[str] = []
    real = row

    def counted(q: Any, *args: Any) -> Any:
        made.append(q.instrument.key)
        threading.Event().wait(0.005)  # long enough for every other thread to find nothing yet
        return real(q, *args)

    def read(_: int) -> str:
        start.wait()
        return rendered.fragment(shown, variant)

    monkeypatch.setattr("ticker.render.fragment.row", counted)
    with ThreadPoolExecutor(32) as readers:
        assert len(set(readers.map(read, range(32)))) == 1
    assert sorted(made) == sorted(variant.instruments)
    rendered.fragment(shown, replace(variant, theme="dark"))
    assert len(made) == 10  # the rows are kept too


def test_a_failed_rendering_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, rendered = snapshot(), renderer()
    variant = parse_variant("card", {}, shown.catalog)
    with monkeypatch.context() as broken:
        broken.setattr("ticker.render.fragment.row", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rendered.fragment(shown, variant)
    assert "Crude Oil" in rendered.fragment(shown, variant)


def test_another_revision_or_phase_is_another_fragment() -> None:
    rendered, variant = renderer(), parse_variant("card", {}, catalog.load())
    first = rendered.fragment(snapshot(), variant)
    newer = snapshot(held=held(RWTC="2026-03-16 93.39 2026-03-17 94.00"), revision=2)
    assert rendered.fragment(newer, variant) != first
    assert rendered.fragment(snapshot(), variant) is first
