"""The guards' rules by name, and what they say to people. What each one looks at is in `ticker/ingest`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_SECOND_LOOK = timedelta(minutes=30)


@dataclass(frozen=True)
class Rule:
    """Why a figure is held back. `key` is remembered and logged; `sentence` goes on from the figure, for people.

    A figure that is still published `confirmed_after` it was first seen is taken; None: repetition confirms nothing.
    """

    key: str
    sentence: str
    confirmed_after: timedelta | None = None
    impossible: bool = False
    """Whether no figure can be so; an operator who accepts one has to say that they mean it."""


RANGE = Rule("range", "is outside the values that this series can have", impossible=True)
CROSS = Rule("cross", "gives an instrument a value that it cannot have", impossible=True)
ZERO = Rule("zero", "is an exact zero, which stands for no figure", impossible=True)
FUTURE = Rule("future", "is for a day that has not come", impossible=True)
WEEKEND = Rule("weekend", "is for a weekend day, in a series of weekdays", impossible=True)
UNITS = Rule("units", "is the last figure with its point elsewhere, or upside down: another unit")
HOLIDAY = Rule("holiday", "is the day before's figure again, on a holiday", timedelta(days=14))
JUMP = Rule("jump", "is a move far beyond those of this series; waits for a second answer", _SECOND_LOOK)
BACKWARDS = Rule("backwards", "is no longer in the source, whose newest day went back")
SHRUNK = Rule("shrunk", "is no longer in the source, like many others of its file")
LATE = Rule("late", "is a change after more than 60 days; waits for a second answer", _SECOND_LOOK)
MANY = Rule("many", "is one of many changes at once; waits for a second answer", _SECOND_LOOK)
OPERATOR = Rule("operator", "was taken back by an operator")

RULES = {
    rule.key: rule
    for rule in (RANGE, CROSS, ZERO, FUTURE, WEEKEND, UNITS, HOLIDAY, JUMP, BACKWARDS, SHRUNK, LATE, MANY, OPERATOR)
}
