"""A sheet to draw on in a theme's colours: text as outlines, rules, lines, areas. It comes out as SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise

from ticker.render.outline import UNITS, Anchor, Box, Typeface

_INK = {
    "light": {"ground": "#ffffff", "ink": "#16181d", "up": "#0b7a3b", "down": "#c02a1d"},
    "dark": {"ground": "#16181d", "ink": "#f1f2f4", "up": "#4fc98a", "down": "#ff8a7d"},
}
_OTHERS = {  # the second and third line of a comparison, as in static/ticker.css
    "light": {"second": "#0b57b0", "third": "#a1490c"},
    "dark": {"second": "#8ab8f5", "third": "#f0a36b"},
}
_SHARES = {"soft": 0.75, "rule": 0.17, "area": 0.08}  # of the ink, on the ground
THEMES = tuple(_INK)

_PART = re.compile(r"([MLHVZ])([^MLHVZ]*)", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Style:
    """How text is set: its size in pixels, its weight, and the name of its colour."""

    size: float
    bold: bool = False
    colour: str = "ink"


def colours(theme: str, up: str) -> Mapping[str, str]:
    """A theme's colours by name, all of them opaque. With `up` red, a rise has the colour of a fall and the reverse."""
    found = _INK[theme] | _OTHERS[theme]
    if up == "red":
        found |= {"up": found["down"], "down": found["up"]}
    return found | {name: _mixed(found["ink"], found["ground"], share) for name, share in _SHARES.items()}


class Sheet:
    """A sheet of a fixed width, as high as `height` says when it is done. Distances are in pixels from the top left.

    `boxes` has what each text covers, in the order drawn: what must keep clear of text asks `is_free`.
    """

    def __init__(self, width: float, theme: str, up: str, typeface: Typeface) -> None:
        self.width = width
        self.height = 0.0
        self.boxes: list[tuple[str, Box]] = []
        self.typeface = typeface
        self._colours = colours(theme, up)
        self._parts: list[str] = []
        self._glyphs: dict[str, None] = {}  # in the order first used: the same drawing is the same bytes

    def text(self, x: float, y: float, text: str, style: Style, anchor: Anchor = "start", halo: bool = False) -> float:
        """Set text on the line `y` and return its width. A halo of the ground keeps it apart from what is beneath."""
        run = self.typeface.outline(text, x, y, style.size, style.bold, anchor)
        if not run.glyphs:
            return run.width
        self.boxes.append((text, run.box))
        self._glyphs |= dict.fromkeys(name for name, _ in run.glyphs)
        uses = "".join(f'<use href="#{name}"' + (f' x="{at}"' if at else "") + "/>" for name, at in run.glyphs)
        around = f' stroke="{self._colours["ground"]}" stroke-width="{_n(3 * UNITS / run.size)}" paint-order="stroke"'
        place = f"translate({_n(run.x)} {_n(run.y)})scale({_n(run.size / UNITS, 4)})"
        self._add("g", f' transform="{place}" fill="{self._colours[style.colour]}"{around if halo else ""}', uses)
        return run.width

    def measure(self, text: str, style: Style) -> float:
        """How wide the text would be."""
        return self.typeface.width(text, style.size, style.bold)

    def is_free(self, x: float, y: float, text: str, style: Style, anchor: Anchor = "start", apart: float = 3) -> bool:
        """Whether the text would stay on the sheet there and clear of every other."""
        left, top, right, bottom = self.typeface.outline(text, x, y, style.size, style.bold, anchor).box
        wide = (left - apart, top, right + apart, bottom)
        return left >= 0 and right <= self.width and not any(overlap(wide, box) for _, box in self.boxes)

    def rule(self, x: float, y: float, width: float, thick: float = 1, colour: str = "rule") -> None:
        """Draw a horizontal rule whose upper edge is `y`."""
        self._add("path", f' fill="{self._colours[colour]}" d="M{_n(x)} {_n(y)}h{_n(width)}v{_n(thick)}h{_n(-width)}z"')

    def frame(self, radius: float = 4) -> None:
        """Draw a hairline around the sheet, with round corners."""
        size = f'width="{_n(self.width - 1)}" height="{_n(self.height - 1)}"'
        self._add("rect", f' stroke="{self._colours["rule"]}" x=".5" y=".5" {size} rx="{_n(radius)}"')

    def line(
        self,
        path: str,
        view: tuple[float, float],
        at: Box,
        colour: str,
        thick: float,
        dash: str = "",
        column: float = 0,
    ) -> None:
        """Draw a path, given in a view box of that width and height, stretched to the box `at`; not its stroke.

        Corners that share a place from left to right are spread over a column of that width, in their order.
        """
        dashed = f' stroke-dasharray="{dash}" stroke-linecap="butt"' if dash else ""
        drawn = _stretched(path, view, at, column)
        self._add("path", f' stroke="{self._colours[colour]}" stroke-width="{_n(thick)}"{dashed} d="{drawn}"')

    def area(self, path: str, view: tuple[float, float], at: Box, colour: str = "area", column: float = 0) -> None:
        """Fill a path, given as for a line."""
        self._add("path", f' fill="{self._colours[colour]}" d="{_stretched(path, view, at, column)}"')

    def triangle(self, x: float, y: float, size: float, direction: str) -> float:
        """Draw the arrow of a rise or a fall, which stands on the line `y` of text of that size; return its width."""
        wide, high = size * 0.56, size * 0.5
        base, tip = (y - size * 0.1, -high) if direction == "up" else (y - size * 0.1 - high, high)
        half = _n(wide / 2)
        self._add("path", f' fill="{self._colours[direction]}" d="M{_n(x)} {_n(base)}h{_n(wide)}l-{half} {_n(tip)}z"')
        return wide

    def svg(self, title: str, desc: str, lang: str, factor: float = 1) -> str:
        """The drawing, `factor` times as large. Title and description are its words for whoever does not see it."""
        width, height = _n(self.width), _n(self.height)
        glyphs = "".join(f'<path id="{name}" d="{self.typeface.glyph(name)}"/>' for name in self._glyphs)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width * factor)}" '
            f'height="{_n(self.height * factor)}" viewBox="0 0 {width} {height}" lang="{_words(lang)}" role="img" '
            f'fill="none" stroke-linejoin="round" stroke-linecap="round">'
            f"<title>{_words(title)}</title><desc>{_words(desc)}</desc><defs>{glyphs}</defs>"
            f'<path fill="{self._colours["ground"]}" d="M0 0h{width}v{height}H0z"/>{"".join(self._parts)}</svg>'
        )

    def _add(self, name: str, attributes: str, inside: str = "") -> None:
        self._parts.append(f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>")


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes have more than an edge in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _mixed(ink: str, ground: str, share: float) -> str:
    pairs = ((int(ink[n : n + 2], 16), int(ground[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _words(text: str) -> str:
    """The text as XML has it; what XML cannot have at all, such as a null, is left out."""
    return escape(_NOT_XML.sub("", text))


def _n(value: float, places: int = 2) -> str:
    """A number in few characters."""
    said = f"{round(value, places) + 0.0:.{places}f}".rstrip("0").rstrip(".")  # a zero has no sign
    return said if said == "0" else said.removeprefix("0").replace("-0.", "-.")


def _stretched(path: str, view: tuple[float, float], at: Box, column: float) -> str:
    """A path from its view box in the box `at`. Tenths of a pixel, counted from the start: errors do not add up."""
    (left, top, right, bottom), (width, height) = at, view
    drawn = []
    for points, closed in _traces(path):
        tenths = [
            (round(10 * (left + x / width * (right - left))), round(10 * (top + y / height * (bottom - top))))
            for x, y in _spread(points, column, width)
        ]
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(tenths) if a != b] or [(0, 0)]
        said = " ".join(_n(n / 10) for step in steps for n in step).replace(" -", "-")
        x, y = tenths[0]
        drawn.append(f"M{_n(x / 10)} {_n(y / 10)}l{said}{'z' if closed else ''}")
    return "".join(drawn)


def _spread(points: list[tuple[float, float]], column: float, width: float) -> Iterator[tuple[float, float]]:
    for x, members in groupby(points, key=lambda point: point[0]):
        heights = [y for _, y in members]
        for n, y in enumerate(heights):
            yield min(max(x + column * ((n + 0.5) / len(heights) - 0.5), 0), width), y


def _traces(path: str) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """The corners of each part of a path of straight lines, and whether it is closed."""
    points: list[tuple[float, float]] = []
    for command, text in _PART.findall(path):
        numbers = [float(n) for n in _NUMBER.findall(text)]
        x, y = points[-1] if points else (0.0, 0.0)
        if command == "M":
            if points:
                yield points, False
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
        elif command in "lL":
            for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = (x + dx, y + dy) if command == "l" else (dx, dy)
                points.append((x, y))
        elif command in "hH":
            points.append((numbers[0] + (x if command == "h" else 0), y))
        elif command in "vV":
            points.append((x, numbers[0] + (y if command == "v" else 0)))
        else:
            yield points, True
            points = []
    if points:
        yield points, False
