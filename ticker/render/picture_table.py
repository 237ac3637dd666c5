"""List and strip as pictures: rows whose columns line up, with hairlines between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ticker.render.block import Block, Entry
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
    word_if,
)
from ticker.render.row import Row
from ticker.render.sheet import Sheet, Style
from ticker.render.sparkline import SPARK

_NAME, _FIGURE, _CHANGE = Style(14, bold=True), Style(15, bold=True), 13
_LEADING, _FIRST, _AROUND = 16, 18, 12  # of a row: between its lines, above the first, and around them all
_GAP = 12


@dataclass(frozen=True)
class _Columns:
    """Where a table's columns are: the name's left edge and room, the sparkline's edges, figure and change.

    Figure and change end at `figure` and at `right`; where these are one, the change stands under the figure.
    `percent` is what the widest percentage takes.
    """

    left: float
    name: float
    spark: tuple[float, float] | None
    figure: float
    right: float
    percent: float = 0

    @property
    def wide(self) -> bool:
        """Whether figure and change stand side by side."""
        return self.figure < self.right


@dataclass(frozen=True)
class _Cell:
    """A row's words: on the left name, detail, notes; on the right the unit beside its figure, and since when."""

    row: Row
    name: list[str]
    small: list[str]
    since: str
    unit: str


def draw_list(sheet: Sheet, blocks: Sequence[Block], words: PictureWords, revised: Collection[str]) -> None:
    """Groups, each under its title, day and a heavy rule, with its sources underneath."""
    wide = sheet.width == WIDE
    margin = 24 if wide else 14
    columns = _columns(sheet, blocks, margin, wide)
    room = sheet.width - 2 * margin
    y = margin - 6.0
    for block in blocks:
        day = joined(dated(block.day), block.note)
        title = sheet.typeface.fitted(block.title, 14, True, room - sheet.measure(day, SMALL) - _GAP)
        sheet.text(margin, y + 15, title, _NAME)
        sheet.text(sheet.width - margin, y + 15, day, SMALL, "end")
        sheet.rule(margin, y + 23, room, 2, "ink")
        y += 25
        for entry in block.entries:
            detail = joined(entry.row.detail, entry.row.unit, entry.row.hint)
            cell = _cell(sheet, entry, (columns.name, room), detail, word_if(entry.row, revised, words))
            y += _draw(sheet, y, cell, columns)
            sheet.rule(margin, y - 1, room)
        y = set_lines(sheet, margin, y + 19, flowed(sheet, below(block), SMALL, room, 4), SMALL, 16) + 22
    sheet.height = y - 22 + margin - 2


def draw_strip(sheet: Sheet, blocks: Sequence[Block], words: PictureWords, revised: Collection[str]) -> None:
    """All rows in one table, in two columns where there is room; days and sources stand underneath once."""
    wide = sheet.width == WIDE
    margin, gutter, across = (24, 40, 2) if wide else (14, 0, 1)
    room = (sheet.width - 2 * margin - gutter * (across - 1)) / across
    entries = [entry for block in blocks for entry in block.entries]
    y = margin - 4.0
    sheet.rule(margin, y, sheet.width - 2 * margin, 2, "ink")
    y += 2
    for start in range(0, len(entries), across):
        heights = [0.0]
        for n, entry in enumerate(entries[start : start + across]):
            left = margin + n * (room + gutter)
            cell, columns = _strip_cell(sheet, entry, left, room, revised, words)
            heights.append(_draw(sheet, y, cell, columns))
        y += max(heights)
        for n in range(across):
            sheet.rule(margin + n * (room + gutter), y - 1, room)
    under = (flowed(sheet, _below_strip(block), SMALL, sheet.width - 2 * margin, 3) for block in blocks)
    lines = [line for found in under for line in found]
    sheet.height = set_lines(sheet, margin, y + 19, lines, SMALL, 16) + margin - 2


def _below_strip(block: Block) -> list[str]:
    head = joined(f"{block.title} {dated(block.day)}".strip(), block.note)
    return [head, *below(replace(block, kinds="", next=None))]


def _strip_cell(
    sheet: Sheet, entry: Entry, left: float, room: float, revised: Collection[str], words: PictureWords
) -> tuple[_Cell, _Columns]:
    row = entry.row
    unit = row.unit if row.value else ""
    beside = sheet.measure(row.figure, _FIGURE) + (sheet.measure(unit, SMALL) + 5 if unit else 0)
    taken = max(beside, change_width(sheet, row, _CHANGE, False) if row.change else 0)
    cell = _cell(sheet, entry, (room - taken - _GAP, room), joined(row.detail, row.hint), word_if(row, revised, words))
    right = left + room
    return replace(cell, unit=unit), _Columns(left, room - taken - _GAP, None, right, right)


def _columns(sheet: Sheet, blocks: Sequence[Block], margin: float, wide: bool) -> _Columns:
    """Columns as wide as what stands in them; the name has the rest."""
    rows = [entry.row for block in blocks for entry in block.entries]
    figure = max(sheet.measure(r.figure, _FIGURE) for r in rows)
    share = max((sheet.measure(r.percent, Style(_CHANGE, bold=True)) for r in rows), default=0.0) if wide else 0.0
    moved = [change_width(sheet, r, _CHANGE, wide, share) for r in rows if r.change]
    widest = max(moved, default=0.0)
    right = sheet.width - margin
    at = right - widest - 20 if wide else right
    width = 96 if wide else 54
    drawn = any(r.spark for r in rows)
    end = at - (figure if wide else max(figure, widest)) - (20 if wide else _GAP)
    spark = (end - width, end) if drawn else None
    name = (spark[0] if spark else end) - margin - (20 if wide else _GAP if spark else 0)
    return _Columns(margin, name, spark, at, right, share)


def _cell(sheet: Sheet, entry: Entry, rooms: tuple[float, float], detail: str, revised: str) -> _Cell:
    """A row's words in the room of its column; notes, which stand under everything else, have all of the row's."""
    (room, across), face, row = rooms, sheet.typeface, entry.row
    notes = joined(dated(entry.as_of), entry.note, revised)
    small = face.wrapped(detail, SMALL.size, False, room, 2) + face.wrapped(notes, SMALL.size, False, across, 2)
    return _Cell(row, face.wrapped(row.label, _NAME.size, True, room, 2), small, dated(row.since), "")


def _draw(sheet: Sheet, y: float, cell: _Cell, columns: _Columns) -> float:
    """Draw a row whose top is `y` and return its height."""
    row = cell.row
    ink = "soft" if row.status else "ink"
    first = y + _FIRST
    left = [(text, replace(_NAME, colour=ink)) for text in cell.name] + [(text, SMALL) for text in cell.small]
    for n, (text, style) in enumerate(left):
        sheet.text(columns.left, first + n * _LEADING, text, style)
    right = _draw_figures(sheet, first, cell, columns, ink)
    if columns.spark and row.spark:
        at = (columns.spark[0], y + 11, columns.spark[1], y + 33)
        sheet.line(row.spark.path, SPARK, at, "soft", 1.25)
        dot = row.direction if row.direction in ("up", "down") else "ink"
        sheet.line(row.spark.dot, SPARK, at, dot, 4)
    lines = max(len(left), right, 2)
    if cell.since:
        n = next(n for n in range(right, 9) if _has_room(sheet, left, n, cell.since, columns))
        sheet.text(columns.right, first + n * _LEADING, cell.since, SMALL, "end")
        lines = max(lines, n + 1)
    return lines * _LEADING + _AROUND


def _draw_figures(sheet: Sheet, first: float, cell: _Cell, columns: _Columns, ink: str) -> int:
    """Draw figure, unit and change, and return how many lines they take."""
    row, at = cell.row, columns.figure
    if cell.unit:
        at -= sheet.measure(cell.unit, SMALL) + 5
        sheet.text(columns.figure, first, cell.unit, SMALL, "end")
    sheet.text(at, first, row.figure, replace(_FIGURE, colour=ink), "end")
    if row.change:
        under = 0 if columns.wide else _LEADING
        change(sheet, columns.right, first + under, row, _CHANGE, columns.wide, "end", columns.percent)
    return 1 if columns.wide or not row.change else 2


def _has_room(sheet: Sheet, left: list[tuple[str, Style]], n: int, since: str, columns: _Columns) -> bool:
    """Whether the line `n` of a row is free to its right for these words."""
    if n >= len(left):
        return True
    free = columns.right - columns.left - sheet.measure(*left[n]) - _GAP
    if n == 1 and columns.spark:
        free = min(free, columns.right - columns.spark[1])
    return sheet.measure(since, SMALL) <= free
