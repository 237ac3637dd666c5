"""Pictures of widgets, for newsletters and social cards: from the strings that the HTML has, in a few sizes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ticker.render.block import Block, Entry
from ticker.render.outline import Typeface
from ticker.render.panel import Panel
from ticker.render.picture_card import draw_card
from ticker.render.picture_chart import draw_chart
from ticker.render.picture_parts import NARROW, WIDE, PictureWords, dated, joined, sources, word_if
from ticker.render.picture_table import draw_list, draw_strip
from ticker.render.sheet import Sheet

__all__ = ("PICTURES", "SIZES", "PictureWords", "draw", "picture")

SIZES = (300, 600, 1200)
"""Widths in pixels. 300 is a sidebar's layout and 600 a newsletter's; 1200 is that of 600 twice as large, for cards
that social sites show: card and chart are then 1200 by 630."""
PICTURES = ("card", "list", "strip", "chart")
"""The widgets that there are pictures of."""


def picture(
    widget: str,
    blocks: Sequence[Block],
    size: int,
    theme: str,
    up: str,
    words: PictureWords,
    typeface: Typeface,
    *,
    revised: Collection[str] = (),
    panel: Panel | None = None,
) -> str:
    """The picture as SVG.

    `blocks` say their days with their years. A card is of the first entry. A chart is of all, and of its panel.
    `revised` has the keys of the instruments whose figure was revised.
    """
    sheet = draw(widget, blocks, size, theme, up, words, typeface, revised=revised, panel=panel)
    title, desc = told(widget, blocks, words, revised, panel)
    return sheet.svg(title, desc, words.lang, size / sheet.width)


def draw(
    widget: str,
    blocks: Sequence[Block],
    size: int,
    theme: str,
    up: str,
    words: PictureWords,
    typeface: Typeface,
    *,
    revised: Collection[str] = (),
    panel: Panel | None = None,
) -> Sheet:
    """The picture as a sheet, with what its texts cover, in its layout's size: 600 for 1200.

    ValueError for any other widget, and for a chart without its panel.
    """
    sheet = Sheet(NARROW if size < WIDE else WIDE, theme, up, typeface)
    if widget == "list":
        draw_list(sheet, blocks, words, revised)
    elif widget == "strip":
        draw_strip(sheet, blocks, words, revised)
    elif widget == "chart" and panel:
        draw_chart(sheet, blocks, panel, words, revised)
    elif widget == "card":
        draw_card(sheet, blocks[0], words, revised)
    else:
        raise ValueError(f"no picture of {widget}" + (" without its panel" if widget == "chart" else ""))
    return sheet


def told(
    widget: str, blocks: Sequence[Block], words: PictureWords, revised: Collection[str], panel: Panel | None
) -> tuple[str, str]:
    """The picture's title and description: what it shows, in words."""
    if widget == "chart" and panel:
        title, said = panel.label, _chart(blocks, words, revised, panel)
    elif widget == "card":
        row = blocks[0].entries[0].row
        title, said = joined(row.label, row.detail), _rows("", blocks[0], words, revised, widget)
    else:
        title = f"{words.markets}: {', '.join(block.title for block in blocks)}"
        said = [text for block in blocks for text in _rows(block.title, block, words, revised, widget)]
    return title, ". ".join(text.rstrip(".") for text in said if text) + "."


def _chart(blocks: Sequence[Block], words: PictureWords, revised: Collection[str], panel: Panel) -> list[str]:
    """The chart's sentence, which has its figures; what that leaves open; and the sources."""
    said = [panel.sentence if panel.chart else f"{panel.label}: {panel.sentence}"]
    entries = [(block, entry) for block in blocks for entry in block.entries]
    for block, entry in entries if panel.chart or len(entries) > 1 else ():
        row, status = entry.row, entry.note or ("" if entry.as_of else block.note)
        noted = joined(status, word_if(row, revised, words))
        said += [f"{joined(row.label, row.detail)}: {noted}"] if noted else []
    return said + list(dict.fromkeys(sources(block) for block in blocks))


def _rows(title: str, block: Block, words: PictureWords, revised: Collection[str], widget: str) -> list[str]:
    """A block's day, its figures, of a card the year, and the sources."""
    rows = (_row(entry, word_if(entry.row, revised, words), widget) for entry in block.entries)
    year = _year(block.entries[0], words) if widget == "card" else ""
    return [joined(f"{title} {dated(block.day)}".strip(), block.note), *rows, year, sources(block)]


def _row(entry: Entry, revised: str, widget: str) -> str:
    row = entry.row
    since = row.against if widget == "card" else row.since
    change = f"{row.change} {row.percent} {dated(since)}".strip()
    figure = f"{row.figure} {row.spoken}".strip()
    said = joined(figure, change, row.hint, dated(entry.as_of), entry.note, revised)
    return f"{joined(row.label, row.detail)}: {said}"


def _year(entry: Entry, words: PictureWords) -> str:
    chart = entry.chart
    if chart is None or chart.at is None:
        return ""
    return f"{dated(chart.first) or chart.span}: {words.low} {chart.low}, {words.high} {chart.high}"
