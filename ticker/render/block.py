"""Blocks: rows that stand together under one title, with the day, source and next date that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ticker.market.quote import Quote
from ticker.render.language import Dated, Language
from ticker.render.row import CardYear, Row, Status


@dataclass(frozen=True)
class Entry:
    """A row in its block. `as_of` and `note` are what it must say because the block's head does not."""

    row: Row
    as_of: Dated | None
    note: str
    chart: CardYear | None = None


@dataclass(frozen=True)
class Block:
    """A title, its day and status, entries; and underneath kinds, sources with their addresses, and the next day."""

    title: str
    day: Dated | None
    note: str
    entries: tuple[Entry, ...]
    kinds: str
    source: tuple[str, str]
    sources: tuple[tuple[str, str], ...]
    own: str
    next: Dated | None


def block(
    title: str,
    quotes: Sequence[Quote],
    rows: Sequence[Row],
    language: Language,
    year: int,
    chart: CardYear | None = None,
) -> Block:
    """The block of these quotes, whose rows stand in the same order. `chart` is for a block of one."""
    head, status = _common(rows)
    kinds = ", ".join(dict.fromkeys(language.kind(q.instrument.kind) for q in quotes))
    coming = min((q.next_day for q in quotes if q.next_day), default=None)
    return Block(
        title=title,
        day=language.dated("", head, year) if head else None,
        note=language.word(status) if status else "",
        entries=tuple(_entry(r, head, status, language, year, chart) for r in rows),
        kinds=kinds[:1].upper() + kinds[1:],
        source=language.around("source", "name"),
        sources=tuple(dict.fromkeys((q.publisher.short, q.publisher.url) for q in quotes)),
        own=language.word("own") if any(q.link.formula for q in quotes) else "",
        next=language.dated("next", coming, year) if coming else None,
    )


def _common(rows: Sequence[Row]) -> tuple[date | None, Status]:
    """The day that most rows carry, of several the newest; and their status, where all with that day share it."""
    days = Counter(r.day for r in rows if r.day)
    if not days:
        return None, ""
    day = max(days, key=lambda d: (days[d], d))
    found = {r.status for r in rows if r.day == day}
    return day, found.pop() if len(found) == 1 else ""


def _entry(
    r: Row,
    head: date | None,
    status: Status,
    language: Language,
    year: int,
    chart: CardYear | None,
) -> Entry:
    if r.day is None:
        return Entry(r, None, language.word("empty"))
    as_of = language.dated("as_of", r.day, year) if r.day != head else None
    said = r.status and (as_of or r.status != status)
    return Entry(r, as_of, language.word(r.status) if said else "", chart)
