"""The chart of one instrument, or of a few that are rebased to 100: everything that a template draws, ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from ticker.market.comparison import DECIMALS
from ticker.market.history import RANGES, Span, months_before
from ticker.market.instrument import Instrument
from ticker.market.observation import Observation, Series
from ticker.market.statistics import Extremes, extremes
from ticker.render.language import Language
from ticker.render.mark import Anchor, Kind, Mark, Marked, Room, percent
from ticker.render.placing import Course, placed
from ticker.render.plot import Plot, Point, Trace, corners, joined, plot
from ticker.render.scale import DayTick

BOX = (1200, 400)
"""Width and height of the view box that the lines are drawn in; it is stretched to its place."""
TOP, BOTTOM = 18, 24
"""Pixels above the plot, for the label of the highest figure, and below it, for the days."""

_LOW = 170  # pixels that a plot is high at least: labels that keep clear there keep clear everywhere
_NARROW = 220  # and wide at least
_LINE = 15  # a label's height
_CHARACTER = 7.2  # and a character's width, at most


def _room(narrow: float, wide: float, height: float, aside: float, away: float) -> Room:
    """A room for texts of 12 pixels in any typeface."""
    return Room(narrow, wide, height, lambda text: len(text) * _CHARACTER, 9.5, 2.5, TOP, 5, aside, away)


ROOMS = (_room(_NARROW, 440, 200, 48, 40), _room(400, 745, 260, 72, 44), _room(710, 1250, 340, 110, 54))
"""The plots that static/ticker.css makes, beside the values: in containers up to 480 pixels wide, to 800, and above."""


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
    lines are compared; `dots` of no length at each figure that is marked. `marks` are those that are written in the
    plot, in the `ROOMS`; `marked` and `course` are what they are made of, for a plot of another size. `ticks`
    are the round values, `values` those that the lines' last figures leave room for; `ended` says whether these are
    written beside the plot, where `widest` is the longest text.
    """

    plot: Plot
    lines: tuple[Line, ...]
    dots: str
    marked: tuple[Marked, ...]
    course: Course
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    values: tuple[Tick, ...]
    days: tuple[Tick, ...]
    rules: str
    base: str
    ended: bool
    widest: str


def window(lines: Sequence[Series], named: str) -> tuple[date, date]:
    """The days that a chart of these lines shows: a named range back from the newest of all.

    It begins no earlier than the first figure that there is.
    """
    last = max(line[-1].day for line in lines if line)
    months = RANGES[named]
    first = min(line[0].day for line in lines if line)
    return (first if months is None else max(first, months_before(last, months))), last


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
    marked: tuple[Marked, ...] = ()
    course = Course(())
    dotted = [line[-1] for line in shown if line]
    if len(instruments) == 1:
        found = extremes(shown[0])
        dotted = list(dict.fromkeys((shown[0][0], found.low, found.high, shown[0][-1])))
        marked = _marked(drawn, found, shown[0], decimals, language)
        course = _course(drawn, corners(chain(*parts[0]), instruments[0].cadence))
    ticks = _values(drawn, language)
    free = tuple(tick for tick in ticks if all(abs(tick.at - end) * _LOW >= _LINE for end in ends))
    scaled = len(instruments) == 1 or len(free) > 2  # it matters more than figures that the legend has too
    return Chart(
        plot=drawn,
        lines=tuple(
            Line(i, language.name(i), joined(p, i.cadence), str(s[-1].value) if s else "", text, at)
            for i, p, s, text, at in zip(instruments, parts, shown, texts, ends, strict=True)
        ),
        dots="".join(drawn.dot(o, *BOX) for o in dotted),
        marked=marked,
        course=course,
        marks=placed(marked, course, ROOMS),
        ticks=ticks,
        values=free if scaled else ticks,
        days=_days(drawn, language),
        rules="".join(_rule(drawn, value) for value in drawn.scale.ticks),
        base=_base(drawn, Decimal(0 if len(instruments) == 1 else 100)),
        ended=scaled,
        widest=max([*texts, *(t.text for t in ticks)], key=len),
    )


def _rule(drawn: Plot, value: Decimal) -> str:
    return f"M0 {round(drawn.scale.down(value) * BOX[1])}h{BOX[0]}"


def _base(drawn: Plot, value: Decimal) -> str:
    return "" if drawn.level(value) is None else _rule(drawn, value)


def _course(drawn: Plot, turns: Sequence[Point]) -> Course:
    return Course([(x / BOX[0], y / BOX[1]) for x, y in turns], drawn.level(Decimal(0)))


def _marked(drawn: Plot, found: Extremes, line: Series, decimals: int, language: Language) -> tuple[Marked, ...]:
    """The highest, lowest and first figure, where they are not the last: that one stands beside the plot."""
    if found.low.value == found.high.value:
        return ()
    wanted: dict[Observation, Kind] = {line[0]: "first"}
    wanted |= {found.low: "low", found.high: "high"}
    return tuple(
        Marked(kind, drawn.across(o.day), drawn.scale.down(o.value), language.number(o.value, decimals))
        for o, kind in wanted.items()
        if o != line[-1]
    )


def _values(drawn: Plot, language: Language) -> tuple[Tick, ...]:
    return tuple(Tick(drawn.scale.down(v), language.number(v, drawn.scale.decimals)) for v in drawn.scale.ticks)


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
