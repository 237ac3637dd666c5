"""The chart as a picture: one line with its axes, first, high and low; or a few that are compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ticker.render.block import Block, Entry
from ticker.render.chart import BOX, Chart, Line
from ticker.render.mark import Mark, Room
from ticker.render.outline import ABOVE, BELOW, Box
from ticker.render.panel import Panel
from ticker.render.picture_card import NARROW_CARD, WIDE_CARD, Form, draw_figure, draw_head
from ticker.render.picture_parts import (
    SMALL,
    WIDE,
    PictureWords,
    below,
    change,
    change_width,
    dated,
    flowed,
    joined,
    set_lines,
    sources,
    word_if,
)
from ticker.render.placing import Course, placed
from ticker.render.row import Row
from ticker.render.sheet import Sheet, Style

_NARROW = replace(NARROW_CARD, height=260, figure=26)
_WIDE = replace(WIDE_CARD, figure=42, unit=Style(15, colour="soft"), change=18, small=Style(13, colour="soft"))
_LINES = (("ink", ""), ("second", "7 3"), ("third", "2 3"))
"""Colour and dashes of the lines, as in static/ticker.css."""
_GAP = 8
_DAYS = 1.8  # sizes of text below the plot, for the days


def draw_chart(
    sheet: Sheet, blocks: Sequence[Block], panel: Panel, words: PictureWords, revised: Collection[str]
) -> None:
    """The head of one instrument, or a legend of several; the plot; what stands below."""
    form = _WIDE if sheet.width == WIDE else _NARROW
    sheet.height = form.height
    entries = [(block, entry) for block in blocks for entry in block.entries]
    if len(entries) == 1:
        block, entry = entries[0]
        y = draw_head(sheet, form, block, entry, word_if(entry.row, revised, words)) + form.figure * 0.7
        y = _draw_value(sheet, form, y + (16 if sheet.width == WIDE else 10), entry.row)
        under = below(block, *(r.spoken for r in panel.ranges if r.current))
    else:
        y = _draw_legend(sheet, form, entries, panel, words, revised)
        under = list(dict.fromkeys(sources(block) for block in blocks))
    lines = flowed(sheet, under, form.small, sheet.width - 2 * form.margin, 3)
    leading = form.small.size * 1.3
    foot = form.height - form.margin + 4 - leading * (len(lines) - 1)
    set_lines(sheet, form.margin, foot, lines, form.small, leading)
    if panel.chart:
        _draw_plot(sheet, form, (y + (14 if sheet.width == WIDE else 8), foot - form.small.size * 1.5), panel.chart)


def _draw_value(sheet: Sheet, form: Form, y: float, row: Row) -> float:
    """Draw the figure, its change beside it or underneath, and since when; return the last line."""
    end = draw_figure(sheet, form, form.margin, y, row)
    if not row.change:
        return y
    right = sheet.width - form.margin
    if end + 12 + change_width(sheet, row, form.change, True) <= right:
        change(sheet, right, y, row, form.change, True, "end")
    else:
        y += form.change * 1.4
        change(sheet, form.margin, y, row, form.change, True)
    if row.since:
        y += form.small.size * 1.3
        sheet.text(right, y, dated(row.since), form.small, "end")
    return y


def _draw_legend(
    sheet: Sheet,
    form: Form,
    entries: Sequence[tuple[Block, Entry]],
    panel: Panel,
    words: PictureWords,
    revised: Collection[str],
) -> float:
    """Draw the title, what is 100, and each line's sample, name, day and figure; return the last line."""
    wide = sheet.width == WIDE
    title = replace(form.name, size=17) if wide else form.name
    room = sheet.width - 2 * form.margin
    if not wide:
        sheet.frame()
    names = sheet.typeface.wrapped(panel.label, title.size, True, room, 2)
    y = set_lines(sheet, form.margin, form.head - (8 if wide else 2), names, title, title.size * 1.25)
    if wide:
        sheet.rule(form.margin, y + 11, room, 2, "ink")
        y += 10
    small = form.small
    y += small.size * 1.5
    if panel.chart is None:  # there is no day to compare from
        return set_lines(
            sheet, form.margin, y, flowed(sheet, [panel.sentence], small, room, 6), small, small.size * 1.4
        )
    said = [_said(block, entry, word_if(entry.row, revised, words)) for block, entry in entries]
    sheet.text(form.margin, y, f"{dated(panel.base)} = 100" if panel.base else "", small)
    if len(set(said)) == 1:
        sheet.text(sheet.width - form.margin, y, said[0], small, "end")
        said = [""] * len(said)
    return _draw_lines(sheet, form, y, panel.chart, [entry.row for _, entry in entries], said)


def _draw_lines(sheet: Sheet, form: Form, y: float, chart: Chart, rows: Sequence[Row], said: Sequence[str]) -> float:
    """Draw each line's sample, name (a shorter one where that does not fit), day and figure; return the last line."""
    small, left, right = form.small, form.margin + 32, sheet.width - form.margin
    room = right - left - max(sheet.measure(line.end, small) for line in chart.lines) * 1.1 - _GAP
    names = [
        next((name for name in _names(line, row) if sheet.measure(name + day, small) + _GAP <= room), line.name)
        for line, row, day in zip(chart.lines, rows, said, strict=True)
    ]
    for n, (line, name, day) in enumerate(zip(chart.lines, names, said, strict=True)):
        y += small.size * 1.35
        colour, dash = _LINES[n % len(_LINES)]
        middle = y - small.size * 0.35
        sheet.line("M0 0h1", (1, 1), (form.margin, middle, form.margin + 24, middle), colour, 2, dash)
        sheet.text(right, y, line.end, replace(small, bold=True, colour="ink"), "end")
        shown = sheet.typeface.fitted(name, small.size, False, room)
        end = left + sheet.text(left, y, shown, replace(small, colour="ink")) + _GAP
        if end + sheet.measure(day, small) > left + room:
            y, end = y + small.size * 1.35, left
        sheet.text(end, y, day, small)
    return y


def _names(line: Line, row: Row) -> tuple[str, ...]:
    """What a line may be called, the best first."""
    return line.name, joined(row.label, row.detail), row.detail


def _said(block: Block, entry: Entry, revised: str) -> str:
    """An entry's day, status, and whether it was revised."""
    day = entry.as_of.day if entry.as_of else dated(block.day)
    return joined(day, entry.note or ("" if entry.as_of else block.note), revised)


def _draw_plot(sheet: Sheet, form: Form, between: tuple[float, float], chart: Chart) -> None:
    """Draw lines and axes between these heights. A label of less weight gives way to one of more."""
    top, bottom = between
    small = SMALL if form.small.size > SMALL.size else form.small
    end = replace(small, bold=True, colour="ink")
    gutter = max(sheet.measure(text, end) for text in (chart.widest, *(line.end for line in chart.lines))) + _GAP
    above = small.size if any(figure.kind != "low" for figure in chart.marked) else small.size * 0.3
    at = (form.margin, top + above, sheet.width - form.margin - gutter, bottom - small.size * _DAYS)
    sheet.line(chart.rules, BOX, at, "rule", 1)
    if chart.base:
        sheet.line(chart.base, BOX, at, "soft", 1)
    for n, line in reversed(list(enumerate(chart.lines))):
        colour, dash = _LINES[n % len(_LINES)]
        sheet.line(line.path, BOX, at, colour, 1.6, dash)
    marks = _marks(sheet, at, above, chart, small)
    for mark in marks:
        if mark.lead is not None:
            _draw_hairline(sheet, at, mark)
    sheet.line(chart.dots, BOX, at, "ink", 5)
    _draw_labels(sheet, at, chart, marks, small, end)


def _draw_labels(sheet: Sheet, at: Box, chart: Chart, marks: Sequence[Mark], small: Style, end: Style) -> None:
    left, top, right, bottom = at
    high, drop = bottom - top, small.size * 0.35
    beside = [(top + tick.at * high, tick.text, small) for tick in chart.ticks]
    ends = _spread([top + line.at * high for line in chart.lines], small.size + 1, bottom)
    last = [(y, line.end, end) for line, y in zip(chart.lines, ends, strict=True)]
    # Of compared lines the scale matters more than figures that the legend has too.
    for y, text, style in [*last, *beside] if len(chart.lines) == 1 else [*beside, *last]:
        if sheet.is_free(right + _GAP, y + drop, text, style):
            sheet.text(right + _GAP, y + drop, text, style)
    for mark in marks:
        x, y = left + mark.at * (right - left), top + mark.figure.down * high + mark.line
        sheet.text(x, y, mark.figure.text, replace(small, colour="ink"), mark.anchor, halo=True)
    for tick in sorted(chart.days, key=lambda t: t.wide):
        x, y = left + tick.at * (right - left), bottom + small.size * (_DAYS - 0.05)
        if sheet.is_free(x, y, tick.text, small, tick.anchor, apart=10):
            sheet.text(x, y, tick.text, small, tick.anchor)


def _marks(sheet: Sheet, at: Box, above: float, chart: Chart, style: Style) -> tuple[Mark, ...]:
    """The marks in the plot at that place. Where the line leaves the first no room nearby, it is crossed by it."""
    left, top, right, bottom = at
    width, height = right - left, bottom - top
    room = Room(
        narrow=width,
        wide=width,
        height=height,
        width=lambda text: sheet.measure(text, style),
        ascent=ABOVE * style.size,
        descent=BELOW * style.size,
        over=above,
        under=style.size * (_DAYS - 0.05 - ABOVE) - 1,
        aside=4 * style.size,
        away=4 * style.size,
    )
    found = placed(chart.marked, chart.course, [room])
    return found if len(found) == len(chart.marked) else placed(chart.marked, Course(()), [room])


def _draw_hairline(sheet: Sheet, at: Box, mark: Mark) -> None:
    left, top, right, bottom = at
    width, height = right - left, bottom - top
    start = f"M{mark.figure.across * width:.2f} {mark.figure.down * height:.2f}"
    path = f"{start}l{mark.shift * width:.2f} {mark.lead:.2f}h{mark.along:.2f}"
    sheet.line(path, (width, height), at, "soft", 1)


def _spread(places: Sequence[float], least: float, bottom: float) -> list[float]:
    """The same heights, moved apart where two are nearer than `least`, and none below the bottom."""
    order = sorted(range(len(places)), key=lambda n: places[n])
    found = [places[n] for n in order]
    for n in range(1, len(found)):
        found[n] = max(found[n], found[n - 1] + least)
    found[-1] = min(found[-1], bottom)
    for n in range(len(found) - 2, -1, -1):
        found[n] = min(found[n], found[n + 1] - least)
    return [y for _, y in sorted(zip(order, found, strict=True))]
