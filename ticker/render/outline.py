"""Text as outlines of the typeface that the project installs: it looks the same everywhere, and needs no font there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

FILES = ("plex-sans-400.woff2", "plex-sans-600.woff2")
"""The regular and the bold weight, in the folder of installed files."""
ABOVE, BELOW = 0.78, 0.22
"""How far letters reach above and below their line, in sizes: accents on small letters, and descenders."""
ELLIPSIS = "…"
UNITS = 500
"""Units of an outline in a size: half as many as the font's own, which is finer than any picture and fewer bytes."""

_NO_SIGNS = ("Cc", "Cf", "Cs", "Mn", "Me")  # controls, halves of characters, and marks that are left over
_EM = 1000  # what an advance is a thousandth of

Anchor = Literal["start", "middle", "end"]
_Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Outline:
    """A run of text at its place: glyphs with their distance from `x`, in units of which `size` holds `UNITS`."""

    x: float
    y: float
    size: float
    width: float
    glyphs: tuple[tuple[str, int], ...]

    @property
    def box(self) -> Box:
        """What the run covers."""
        return self.x, self.y - ABOVE * self.size, self.x + self.width, self.y + BELOW * self.size


@dataclass(frozen=True)
class _Weight:
    """One weight: of each character its advance, in thousandths, and its path; of pairs, what moves them closer."""

    advances: Mapping[str, int]
    paths: Mapping[str, str]
    pairs: Mapping[tuple[str, str], int]


@dataclass(frozen=True, eq=False)
class Typeface:
    """Two weights of a typeface, read once; immutable, so any thread may use it.

    A character that the font has not is drawn as its base letter, or as `?`; one that is a space of any kind, as a
    space; one that is no sign at all, as nothing.
    """

    regular: _Weight
    bold: _Weight

    @classmethod
    def read(cls, folder: Path) -> Typeface:
        """Read the two files of the folder that npm's files are installed in, `static/vendor`."""
        regular, bold = (_weight(folder / name) for name in FILES)
        return cls(regular, bold)

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """How wide the text is at that size."""
        weight = self._of(bold)
        seen = list(_characters(weight, text))
        kerned = sum(weight.pairs.get(pair, 0) for pair in pairwise(seen))
        return (sum(weight.advances[c] for c in seen) + kerned) * size / _EM

    def outline(
        self, text: str, x: float, y: float, size: float, bold: bool = False, anchor: Anchor = "start"
    ) -> Outline:
        """The text on the line `y`, which begins, has its middle or ends at `x`."""
        weight = self._of(bold)
        at, before, glyphs = 0, "", []
        for c in _characters(weight, text):
            at += weight.pairs.get((before, c), 0)
            if weight.paths[c]:
                glyphs.append((_name(c, bold), round(at * UNITS / _EM)))
            at += weight.advances[c]
            before = c
        width = at * size / _EM
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        return Outline(left, y, size, width, tuple(glyphs))

    def glyph(self, name: str) -> str:
        """The path of a glyph that an outline names, in an outline's units, y downwards."""
        return self._of(name[0] == "b").paths[chr(int(name[1:], 16))]

    def fitted(self, text: str, size: float, bold: bool, room: float) -> str:
        """The text, shortened with an ellipsis where it is wider than the room; nothing where not a letter fits."""
        if self.width(text, size, bold) <= room:
            return text
        while text and self.width(text + ELLIPSIS, size, bold) > room:
            text = text[:-1].rstrip(" ,·(")
        return text + ELLIPSIS if text else ""

    def wrapped(self, text: str, size: float, bold: bool, room: float, most: int) -> list[str]:
        """The text in lines no wider than the room, broken at spaces; what does not fit into `most` is shortened."""
        lines: list[str] = []
        rest = [word for word in text.split(" ") if word]
        while rest and len(lines) < most - 1:
            taken = next((n for n in range(len(rest), 0, -1) if self.width(" ".join(rest[:n]), size, bold) <= room), 1)
            lines.append(self.fitted(" ".join(rest[:taken]), size, bold, room))
            rest = rest[taken:]
        return [*lines, self.fitted(" ".join(rest), size, bold, room)] if rest else lines

    def _of(self, bold: bool) -> _Weight:
        return self.bold if bold else self.regular


def _characters(weight: _Weight, text: str) -> Iterator[str]:
    """The characters that stand for the text in this weight."""
    for c in unicodedata.normalize("NFC", text):
        if c in weight.advances:
            yield c
        elif c.isspace() or unicodedata.category(c) == "Zs":
            yield " "
        elif unicodedata.category(c) not in _NO_SIGNS:
            base = unicodedata.normalize("NFKD", c)[0]
            yield base if base in weight.advances else "?"


def _name(c: str, bold: bool) -> str:
    """What a glyph is called in a document: by weight and character, so that two pictures in one page agree."""
    return f"{'b' if bold else 'r'}{ord(c):x}"


def _weight(file: Path) -> _Weight:
    with TTFont(file) as font:
        shapes = font.getGlyphSet()
        known = ((chr(code), name) for code, name in font.getBestCmap().items())
        names = {c: name for c, name in known if unicodedata.category(c) not in _NO_SIGNS}
        paths = {}
        for c, name in names.items():
            pen = _Pen(shapes, UNITS / font["head"].unitsPerEm)
            shapes[name].draw(pen)
            paths[c] = "".join(pen.parts).replace(" -", "-")
        em = font["head"].unitsPerEm
        advances = {c: round(font["hmtx"][name][0] * _EM / em) for c, name in names.items()}
        pairs = {pair: round(by * _EM / em) for pair, by in _kerning(font, names).items()}
        return _Weight(advances, paths, pairs)


def _kerning(font: Any, names: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """How pairs of characters move, by the font's `kern` feature for Latin text; those that move not are left out."""
    if "GPOS" not in font:
        return {}
    table = font["GPOS"].table
    script = next((s.Script for s in table.ScriptList.ScriptRecord if s.ScriptTag == "latn"), None)
    if script is None or script.DefaultLangSys is None:
        return {}
    features = [table.FeatureList.FeatureRecord[n] for n in script.DefaultLangSys.FeatureIndex]
    order = sorted({n for f in features if f.FeatureTag == "kern" for n in f.Feature.LookupListIndex})
    moved: dict[tuple[str, str], int] = {}
    for lookup in (table.LookupList.Lookup[n] for n in order):
        found: dict[tuple[str, str], int] = {}
        for sub in lookup.SubTable:
            _add_pairs(getattr(sub, "ExtSubTable", sub), names, found)
        for pair, by in found.items():
            moved[pair] = moved.get(pair, 0) + by
    return {pair: by for pair, by in moved.items() if by}


def _add_pairs(sub: Any, names: Mapping[str, str], found: dict[tuple[str, str], int]) -> None:
    """Add what a subtable says of pairs that none before it has spoken of."""
    if sub.LookupType != 2:
        return
    covered = {glyph: n for n, glyph in enumerate(sub.Coverage.glyphs)}
    for left, glyph in names.items():
        if glyph not in covered:
            continue
        if sub.Format == 1:
            told = {r.SecondGlyph: r.Value1 for r in sub.PairSet[covered[glyph]].PairValueRecord}
            said = {right: told[other] for right, other in names.items() if other in told}
        else:
            row = sub.Class1Record[sub.ClassDef1.classDefs.get(glyph, 0)].Class2Record
            of = sub.ClassDef2.classDefs
            said = {right: row[of.get(other, 0)].Value1 for right, other in names.items()}
        for right, value in said.items():
            found.setdefault((left, right), getattr(value, "XAdvance", 0) if value else 0)


class _Pen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Writes a glyph as a path in few bytes: relative, integers and halves, `t` where a curve goes on smoothly."""

    def __init__(self, shapes: Any, scale: float) -> None:
        super().__init__(shapes)
        self.parts: list[str] = []
        self._scale = scale
        self._here = (0.0, 0.0)
        self._start = (0.0, 0.0)
        self._next: _Point | None = None  # the control point that `t` would have
        self._last = ""

    def moveTo(self, pt: _Point) -> None:  # noqa: N802 - the pen's protocol
        super().moveTo(self._rounded(pt))

    def lineTo(self, pt: _Point) -> None:  # noqa: N802
        super().lineTo(self._rounded(pt))

    def qCurveTo(self, *points: _Point | None) -> None:  # noqa: N802
        super().qCurveTo(*(pt and self._rounded(pt) for pt in points))  # before points between them are found

    def _rounded(self, pt: _Point) -> _Point:
        return round(pt[0] * self._scale), round(pt[1] * self._scale)

    def _moveTo(self, pt: _Point) -> None:  # noqa: N802
        self._write("m", pt)
        self._start = pt
        self._next = None

    def _lineTo(self, pt: _Point) -> None:  # noqa: N802
        self._write("l", pt)
        self._next = None

    def _qCurveToOne(self, pt1: _Point, pt2: _Point) -> None:  # noqa: N802
        if self._next == pt1:
            self._write("t", pt2)
        else:
            self._write("q", pt1, pt2)
        self._next = (2 * pt2[0] - pt1[0], 2 * pt2[1] - pt1[1])

    def _closePath(self) -> None:  # noqa: N802
        self.parts.append("z")
        self._here, self._next, self._last = self._start, None, "z"

    def _write(self, command: str, *points: _Point) -> None:
        numbers = [n + 0.0 for x, y in points for n in (x - self._here[0], self._here[1] - y)]  # a zero has no sign
        if command == "l" and 0 in numbers:
            command, numbers = ("h", numbers[:1]) if numbers[1] == 0 else ("v", numbers[1:])
        said = " ".join(f"{n:g}".replace("0.", ".") if abs(n) < 1 else f"{n:g}" for n in numbers)
        repeated = command == self._last and command in "lqt"  # the letter goes without saying
        self.parts.append((" " if repeated else command) + said)
        self._here, self._last = points[-1], command
