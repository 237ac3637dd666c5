"""News feeds: an instrument's publications, or its crossings of a level, as entries with every string ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

from ticker.market.calendar import Timetable
from ticker.market.crossing import Levels, Way, crossings
from ticker.market.observation import Series
from ticker.market.quote import Quote
from ticker.render import words
from ticker.render.document import moment
from ticker.render.language import Language
from ticker.render.picture_parts import joined

MOST = 30
"""Entries in a feed: the newest."""

_OURS = UUID("05d8dbef-b897-407a-846a-468d4ee2aa70")  # drawn once; changing it would make every entry new to readers
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries was updated
_ALWAYS = 0  # the year that goes without saying: none; an entry outlives its year


@dataclass(frozen=True)
class Entry:
    """What happened on one day. Moments are in UTC; `more` are sentences beside the title."""

    id: str
    title: str
    published: str
    updated: str
    more: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """A feed without its addresses; entries have the newest day first. Ids are URNs, the same on every host."""

    id: str
    lang: str
    title: str
    subtitle: str
    updated: str
    source: str
    entries: tuple[Entry, ...]


def newsfeed(
    q: Quote, line: Series, corrected: Mapping[date, datetime], levels: Levels, language: Language, today: date
) -> Feed:
    """The feed of an instrument's whole line, up to today.

    One entry a publication, and one for each figure that was withdrawn; with levels, one a crossing instead.
    `corrected` has the moment at which a figure was last corrected, by its day.
    """
    desk = _Desk(q, line, corrected, language)
    found = list(desk.crossed(levels) if levels else desk.published(today))
    own = language.word("own") if q.link.formula else ""
    updated = max((entry.updated for entry in found), default=moment(_NEVER))
    return Feed(
        id=_urn(language.tag, q.instrument.key, *_named(levels)),
        lang=language.tag,
        title=_title(q, levels, language),
        subtitle=words.about(q.instrument, q.link, q.publisher, language),
        updated=updated,
        source=joined(language.word("source").format(name=q.publisher.name), own),
        entries=tuple(found),
    )


@dataclass(frozen=True)
class _Desk:
    """Writes the entries of a line."""

    quote: Quote
    line: Series
    corrected: Mapping[date, datetime]
    language: Language

    def published(self, today: date) -> Iterator[Entry]:
        """The newest publications, and the figures withdrawn in their midst, the newest first."""
        at = {o.day: n for n, o in enumerate(self.line)}
        gone = (day for day in self.corrected if day not in at and day <= today)
        for day in sorted([*[o.day for o in self.line[-MOST:]], *gone], reverse=True)[:MOST]:
            yield self._figure(at[day]) if day in at else self._withdrawn(day)

    def crossed(self, levels: Levels) -> Iterator[Entry]:
        """The newest crossings, the newest first."""
        for n, way, level in reversed(crossings(self.line, levels)[-MOST:]):
            yield self._crossing(n, way, level)

    def _figure(self, n: int) -> Entry:
        i, line = self.quote.instrument, self.line[: n + 1]
        title = words.latest(i, line, self._since(n), self.language, _ALWAYS)
        return self._entry(n, (), title, words.over(i, line, "1y", self.language, _ALWAYS))

    def _crossing(self, n: int, way: Way, level: Decimal) -> Entry:
        i, line = self.quote.instrument, self.line[: n + 1]
        title = words.crossed(i, line[-1], way, level, self.language)
        more = words.latest(i, line, self._since(n), self.language, _ALWAYS)
        return self._entry(n, (way, plain(level)), title, more)

    def _entry(self, n: int, named: tuple[str, ...], title: str, more: str) -> Entry:
        """An entry is of its day's figure and of the one before: a correction of either, or between them, moves it."""
        day, before = self.line[n].day, self.line[max(n - 1, 0)].day
        published = self._timetable.published(day)
        seen = [at for of, at in self.corrected.items() if before <= of <= day]
        updated = max([published, *seen])
        note = self._say("corrected", updated.date()) if updated > published else ""
        return Entry(
            id=_urn(self.language.tag, self.quote.instrument.key, day.isoformat(), *named),
            title=title,
            published=moment(published),
            updated=moment(updated),
            more=tuple(text for text in (note, more) if text),
        )

    def _since(self, n: int) -> date | None:
        """The day of the figure before, where a publication between the two is missing; as a quote has it."""
        return self.line[n - 1].day if n and self._timetable.gap(self.line[n - 1], self.line[n]) else None

    def _withdrawn(self, day: date) -> Entry:
        published = self._timetable.published(day)
        return Entry(
            id=_urn(self.language.tag, self.quote.instrument.key, day.isoformat()),
            title=self._say("withdrawn", day),
            published=moment(published),
            updated=moment(max(published, self.corrected[day])),
            more=(),
        )

    def _say(self, key: str, day: date) -> str:
        name = self.language.name(self.quote.instrument)
        return self.language.say("feed", key, name=name, day=self.language.long_day(day, _ALWAYS))

    @property
    def _timetable(self) -> Timetable:
        return self.quote.publisher.timetable(self.quote.link.codes[0])


def _title(q: Quote, levels: Levels, language: Language) -> str:
    i = q.instrument
    named = {"above": levels.above, "below": levels.below}
    shown = {way: language.money(level, i.unit, i.decimals) for way, level in named.items() if level is not None}
    if not shown:
        return language.name(i)
    if len(shown) == 2:
        return language.say("feed", "both", name=language.name(i), **shown)
    ((way, level),) = shown.items()
    return language.say("feed", way, name=language.name(i), level=level)


def _named(levels: Levels) -> Iterator[str]:
    for way, level in (("above", levels.above), ("below", levels.below)):
        if level is not None:
            yield from (way, plain(level))


def plain(level: Decimal) -> str:
    """A level as one text, however it was written: 100.50 is 100.5."""
    return format(level.normalize() if level else Decimal(0), "f")


def _urn(*names: str) -> str:
    return uuid5(_OURS, "/".join(names)).urn
