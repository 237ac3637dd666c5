"""The rule for instruments: what two series give together must be possible too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ticker.ingest.evidence import Line, value_of
from ticker.market.instrument import Catalog
from ticker.store.changes import Change


def impossible(catalog: Catalog, source: str, changes: Sequence[Change], lines: Mapping[str, Line]) -> list[Change]:
    """The changes that give an instrument a value outside its range.

    Of the two series of a cross the one is to blame that no other instrument finds possible; both, if none does.
    """
    changed: dict[str, dict[date, Change]] = {}
    for c in changes:
        if c.value is not None:
            changed.setdefault(c.series, {})[c.day] = c
    bad: dict[date, set[str]] = {}
    good: dict[date, set[str]] = {}
    for i in catalog.instruments:
        for keys in (link.series for link in i.chain if link.source == source):
            values = [lines[key].values if key in lines else {} for key in keys]
            for day in set().union(*(changed.get(key, ()) for key in keys)):
                value = value_of(i, [known.get(day) for known in values])
                if value is not None:
                    (good if value in i.bounds else bad).setdefault(day, set()).update(keys)
    found = []
    for day, doubted in bad.items():
        blamed = doubted - good.get(day, set()) or doubted
        found += [changed[key][day] for key in sorted(blamed) if day in changed.get(key, ())]
    return found
