"""Marks: figures that are written in a plot, beside their points; and the room that there is for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["first", "high", "low"]
Anchor = Literal["start", "middle", "end"]
_Box = tuple[float, float, float, float]  # left, top, right, bottom

ABOVE, BELOW = -6, 14
"""Pixels from a point down to the line of a text that stands right above it, or right below it."""
ASIDE, APART = 4, 1
"""Pixels that two texts are apart at least, side by side or one above the other."""


@dataclass(frozen=True)
class Marked:
    """A figure that is marked: which it is, its point in the plot, from the left and the top (0 to 1), and its text."""

    kind: Kind
    across: float
    down: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A marked figure's text: how far from the left (0 to 1), and its line, in pixels below its point.

    `lead` is where a hairline from the point to the text ends, in pixels below the point, None where it needs none;
    from there it goes `along` the text for so many pixels to the right. `room` says in which of several rooms the text
    stands there; None for all.
    """

    figure: Marked
    anchor: Anchor
    at: float
    line: float
    lead: float | None = None
    along: float = 0
    room: int | None = None

    @property
    def shift(self) -> float:
        """How far it is to the right of its point, of the plot's width."""
        return self.at - self.figure.across

    @property
    def svg(self) -> dict[str, str]:
        """Where text, point and hairline are, as SVG says it."""
        return {
            "at": percent(self.at),
            "x": percent(self.figure.across),
            "y": percent(self.figure.down),
            "shift": percent(self.shift),
            "dy": _pixels(self.line),
            "lead": _pixels(self.lead or 0),
            "along": f"{self.along * 0.88:.0f}",  # what a room for any typeface measures is too wide for most
        }


@dataclass(frozen=True)
class Room:
    """Plots in which texts must be well placed: so high, and of every width from `narrow` to `wide`; in pixels.

    `width` measures a text; figures reach `ascent` above their line and `descent` below it. Texts may reach `over`
    the plot and `under` it. They are `aside` and `away` of their point at most: to the right, and up or down.
    """

    narrow: float
    wide: float
    height: float
    width: Callable[[str], float]
    ascent: float
    descent: float
    over: float
    under: float
    aside: float
    away: float

    def holds(self, mark: Mark) -> bool:
        """Whether a mark's text is in the room, and near enough to its point."""
        left, top, right, bottom = self.box(mark, self.narrow)
        point = mark.figure.down * self.height
        return (
            left >= 0
            and right <= self.narrow
            and top >= -self.over
            and bottom <= self.height + self.under
            and max(top - point, point - bottom) <= self.away
            and mark.shift * self.wide <= self.aside
        )

    def is_clear(self, mark: Mark, other: Mark) -> bool:
        """Whether a mark's text, and the hairline to it, keep clear of another's text, at every width."""
        for width in (self.narrow, self.wide):
            left, top, right, bottom = self.box(other, width)
            around = left - ASIDE, top - APART, right + ASIDE, bottom + APART
            if _meet(self.box(mark, width), around) or _meet(self._hairline(mark, width), around):
                return False
        return True

    def box(self, mark: Mark, width: float) -> _Box:
        """What a mark's text covers in a plot of that width: left, top, right, bottom, in pixels from the top left."""
        wide = self.width(mark.figure.text)
        left = mark.at * width - {"start": 0.0, "middle": wide / 2, "end": wide}[mark.anchor]
        line = mark.figure.down * self.height + mark.line
        return left, line - self.ascent, left + wide, line + self.descent

    def _hairline(self, mark: Mark, width: float) -> _Box:
        point = mark.figure.down * self.height
        end = point + (mark.lead or 0)
        return mark.figure.across * width, min(point, end), mark.at * width, max(point, end)


def percent(fraction: float) -> str:
    """A fraction as SVG says it: `37.5%`."""
    return f"{fraction * 100:.2f}".rstrip("0").rstrip(".") + "%"


def _pixels(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"  # a zero has no sign


def beside(figure: Marked, room: Room) -> Mark:
    """The mark of a highest or lowest figure, right above or below its point: there the line never is.

    Where the text would reach beyond the plot's edge, it begins or ends at the point.
    """
    half = room.width(figure.text) / 2 / room.narrow
    anchor: Anchor = "start" if figure.across < half else "end" if figure.across > 1 - half else "middle"
    return Mark(figure, anchor, figure.across, BELOW if figure.kind == "low" else ABOVE)


def _meet(a: _Box, b: _Box) -> bool:
    rounded = 0.01  # what touches does not meet
    return a[0] < b[2] - rounded and b[0] < a[2] - rounded and a[1] < b[3] - rounded and b[1] < a[3] - rounded
