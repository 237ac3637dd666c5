"""Doubts: what a document would change that must wait, for a second look, another witness or an operator."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ticker.ingest.crosses import impossible
from ticker.ingest.evidence import Evidence, Line, value_of
from ticker.ingest.moves import agrees, is_followed, is_other_unit, jump_of, move, moves
from ticker.ingest.spans import second_look
from ticker.market.calendar import is_open
from ticker.market.rules import CROSS, HOLIDAY, JUMP, UNITS, Rule
from ticker.sources.source import Source
from ticker.store.changes import Change
from ticker.store.commit import Arrival
from ticker.store.desk import Hold

_PHANTOMS = timedelta(days=21)
_LEVELS = 5  # figures before one that say which level it should be near


@dataclass(frozen=True)
class Doubts:
    """Looks at what a document would change: the holds to put on that. `today` is the day where the source is."""

    source: Source
    arrival: Arrival
    evidence: Evidence
    today: date

    def __call__(self, changes: Sequence[Change]) -> list[Hold]:
        """A hold for each change that must wait."""
        found = second_look(changes, self.today)
        lines = self._lines()
        for key in self.arrival.series:
            mine = [c for c in changes if c.series == key and c.kind in ("added", "revised")]
            found |= self._moved(key, lines, sorted(mine, key=lambda c: c.day), found)
        left = [c for c in changes if c not in found]
        found |= dict.fromkeys(impossible(self.evidence.catalog, self.source.key, left, lines), CROSS)
        return [Hold(c.series, c.day, c.value, rule, self._was(c, lines), c.standing) for c, rule in found.items()]

    def _lines(self) -> dict[str, Line]:
        """Each series as it would be, without what is held already; those of this source that are not in it, too."""
        out = {(h.series, h.day) for h in self.arrival.holds}
        others = [key for key in self.evidence.record if key.startswith(f"{self.source.key}:")]
        return {
            key: Line.of(
                self.evidence.of(key), tuple(o for o in self.arrival.series.get(key, ()) if (key, o.day) not in out)
            )
            for key in {*others, *self.arrival.series}
        }

    def _was(self, c: Change, lines: Mapping[str, Line]) -> Decimal | None:
        if c.was_value is not None:
            return c.was_value
        return next(iter(lines[c.series].upto(c.day)[-1:]), None)

    def _moved(
        self, key: str, lines: Mapping[str, Line], changes: Sequence[Change], waiting: Mapping[Change, Rule]
    ) -> dict[Change, Rule]:
        """The changes of a series, ascending, that are too far from what is beside them, or wait for another reason.

        A first reading of all history is believed but for its newest figure.
        """
        line = lines[key]
        if self.evidence.is_first(key):
            changes = [c for c in changes if c.day == line.days[-1]]
        past = moves(line.upto(changes[0].day)) if changes else []
        days, good = list(line.days), dict(line.values)
        found: dict[Change, Rule] = {}
        for c in changes:
            at = bisect_left(days, c.day)
            earlier = [(day, good[day]) for day in days[max(at - _LEVELS, 0) : at]]
            rule = self._rule(c, line, lines, past, earlier, waiting.get(c))
            if rule is not None:
                found[c] = rule
                if c.was_value is None:
                    del days[at]
                else:
                    good[c.day] = c.was_value
        return found

    def _rule(
        self,
        c: Change,
        line: Line,
        lines: Mapping[str, Line],
        past: Sequence[float],
        earlier: Sequence[tuple[date, Decimal]],
        waiting: Rule | None,
    ) -> Rule | None:
        """The rule that holds a change, seen from the good figures before it; `waiting` is one that does already."""
        levels, jump = [value for _, value in earlier], jump_of(past)
        before = levels[-1] if levels else None
        from_ = before if c.was_value is None else c.was_value
        if from_ is None or c.value is None:
            return waiting
        if is_other_unit(from_, c.value, jump):
            return UNITS
        if waiting is not None or before is None:
            return waiting
        if c.kind == "added" and c.value == before and self._is_phantom(c):
            return HOLIDAY
        after = line.after(c.day)
        if after is not None:  # with figures after it, only what its history has never seen is news
            jump = max(jump, *past, 0.0)
        jump *= max(1.0, (c.day - earlier[-1][0]).days / (4 * line.gap)) ** 0.5
        if any(move(level, c.value) <= jump for level in (*levels, from_)):  # the way back from a spike is no jump
            return None
        return None if is_followed(before, c.value, after) or self._seconded(c, lines) else JUMP

    def _is_phantom(self, c: Change) -> bool:
        closed = self.source.closed(c.series.partition(":")[2])
        return bool(closed) and not is_open(c.day, *closed) and self.today - c.day <= _PHANTOMS

    def _seconded(self, c: Change, lines: Mapping[str, Line]) -> bool:
        """Whether another publisher has the same figure of some instrument drawn from it."""
        for instrument, link in self.evidence.drawn_from(c.series):
            mine = [lines[key].values.get(c.day) if key in lines else None for key in link.series]
            value = value_of(instrument, mine)
            others = [entry.series for entry in instrument.chain if entry.source != link.source]
            said = (value_of(instrument, [self.evidence.stated(key, c.day) for key in keys]) for keys in others)
            if value is not None and any(other is not None and agrees(value, other) for other in said):
                return True
        return False
