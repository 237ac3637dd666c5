from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate, combinations, groupby, pairwise
from typing import Any

import brotli
import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.test_outline import FACE
from tests.render.world import crossed, figures, snapshot, whole, written
from ticker.market.history import RANGES
from ticker.market.snapshot import Snapshot
from ticker.render.block import Block, block
from ticker.render.language import language, languages
from ticker.render.outline import ELLIPSIS
from ticker.render.panel import Panel, panel
from ticker.render.picture import PICTURES, SIZES, PictureWords, draw, picture
from ticker.render.raster import png
from ticker.render.row import card_year, row
from ticker.render.sheet import THEMES, Sheet, Style, colours, overlap
from ticker.render.sparkline import sparkline, year

SVG = "{http://www.w3.org/2000/svg}"
TEN = ("wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")
HEIGHTS = {("card", 300): 240, ("chart", 300): 260, 600: 315, 1200: 630}
evil = st.text(st.characters() | st.sampled_from("<>&\"'\x00\ufffe]"), max_size=30)


@cache
def usual() -> Snapshot:
    return snapshot()


@cache
def complete() -> Snapshot:
    return whole()


@cache
def troubled() -> Snapshot:
    """Late, stale, without a figure, below zero, and with a change across a gap."""
    held: dict[str, Any] = dict(figures())
    held["eia:RWTC"] = written("2026-03-05 98.48 2026-03-06 -36.98")
    held["eia:EMM_EPMR_PTE_NUS_DPG"] = written("2026-02-23 3 2026-03-02 3")
    held["ecb:BRL"] = written("2026-03-10 6.02 2026-03-18 6.12")
    held["ecb:INR"] = ()
    return snapshot(held=held)


def words(lang: str) -> PictureWords:
    said = language(lang)
    return PictureWords(lang, said.word("markets"), said.word("low"), said.word("high"), said.chart("revised"))


def blocks(shown: Snapshot, keys: Sequence[str], lang: str, widget: str) -> list[Block]:
    said = language(lang)
    quotes = [shown.by_key[key] for key in keys]
    rows = {q.instrument.key: row(q, sparkline(q.line, q.instrument.cadence), said, 0) for q in quotes}
    if widget == "card":
        q = quotes[0]
        found = year(q.line, q.instrument.cadence)
        drawn = card_year(found, q.instrument.decimals, said, 0) if found else None
        return [block(said.label(q.instrument), [q], [rows[keys[0]]], said, 0, drawn)]
    titles = {group.key: said.group(group) for group in shown.catalog.groups}
    runs = [(key, list(run)) for key, run in groupby(quotes, key=lambda q: q.instrument.group)]
    return [block(titles[key], run, [rows[q.instrument.key] for q in run], said, 0) for key, run in runs]


def of(
    widget: str, lang: str = "en", keys: Sequence[str] = (), shown: Snapshot | None = None, named: str = "1y"
) -> dict[str, Any]:
    """What a picture is drawn of, by the names of its arguments."""
    shown = shown or usual()
    keys = keys or (TEN if widget in ("list", "strip") else ("wti",))
    chart: Panel | None = None
    if widget == "chart":
        quotes = [shown.by_key[key] for key in keys]
        chart = panel(quotes, [q.line for q in quotes], named, language(lang), 0, "https://markets.test")
    return {
        "widget": widget,
        "blocks": blocks(shown, keys, lang, widget),
        "words": words(lang),
        "typeface": FACE,
        "panel": chart,
    }


def drawn(widget: str, size: int = 600, theme: str = "light", up: str = "green", **made: Any) -> str:
    return picture(size=size, theme=theme, up=up, **of(widget, **made))


def texts(sheet: Sheet) -> str:
    return " ".join(text for text, _ in sheet.boxes)


def read(image: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Width, height and the pixel at the top left of a PNG: on its own, no filter changes that one."""
    width, height, depth, kind = struct.unpack(">IIBB", image[16:26])
    assert (depth, kind) in ((8, 6), (8, 2))
    at, data = 8, b""
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        if image[at + 4 : at + 8] == b"IDAT":
            data += image[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, tuple(zlib.decompress(data)[1:4])


def every_shape() -> list[tuple[str, tuple[str, ...], Snapshot]]:
    """Every widget of the usual ten instruments and of those in trouble; card and chart of each of the ten."""
    shapes: list[tuple[str, tuple[str, ...], Snapshot]] = []
    for shown in (usual(), troubled()):
        shapes += [(widget, TEN, shown) for widget in ("list", "strip")]
        shapes += [(widget, (key,), shown) for widget in ("card", "chart") for key in TEN]
    return [*shapes, ("chart", ("wti", "brent", "usdmxn"), usual()), ("chart", ("gasoline", "natgas"), troubled())]


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("size", SIZES)
def test_texts_stay_on_the_sheet_clear_of_each_other_and_large_enough(size: int, lang: str) -> None:
    for widget, keys, shown in every_shape():
        made = of(widget, lang, keys, shown)
        sheet = draw(size=size, theme="light", up="green", revised=("brent", "usdbrl", "gasoline"), **made)
        for text, (left, top, right, bottom) in sheet.boxes:
            assert left >= 0
            assert top >= 0
            assert right <= sheet.width, text
            assert bottom <= sheet.height, text
            assert bottom - top >= 11.5, text  # a box is as high as its size
        for (a, one), (b, other) in combinations(sheet.boxes, 2):
            assert not overlap(one, other), (widget, keys, a, b)
        if shown is usual() or len(keys) == 1:
            assert ELLIPSIS not in texts(sheet), (widget, keys)


@pytest.mark.parametrize("widget", PICTURES)
@pytest.mark.parametrize("size", SIZES)
def test_everything_that_a_figure_needs_is_drawn(widget: str, size: int) -> None:
    sheet = draw(size=size, theme="light", up="green", **of(widget))
    for said in ("16 Mar 2026", "93.39", "USD/bbl", "−5.17%", "Source: U.S. EIA", "Crude Oil", "WTI spot"):
        assert said in texts(sheet)
    if size > 300 and widget != "strip":
        assert "−5.09" in texts(sheet)


@pytest.mark.parametrize("widget", PICTURES)
@pytest.mark.parametrize("size", SIZES)
def test_lateness_gaps_and_corrections_are_said_in_words(widget: str, size: int) -> None:
    def said(key: str) -> str:
        made = of(widget, keys=(key,), shown=troubled())
        return texts(draw(size=size, theme="dark", up="green", revised=("usdbrl",), **made))

    assert "late" in said("wti")
    assert "6 Mar 2026" in said("wti")
    assert "−36.98" in said("wti")
    assert "−135.46" in said("wti")  # no percentage of that, so the change itself stays
    assert "n/a" in said("wti")
    assert "stale" in said("gasoline")
    assert "since 10 Mar 2026" in said("usdbrl")
    assert "revised" in said("usdbrl")
    assert "revised" not in said("wti")
    assert "no figure yet" in said("usdinr")


def outlines(svg: str, thick: str) -> list[list[tuple[float, float]]]:
    """The corners of what a picture draws in lines so thick: each part of the first such path."""
    paths = [
        path.get("d", "")
        for path in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if path.get("stroke-width") == thick
    ]
    found = []
    for part in paths[0].split("M")[1:]:
        x, y, *steps = (float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", part))
        found.append(list(zip(accumulate([x, *steps[::2]]), accumulate([y, *steps[1::2]]), strict=True)))
    return found


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", TEN)
def test_a_chart_carries_its_first_last_highest_and_lowest_figure(key: str, size: int, lang: str) -> None:
    decimals = complete().by_key[key].instrument.decimals
    for named in RANGES:
        made = of("chart", lang, (key,), complete(), named)
        sheet = draw(size=size, theme="light", up="green", **made)
        svg = sheet.svg("", "", lang)
        line = made["panel"].chart.plot.traces[0].line
        values = [o.value for o in line]
        marked = {values[0], values[-1], min(values), max(values)}
        dots = [part[0] for part in outlines(svg, "5")]
        assert len(dots) >= len(marked)
        for text in (language(lang).number(value, decimals) for value in marked):
            places = [box for shown, box in sheet.boxes if shown == text and round(box[3] - box[1]) == 12]
            assert min(apart(box, dot) for box in places for dot in dots) <= 49, (named, text)
            assert not any(crossed(box, part) for box in places for part in outlines(svg, "1.6")), (named, text)
        for (a, one), (b, other) in combinations(sheet.boxes, 2):
            assert not overlap(one, other), (named, a, b)
        for text, (left, top, right, bottom) in sheet.boxes:
            assert 1 <= left <= right <= sheet.width - 1, (named, text)
            assert 1 <= top <= bottom <= sheet.height - 1, (named, text)


def apart(box: tuple[float, float, float, float], point: tuple[float, float]) -> float:
    """How far a point is from a box at the most, aside or up and down."""
    return max(box[0] - point[0], point[0] - box[2], box[1] - point[1], point[1] - box[3])


def test_a_weekly_card_goes_up_and_down_upright() -> None:
    for size in SIZES:
        (weekly,) = outlines(drawn("card", size, keys=("gasoline",)), {300: "1.5"}.get(size, "2"))
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(weekly))
        (daily,) = outlines(drawn("card", size, keys=("wti",)), {300: "1.5"}.get(size, "2"))
        assert not all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(daily))


def test_a_chart_that_has_just_begun_shows_no_empty_months() -> None:
    held = {"eia:RWTC": written("1986-01-02 25.56 1986-01-03 26.00")}
    shown = snapshot(datetime(1986, 1, 6, 20, tzinfo=UTC), held)
    made = of("chart", keys=("wti",), shown=shown)
    sheet = draw(size=300, theme="light", up="green", **made)
    (line,) = outlines(sheet.svg("", "", "en"), "1.6")
    assert line[-1][0] - line[0][0] > 200
    assert {"25.56", "26.00", "2 Jan", "3 Jan"} <= {text for text, _ in sheet.boxes}


def test_a_comparison_says_its_day_once_or_each_its_own() -> None:
    one = texts(draw(size=300, theme="light", up="green", **of("chart", keys=("gbpusd", "usdmxn"))))
    assert one.count("18 Mar 2026") == 1
    two = texts(draw(size=300, theme="light", up="green", **of("chart", keys=("wti", "usdmxn"))))
    assert (two.count("16 Mar 2026"), two.count("18 Mar 2026")) == (1, 1)
    for text in (one, two):
        assert re.search(r"18 Mar 2025 = 100|19 Mar 2025 = 100", text)
    none = draw(size=300, theme="light", up="green", **of("chart", keys=("usdinr", "wti"), shown=troubled()))
    assert "no figure yet" in texts(none)


@pytest.mark.parametrize("size", [300, 600, 1200])
@pytest.mark.parametrize("keys", [("gbpusd", "audusd", "usdcad"), ("usdbrl", "wti", "gasoline"), ("wti", "brent")])
@pytest.mark.parametrize("named", ["1y", "max"])
def test_a_comparison_has_its_whole_scale(named: str, keys: tuple[str, ...], size: int) -> None:
    made = of("chart", keys=keys, named=named)
    sheet = draw(size=size, theme="light", up="green", **made)
    scale = made["panel"].chart.plot.scale
    ticks = {language("en").number(value, scale.decimals) for value in scale.ticks}
    assert ticks <= {text for text, _ in sheet.boxes}


def test_each_day_has_its_year() -> None:
    for widget in PICTURES:
        sheet = draw(size=300, theme="light", up="green", **of(widget))
        assert [text for text, _ in sheet.boxes if re.search(r"\d+ Mar(?! 2026)", text)] == []
    american = draw(size=300, theme="light", up="green", **of("card", "en-US"))
    assert "Mar 16, 2026" in [text for text, _ in american.boxes]


@pytest.mark.parametrize("widget", PICTURES)
def test_a_picture_needs_nothing_from_outside(widget: str) -> None:
    root = ElementTree.fromstring(drawn(widget))
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "defs", "path", "g", "use", "rect"}
    defined = {element.get("id") for element in root.iter() if element.get("id")}
    used = {element.get("href") for element in root.iter(f"{SVG}use")}
    assert used == {f"#{name}" for name in defined}
    for element in root.iter():
        assert "style" not in element.attrib
        assert "class" not in element.attrib
        assert not any("://" in value or "url(" in value for value in element.attrib.values())


def test_title_and_description_are_the_pictures_words() -> None:
    root = ElementTree.fromstring(drawn("card"))
    assert root.findtext(f"{SVG}title") == "Crude Oil, WTI spot"
    desc = root.findtext(f"{SVG}desc", "")
    assert desc.startswith(
        "16 Mar 2026. Crude Oil, WTI spot: 93.39 US dollars per barrel, down, −5.09 −5.17% since 13 Mar 2026. "
    )
    assert desc.endswith("Source: U.S. EIA.")
    whole = ElementTree.fromstring(drawn("list", lang="es")).findtext(f"{SVG}desc", "")
    assert "Energía 16 mar 2026. Petróleo, WTI, al contado: 93,39 dólares por barril, baja" in whole
    chart = ElementTree.fromstring(drawn("chart"))
    assert chart.findtext(f"{SVG}title") == "Chart of WTI crude oil, 1 year"


def test_a_charts_description_says_each_thing_once() -> None:
    def told(*keys: str, shown: Snapshot | None = None, revised: Sequence[str] = ()) -> str:
        svg = picture(size=300, theme="light", up="green", revised=revised, **of("chart", "en", keys, shown))
        return str(ElementTree.fromstring(svg).findtext(f"{SVG}desc"))

    usually = told("wti")
    assert usually == f"{of('chart')['panel'].sentence} Source: U.S. EIA."
    assert usually.count("93.39") == usually.count("5.17%") == 1
    assert told("wti", shown=troubled()).endswith(". Crude Oil, WTI spot: late. Source: U.S. EIA.")
    across = told("usdbrl", shown=troubled(), revised=("usdbrl",))
    assert "Brazil Real, USD/BRL: revised. Source: ECB" in across
    nothing = told("usdinr", shown=troubled())
    assert nothing.startswith("Chart of US dollar in Indian rupees, 1 year: no figure yet. Source: ECB")
    both = told("wti", "usdmxn", revised=("wti",))
    assert both.count("138.4") == 1
    assert "93.39" not in both  # nor does the picture show it
    assert ". Crude Oil, WTI spot: revised. Source: U.S. EIA. Source: ECB" in both


@settings(max_examples=40, deadline=None)
@given(evil, evil)
def test_nasty_words_are_words(label: str, detail: str) -> None:
    made = of("list")
    first = made["blocks"][0]
    entry = first.entries[0]
    nasty = replace(entry, row=replace(entry.row, label=label, detail=detail))
    made["blocks"] = [replace(first, title=detail, entries=(nasty, *first.entries[1:]))]
    root = ElementTree.fromstring(picture(size=300, theme="light", up="green", **made))
    assert [child.tag for child in root[:3]] == [f"{SVG}title", f"{SVG}desc", f"{SVG}defs"]
    assert len(root[0]) == len(root[1]) == 0
    root = ElementTree.fromstring(Sheet(300, "light", "green", FACE).svg(label, detail, label))
    plain = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", label)
    assert (root[0].text or "") == plain.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("widget", PICTURES)
@pytest.mark.parametrize("theme", THEMES)
def test_pixels_are_as_many_as_asked_for_on_the_themes_ground(widget: str, theme: str) -> None:
    ground = {"light": (255, 255, 255), "dark": (22, 24, 29)}[theme]
    for size in SIZES:
        svg = drawn(widget, size, theme)
        height = float(ElementTree.fromstring(svg).get("height", ""))
        expected = HEIGHTS.get((widget, size), HEIGHTS.get(size))
        assert widget in ("list", "strip") or height == expected
        for scale in (1, 2):
            width, high, corner = read(png(svg, scale))
            assert (width, high) == (size * scale, height * scale)
            assert corner == ground


def test_1200_is_600_twice_as_large() -> None:
    for widget in PICTURES:
        assert png(drawn(widget, 600), 2) == png(drawn(widget, 1200), 1)


def test_the_same_picture_is_the_same_bytes_in_every_thread() -> None:
    def made(n: int) -> tuple[str, bytes]:
        svg = drawn(PICTURES[n % 4], 300, THEMES[n // 4 % 2])
        return svg, png(svg, 1)

    once = [made(n) for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(made, [*range(8), *range(8)])) == once * 2
    assert len({image for _, image in once}) == 8


def test_some_markets_paint_a_rise_red() -> None:
    usual_colours, swapped = colours("light", "green"), colours("light", "red")
    assert (swapped["up"], swapped["down"]) == (usual_colours["down"], usual_colours["up"])
    falls = [drawn("card", up=up) for up in ("green", "red")]
    assert ["#c02a1d" in svg for svg in falls] == [True, False]
    assert ["#0b7a3b" in svg for svg in falls] == [False, True]


def test_every_colour_of_text_can_be_read() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    for theme in THEMES:
        found = colours(theme, "green")
        for name in ("ink", "soft", "up", "down", "second", "third"):
            one, other = sorted((light(found[name]), light(found["ground"])))
            assert (other + 0.05) / (one + 0.05) >= 4.5, (theme, name)


def test_twenty_instruments_and_a_single_one_have_their_place() -> None:
    keys = [i.key for i in usual().catalog.instruments][:20]
    for widget in ("list", "strip"):
        for size in SIZES:
            sheet = draw(size=size, theme="light", up="green", **of(widget, keys=keys))
            assert not any(overlap(a, b) for (_, a), (_, b) in combinations(sheet.boxes, 2))
            small = draw(size=size, theme="light", up="green", **of(widget, keys=("wti",)))
            assert small.height < 150 < sheet.height


def test_a_price_below_zero_is_drawn() -> None:
    shown = snapshot(
        datetime(2020, 4, 21, 20, tzinfo=UTC),
        dict(figures()) | {"eia:RWTC": written("2020-04-17 18.31 2020-04-20 -36.98")},
    )
    for widget in PICTURES:
        sheet = draw(size=600, theme="light", up="green", **of(widget, keys=("wti",), shown=shown))
        assert "−36.98" in texts(sheet)


def test_names_give_way_and_figures_never_do() -> None:
    made = of("card")
    first = made["blocks"][0]
    long = replace(first.entries[0].row, label="Petróleo crudo intermedio del oeste de Texas " * 3, detail="x" * 200)
    made["blocks"] = [replace(first, entries=(replace(first.entries[0], row=long),))]
    for size in SIZES:
        sheet = draw(size=size, theme="light", up="green", **made)
        assert ELLIPSIS in texts(sheet)
        assert "93.39" in texts(sheet)
        assert "16 Mar 2026" in texts(sheet)
        assert all(box[2] <= sheet.width for _, box in sheet.boxes)


def test_of_what_there_is_no_picture_nothing_is_drawn() -> None:
    made = of("card")
    for widget in ("inline", "chart"):  # a chart is of its panel
        with pytest.raises(ValueError, match=widget):
            draw(size=300, theme="light", up="green", **made | {"widget": widget})


def test_a_text_asks_for_room() -> None:
    sheet = Sheet(100, "light", "green", FACE)
    sheet.text(10, 20, "93.39", Style(12))
    assert not sheet.is_free(20, 22, "80", Style(12))
    assert not sheet.is_free(95, 60, "80", Style(12))
    assert sheet.is_free(20, 60, "80", Style(12))


def test_pictures_are_light() -> None:
    for lang in languages():
        for size in SIZES:
            svg = drawn("list", size, lang=lang).encode()
            assert len(gzip.compress(svg)) <= 13_000
            assert len(brotli.compress(svg)) <= 10_500
            assert len(gzip.compress(drawn("card", size, lang=lang).encode())) <= 8_000
    for widget in ("card", "chart"):
        assert len(png(drawn(widget, 1200), 1)) <= 120_000
