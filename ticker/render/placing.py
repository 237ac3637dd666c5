"""Where the figure at which a line begins is written: near its point, clear of the line and of other texts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from ticker.render.mark import ABOVE, APART, BELOW, Mark, Marked, Room, beside

_CLEAR = 2  # pixels between a text and the line
_UNDER = 1.5  # and between a text and the hairline along it
_DOT = 8  # nearer to its point a text needs no hairline
_HAIRLINE, _CROSSED = 4, 20  # pixels that a hairline counts as, and one crossed by the line
_STEP = 0.01  # between the places that are tried, of the plot's width


@dataclass(frozen=True)
class Course:
    """Where a line runs: its corners, from left to right, each from the left and from the top, 0 to 1.

    `zero` is how far down a rule at zero is drawn, None where none is.
    """

    corners: Sequence[tuple[float, float]]
    zero: float | None = None

    def reach(self, start: float, end: float) -> tuple[float, float]:
        """How far up and how far down the line goes between two places from the left; all is clear where it is not."""
        a, b = bisect_left(self._across, start), bisect_right(self._across, end)
        heights = [y for _, y in self.corners[a:b]]
        heights += [self._height(n, x) for n, x in ((a, start), (b, end)) if 0 < n < len(self.corners)]
        return (min(heights), max(heights)) if heights else (2.0, -1.0)

    @cached_property
    def _across(self) -> list[float]:
        return [x for x, _ in self.corners]

    def _height(self, n: int, x: float) -> float:
        """How far down the line is at a place just before its corner n."""
        (x0, y0), (x1, y1) = self.corners[n - 1], self.corners[n]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def placed(marked: Sequence[Marked], course: Course, rooms: Sequence[Room]) -> tuple[Mark, ...]:
    """The marks of these figures in rooms of several sizes, the smallest first.

    The highest and the lowest stand alike in all. The first is left out of a room in which it has no clear place.
    """
    extremes = tuple(beside(figure, rooms[0]) for figure in marked if figure.kind != "first")
    found = [near(figure, course, room, extremes) for figure in marked if figure.kind == "first" for room in rooms]
    alike = len(set(found)) == 1
    return extremes + tuple(
        replace(mark, room=None if alike else n) for n, mark in enumerate(found[:1] if alike else found) if mark
    )


def near(figure: Marked, course: Course, room: Room, others: Sequence[Mark]) -> Mark | None:
    """The mark of a figure from which the line runs to the right: at the best place in the room that is clear.

    None where there is none.
    """
    best, least = None, inf
    for mark in _tried(figure, course, room, others):
        if mark.shift * room.wide >= least:
            break
        cost = _cost(mark, course, room)
        if cost < least and room.holds(mark) and all(room.is_clear(mark, other) for other in others):
            best, least = mark, cost
    return best


def _cost(mark: Mark, course: Course, room: Room) -> float:
    """How bad a place is, in pixels to the right of the point.

    One up or down counts as two: a figure that is written as high as its point is not misread. A hairline, one that
    the line crosses, and a text on the rule at zero count as some.
    """
    top, bottom = mark.line - room.ascent, mark.line + room.descent
    point, width = mark.figure.down * room.height, mark.shift * room.wide
    cost = 2 * max(top, -bottom, 0) + width
    if mark.lead is not None:
        up, down = course.reach(mark.figure.across + _DOT / room.wide, mark.at)
        crossed = up * room.height - point <= max(mark.lead, 0) and down * room.height - point >= min(mark.lead, 0)
        cost += _CROSSED if crossed and width else _HAIRLINE
    if course.zero is not None and top < course.zero * room.height - point < bottom:
        cost += _CROSSED
    return cost


def _tried(figure: Marked, course: Course, room: Room, others: Sequence[Mark]) -> Iterator[Mark]:
    """The marks clear of the line: next to the point, or as far from it as the line or another text demands.

    From left to right.
    """
    point, width = figure.down * room.height, room.width(figure.text)
    taken = [room.box(other, room.narrow) for other in others]
    past = [line for _, top, _, bottom in taken for line in _outside(top - point, bottom - point, APART, room)]
    for n in range(int(room.aside / room.wide / _STEP) + 1):
        at = figure.across + n * _STEP
        if 0 < n * _STEP * room.narrow < _DOT:
            continue
        gap = _CLEAR + _UNDER if n else _CLEAR
        up, down = course.reach(at - gap / room.narrow, at + (width + gap) / room.narrow)
        above, below = _outside(up * room.height - point, down * room.height - point, gap, room)
        least, most = _outside(0, 0, _UNDER, room) if n else (ABOVE, BELOW)
        for line in (least, most, above, below, *past):
            if (line <= above or line >= below) and (line <= least or line >= most):
                yield _led(Mark(figure, "start", at, line), room)


def _outside(top: float, bottom: float, gap: float, room: Room) -> tuple[float, float]:
    """The line of a text that ends so many pixels above `top`, and of one that begins so many below `bottom`."""
    return top - gap - room.descent, bottom + gap + room.ascent


def _led(mark: Mark, room: Room) -> Mark:
    """The mark with a hairline, where it is not right beside its point.

    To a text at the right it goes on under it or over it: one that ended before the figure would be read as its minus.
    """
    over = mark.line < 0
    edge = mark.line + room.descent if over else mark.line - room.ascent
    if mark.shift:
        return replace(mark, lead=edge + (_UNDER if over else -_UNDER), along=room.width(mark.figure.text))
    return replace(mark, lead=edge) if abs(edge) > _DOT else mark
