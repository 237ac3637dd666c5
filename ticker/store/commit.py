"""One transaction a refresh: what changed in the figures, the feed's state, and the revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from ticker.market.observation import Observation, Series, Standing
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators, write_feed, write_validators
from ticker.store.figures import newest, revision_of, span
from ticker.store.tables import correction, held, observation, revision

CONFIRM_AFTER = timedelta(minutes=30)
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


@dataclass(frozen=True)
class Hold:
    """A figure that is held back, and why. One that is `confirmable` is taken when it is seen again later."""

    series: str
    day: date
    value: Decimal | None
    reason: str
    confirmable: bool = False


Suspicion = Callable[[Sequence[Change]], Sequence[Hold]]


@dataclass(frozen=True)
class Arrival:
    """A document, past the guards: the figures of each series, and what the guards hold back.

    `whole` says it is all there is of its series; then what only the seed knew goes.
    """

    series: Mapping[str, Series]
    holds: Sequence[Hold] = ()
    whole: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a commit did to the figures, in observations, and the revision after it."""

    added: int
    revised: int
    withdrawn: int
    held: int
    revision: int

    @property
    def changed(self) -> int:
        """How many observations a reader could see the difference of."""
        return self.added + self.revised + self.withdrawn


def commit(
    store: Store,
    arrival: Arrival,
    suspicion: Suspicion,
    now: datetime,
    state: FeedState,
    accepted: tuple[str, Validators],
) -> Outcome:
    """Put a document's figures in the place of the span it covers, and the feed's state beside them.

    `accepted` is the address it came from and the validators that came with it; they are kept only if nothing was held.

    Rows that left the span are withdrawn. Changes that are under suspicion are held until they are seen again at
    least thirty minutes later. The revision rises by one only if a figure changed. What a publisher had stated before
    and now states otherwise, or no longer, is remembered as a correction.
    """
    with store.write() as connection:
        changes = [c for key, series in arrival.series.items() for c in _changes(connection, key, series, arrival)]
        doubted = _doubted(connection, suspicion(changes), now)
        kept = [c for c in changes if (c.series, c.day) not in doubted]
        _apply(connection, kept)
        _remember(connection, [c for c in kept if c.corrects], now)
        _hold(connection, arrival, [*arrival.holds, *doubted.values()], now)
        visible = [c for c in kept if c.kind != "firmed"]
        number = _raise_revision(connection, now) if visible else revision_of(connection)
        write_feed(connection, state)
        in_full = not (arrival.holds or doubted)
        write_validators(connection, accepted[0], accepted[1] if in_full else Validators())
    count = {kind: sum(c.kind == kind for c in kept) for kind in ("added", "revised", "withdrawn")}
    return Outcome(**count, held=len(arrival.holds) + len(doubted), revision=number)


def _changes(connection: Connection, key: str, incoming: Series, arrival: Arrival) -> list[Change]:
    if not incoming:
        return []
    standing = incoming[0].standing
    if standing < Standing.FINAL:
        record = newest(connection, [key], Standing.FINAL).get(key, date.min)
        incoming = tuple(o for o in incoming if o.day > record)
        if not incoming:
            return []
    first, last = incoming[0].day, incoming[-1].day
    there = {o.day: o for o in span(connection, key, *(_FAR if arrival.whole else (first, last)))}
    spared = {hold.day for hold in arrival.holds if hold.series == key}
    changes = [change for o in incoming if (change := _change(key, o, there.get(o.day)))]
    stays = {o.day for o in incoming} | spared
    if standing == Standing.FINAL:
        changes += [
            Change("withdrawn", key, o.day, None, standing, o.standing, o.value)
            for o in there.values()
            if o.day not in stays and (first <= o.day <= last or o.standing == Standing.SEED)
        ]
    return changes


def _change(key: str, new: Observation, old: Observation | None) -> Change | None:
    if old is None:
        return Change("added", key, new.day, new.value, new.standing)
    if old.standing > new.standing:
        return None
    if old.value != new.value:  # numeric: 0.85620 is 0.8562
        return Change("revised", key, new.day, new.value, new.standing, old.standing, old.value)
    if old.standing < new.standing:
        return Change("firmed", key, new.day, old.value, new.standing, old.standing, old.value)
    return None


def _doubted(connection: Connection, holds: Sequence[Hold], now: datetime) -> dict[tuple[str, date], Hold]:
    """The holds that nothing confirms yet: the same value was not held before, or not long enough ago."""
    if not holds:
        return {}
    keys = {hold.series for hold in holds}
    rows = connection.execute(select(held).where(held.c.series.in_(keys)))
    seen = {(r.series, r.day): r for r in rows}

    def confirmed(hold: Hold) -> bool:
        before = seen.get((hold.series, hold.day))
        return (
            hold.confirmable
            and before is not None
            and before.value == hold.value
            and before.reason == hold.reason
            and now - before.seen_at >= CONFIRM_AFTER
        )

    return {(hold.series, hold.day): hold for hold in holds if not confirmed(hold)}


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


def _hold(connection: Connection, arrival: Arrival, holds: Sequence[Hold], now: datetime) -> None:
    """What is held of these series now, with the moment each was first seen."""
    spans = [
        and_(held.c.series == key, held.c.day >= series[0].day) for key, series in arrival.series.items() if series
    ]
    rows = connection.execute(select(held).where(or_(*spans))).all() if spans else []
    since = {(r.series, r.day, r.value, r.reason): r.seen_at for r in rows}
    for r in rows:
        connection.execute(delete(held).where(held.c.series == r.series, held.c.day == r.day))
    for h in holds:
        connection.execute(delete(held).where(held.c.series == h.series, held.c.day == h.day))
        seen_at = min(now, since.get((h.series, h.day, h.value, h.reason), now))  # a clock may have been set back
        connection.execute(
            insert(held).values(series=h.series, day=h.day, value=h.value, reason=h.reason, seen_at=seen_at)
        )


def _raise_revision(connection: Connection, now: datetime) -> int:
    number = revision_of(connection) + 1
    changed = connection.execute(update(revision).values(number=number, committed_at=now))
    if not changed.rowcount:
        connection.execute(insert(revision).values(id=1, number=number, committed_at=now))
    return number
