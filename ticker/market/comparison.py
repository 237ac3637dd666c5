"""Comparison: lines of different units, rebased so that each is 100 on the same day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ticker.market.figures import quotient
from ticker.market.observation import Observation, Series

DECIMALS = 1
"""Decimals of a rebased figure."""


@dataclass(frozen=True)
class Comparison:
    """Lines in the order given, each 100.0 on the day `base`, where they all start."""

    base: date
    lines: tuple[Series, ...]


def rebase(lines: Sequence[Series]) -> Comparison | None:
    """The lines from the first day on which every one of them has a figure above zero; None where there is no such day.

    A rebased figure is the exact quotient of two figures as shown, times 100, half-even to one decimal.
    """
    common = set.intersection(*({o.day for o in line if o.value > 0} for line in lines))
    if not common:
        return None
    base = min(common)
    return Comparison(base, tuple(_rebased(tuple(o for o in line if o.day >= base)) for line in lines))


def _rebased(line: Series) -> Series:
    base: Decimal = line[0].value
    return tuple(Observation(o.day, quotient(o.value * 100, base, DECIMALS), o.standing) for o in line)
