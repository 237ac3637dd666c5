"""The snapshot: all quotes at one revision and phase, valid until a known moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import NamedTuple

from ticker.market.chain import Turn
from ticker.market.instrument import Catalog
from ticker.market.observation import Figures
from ticker.market.quote import Publisher, Quote, quote

Corrections = Mapping[str, Mapping[date, datetime]]
"""By series and by the day of a figure that was revised or withdrawn: the moment at which we last saw that (UTC)."""


class Edition(NamedTuple):
    """A state of the store's figures. `mark` tells two of one number apart, of which one was lost or is a copy's."""

    number: int
    mark: str


@dataclass(frozen=True)
class Holding:
    """What the store holds at a revision: the newest figures of every series, and what publishers said comes next.

    `corrected` tells which figures were corrected after they were first published, `turns` which entry of its chain
    each instrument was drawn from, by its key. `committed_at` (UTC) tells revisions of one number apart, of which the
    first was lost with the server that had it. `edition` and `today`, the day it was read on, tell what is to be read
    again after it.
    """

    revision: int
    figures: Figures
    stated: Mapping[str, date]
    corrected: Corrections = field(default_factory=dict)
    turns: Mapping[str, Turn] = field(default_factory=dict)
    committed_at: datetime | None = None
    edition: Edition | None = None
    today: date | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything that is rendered, immutable. `valid_until` (UTC) is the next moment at which time alone changes it.

    It was built of `holding` at the moment `at`.
    """

    catalog: Catalog
    revision: int
    year: int
    valid_until: datetime
    quotes: tuple[Quote, ...]
    corrected: Corrections = field(default_factory=dict)
    committed_at: datetime | None = None
    holding: Holding | None = field(default=None, compare=False, repr=False)
    at: datetime | None = field(default=None, compare=False)

    @property
    def state(self) -> tuple[int, datetime | None]:
        """What figures it was made from: a revision, and when that was committed."""
        return self.revision, self.committed_at

    @cached_property
    def phase(self) -> tuple[object, datetime]:
        """What an answer rendered from it depends on, beside its variant: state and phase."""
        return self.state, self.valid_until

    @cached_property
    def expected(self) -> datetime | None:
        """The moment (UTC) of the newest publication that is out by the calendar and has not reached us."""
        return max((q.standing.expected for q in self.quotes if q.standing.expected), default=None)

    @property
    def awaited(self) -> bool:
        """Whether some publication is out by the calendar and has not reached us."""
        return self.expected is not None

    @property
    def has_data(self) -> bool:
        """Whether there is any figure at all."""
        return any(q.latest for q in self.quotes)

    @cached_property
    def by_key(self) -> Mapping[str, Quote]:
        """The quotes by instrument key."""
        return {q.instrument.key: q for q in self.quotes}

    @property
    def needed(self) -> set[str]:
        """The series whose failures count: those in use, and all of an instrument that is late or worse.

        A reserve that fails while what stands before it is well is shown, and is nobody's alarm.
        """
        links = (q.instrument.chain if q.freshness != "current" else (q.link,) for q in self.quotes)
        return {key for found in links for link in found for key in link.series}

    def was_corrected(self, q: Quote, days: Iterable[date], since: date) -> bool:
        """Whether a figure for one of these days, in a series that the quote is drawn from, changed after `since`."""
        seen = self.corrections_of(q)
        return any(seen[day].date() > since for day in days if day in seen)

    def corrections_of(self, q: Quote) -> Mapping[date, datetime]:
        """When each figure of the series that the quote is drawn from was last corrected, by the day it is for."""
        found: dict[date, datetime] = {}
        for key in q.link.series:
            for day, moment in self.corrected.get(key, {}).items():
                found[day] = max(moment, found.get(day, moment))
        return found


def build(
    catalog: Catalog,
    publishers: Mapping[str, Publisher],
    holding: Holding,
    now: datetime,
    before: Snapshot | None = None,
) -> Snapshot:
    """The snapshot of what is held, at a moment (UTC).

    Quotes of the one `before`, with the same publishers, that are still true are taken over; the result is the same.
    """
    known = _still_true(before, catalog, holding, now) if before else {}
    quotes = tuple(
        known.get(i.key) or quote(i, holding.figures, publishers, now, holding.stated, holding.turns.get(i.key))
        for i in catalog.instruments
    )
    new_year = datetime(now.year + 1, 1, 1, tzinfo=UTC)  # dates of another year are shown with it
    valid_until = min([new_year, *(q.until for q in quotes)])
    about = (holding.corrected, holding.committed_at, holding, now)
    return Snapshot(catalog, holding.revision, now.year, valid_until, quotes, *about)


def _still_true(before: Snapshot, catalog: Catalog, holding: Holding, now: datetime) -> Mapping[str, Quote]:
    """The quotes for which neither what is held nor the time has changed anything."""
    was = before.holding
    if was is None or before.at is None or before.catalog is not catalog or now < before.at:
        return {}
    moved = {key for key, line in holding.figures.items() if was.figures.get(key) is not line}
    moved |= was.figures.keys() - holding.figures.keys()
    moved |= {key for key, _ in was.stated.items() ^ holding.stated.items()}
    return {
        i.key: q
        for i, q in zip(catalog.instruments, before.quotes, strict=True)
        if now < q.until
        and was.turns.get(i.key) == holding.turns.get(i.key)
        and (not moved or moved.isdisjoint(key for link in i.chain for key in link.series))
    }
