"""Look through the whole database for what must not be in it. Nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Connection, text

from ticker.errors import StoreError
from ticker.market.instrument import Bounds
from ticker.market.observation import Standing
from ticker.store.engine import Store

_DIGITS = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_CLOCKS_DIFFER = timedelta(minutes=10)
_SHOWN = 5  # findings of a series; the rest are counted
_ORDER = "SELECT series, day, value, standing FROM observation ORDER BY series, day"


@dataclass(frozen=True)
class Finding:
    """Something that must not be, and where: a series' key, or a table's name. A `remark` harms nobody."""

    where: str
    what: str
    remark: bool = False


@dataclass(frozen=True)
class Rules:
    """What may be held: series of these keys, with values within bounds, no later than each one's today.

    `weekdays` says whether a series has no weekends. `last` is the last day that a series may have.
    """

    wanted: frozenset[str]
    bounds: Mapping[str, Bounds]
    weekdays: Callable[[str], bool]
    last: Callable[[str], date]


@dataclass(frozen=True)
class Report:
    """How many series and figures were looked at, at which revision, and what was found."""

    series: int
    figures: int
    revision: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether there is nothing but remarks."""
        return all(finding.remark for finding in self.findings)


def check(store: Store, rules: Rules, now: datetime) -> Report:
    """Look at everything in one transaction. StoreError where the database cannot be read at all."""
    try:
        with store.read() as connection:
            return _report(connection, rules, now, store.damage(connection))
    except StoreError as wrong:
        return Report(0, 0, 0, (Finding("database", str(wrong)),))


def _report(connection: Connection, rules: Rules, now: datetime, damage: list[str]) -> Report:
    findings = [Finding("database", what) for what in damage]
    rows = connection.execute(text(_ORDER))
    series = figures = 0
    for key, group in groupby(rows, lambda row: str(row[0])):
        held = [(str(day), value, standing) for _, day, value, standing in group]
        series, figures = series + 1, figures + len(held)
        findings += _few(key, list(_of_series(key, held, rules)))
        if key not in rules.wanted:
            findings.append(Finding(key, "no instrument of the catalog is drawn from it", remark=True))
    number, revised = _of_revision(connection, figures, now)
    return Report(series, figures, number, (*findings, *revised, *_of_moments(connection, now)))


def _of_series(key: str, rows: list[tuple[str, object, object]], rules: Rules) -> Iterator[str]:
    before, last, bounds, weekdays = date.min, rules.last(key), rules.bounds.get(key), rules.weekdays(key)
    for said, value, standing in rows:
        day = _day(said)
        if day is None or day <= before:
            yield f"{said!r} is not a day after {before}"
            continue
        before = day
        if day > last:
            yield f"{day} is to come"
        if weekdays and day.weekday() >= 5:
            yield f"{day} is a {day:%A}"
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            yield f"{day}: {value!r} is not a figure"
        elif bounds is not None and Decimal(value) not in bounds:
            yield f"{day}: {value} is not within {bounds}"
        if standing not in list(Standing):
            yield f"{day}: there is no standing {standing!r}"


def _few(key: str, said: list[str]) -> list[Finding]:
    more = [Finding(key, f"and {len(said) - _SHOWN} more like these")] if len(said) > _SHOWN else []
    return [Finding(key, what) for what in said[:_SHOWN]] + more


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None


def _of_revision(connection: Connection, figures: int, now: datetime) -> tuple[int, list[Finding]]:
    rows = connection.execute(text("SELECT number, committed_at FROM revision")).all()
    if not rows:
        return 0, [Finding("revision", "there are figures, but no revision")] if figures else []
    wrong = []
    if len(rows) > 1 or not isinstance(rows[0][0], int) or rows[0][0] < 1:
        wrong.append(Finding("revision", f"it is {', '.join(str(row[0]) for row in rows)}"))
    if (at := str(rows[0][1])[:19]) > _soon(now):
        wrong.append(Finding("revision", f"it was committed at {at}, which is to come"))
    return int(rows[0][0]) if isinstance(rows[0][0], int) else 0, wrong


def _soon(now: datetime) -> str:
    """The last moment that clocks which differ a little may have written by now, as the database writes it."""
    return f"{now + _CLOCKS_DIFFER:%Y-%m-%d %H:%M:%S}"


def _of_moments(connection: Connection, now: datetime) -> Iterator[Finding]:
    for table, seen in (("held", "first_seen"), ("correction", "seen_at")):
        late = connection.execute(text(f"SELECT count(*) FROM {table} WHERE {seen} > :now"), {"now": _soon(now)})  # noqa: S608
        if count := late.scalar():
            yield Finding(table, f"{count} were seen at a moment that is to come")
