"""Crossings: the days on which a line's figure went above a level, or below one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from ticker.market.observation import Series

Way = Literal["above", "below"]


@dataclass(frozen=True)
class Levels:
    """What is watched, in the instrument's unit: a level to rise above, one to fall below, both, or none."""

    above: Decimal | None = None
    below: Decimal | None = None

    def __bool__(self) -> bool:
        return self.above is not None or self.below is not None


def crossings(line: Series, levels: Levels) -> list[tuple[int, Way, Decimal]]:
    """Where in the line a figure crossed a level, which way, and the level, ascending.

    A level is crossed from one figure to the next: one that equals it is on neither side. No day crosses both.
    """
    found: list[tuple[int, Way, Decimal]] = []
    for n, (before, after) in enumerate(pairwise(line), start=1):
        if levels.above is not None and before.value <= levels.above < after.value:
            found.append((n, "above", levels.above))
        if levels.below is not None and before.value >= levels.below > after.value:
            found.append((n, "below", levels.below))
    return found
