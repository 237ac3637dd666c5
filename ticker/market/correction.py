"""Corrections: figures that a publisher had stated, and later stated otherwise or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ticker.market.instrument import Instrument
from ticker.market.quote import Publisher


@dataclass(frozen=True)
class Correction:
    """One figure of a series: the day it is for, what it was and what it became, digits as published.

    `became` is None where it was withdrawn. We saw it at `seen_at` (UTC).
    """

    publisher: Publisher
    code: str
    day: date
    seen_at: datetime
    was: Decimal
    became: Decimal | None

    @property
    def series(self) -> str:
        """The key of its series, such as `ecb:USD`."""
        return f"{self.publisher.key}:{self.code}"

    def concerns(self, i: Instrument) -> bool:
        """Whether an instrument has this series in its chain."""
        return any(self.series in link.series for link in i.chain)
