"""Read figures: the revision, the newest observations of every series, spans of a series, what was corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, String, bindparam, func, select, type_coerce

from ticker.market.observation import Figures, Observation, Packed, Series, Standing
from ticker.market.snapshot import Corrections, Holding
from ticker.store.editions import changed_since, newest_edition
from ticker.store.engine import Store
from ticker.store.tables import correction, feed, observation, revision
from ticker.store.turns import read_turns

RECENT = 400
"""How many of the newest observations of a series a snapshot is made from: 52 weeks of days and more."""

_STANDINGS = tuple(Standing)
_NEWEST = (
    select(
        type_coerce(observation.c.day, String),  # packed unread
        type_coerce(observation.c.value, String),
        observation.c.standing,
    )
    .where(observation.c.series == bindparam("key"), observation.c.day <= bindparam("today"))
    .order_by(observation.c.day.desc())
    .limit(bindparam("most"))
)
_NEWEST_DAY = (  # at the end of the index; a maximum over a condition would look at every figure
    select(observation.c.day)
    .where(observation.c.series == bindparam("key"), observation.c.standing >= bindparam("standing"))
    .order_by(observation.c.day.desc())
    .limit(1)
)


def revision_of(connection: Connection) -> int:
    """The store's revision; 0 while nothing was ever committed."""
    return connection.execute(select(revision.c.number)).scalar() or 0


def read_revision(store: Store) -> int:
    """The same, in a transaction of its own."""
    with store.read() as connection:
        return revision_of(connection)


def load(
    store: Store,
    keys: Iterable[str],
    sources: Iterable[str],
    today: date,
    most: int = RECENT,
    before: Holding | None = None,
) -> Holding:
    """The newest observations of the series named, none of them later than today, at one revision.

    Of what was read `before`, in the same way, only the series that changed since are read again; where the store
    cannot tell which these are, and on another day, all are. The result is the same.
    """
    keys = list(keys)
    with store.read() as connection:
        at = connection.execute(select(revision.c.number, revision.c.committed_at)).first()
        number, moment = (at.number, at.committed_at) if at else (0, None)
        same = _unchanged(connection, before, number, today) if before else {}
        figures = {key: same[key] if key in same else _newest(connection, key, today, most) for key in keys}
        anew = [key for key in keys if key not in same]
        corrected = {key: found for key, found in before.corrected.items() if key in same} if before else {}
        corrected |= _corrected(connection, anew)
        rows = connection.execute(
            select(feed.c.source, feed.c.feed, feed.c.next_release).where(feed.c.source.in_(list(sources)))
        )
        stated = {f"{source}:{code}": day for source, code, day in rows if day is not None}
        turns, edition = read_turns(connection), newest_edition(connection)
        return Holding(number, figures, stated, corrected, turns, moment, edition, today)


def _unchanged(connection: Connection, before: Holding, number: int, today: date) -> Figures:
    """What was held before and is so still."""
    if before.today != today:
        return {}
    changed = changed_since(connection, before, number)
    return {} if changed is None else {key: line for key, line in before.figures.items() if key not in changed}


def recent(store: Store, keys: Iterable[str], today: date) -> Mapping[str, Series]:
    """The newest observations of the series named, none of them later than today."""
    with store.read() as connection:
        return {key: tuple(_newest(connection, key, today, RECENT)) for key in keys}


def newest(connection: Connection, keys: Iterable[str], standing: Standing) -> dict[str, date]:
    """The newest day of each series that has figures of that standing or a firmer one."""
    found = {key: connection.execute(_NEWEST_DAY, {"key": key, "standing": standing}).scalar() for key in keys}
    return {key: day for key, day in found.items() if day is not None}


def span(connection: Connection, key: str, first: date, last: date) -> Series:
    """A series from `first` to `last`, both included, ascending."""
    rows = connection.execute(
        select(observation.c.day, observation.c.value, observation.c.standing)
        .where(observation.c.series == key, observation.c.day.between(first, last))
        .order_by(observation.c.day)
    )
    return tuple(Observation(day, value, _STANDINGS[standing]) for day, value, standing in rows)


def whole(store: Store, keys: Iterable[str], today: date) -> Figures:
    """All that is held of the series named, none of it later than today."""
    with store.read() as connection:
        return {key: span(connection, key, date.min, today) for key in keys}


def corrected(store: Store, keys: Iterable[str]) -> Corrections:
    """The corrections of these series; one that has none is left out."""
    with store.read() as connection:
        return _corrected(connection, keys)


def _corrected(connection: Connection, keys: Iterable[str]) -> Corrections:
    rows = connection.execute(
        select(correction.c.series, correction.c.day, func.max(correction.c.seen_at).label("last"))
        .where(correction.c.series.in_(list(keys)))
        .group_by(correction.c.series, correction.c.day)
    )
    found: dict[str, dict[date, datetime]] = {}
    for key, day, last in rows:
        found.setdefault(key, {})[day] = last
    return found


def _newest(connection: Connection, key: str, today: date, most: int) -> Packed:
    rows = connection.execute(_NEWEST, {"key": key, "today": today, "most": most})
    return Packed(reversed(rows.all()))
