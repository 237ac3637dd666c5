"""What an operator decides: to let a held figure in, to keep it out for good, or to take back one that is shown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, update

from ticker.errors import Undecidable
from ticker.market.observation import Observation, Standing
from ticker.market.rules import FUTURE, OPERATOR
from ticker.store.changes import Change, carry_out, change_of
from ticker.store.engine import Store
from ticker.store.figures import newest, span
from ticker.store.held import ACCEPTED, REJECTED, Held, held_of
from ticker.store.tables import held

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Span:
    """A series from one day to another, both included."""

    series: str
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.series} {self.first}" + (f" to {self.last}" if self.last != self.first else "")


def accept(store: Store, chosen: Span, now: datetime, impossible: bool = False) -> Sequence[Held]:
    """Let what is held of these days in, or what was rejected before; readers see it at once.

    Where the source withdrew a figure, that is what is let in. The same figure is not held again. Raises Undecidable
    where nothing is held, where a day has not come, and, unless `impossible`, where no figure can be so.
    """
    with store.write() as connection:
        found = [h for h in _found(connection, chosen) if h.decision != ACCEPTED]
        _require(found, chosen, "is held")
        if early := next((h for h in found if h.rule == FUTURE and h.day > now.date()), None):
            raise Undecidable(f"{early.series} {early.day}: {early.value} {FUTURE.sentence}; nothing accepts it.")
        if not impossible and (wrong := next((h for h in found if h.rule.impossible), None)):
            raise Undecidable(
                f"{wrong.series} {wrong.day}: {wrong.value} {wrong.rule.sentence}; only --impossible accepts it."
            )
        changes = [c for h in found if (c := _change(connection, h))]
        number = carry_out(connection, changes, now)
        _decide(connection, found, ACCEPTED, now)
    _tell(found, f"accepted by an operator; revision {number}")
    return found


def reject(store: Store, chosen: Span, now: datetime) -> Sequence[Held]:
    """Keep what is held of these days out for good; the same figure is not held again, another one is.

    Raises Undecidable where nothing is held.
    """
    with store.write() as connection:
        found = [h for h in _found(connection, chosen) if h.decision is None]
        _require(found, chosen, "is held")
        _decide(connection, found, REJECTED, now)
    _tell(found, "rejected by an operator")
    return found


def take_back(store: Store, chosen: Span, now: datetime) -> Sequence[Held]:
    """Take figures that are shown from readers. Whatever their source says of these days is held until it is accepted.

    They are remembered as corrections. Raises Undecidable where there is none.
    """
    with store.write() as connection:
        there = span(connection, chosen.series, chosen.first, chosen.last)
        if not there and chosen.series not in newest(connection, [chosen.series], Standing.SEED):
            raise Undecidable(f"{chosen.series}: there is no such series in the store.")
        _require(there, chosen, "is shown")
        gone = [Change("withdrawn", chosen.series, o.day, None, o.standing, o.standing, o.value) for o in there]
        number = carry_out(connection, gone, now)
        found = [Held(chosen.series, o.day, o.value, OPERATOR, o.value, now, now, o.standing) for o in there]
        for h in found:
            connection.execute(delete(held).where(_row(h)))
            connection.execute(
                insert(held).values(
                    series=h.series, day=h.day, value=h.value, rule=h.rule.key, before=h.before, standing=h.standing,
                    first_seen=now, last_seen=now,
                )
            )  # fmt: skip
    _tell(found, f"taken back by an operator; revision {number}")
    return found


def _found(connection: Connection, chosen: Span) -> list[Held]:
    there = held_of(connection, [chosen.series]).values()
    return sorted((h for h in there if chosen.first <= h.day <= chosen.last), key=lambda h: h.day)


def _require(found: Sequence[object], chosen: Span, what: str) -> None:
    if not found:
        raise Undecidable(f"{chosen}: no figure {what} there.")


def _change(connection: Connection, h: Held) -> Change | None:
    old = next(iter(span(connection, h.series, h.day, h.day)), None)
    if h.value is not None:
        return change_of(h.series, Observation(h.day, h.value, h.standing), old)
    return Change("withdrawn", h.series, h.day, None, h.standing, old.standing, old.value) if old else None


def _decide(connection: Connection, found: Sequence[Held], decision: str, now: datetime) -> None:
    for h in found:
        connection.execute(update(held).where(_row(h)).values(decision=decision, decided_at=now))


def _row(h: Held) -> ColumnElement[bool]:
    return and_(held.c.series == h.series, held.c.day == h.day)


def _tell(found: Sequence[Held], what: str) -> None:
    for h in found:
        log.info("%s %s: %s (%s) %s", h.series, h.day, "none" if h.value is None else h.value, h.rule.key, what)
