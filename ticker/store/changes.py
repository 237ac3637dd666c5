"""Changes to figures: what a document does to a series, how it is carried out, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, and_, bindparam, delete, insert, update

from ticker.market.observation import Observation, Series, Standing
from ticker.store.editions import keep_edition
from ticker.store.figures import newest, revision_of, span
from ticker.store.tables import correction, observation, revision

_FAR = (date.min, date.max)


@dataclass(frozen=True)
class Change:
    """One observation of a series that a document adds, revises, withdraws, or makes firmer without changing it.

    `was` and `was_value` are of the figure that was there before; None where there was none.
    """

    kind: Literal["added", "revised", "withdrawn", "firmed"]
    series: str
    day: date
    value: Decimal | None
    standing: Standing
    was: Standing | None = None
    was_value: Decimal | None = None

    @property
    def corrects(self) -> bool:
        """Whether it takes back a figure that the publisher had stated; the seed's are ours."""
        return self.kind in ("revised", "withdrawn") and self.was is not None and self.was > Standing.SEED


def changes_of(
    connection: Connection, key: str, incoming: Series, spared: Collection[date], whole: bool
) -> list[Change]:
    """What a series as published changes in the one we have.

    Rows that left the span it covers are withdrawn, but those of `spared` days. `whole` says it is all there is; then
    what only the seed knew goes.
    """
    if not incoming:
        return []
    standing = incoming[0].standing
    if standing < Standing.FINAL:
        record = newest(connection, [key], Standing.FINAL).get(key, date.min)
        incoming = tuple(o for o in incoming if o.day > record)
        if not incoming:
            return []
    first, last = incoming[0].day, incoming[-1].day
    there = {o.day: o for o in span(connection, key, *(_FAR if whole else (first, last)))}
    changes = [change for o in incoming if (change := change_of(key, o, there.get(o.day)))]
    stays = {o.day for o in incoming} | set(spared)
    if standing == Standing.FINAL:
        changes += [
            Change("withdrawn", key, o.day, None, standing, o.standing, o.value)
            for o in there.values()
            if o.day not in stays and (first <= o.day <= last or o.standing == Standing.SEED)
        ]
    return changes


def change_of(key: str, new: Observation, old: Observation | None) -> Change | None:
    """What one observation changes; None where it changes nothing."""
    if old is None:
        return Change("added", key, new.day, new.value, new.standing)
    if old.standing > new.standing:
        return None
    if old.value != new.value:  # numeric: 0.85620 is 0.8562
        return Change("revised", key, new.day, new.value, new.standing, old.standing, old.value)
    if old.standing < new.standing:
        return Change("firmed", key, new.day, old.value, new.standing, old.standing, old.value)
    return None


def carry_out(connection: Connection, changes: Sequence[Change], now: datetime) -> int:
    """Change the figures and remember what that corrects; the revision after it, raised if a reader could notice."""
    _apply(connection, changes)
    _remember(connection, [c for c in changes if c.corrects], now)
    visible = any(c.kind != "firmed" for c in changes)
    number = _raise_revision(connection, now) if visible else revision_of(connection)
    if changes:
        keep_edition(connection, {c.series for c in changes}, number)
    return number


def _apply(connection: Connection, changes: Sequence[Change]) -> None:
    added = [
        {"series": c.series, "day": c.day, "value": c.value, "standing": c.standing}
        for c in changes
        if c.kind == "added"
    ]
    if added:
        connection.execute(insert(observation), added)
    row = and_(observation.c.series == bindparam("key"), observation.c.day == bindparam("at"))
    gone = [{"key": c.series, "at": c.day} for c in changes if c.kind == "withdrawn"]
    if gone:
        connection.execute(delete(observation).where(row), gone)
    other = [
        {"key": c.series, "at": c.day, "new_value": c.value, "new_standing": c.standing}
        for c in changes
        if c.kind in ("revised", "firmed")
    ]
    if other:
        new = update(observation).where(row).values(value=bindparam("new_value"), standing=bindparam("new_standing"))
        connection.execute(new, other)


def _remember(connection: Connection, corrections: Sequence[Change], now: datetime) -> None:
    """Keep what was corrected. Two corrections of a figure at one moment, by a clock that stands, are kept as one."""
    for c in corrections:
        row = and_(correction.c.series == c.series, correction.c.day == c.day, correction.c.seen_at == now)
        if not connection.execute(update(correction).where(row).values(became=c.value)).rowcount:
            connection.execute(
                insert(correction).values(series=c.series, day=c.day, seen_at=now, was=c.was_value, became=c.value)
            )


def _raise_revision(connection: Connection, now: datetime) -> int:
    number = revision_of(connection) + 1
    changed = connection.execute(update(revision).values(number=number, committed_at=now))
    if not changed.rowcount:
        connection.execute(insert(revision).values(id=1, number=number, committed_at=now))
    return number
