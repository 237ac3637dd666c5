"""The desk: what of a document is held back, confirmed, or was decided by an operator, inside a commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, bindparam, delete, insert

from ticker.market.observation import Series, Standing
from ticker.market.rules import OPERATOR, Rule
from ticker.store.held import ACCEPTED, REJECTED, Held, held_of
from ticker.store.tables import held


@dataclass(frozen=True)
class Hold:
    """A figure that a rule holds back; `value` is None for a figure that its source withdrew.

    `before` is the figure that was there, else the one before it.
    """

    series: str
    day: date
    value: Decimal | None
    rule: Rule
    before: Decimal | None = None
    standing: Standing = Standing.FINAL


@dataclass(frozen=True)
class Desk:
    """What is held or was decided of some series, by series and day, at a moment."""

    there: Mapping[tuple[str, date], Held]
    now: datetime

    @classmethod
    def of(cls, connection: Connection, keys: Iterable[str], now: datetime) -> Desk:
        """The desk of these series."""
        return cls(held_of(connection, keys), now)

    def holds(self, hold: Hold) -> bool:
        """Whether a hold stands: no operator accepted that figure, and it was not first seen long enough ago."""
        before = self.there.get((hold.series, hold.day))
        if before is None or before.value != hold.value:
            return True
        if before.decision is not None:
            return before.decision != ACCEPTED
        at = before.confirmed_at
        return at is None or before.rule.key != hold.rule.key or self.now < at

    def rejected(self, series: str, day: date, value: Decimal | None) -> bool:
        """Whether an operator rejected that very figure."""
        before = self.there.get((series, day))
        return before is not None and before.decision == REJECTED and before.value == value

    def taken_back(self, key: str, series: Series) -> list[Hold]:
        """Holds for the days that an operator took back, whatever figure the source now has for them."""
        found = [(o, self.there.get((key, o.day))) for o in series]
        return [
            Hold(key, o.day, o.value, OPERATOR, was.before, o.standing)
            for o, was in found
            if was is not None and was.rule == OPERATOR and was.decision is None
        ]

    def keep(self, connection: Connection, series: Mapping[str, Series], holds: Sequence[Hold]) -> None:
        """Write what is held now. What these series no longer say is forgotten; what was decided is not.

        What an operator took back stays until it is decided.
        """
        over = {
            at
            for at, h in self.there.items()
            if h.decision is None and h.rule != OPERATOR and _covered(h, series[h.series])
        }
        rows = {(h.series, h.day): self._row(h) for h in holds}
        gone = [{"key": key, "at": day} for key, day in over | (rows.keys() & self.there.keys())]
        if gone:
            at = and_(held.c.series == bindparam("key"), held.c.day == bindparam("at"))
            connection.execute(delete(held).where(at), gone)
        if rows:
            connection.execute(insert(held), list(rows.values()))

    def _row(self, hold: Hold) -> dict[str, object]:
        was = self.there.get((hold.series, hold.day))
        same = was is not None and was.decision is None and (was.value, was.rule.key) == (hold.value, hold.rule.key)
        return {
            "series": hold.series,
            "day": hold.day,
            "value": hold.value,
            "rule": hold.rule.key,
            "before": hold.before,
            "standing": hold.standing,
            "first_seen": min(was.first_seen, self.now) if was is not None and same else self.now,
            "last_seen": self.now,
        }


def _covered(held: Held, series: Series) -> bool:
    """Whether a series, as published, has the last word on a figure that is held."""
    if not series:
        return False
    if held.standing == series[0].standing:
        return held.standing < Standing.FINAL or held.day >= series[0].day
    return held.standing < series[0].standing and held.day <= series[-1].day
