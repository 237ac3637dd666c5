"""The snapshot: all quotes at one revision and phase, valid until a known moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

from ticker.market.chain import Turn
from ticker.market.instrument import Catalog
from ticker.market.observation import Figures
from ticker.market.quote import Publisher, Quote, quote

Corrections = Mapping[str, Mapping[date, datetime]]
"""By series and by the day of a figure that was revised or withdrawn: the moment at which we last saw that (UTC)."""


@dataclass(frozen=True)
class Holding:
    """What the store holds at a revision: the newest figures of every series, and what publishers said comes next.

    `corrected` tells which figures were corrected after they were first published, `turns` which entry of its chain
    each instrument was drawn from, by its key. `committed_at` (UTC) tells revisions of one number apart, of which the
    first was lost with the server that had it.
    """

    revision: int
    figures: Figures
    stated: Mapping[str, date]
    corrected: Corrections = field(default_factory=dict)
    turns: Mapping[str, Turn] = field(default_factory=dict)
    committed_at: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything that is rendered, immutable. `valid_until` (UTC) is the next moment at which time alone changes it."""

    catalog: Catalog
    revision: int
    year: int
    valid_until: datetime
    quotes: tuple[Quote, ...]
    corrected: Corrections = field(default_factory=dict)
    committed_at: datetime | None = None

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


def build(catalog: Catalog, publishers: Mapping[str, Publisher], holding: Holding, now: datetime) -> Snapshot:
    """The snapshot of what is held, at a moment (UTC)."""
    quotes = tuple(
        quote(i, holding.figures, publishers, now, holding.stated, holding.turns.get(i.key))
        for i in catalog.instruments
    )
    new_year = datetime(now.year + 1, 1, 1, tzinfo=UTC)  # dates of another year are shown with it
    valid_until = min([new_year, *(q.until for q in quotes)])
    return Snapshot(catalog, holding.revision, now.year, valid_until, quotes, holding.corrected, holding.committed_at)
