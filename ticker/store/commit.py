"""One transaction a refresh: what changed in the figures, what is held back, the feed's state, and the revision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ticker.market.observation import Series
from ticker.store.changes import Change, carry_out, changes_of
from ticker.store.desk import Desk, Hold
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators, write_feed, write_validators

Suspicion = Callable[[Sequence[Change]], Sequence[Hold]]


@dataclass(frozen=True)
class Arrival:
    """A document that was looked at: the figures of each series, and which of them the guards hold back.

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

    Rows that left the span are withdrawn. What is held, by the guards or by `suspicion` of the changes, leaves what
    was there; it goes in when it is seen again after its rule's time, or when an operator accepted it. What an operator
    rejected stays out and is not held again. The revision rises by one only if a figure changed. What a publisher had
    stated before and now states otherwise, or no longer, is remembered as a correction.
    """
    with store.write() as connection:
        desk = Desk.of(connection, arrival.series, now)
        holds = [*arrival.holds, *(h for key, series in arrival.series.items() for h in desk.taken_back(key, series))]
        holds = [h for h in holds if desk.holds(h)]
        changes = _changes(connection, arrival, desk, {(h.series, h.day) for h in holds})
        doubted = [h for h in suspicion(changes) if desk.holds(h)]
        doubtful = {(h.series, h.day) for h in doubted}
        kept = [c for c in changes if (c.series, c.day) not in doubtful]
        number = carry_out(connection, kept, now)
        held = [h for h in (*holds, *doubted) if not desk.rejected(h.series, h.day, h.value)]
        desk.keep(connection, arrival.series, held)
        write_feed(connection, state)
        write_validators(connection, accepted[0], Validators() if held else accepted[1])
    count = {kind: sum(c.kind == kind for c in kept) for kind in ("added", "revised", "withdrawn")}
    return Outcome(**count, held=len(held), revision=number)


def _changes(connection: Connection, arrival: Arrival, desk: Desk, out: set[tuple[str, date]]) -> list[Change]:
    """What the document changes where nothing is held and no operator said no."""
    found: list[Change] = []
    for key, series in arrival.series.items():
        incoming = tuple(o for o in series if (key, o.day) not in out and not desk.rejected(key, o.day, o.value))
        spared = {o.day for o in series} | {day for held, day in out if held == key}
        found += changes_of(connection, key, incoming, spared, arrival.whole)
    return [c for c in found if c.value is not None or not desk.rejected(c.series, c.day, None)]
