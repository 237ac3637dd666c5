"""Rules for a figure beside its neighbours: a jump, another unit, a holiday's copy.

A move is the distance between two figures as the logarithm of their quotient: 0.05 is about five percent. Between
figures of which one is zero or less it is endless. The usual move of a series is what nine in ten of its last 250
moves do not exceed; five times that is a jump. So it follows each series through calm and crisis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from math import inf, log

_WINDOW, _ENOUGH = 250, 20
_NINE_IN_TEN, _TIMES = 0.9, 5
_LEAST, _UNKNOWN = 0.005, 0.25
_SPREAD = 0.35
_POWERS = range(-8, 9)


def move(before: Decimal, after: Decimal) -> float:
    """How far apart two figures are; endless where one of them is zero or less."""
    return abs(log(after / before)) if before > 0 and after > 0 else inf


def moves(values: Iterable[Decimal]) -> list[float]:
    """The moves of a series that have an end, oldest first."""
    return [m for before, after in pairwise(values) if (m := move(before, after)) < inf]


def jump_of(past: Sequence[float]) -> float:
    """The move above which one is a jump, after these moves; a quarter where they are too few to say."""
    if len(past) < _ENOUGH:
        return _UNKNOWN
    recent = sorted(past[-_WINDOW:])
    return max(_TIMES * recent[int(_NINE_IN_TEN * (len(recent) - 1))], _LEAST)


def is_other_unit(before: Decimal, after: Decimal, jump: float) -> bool:
    """Whether a figure is the one before times a power of ten, or one divided by it, give or take a usual move.

    A yen quoted for a hundred, pence for pounds, a currency that lost its zeros; dollars a pound for pounds a dollar.
    """
    if before == 0 or after / before <= 0:
        return False
    ratio, near = log(after / before), min(jump, _SPREAD)
    if any(abs(ratio - power * log(10)) <= near for power in _POWERS if power):
        return True
    return abs(ratio) > jump and before > 0 and abs(log(before * after)) <= near


def is_followed(before: Decimal, value: Decimal, after: Decimal | None) -> bool:
    """Whether the next figure stays at the new level: nearer to it than to the old one."""
    return after is not None and abs(after - value) < abs(after - before)


def agrees(value: Decimal, other: Decimal) -> bool:
    """Whether another publisher's figure for the same day says the same.

    Fixings of one day are up to one percent apart, so within 1.5 percent.
    """
    return abs(value - other) <= abs(other) * Decimal("0.015")
