"""What the pictures share, as templates/widgets/parts.html is what the widgets share: changes, days, lines of text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ticker.render.block import Block, Entry
from ticker.render.language import Dated
from ticker.render.outline import Anchor
from ticker.render.row import Row
from ticker.render.sheet import Sheet, Style

NARROW, WIDE = 300, 600
"""The widths that pictures are laid out for."""
SMALL = Style(12, colour="soft")
DOT = " · "


@dataclass(frozen=True)
class PictureWords:
    """The words of a picture that its blocks do not have, in its language."""

    lang: str
    markets: str
    low: str
    high: str
    revised: str


def dated(d: Dated | None) -> str:
    """A day with the words around it; nothing where there is none."""
    return f"{d.before}{d.day}{d.after}" if d else ""


def joined(*texts: str) -> str:
    """Those of the texts that there are, with commas."""
    return ", ".join(text for text in texts if text)


def sources(block: Block) -> str:
    """Whose figures these are."""
    names = ", ".join(name for name, _ in block.sources)
    return joined(f"{block.source[0]}{names}{block.source[1]}", block.own)


def below(block: Block, *before: str) -> list[str]:
    """What stands under a block: kinds, sources and the next day, each in its own language's words."""
    return [text for text in (*before, block.kinds, sources(block), dated(block.next)) if text]


def day_of(block: Block, entry: Entry, revised: str) -> tuple[str, str]:
    """The day of a block of one, or that it has none; and its status, and whether it was revised."""
    day = dated(block.day)
    return (day, joined(block.note or entry.note, revised)) if day else (entry.note, "")


def word_if(row: Row, revised: Collection[str], words: PictureWords) -> str:
    """The word for revised, where the row's figure was."""
    return words.revised if row.key in revised else ""


def flowed(sheet: Sheet, texts: Sequence[str], style: Style, room: float, most: int) -> list[str]:
    """The texts in lines, with dots between; a line ends between two texts where that costs no line more."""
    lines: list[str] = []
    for text in texts:
        longer = f"{lines[-1]}{DOT}{text}" if lines else text
        if lines and sheet.measure(longer, style) <= room:
            lines[-1] = longer
        else:
            lines += sheet.typeface.wrapped(text, style.size, style.bold, room, most)
    run_on = sheet.typeface.wrapped(DOT.join(texts), style.size, style.bold, room, most)
    return run_on if len(run_on) < len(lines) else lines


def set_lines(sheet: Sheet, x: float, y: float, lines: Sequence[str], style: Style, leading: float) -> float:
    """Set lines one under the other, the first on `y`; return the line of the last."""
    for n, line in enumerate(lines):
        sheet.text(x, y + n * leading, line, style)
    return y + (len(lines) - 1) * leading


def change_width(sheet: Sheet, row: Row, size: float, whole: bool, percent: float = 0) -> float:
    """How wide a change is: arrow, the change itself where it is shown, percentage, for which so much is kept."""
    share = max(sheet.measure(row.percent, Style(size, bold=True)), percent)
    if not (whole or row.whole):
        return size * 0.9 + share
    return size * 1.4 + sheet.measure(row.change, Style(size)) + share


def change(
    sheet: Sheet, x: float, y: float, row: Row, size: float, whole: bool, anchor: Anchor = "start", percent: float = 0
) -> float:
    """Draw a change in its colour, as `change_width` measures it, and return that."""
    colour = row.direction if row.direction in ("up", "down") else "ink"
    width = change_width(sheet, row, size, whole, percent)
    left = x - width if anchor == "end" else x
    arrow(sheet, left, y, row, size)
    if whole or row.whole:
        sheet.text(left + size * 0.9, y, row.change, Style(size, colour=colour))
    sheet.text(left + width, y, row.percent, Style(size, bold=True, colour=colour), "end")
    return width


def arrow(sheet: Sheet, x: float, y: float, row: Row, size: float) -> None:
    """Draw a row's direction: a triangle, or a sign that nothing changed."""
    if row.direction in ("up", "down"):
        sheet.triangle(x, y, size, row.direction)
    elif row.direction:
        sheet.text(x, y, row.arrow, Style(size))
