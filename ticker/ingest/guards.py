"""Guards at the door: what is implausible is held back, each under a rule's name. What is left goes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ticker.market.instrument import Bounds
from ticker.market.observation import Observation, Series, Standing
from ticker.sources.source import Document, Source
from ticker.store.commit import Arrival, Change, Hold

OLD = timedelta(days=60)
MANY = 30
OUT_OF_RANGE, ZERO, FUTURE, WEEKEND = "out of range", "zero", "future day", "weekend"
CHANGED_LATE, MANY_CHANGES = "changed after 60 days", "many changes at once"


def inspect(source: Source, document: Document, bounds: Mapping[str, Bounds], today: date) -> Arrival:
    """Part a document into what goes in and what is held back whatever happens: these are never confirmed.

    `today` is the day where the source is. A value out of its series' bounds, an exact zero, a day to come, and a
    weekend's row of a series that has weekdays only are held.
    """
    kept: dict[str, Series] = {}
    holds: list[Hold] = []
    for code, series in document.series.items():
        key = f"{source.key}:{code}"
        weekdays = source.weekdays_only(code)
        reasons = {o.day: _reason(o, bounds.get(key), weekdays, today) for o in series}
        kept[key] = tuple(o for o in series if reasons[o.day] is None)
        holds += [Hold(key, o.day, o.value, reason) for o in series if (reason := reasons[o.day])]
    return Arrival(kept, holds, document.whole)


def _reason(o: Observation, bounds: Bounds | None, weekdays: bool, today: date) -> str | None:
    if o.day > today:
        return FUTURE
    if weekdays and o.day.weekday() >= 5:
        return WEEKEND
    if o.value == 0:  # a placeholder: no rate is, and no price has ever been, exactly nothing
        return ZERO
    if bounds is not None and o.value not in bounds:
        return OUT_OF_RANGE
    return None


def suspicious(changes: Sequence[Change], today: date) -> list[Hold]:
    """The changes of the record that must be seen twice: those of days long past, and any when they are many.

    What was never on record (a new figure, or the seed's or an early one made firm) is not under suspicion.
    """
    altered = [c for c in changes if c.kind in ("revised", "withdrawn") and c.was == Standing.FINAL]
    if len(altered) > MANY:
        return [Hold(c.series, c.day, c.value, MANY_CHANGES, confirmable=True) for c in altered]
    late = (c for c in altered if today - c.day > OLD)
    return [Hold(c.series, c.day, c.value, CHANGED_LATE, confirmable=True) for c in late]
