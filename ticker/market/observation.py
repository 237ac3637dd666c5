"""Observations: published figures, as their source printed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum


class Standing(IntEnum):
    """How firm a figure is. A firmer document replaces a less firm one, never the other way."""

    SEED = 0  # from the release's own seed, until the source has been read once
    EARLY = 1  # printed ahead of the source's own record, such as EIA's morning page
    FINAL = 2  # the source's record; may still be revised by that source


@dataclass(frozen=True, slots=True)
class Observation:
    """One figure of a series: the day it is for, and its value with the digits as published."""

    day: date
    value: Decimal
    standing: Standing = Standing.FINAL


Series = tuple[Observation, ...]  # ascending by day, one for a day
Figures = Mapping[str, Series]  # by series key, such as `ecb:GBP`
