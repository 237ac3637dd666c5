"""The rule for instruments: what two series give together must be possible too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from ticker.ingest.evidence import Line, value_of
from ticker.market.instrument import Catalog
from ticker.store.changes import Change


def impossible(catalog: Catalog, source: str, changes: Sequence[Change], lines: Mapping[str, Line]) -> list[Change]:
    """The changes that give an instrument a value outside its range.

    Of the two series of a cross the one is to blame that no other instrument finds possible; both, if none does.
    """
    changed = {(c.series, c.day): c for c in changes if c.value is not None}
    days: dict[str, set[date]] = {}
    for key, day in changed:
        days.setdefault(key, set()).add(day)

    def known(key: str, day: date) -> Decimal | None:
        return lines[key].values.get(day) if key in lines else None

    bad: dict[date, set[str]] = {}
    good: dict[date, set[str]] = {}
    for i in catalog.instruments:
        for link in (entry for entry in i.chain if entry.source == source):
            for day in set().union(*(days.get(key, ()) for key in link.series)):
                value = value_of(i, link, day, known)
                if value is not None:
                    (good if value in i.bounds else bad).setdefault(day, set()).update(link.series)
    found = []
    for day, keys in bad.items():
        blamed = keys - good.get(day, set()) or keys
        found += [changed[key, day] for key in sorted(blamed) if (key, day) in changed]
    return found
