"""The chart of one instrument, or of a few that are rebased to 100: everything that a template draws, ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise, takewhile
from typing import Literal

from ticker.market.comparison import DECIMALS
from ticker.market.history import RANGES, Span, months_before
from ticker.market.instrument import Instrument
from ticker.market.observation import Observation, Series
from ticker.market.statistics import Extremes, extremes
from ticker.render.language import Language
from ticker.render.plot import Plot, Point, Trace, joined, plot
from ticker.render.scale import DayTick

BOX = (1200, 400)
"""Width and height of the view box that the lines are drawn in; it is stretched to its place."""
TOP, BOTTOM = 18, 24
"""Pixels above the plot, for the label of the highest figure, and below it, for the days."""

_LOW = 170  # pixels that a plot is high at least: labels that keep clear there keep clear everywhere
_NARROW = 220  # and wide at least
_LINE = 15  # a label's height
_CHARACTER = 7.2  # and a character's width, at most

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Tick:
    """A label on an axis, at a fraction of its length; `wide` ones only where there is room."""

    at: float
    text: str
    anchor: Anchor = "middle"
    wide: bool = False

    @property
    def percent(self) -> str:
        """Where it is, as SVG says it."""
        return percent(self.at)


@dataclass(frozen=True)
class Mark:
    """A figure that is written in the plot: its place, and how far down it is written, `below` that or above.

    Where the line leaves no room at its place, it is written further off, at the end of a hairline.
    """

    kind: Literal["first", "high", "low"]
    across: float
    down: float
    text: str
    anchor: Anchor
    below: bool
    at: float

    @property
    def x(self) -> str:
        """Where it is, as SVG says it."""
        return percent(self.across)

    @property
    def y(self) -> str:
        """Where it is, as SVG says it."""
        return percent(self.at)


@dataclass(frozen=True)
class Line:
    """One line: path, the figure at its end, for machines and as shown, and how far down that is written.

    Where it is written may be moved a little, to keep clear of another's.
    """

    instrument: Instrument
    name: str
    path: str
    value: str
    end: str
    at: float

    @property
    def percent(self) -> str:
        """Where its figure is written, as SVG says it."""
        return percent(self.at)


@dataclass(frozen=True)
class Chart:
    """A plot with its words.

    `rules` is a path of a hairline at each round value, `base` at zero where figures are below it, and at 100 where
    lines are compared; `dots` of no length at each figure that is marked, `leader` the hairline to a figure that is
    written off its place. `ended` says whether the lines' last figures are written beside the plot, where `widest` is
    the longest text.
    """

    plot: Plot
    lines: tuple[Line, ...]
    dots: str
    marks: tuple[Mark, ...]
    values: tuple[Tick, ...]
    days: tuple[Tick, ...]
    rules: str
    base: str
    ended: bool
    leader: str
    widest: str


def window(lines: Sequence[Series], named: str) -> tuple[date, date]:
    """The days that a chart of these lines shows: a named range back from the newest of all, or all there is."""
    last = max(line[-1].day for line in lines if line)
    months = RANGES[named]
    first = min(line[0].day for line in lines if line)
    return (first if months is None else months_before(last, months)), last


def chart(
    instruments: Sequence[Instrument], lines: Sequence[Series], days: tuple[date, date], language: Language
) -> Chart | None:
    """The chart of these lines, as shown, in a window of days; several are rebased already. None without a figure."""
    decimals = instruments[0].decimals if len(instruments) == 1 else DECIMALS
    shown = [Span(*days).of(line) for line in lines]
    if not any(shown):
        return None
    drawn = plot([Trace(s, i.cadence) for i, s in zip(instruments, shown, strict=True)], *days, decimals)
    parts = [drawn.points(trace, *BOX) for trace in drawn.traces]
    ends = _spread([drawn.scale.down(s[-1].value) if s else 1.0 for s in shown])
    texts = [language.number(s[-1].value, decimals) if s else "" for s in shown]
    marks: tuple[Mark, ...] = ()
    dotted = [line[-1] for line in shown if line]
    if len(instruments) == 1:
        found = extremes(shown[0])
        dotted = list(dict.fromkeys((shown[0][0], found.low, found.high, shown[0][-1])))
        marks = _marks(drawn, found, shown[0], list(chain(*parts[0])), decimals, language)
    ticks = _values(drawn, ends, language)
    scaled = len(instruments) == 1 or len(ticks) > 2
    if not scaled:  # a scale matters more than figures that the legend has too
        ticks = _values(drawn, [], language)
    return Chart(
        plot=drawn,
        lines=tuple(
            Line(i, language.name(i), joined(p, i.cadence), str(s[-1].value) if s else "", text, at)
            for i, p, s, text, at in zip(instruments, parts, shown, texts, ends, strict=True)
        ),
        dots="".join(drawn.dot(o, *BOX) for o in dotted),
        marks=marks,
        values=ticks,
        days=_days(drawn, language),
        rules="".join(_rule(drawn, value) for value in drawn.scale.ticks),
        base=_base(drawn, Decimal(0 if len(instruments) == 1 else 100)),
        ended=scaled,
        leader="".join(_leader(mark) for mark in marks if mark.at != mark.down),
        widest=max([*texts, *(t.text for t in ticks)], key=len),
    )


def percent(fraction: float) -> str:
    """A fraction as SVG says it: `37.5%`."""
    return f"{fraction * 100:.2f}".rstrip("0").rstrip(".") + "%"


def _rule(drawn: Plot, value: Decimal) -> str:
    return f"M0 {round(drawn.scale.down(value) * BOX[1])}h{BOX[0]}"


def _base(drawn: Plot, value: Decimal) -> str:
    return _rule(drawn, value) if drawn.lowest < value < drawn.scale.high else ""


def _marks(
    drawn: Plot, found: Extremes, line: Series, points: Sequence[Point], decimals: int, language: Language
) -> tuple[Mark, ...]:
    """The highest, lowest and first figure, where they are not the last: that one stands beside the plot."""
    last = line[-1]
    if found.low.value == found.high.value:
        return ()
    high, low, first = found.high, found.low, line[0]
    marks = [_mark("high", high, drawn, decimals, language, below=False)] if high != last else []
    marks += [_mark("low", low, drawn, decimals, language, below=True)] if low != last else []
    if first not in (high, low, last):
        beside = _mark("first", first, drawn, decimals, language, below=False)
        free = [mark for mark in _off(beside) if not any(_touch(mark, other) for other in marks)]
        free.sort(key=lambda mark: abs(mark.at - mark.down))
        passed = _passed(beside, points)
        best = next((mark for mark in free if not _crossed(mark, passed)), None)
        marks += [best] if best else free[:1]
    return tuple(marks)


def _off(mark: Mark) -> list[Mark]:
    """The places where a mark's text may stand: above and below its own, and a line or more from there, in the plot."""
    step = _LINE / _LOW / 2
    places = [replace(mark, below=below, at=mark.down + n * step) for n in range(-20, 21) for below in (False, True)]
    return [p for p in places if p.at in (mark.down, min(max(p.at, 0), 1 - p.below * 2 * step)) and _is_apart(p)]


def _is_apart(mark: Mark) -> bool:
    """Whether a mark's text is on that side of its place on which its hairline ends."""
    return mark.at == mark.down or mark.below == (mark.at > mark.down)


def _passed(mark: Mark, points: Sequence[Point]) -> list[tuple[float, float]]:
    """Through which heights each piece of the line goes within the width of the first mark's text, in pixels."""
    width = len(mark.text) * _CHARACTER / _NARROW
    near = takewhile(lambda point: point[0] / BOX[0] - mark.across < width, points)
    heights = [y / BOX[1] * _LOW for _, y in near]
    return [(min(a, b), max(a, b)) for a, b in pairwise(heights)] or [(h, h) for h in heights]


def _crossed(mark: Mark, passed: Sequence[tuple[float, float]]) -> bool:
    """Whether the line passes where the mark's text stands, on the narrowest plot."""
    top = mark.at * _LOW + (2 if mark.below else -4 - _LINE)
    return any(high >= top and low <= top + _LINE + 2 for low, high in passed)


def _leader(mark: Mark) -> str:
    x, y = round(mark.across * BOX[0]), round(mark.down * BOX[1])
    return f"M{x} {y}V{round(mark.at * BOX[1])}"


def _mark(
    kind: Literal["first", "high", "low"],
    o: Observation,
    drawn: Plot,
    decimals: int,
    language: Language,
    *,
    below: bool,
) -> Mark:
    text = language.number(o.value, decimals)
    across = drawn.across(o.day)
    half = len(text) * _CHARACTER / 2 / _NARROW
    anchor: Anchor = "start" if across < half else "end" if across > 1 - half else "middle"
    down = drawn.scale.down(o.value)
    return Mark(kind, across, down, text, anchor, below, down)


def _touch(a: Mark, b: Mark) -> bool:
    """Whether two marks could overlap on the narrowest plot."""
    apart = abs(_middle(a) - _middle(b)) * _NARROW
    vertical = abs((a.at - b.at) * _LOW + _LINE * (a.below - b.below) * 1.5)
    return apart < (len(a.text) + len(b.text)) / 2 * _CHARACTER and vertical < _LINE


def _middle(mark: Mark) -> float:
    half = len(mark.text) * _CHARACTER / 2 / _NARROW
    return mark.across + {"start": half, "middle": 0.0, "end": -half}[mark.anchor]


def _values(drawn: Plot, ends: Sequence[float], language: Language) -> tuple[Tick, ...]:
    """The round values, but for those that the figures at the lines' ends would touch."""
    places = [(drawn.scale.down(v), v) for v in drawn.scale.ticks]
    free = [(at, v) for at, v in places if all(abs(at - end) * _LOW >= _LINE for end in ends)]
    return tuple(Tick(at, language.number(v, drawn.scale.decimals)) for at, v in free)


def _days(drawn: Plot, language: Language) -> tuple[Tick, ...]:
    texts = [language.tick(tick.day, tick.unit) for tick in drawn.days]
    crowded = sum(len(text) * _CHARACTER + 10 for text in texts) > _NARROW
    kept = _kept(drawn.days) if crowded else set(drawn.days)
    found = []
    for tick, text in zip(drawn.days, texts, strict=True):
        at = drawn.across(tick.day)
        half = len(text) * _CHARACTER / 2 / _NARROW
        anchor: Anchor = "start" if at < half else "middle"  # at the right there is room, below the values
        found.append(Tick(at, text, anchor, tick not in kept))
    return tuple(found)


def _kept(ticks: Sequence[DayTick]) -> set[DayTick]:
    """Every second tick: of months those among which a year begins, of years the rounder ones."""
    if ticks[0].unit == "year":
        anchor = next((n for n, t in enumerate(ticks) if t.day.year % 10 == 0), 0)
    else:
        anchor = next((n for n, t in enumerate(ticks) if t.unit == "year"), len(ticks) - 1)
    return {t for n, t in enumerate(ticks) if (n - anchor) % 2 == 0}


def _spread(places: Sequence[float]) -> list[float]:
    """The same places, moved apart where two are nearer than a line of text; in the plot's bounds."""
    least = _LINE / _LOW
    order = sorted(range(len(places)), key=lambda n: places[n])
    found = [places[n] for n in order]
    for n in range(1, len(found)):
        found[n] = max(found[n], found[n - 1] + least)
    over = max(0.0, found[-1] - 1.0)
    found[-1] -= over
    for n in range(len(found) - 2, -1, -1):
        found[n] = min(found[n], found[n + 1] - least)
    return [at for _, at in sorted(zip(order, found, strict=True))]
