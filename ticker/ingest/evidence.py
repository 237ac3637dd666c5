"""What the guards hold a document against: the series as they would be with it, and other publishers' figures."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise

from ticker.market.figures import quotient, rounded
from ticker.market.instrument import Cadence, Catalog, Instrument, Link
from ticker.market.observation import Figures, Observation, Series, Standing
from ticker.market.rules import JUMP
from ticker.store.engine import Store
from ticker.store.figures import recent
from ticker.store.held import read_held_of


@dataclass(frozen=True)
class Line:
    """A series as it would be: days ascending, and the value of each."""

    days: tuple[date, ...]
    values: Mapping[date, Decimal]

    @classmethod
    def of(cls, *parts: Series) -> Line:
        """Parts laid over one another, the last on top."""
        values = {o.day: o.value for o in chain(*parts)}
        return cls(tuple(sorted(values)), values)

    @property
    def gap(self) -> int:
        """Days from one figure to the next: 1 in a daily series, 7 in a weekly one."""
        gaps = sorted((after - before).days for before, after in pairwise(self.days[-20:]))
        return gaps[len(gaps) // 2] if gaps else 1

    def upto(self, day: date) -> list[Decimal]:
        """Its values before a day, oldest first."""
        return [self.values[d] for d in self.days[: bisect_left(self.days, day)]]

    def after(self, day: date) -> Decimal | None:
        """The value that follows a day's."""
        at = bisect_left(self.days, day) + 1
        return self.values[self.days[at]] if at < len(self.days) else None


@dataclass(frozen=True)
class Evidence:
    """What is known: the record (of every series that these instruments are drawn from), and what others hold back.

    `witnesses` are figures that another publisher's door holds for the same kind of doubt.
    """

    catalog: Catalog
    record: Mapping[str, Series]
    witnesses: Figures

    def of(self, key: str) -> Series:
        """The newest of what is on record of a series."""
        return self.record.get(key, ())

    def is_first(self, key: str) -> bool:
        """Whether the source was never read for this series: what there is came with the release."""
        return not any(o.standing == Standing.FINAL for o in self.of(key))

    def cadence(self, key: str) -> Cadence | None:
        """How often a series has figures, by the instruments drawn from it."""
        return next((i.cadence for i, _ in self.drawn_from(key)), None)

    def drawn_from(self, key: str) -> list[tuple[Instrument, Link]]:
        """The instruments that are drawn from a series, each with the entry of its chain."""
        return [(i, link) for i in self.catalog.instruments for link in i.chain if key in link.series]

    def stated(self, key: str, day: date) -> Decimal | None:
        """What is on record, or held back at another door, of a series for a day."""
        for series in (self.of(key), self.witnesses.get(key, ())):
            found = next((o.value for o in series if o.day == day), None)
            if found is not None:
                return found
        return None


def gather(store: Store, catalog: Catalog, mine: Collection[str], today: date) -> Evidence:
    """What is on record, of these series and at other publishers, of the instruments that they are part of."""
    links = [link for i in catalog.instruments for link in i.chain if any(set(mine) & set(e.series) for e in i.chain)]
    keys = sorted(set(mine).union(*(link.series for link in links)))
    witnesses: dict[str, Series] = {}
    for h in read_held_of(store, keys):
        if h.rule == JUMP and h.value is not None and h.series not in mine:
            witnesses[h.series] = (*witnesses.get(h.series, ()), Observation(h.day, h.value))
    return Evidence(catalog, recent(store, keys, today), witnesses)


def value_of(instrument: Instrument, parts: Sequence[Decimal | None]) -> Decimal | None:
    """An instrument's figure from those of its series; None where one is not known."""
    first, *rest = parts
    if first is None or not all(rest):
        return None
    return quotient(first, rest[0], instrument.decimals) if rest and rest[0] else rounded(first, instrument.decimals)
