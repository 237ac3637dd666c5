"""Rules for a file as a whole, and for what it changes in the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from ticker.market.instrument import Cadence
from ticker.market.observation import Observation, Series, Standing
from ticker.market.rules import LATE, MANY, SHRUNK, Rule
from ticker.store.changes import Change

OLD = timedelta(days=60)
MOST = 30
"""Changes, or days lost, in one document, above which all of them wait."""

_ROWS = 60
_SPACING: dict[Cadence, tuple[int, int]] = {"daily": (1, 3), "weekly": (6, 8)}  # days from one figure to the next


def wrong_spacing(series: Series, cadence: Cadence) -> int | None:
    """How many days apart the newest figures usually are, where that is not the cadence; None where it is.

    A monthly file has the same head as the daily one, and every figure in it is possible.
    """
    gaps = [(after.day - before.day).days for before, after in pairwise(series[-_ROWS:])]
    if len(gaps) < 4:
        return None
    usual, (least, most) = int(median(gaps)), _SPACING[cadence]
    return None if least <= usual <= most else usual


def went_backwards(series: Series, record: Series) -> Observation | None:
    """The newest figure of the record, where a document of record no longer goes as far; None where it does."""
    if not series or series[-1].standing < Standing.FINAL:
        return None
    newest = next((o for o in reversed(record) if o.standing == Standing.FINAL), None)
    return newest if newest is not None and series[-1].day < newest.day else None


def second_look(changes: Sequence[Change], today: date) -> dict[Change, Rule]:
    """The changes of the record that must not go in at once: those of days long past, and any when they are many.

    What was never on record (a new figure, or the seed's or an early one made firm) is not under suspicion. A file that
    lost many days is not believed however often it is seen.
    """
    altered = [c for c in changes if c.kind in ("revised", "withdrawn") and c.was == Standing.FINAL]
    lost = sum(c.kind == "withdrawn" for c in altered) > MOST
    found: dict[Change, Rule] = {}
    for c in altered:
        if lost and c.kind == "withdrawn":
            found[c] = SHRUNK
        elif len(altered) > MOST:
            found[c] = MANY
        elif today - c.day > OLD:
            found[c] = LATE
    return found
