"""The guards' rules by name, and what they say to people. What each one looks at is in `ticker/ingest`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_SECOND_LOOK = timedelta(minutes=30)


@dataclass(frozen=True)
class Rule:
    """Why a figure is held back. `sentence` is for people; `key` is what is remembered and logged.

    A figure that is still published `confirmed_after` it was first seen is taken; None: repetition confirms nothing.
    """

    key: str
    sentence: str
    confirmed_after: timedelta | None = None


RANGE = Rule("range", "outside the values that this series can have")
CROSS = Rule("cross", "gives an instrument a value that it cannot have")
ZERO = Rule("zero", "an exact zero, which stands for no figure")
FUTURE = Rule("future", "for a day that has not come")
WEEKEND = Rule("weekend", "for a weekend day, in a series of weekdays")
UNITS = Rule("units", "the last figure with its point elsewhere: another unit")
HOLIDAY = Rule("holiday", "the day before's figure again, on a holiday", timedelta(days=14))
JUMP = Rule("jump", "a move far beyond those of this series; waits for a second answer", _SECOND_LOOK)
BACKWARDS = Rule("backwards", "no longer in the source, whose newest day went back")
SHRUNK = Rule("shrunk", "no longer in the source, like many others of its file")
LATE = Rule("late", "changed after more than 60 days; waits for a second answer", _SECOND_LOOK)
MANY = Rule("many", "changed with many others at once; waits for a second answer", _SECOND_LOOK)
OPERATOR = Rule("operator", "taken back by an operator")

RULES = {
    rule.key: rule
    for rule in (RANGE, CROSS, ZERO, FUTURE, WEEKEND, UNITS, HOLIDAY, JUMP, BACKWARDS, SHRUNK, LATE, MANY, OPERATOR)
}
