"""What the guards' tests share: a document at the door, before a record of our making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ticker.ingest.doubts import Doubts
from ticker.ingest.evidence import Evidence
from ticker.ingest.guards import inspect
from ticker.market.instrument import Catalog
from ticker.market.observation import Figures, Observation, Series, Standing
from ticker.sources import SOURCES
from ticker.sources.source import Document
from ticker.store.changes import Change, change_of

Rows = Sequence[tuple[str, str]]


def series(rows: Rows, standing: Standing = Standing.FINAL) -> Series:
    return tuple(Observation(date.fromisoformat(day), Decimal(value), standing) for day, value in rows)


@dataclass(frozen=True)
class Door:
    """The door of a source on a day. `record` is what is on record by series key, `witnesses` what others hold."""

    catalog: Catalog
    source: str
    record: Mapping[str, Series] = field(default_factory=dict)
    witnesses: Figures = field(default_factory=dict)
    today: date = date(2026, 3, 19)

    def held(self, **codes: Series) -> list[tuple[str, str, str]]:
        """Code, day and rule of each figure that does not get past, whichever guard stops it."""
        source = SOURCES[self.source]
        evidence = Evidence(self.catalog, self.record, self.witnesses)
        arrival = inspect(source, Document(codes), evidence, self.today)
        out = {(h.series, h.day) for h in arrival.holds}
        changes: list[Change] = []
        for key, found in arrival.series.items():
            there = {o.day: o for o in self.record.get(key, ())}
            went_in = [o for o in found if (key, o.day) not in out]
            changes += [c for o in went_in if (c := change_of(key, o, there.get(o.day)))]
        doubted = Doubts(source, arrival, evidence, self.today)(changes)
        holds = [*arrival.holds, *doubted]
        assert len({(h.series, h.day) for h in holds}) == len(holds), "a figure is held once"
        return sorted((h.series.partition(":")[2], str(h.day), h.rule.key) for h in holds)
