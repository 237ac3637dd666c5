from __future__ import annotations

from typing import Any

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from tests.render.world import ROOT
from ticker.render.outline import ELLIPSIS, FILES, UNITS, Typeface

VENDOR = ROOT / "static" / "vendor"
FACE = Typeface.read(VENDOR)
FONTS = {bold: TTFont(VENDOR / name) for bold, name in zip((False, True), FILES, strict=True)}
OURS = "0123456789 .,-−+%/·:()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZáéíóúñçãõâêôÁÉ—…\u00a0"


def advance(font: Any, text: str) -> int:
    """What the font's own table says of characters one by one."""
    return sum(int(font["hmtx"][font.getBestCmap()[ord(c)]][0]) for c in text)


@pytest.mark.parametrize("bold", [False, True])
def test_a_character_is_as_wide_as_the_font_has_it(bold: bool) -> None:
    for c in OURS:
        assert FACE.width(c, 1000, bold) == advance(FONTS[bold], c)
    assert FACE.width("93.39 n", 14, bold) == pytest.approx(advance(FONTS[bold], "93.39 n") * 14 / 1000)


@pytest.mark.parametrize("bold", [False, True])
def test_pairs_move_closer_and_figures_never_do(bold: bool) -> None:
    font = FONTS[bold]
    assert FACE.width("AV", 1000, bold) < advance(font, "AV")
    assert FACE.width("To", 1000, bold) < advance(font, "To")
    pairs = [a + b for a in "0123456789" for b in "0123456789.,−+"]
    assert {FACE.width(pair, 1000, bold) - advance(font, pair) for pair in pairs if pair[1].isdigit()} == {0}
    assert len({FACE.width(c * 4, 15, bold) for c in "0123456789"}) == 1


@pytest.mark.parametrize("bold", [False, True])
def test_a_glyph_covers_what_the_fonts_own_does(bold: bool) -> None:
    font = FONTS[bold]
    shapes, names = font.getGlyphSet(), font.getBestCmap()
    for c in OURS:
        theirs, ours = BoundsPen(shapes), BoundsPen(None)
        shapes[names[ord(c)]].draw(theirs)
        for name, _ in FACE.outline(c, 0, 0, 10, bold).glyphs:
            parse_path(FACE.glyph(name), ours)
        if theirs.bounds is None:
            assert ours.bounds is None
            continue
        left, top, right, bottom = ours.bounds  # y downwards
        found = [n * 1000 / UNITS for n in (left, -bottom, right, -top)]
        assert found == pytest.approx(theirs.bounds, abs=2)


def test_what_the_font_has_not_is_sane_to_see() -> None:
    assert FACE.width("\u202f\u3000", 14) == FACE.width("  ", 14)
    assert FACE.width("\x00\u200b\u200e\ud800", 14) == 0
    assert FACE.outline("ắ", 0, 0, 14).glyphs == FACE.outline("a", 0, 0, 14).glyphs
    assert FACE.outline("e\u0301", 0, 0, 14) == FACE.outline("é", 0, 0, 14)
    assert FACE.outline("市", 0, 0, 14).glyphs == FACE.outline("?", 0, 0, 14).glyphs


def test_text_begins_ends_or_has_its_middle_where_it_is_asked_to() -> None:
    width = FACE.width("93.39", 20, True)
    boxes = [FACE.outline("93.39", 100, 50, 20, True, anchor).box for anchor in ("start", "middle", "end")]
    assert [box[0] for box in boxes] == pytest.approx([100, 100 - width / 2, 100 - width])
    assert {(round(box[2] - box[0], 9), box[1] < 40, box[3] > 50) for box in boxes} == {(round(width, 9), True, True)}


@given(st.text(max_size=40), st.booleans(), st.floats(0, 300))
def test_no_text_is_too_much(text: str, bold: bool, room: float) -> None:
    run = FACE.outline(text, 0, 0, 14, bold)
    assert run.width >= 0
    assert run.width == pytest.approx(FACE.width(text, 14, bold))
    assert all(FACE.glyph(name) for name, _ in run.glyphs)
    assert FACE.width(FACE.fitted(text, 14, bold, room), 14, bold) <= max(room, 0)
    lines = FACE.wrapped(text, 14, bold, room, 2)
    assert len(lines) <= 2
    assert all(FACE.width(line, 14, bold) <= room for line in lines)


def test_lines_break_at_spaces_and_only_what_cannot_fit_is_shortened() -> None:
    assert FACE.wrapped("Gasolina en EE. UU.", 14, True, 100, 2) == ["Gasolina en", "EE. UU."]
    assert FACE.wrapped("US Gasoline Prices", 14, True, 500, 2) == ["US Gasoline Prices"]
    assert FACE.wrapped("", 14, True, 500, 2) == []
    short = FACE.wrapped("Gasolina regular en Estados Unidos de América", 14, True, 120, 2)
    assert short[0] == "Gasolina regular"
    assert short[1].endswith(ELLIPSIS)
    assert FACE.fitted("93.39", 14, True, 3) == ""
