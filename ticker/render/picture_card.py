"""The card as a picture: one figure, large; its change, its year, and where it comes from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ticker.render.block import Block, Entry
from ticker.render.picture_parts import (
    SMALL,
    WIDE,
    PictureWords,
    below,
    change,
    dated,
    day_of,
    flowed,
    joined,
    set_lines,
    word_if,
)
from ticker.render.row import CardYear, Row
from ticker.render.sheet import Sheet, Style
from ticker.render.sparkline import YEAR


@dataclass(frozen=True)
class Form:
    """How a picture of one instrument is laid out: its size, its margins, and the sizes of its type."""

    height: float
    margin: float
    name: Style
    small: Style
    figure: float
    unit: Style
    change: float
    head: float
    """The line of the name."""


NARROW_CARD = Form(240, 16, Style(14, bold=True), SMALL, 34, SMALL, 14, 28)
WIDE_CARD = Form(315, 28, Style(20, bold=True), Style(14, colour="soft"), 68, Style(18, colour="soft"), 21, 45)


def draw_card(sheet: Sheet, block: Block, words: PictureWords, revised: Collection[str]) -> None:
    """One instrument: head, figure, change, the year's line with its low and high, sources."""
    form = WIDE_CARD if sheet.width == WIDE else NARROW_CARD
    sheet.height = form.height
    entry = block.entries[0]
    row = entry.row
    y = draw_head(sheet, form, block, entry, word_if(row, revised, words))
    y += form.figure * 0.7 + (20 if sheet.width == WIDE else 13)
    draw_figure(sheet, form, form.margin, y, row)
    if row.change:
        y = _draw_change(sheet, form, y + form.change * 1.5, row)
    chart = entry.chart
    span = (dated(chart.first) or chart.span) if chart else ""
    lines = flowed(sheet, below(block, span), form.small, sheet.width - 2 * form.margin, 3)
    leading = form.small.size * 1.3
    foot = form.height - form.margin + 4 - leading * (len(lines) - 1)
    set_lines(sheet, form.margin, foot, lines, form.small, leading)
    if chart:
        bottom = foot - form.small.size * (1.75 if sheet.width == WIDE else 1.45)
        _draw_year(sheet, form, (y + form.small.size, bottom), chart)


def draw_head(sheet: Sheet, form: Form, block: Block, entry: Entry, revised: str) -> float:
    """Draw name, detail and day, and return where the head ends: of a wide one, under its heavy rule."""
    row, margin, room = entry.row, form.margin, sheet.width - 2 * form.margin
    detail = joined(row.detail, row.hint)
    day, more = day_of(block, entry, revised)
    if sheet.width == WIDE:
        return _draw_wide_head(sheet, form, row.label, detail, day, more)
    sheet.frame()
    y = form.head
    for text, beside, style in ((row.label, day, form.name), (detail, more, form.small)):
        taken = sheet.text(sheet.width - margin, y, beside, form.small, "end") + 12 if beside else 0
        sheet.text(margin, y, sheet.typeface.fitted(text, style.size, style.bold, room - taken), style)
        y += 16
    return y - 16


def _draw_wide_head(sheet: Sheet, form: Form, label: str, detail: str, day: str, more: str) -> float:
    """All on one line above the rule; status and the like under it, at the right, where they would take too much."""
    face, y, small = sheet.typeface, form.head, form.small
    right, room = sheet.width - form.margin, sheet.width - 2 * form.margin
    said = joined(day, more)
    needed = sheet.measure(label, form.name) + 9 + sheet.measure(detail, small) + 16 + sheet.measure(said, small)
    if more and needed > room:
        sheet.text(right, y + 15 + small.size * 1.4, more, small, "end")
        said = day
    room -= sheet.text(right, y, said, small, "end") + 16
    at = sheet.text(form.margin, y, face.fitted(label, form.name.size, True, room), form.name) + 9
    sheet.text(form.margin + at, y, face.fitted(detail, small.size, False, room - at), small)
    sheet.rule(form.margin, y + 13, sheet.width - 2 * form.margin, 2, "ink")
    return y + 15


def draw_figure(sheet: Sheet, form: Form, x: float, y: float, row: Row) -> float:
    """Draw the figure with its unit, and return where they end."""
    ink = "soft" if row.status else "ink"
    x += sheet.text(x - form.figure * 0.04, y, row.figure, Style(form.figure, bold=True, colour=ink))
    if row.unit and row.value:
        gap = form.unit.size * 0.45
        x += gap + sheet.text(x + gap, y, row.unit, form.unit)
    return x


def _draw_change(sheet: Sheet, form: Form, y: float, row: Row) -> float:
    """Draw the change and since when, beside it or underneath; return the last line."""
    x = form.margin + change(sheet, form.margin, y, row, form.change, True)
    since = dated(row.against)
    if not since:
        return y
    gap = form.small.size * 0.7
    if x + gap + sheet.measure(since, form.small) <= sheet.width - form.margin:
        sheet.text(x + gap, y, since, form.small)
        return y
    sheet.text(form.margin, y + form.small.size * 1.3, since, form.small)
    return y + form.small.size * 1.3


def _draw_year(sheet: Sheet, form: Form, between: tuple[float, float], chart: CardYear) -> None:
    """Draw the year's line, and under it a bar from low to high with a mark where the figure lies."""
    top, foot = between
    thick, small = (2.0, form.small) if sheet.width == WIDE else (1.5, form.small)
    left, right = form.margin, sheet.width - form.margin
    bottom = foot
    if chart.at is not None:
        low = sheet.text(left, foot, chart.low, small)
        high = sheet.text(right, foot, chart.high, small, "end")
        y, start, end = foot - small.size * 0.34, left + low + 10, right - high - 10
        sheet.line("M0 0h100", (100, 1), (start, y, end, y), "rule", 3)
        sheet.line(f"M{chart.at} 0h0", (100, 1), (start, y, end, y), "ink", 9)
        bottom = foot - small.size * (1.5 if sheet.width == WIDE else 1.25)
    at, column = (left, top, right, bottom), 0 if chart.stepped else 2  # what is upright stays so
    sheet.area(chart.area, YEAR, at, column=column)
    sheet.line(chart.path, YEAR, at, "ink", thick, column=column)
