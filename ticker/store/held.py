"""The held list: figures that the guards or an operator keep from readers, and what operators decided of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, func, select

from ticker.market.observation import Standing
from ticker.market.rules import OPERATOR, RULES, Rule
from ticker.store.engine import Store
from ticker.store.tables import held

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True)
class Held:
    """A figure that is held back, the rule that holds it, and between which moments (UTC) it was seen.

    `value` is None where the source withdrew the figure, and what is held back is that. `before` is the figure that
    readers have for that day, else the one before it; None where there is none. `decision` is what an operator said.
    """

    series: str
    day: date
    value: Decimal | None
    rule: Rule
    before: Decimal | None
    first_seen: datetime
    last_seen: datetime
    standing: Standing = Standing.FINAL
    decision: str | None = None

    @property
    def confirmed_at(self) -> datetime | None:
        """When a second look at it confirms it; None for what repetition does not confirm."""
        return None if self.rule.confirmed_after is None else self.first_seen + self.rule.confirmed_after


def read_held(store: Store) -> tuple[Held, ...]:
    """All that is held back and waits for a confirmation or an operator: by series, the newest day first."""
    with store.read() as connection:
        rows = [h for h in _rows(connection) if h.decision is None]
    return tuple(sorted(sorted(rows, key=lambda h: h.day, reverse=True), key=lambda h: h.series))


def count_held(store: Store, standing: Standing = Standing.FINAL) -> dict[str, int]:
    """How many figures of documents of that standing are held back, by series; not those that an operator took back."""
    c = held.c
    mine = (c.decision.is_(None), c.standing == standing, c.rule != OPERATOR.key)
    with store.read() as connection:
        rows = connection.execute(select(c.series, func.count().label("n")).where(*mine).group_by(c.series))
        return {row.series: row.n for row in rows}


def read_held_of(store: Store, keys: Iterable[str]) -> tuple[Held, ...]:
    """What is held back of these series, in no order."""
    with store.read() as connection:
        return tuple(h for h in _rows(connection, list(keys)) if h.decision is None)


def held_of(connection: Connection, keys: Iterable[str]) -> dict[tuple[str, date], Held]:
    """What is held or was decided of these series, by series and day, in a transaction that is open."""
    return {(h.series, h.day): h for h in _rows(connection, list(keys))}


def rule_of(key: str) -> Rule:
    """The rule of that name; of one that an other release had, only the name is known."""
    return RULES.get(key) or Rule(key, key)


def _rows(connection: Connection, keys: list[str] | None = None) -> list[Held]:
    query = select(held) if keys is None else select(held).where(held.c.series.in_(keys))
    return [
        Held(
            row.series,
            row.day,
            row.value,
            rule_of(row.rule),
            row.before,
            row.first_seen,
            row.last_seen or row.first_seen,
            Standing(row.standing),
            row.decision,
        )
        for row in connection.execute(query)
    ]
