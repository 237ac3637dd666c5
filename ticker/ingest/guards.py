"""Guards at the door: what a document cannot say is held back, each under a rule's name. `doubts.py` goes on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ticker.errors import Malformed
from ticker.ingest.evidence import Evidence
from ticker.ingest.points import Expected, broken_rule
from ticker.ingest.spans import went_backwards, wrong_spacing
from ticker.market.observation import Series
from ticker.market.rules import BACKWARDS
from ticker.sources.source import Document, Source
from ticker.store.commit import Arrival
from ticker.store.desk import Hold


def inspect(source: Source, document: Document, evidence: Evidence, today: date) -> Arrival:
    """Look at a document by itself, and mark in it what cannot be.

    `today` is the day where the source is. Malformed for a file of another cadence than the series'.
    """
    series = {f"{source.key}:{code}": found for code, found in document.series.items()}
    holds: list[Hold] = []
    for key, found in series.items():
        cadence = evidence.cadence(key)
        days = wrong_spacing(found, cadence) if cadence else None
        if days is not None:
            raise Malformed(f"its figures are {days} days apart, which no {cadence} series is")
        expected = Expected(evidence.catalog.series_bounds.get(key), source.weekdays_only(key.partition(":")[2]), today)
        holds += _points(key, found, evidence.of(key), expected)
        gone = went_backwards(found, evidence.of(key))
        holds += [Hold(key, gone.day, None, BACKWARDS, gone.value)] if gone else []
    return Arrival(series, holds, document.whole)


def _points(key: str, series: Series, record: Series, expected: Expected) -> list[Hold]:
    broken = [(n, o, rule) for n, o in enumerate(series) if (rule := broken_rule(o, expected))]
    return [Hold(key, o.day, o.value, rule, _before(o.day, series[:n], record), o.standing) for n, o, rule in broken]


def _before(day: date, earlier: Series, record: Series) -> Decimal | None:
    """The figure that is there for a day, else the one before it."""
    there = [o for o in record if o.day <= day]
    return there[-1].value if there else earlier[-1].value if earlier else None
