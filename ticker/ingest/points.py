"""Rules for one figure, whatever stands beside it. None is ever confirmed by repetition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ticker.market.instrument import Bounds
from ticker.market.observation import Observation
from ticker.market.rules import FUTURE, RANGE, WEEKEND, ZERO, Rule


@dataclass(frozen=True)
class Expected:
    """What is known of a series' figures: their bounds, if any; whether it has weekdays only; the source's today."""

    bounds: Bounds | None
    weekdays_only: bool
    today: date


def is_future(o: Observation, expected: Expected) -> bool:
    """Its day has not come where the source is. It would be the newest for a century."""
    return o.day > expected.today


def is_weekend(o: Observation, expected: Expected) -> bool:
    """A Saturday or Sunday in a series that has none. EIA's workbook has had Sundays, for a night."""
    return expected.weekdays_only and o.day.weekday() >= 5


def is_zero(o: Observation, expected: Expected) -> bool:
    """A placeholder: no rate is, and no price has ever been, exactly nothing."""
    return o.value == 0


def is_out_of_range(o: Observation, expected: Expected) -> bool:
    """Outside the series' own bounds: a file with every rate times 100 leaves every cross as it was."""
    return expected.bounds is not None and o.value not in expected.bounds


POINT_RULES: tuple[tuple[Rule, Callable[[Observation, Expected], bool]], ...] = (
    (FUTURE, is_future),
    (WEEKEND, is_weekend),
    (ZERO, is_zero),
    (RANGE, is_out_of_range),
)


def broken_rule(o: Observation, expected: Expected) -> Rule | None:
    """The first rule that a figure breaks; None for a possible one."""
    return next((rule for rule, breaks in POINT_RULES if breaks(o, expected)), None)
