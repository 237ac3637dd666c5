"""`/status`: how everything stands, in words. For operators, so in English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby

from ticker.market.freshness import Standing
from ticker.market.quote import Publisher, Quote
from ticker.market.report import Condition, FeedReport, Held, entry_of
from ticker.render.language import Language, language

_MANY = 25


@dataclass(frozen=True)
class Row:
    """An instrument: its name and key, what is said of its figures, and which source it is drawn from."""

    key: str
    name: str
    words: str
    well: bool
    source: str


@dataclass(frozen=True)
class FeedRow:
    """A feed: its key, what is said of it, whether that is well, and its facts, each with its name."""

    key: str
    words: tuple[str, ...]
    well: bool
    facts: tuple[tuple[str, str], ...]
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """The page, every string ready."""

    summary: str
    store: tuple[str, ...]
    instruments: tuple[Row, ...]
    sources: tuple[tuple[Publisher, tuple[FeedRow, ...]], ...]
    held: tuple[str, ...]


def status(c: Condition) -> Status:
    """The page of a condition."""
    desk = _Desk(c, language("en"))
    rows = tuple(map(desk.row, c.quotes))
    feeds = c.report.feeds if c.report else ()
    return Status(
        summary=_summary(c.quotes),
        store=tuple(desk.store()),
        instruments=rows,
        sources=tuple(
            (found[0].publisher, tuple(map(desk.feed, found)))
            for found in (list(group) for _, group in groupby(feeds, key=lambda f: f.source))
        ),
        held=tuple(map(desk.held, c.report.store.held)) if c.report else (),
    )


def _summary(quotes: Sequence[Quote]) -> str:
    if not quotes:
        return "Nothing has been read from the database yet."
    names = {word: [q.instrument.name for q in quotes if q.freshness == word] for word in ("late", "stale", "empty")}
    current = len(quotes) - sum(map(len, names.values()))
    said = [f"{current} of {len(quotes)} instruments are current"]
    titles = {"late": "late", "stale": "late by two publications or more", "empty": "without figures"}
    said += [f"{title}: {', '.join(names[word])}" for word, title in titles.items() if names[word]]
    return " ".join(map(_sentence, said))


@dataclass(frozen=True)
class _Desk:
    """Writes the sentences."""

    c: Condition
    words: Language

    def store(self) -> Iterator[str]:
        """What there is to say of the database and of who refreshes it."""
        report = self.c.report
        if not self.c.readable:
            yield "The database cannot be read; the log says why."
            yield (
                f"What follows is from memory, as it was on {self._at(report.at)}."
                if report
                else ("This process has not read it since it started.")
            )
        else:
            yield f"The database can be {'read and written' if self.c.writable else 'read, but not written'}."
        if report is None:
            return
        made = f", of {self._at(report.store.committed_at)}" if report.store.committed_at else ""
        yield f"Revision {report.store.revision}{made}."
        if report.store.holder and report.store.lease_until:
            yield f"{report.store.holder} refreshes it, with a lease until {self._at(report.store.lease_until)}."
        else:
            yield "Nobody is in charge of refreshing it."

    def row(self, q: Quote) -> Row:
        """An instrument."""
        at, of = entry_of(q, self.c.snapshot.catalog) if self.c.snapshot else (1, 1)
        failing = self.c.failing(q)
        said = self._figures(q.latest.day if q.latest else None, q.standing)
        if failing and q.freshness != "current":
            said += f"; {self._failing(failing)}"
        place = f", source {at} of {of}" if of > 1 else ""
        return Row(
            key=q.instrument.key,
            name=q.instrument.name,
            words=_sentence(said),
            well=q.freshness == "current",
            source=f"{q.publisher.short}, {q.link.formula or q.link.codes[0]}{place}",
        )

    def feed(self, f: FeedReport) -> FeedRow:
        """A feed."""
        said = [self._figures(f.newest, f.standing)]
        if f.failures:
            said.insert(0, self._failing(f))
        elif f.checked_at is None:
            said.insert(0, "never asked yet")
        if f.missing:
            said.append(f"its last document has no {', '.join(f.missing)}")
        if f.wait_until:
            said.append(f"the source asked to be left alone until {self._at(f.wait_until)}")
        well = not (f.failures or f.missing or f.held) and f.standing.freshness == "current"
        keys = tuple(i.key for i in self.c.instruments_of(f))
        return FeedRow(f.feed, tuple(map(_sentence, said)), well, tuple(self._facts(f)), keys)

    def held(self, h: Held) -> str:
        """A figure that is held back."""
        what = "its figure" if h.value is None else str(h.value)
        day = self.words.long_day(h.day, self.c.now.year)
        before = f" Before: {h.before}." if h.before is not None else ""
        return f"{h.series}, {day}: {what} {h.rule.sentence}.{before} Held since {self._at(h.seen_at)}."

    def _facts(self, f: FeedReport) -> Iterator[tuple[str, str]]:
        yield "Last success", self._at(f.accepted_at) if f.accepted_at else "none"
        yield "Last attempt", self._at(f.checked_at) if f.checked_at else "none"
        if f.failures:
            yield "Failures in a row", str(f.failures)
        yield "Next look", self._at(f.next_look) if f.next_look > self.c.now else "now"
        yield "Next due", self._at(f.standing.next_due) if f.standing.next_due else "not known"
        if f.newest:
            yield "Missed", _missed(f.standing.overdue) if f.standing.overdue else "none"
        yield "Held back", _count(f.held, "figure") if f.held else "none"

    def _figures(self, day: date | None, standing: Standing) -> str:
        if day is None:
            return "no figures yet"
        said = f"as of {self.words.dated('', day, self.c.now.year).day}"
        if standing.since:
            missed = f", {_missed(standing.overdue)} missed" if standing.overdue > 1 else ""
            return f"{said}, late since {self._at(standing.since)}{missed}"
        return f"{said}, next due {self._at(standing.next_due)}" if standing.next_due else said

    def _failing(self, f: FeedReport) -> str:
        since = f"since {self._at(f.failing_since)}" if f.failing_since else f"{f.failures} times in a row"
        return f"{f.label} {since}"

    def _at(self, at: datetime) -> str:
        at = at.astimezone(UTC)
        return f"{self.words.dated('', at.date(), self.c.now.year).day}, {at:%H:%M} UTC"


def _missed(publications: int) -> str:
    """So many publications; more than a few dozen are not counted."""
    return f"{_MANY} publications or more" if publications >= _MANY else _count(publications, "publication")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
