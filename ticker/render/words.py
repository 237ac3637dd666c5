"""Sentences about a line, from its figures alone: what the newest is, what it did over a range. Never a cause.

They describe a chart to whoever cannot see it. Patterns and subjects are a language's own (`[sentences]`, `[about]`);
`line` is ascending, with the instrument's decimals; `year` is the one that goes without saying (0: none does).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ticker.market.crossing import Way
from ticker.market.figures import percent, rounded
from ticker.market.history import RANGES, Span, months_before
from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Observation, Series
from ticker.market.quote import Publisher
from ticker.market.statistics import extremes
from ticker.render.language import Language

_BETWEEN = 2  # the lowest since the day before yesterday is no news
_RECORD = 30  # nor is the lowest of a dozen figures
_LATE_START = timedelta(days=10)  # holidays and weeks do not make a range shorter than its name
_PAIR = re.compile(r"([A-Z]{3})/[A-Z]{3}")


@dataclass(frozen=True)
class _Voice:
    """An instrument's figures and days as a sentence has them."""

    instrument: Instrument
    language: Language
    year: int

    def money(self, value: Decimal) -> str:
        return self.language.money(value, self.instrument.unit, self.instrument.decimals)

    def day(self, day: date) -> str:
        return self.language.long_day(day, self.year)

    def moved(self, table: str, words: tuple[str, str], before: Decimal, after: Decimal, **blanks: str) -> str:
        """The pattern for up or down, by a percentage; by an amount where there is none or it rounds to zero."""
        word = words[after < before]
        share = percent(after, before)
        if share:
            return self.language.say(table, word, percent=self.language.share(share), **blanks)
        return self.language.say(table, f"{word}_by", money=self.money(abs(after - before)), **blanks)


def sentence(
    instrument: Instrument, line: Series, since: date | None, span_range: str, language: Language, year: int
) -> str:
    """The newest figure and what the line did over the range, in one or two sentences; `since` is a quote's."""
    said = (latest(instrument, line, since, language, year), over(instrument, line, span_range, language, year))
    return " ".join(text for text in said if text)


def latest(instrument: Instrument, line: Series, since: date | None, language: Language, year: int) -> str:
    """The newest figure: its day, the change since the one before, and since when it was not so low or high.

    `since` is the day of the one before where a publication between the two is missing; else it goes without saying.
    Of an empty line: that there is no figure yet.
    """
    if not line:
        return language.say("sentences", "empty", name=language.name(instrument))
    subject = _capital(language.subject(instrument))
    voice, newest = _Voice(instrument, language, year), line[-1]
    value = language.each(voice.money(newest.value), instrument.unit)
    return language.say(
        "sentences",
        "latest",
        figure=language.say("sentences", instrument.kind, subject=subject, value=value, day=voice.day(newest.day)),
        change=_change(voice, line),
        since=language.say("sentences", _since(line), day=voice.day(since)) if since and len(line) > 1 else "",
        record=_record(voice, line),
    )


def crossed(instrument: Instrument, o: Observation, way: Way, level: Decimal, language: Language) -> str:
    """That a figure rose above a level or fell below it, on which day, and to what."""
    voice = _Voice(instrument, language, 0)
    return language.say(
        "sentences",
        way,
        subject=_capital(language.subject(instrument)),
        level=voice.money(level),
        day=voice.day(o.day),
        value=language.each(voice.money(o.value), instrument.unit),
    )


def over(instrument: Instrument, line: Series, span_range: str, language: Language, year: int) -> str:
    """What the line did over a named range, and its highest and lowest there; empty where it has not two figures.

    A line that begins later than the range would is told since its first day. Of several days that share an extreme,
    the newest is named.
    """
    part = Span(range=span_range).of(line)
    if len(part) < 2:
        return ""
    voice, first, last = _Voice(instrument, language, year), part[0], part[-1]
    months = RANGES[span_range]
    whole = months is not None and first.day <= months_before(last.day, months) + _LATE_START
    table = "sentences.over" if whole else "sentences.since"
    blanks = {"day": voice.day(first.day), "value": voice.money(first.value)}
    if whole:
        blanks["range"] = _capital(language.say("sentences.ranges", span_range))
    if all(o.value == first.value for o in part):
        return language.say(table, "steady", **blanks)
    blanks["extremes"] = _extremes(voice, part)
    if first.value == last.value:
        return language.say(table, "level", **blanks)
    return voice.moved(table, ("rose", "fell"), first.value, last.value, **blanks)


def compared(
    instruments: Sequence[Instrument], lines_rebased: Sequence[Series], base_day: date, language: Language, year: int
) -> str:
    """Where lines that were 100 on a day stand now, to one decimal; each with its own newest day where they differ.

    A line without figures is left out; empty where none has any.
    """
    newest = [(i, line[-1]) for i, line in zip(instruments, lines_rebased, strict=True) if line]
    if not newest:
        return ""
    days = {o.day for _, o in newest}
    one = len(days) == 1
    items = [
        language.say(
            "sentences.compared",
            ("other" if n else "first") + ("" if one else "_on"),
            subject=_told_apart(i, language),
            value=language.number(rounded(o.value, 1), 1),
            day=language.long_day(o.day, year),
        )
        for n, (i, o) in enumerate(newest)
    ]
    return language.say(
        "sentences.compared",
        "one_day" if one else "days",
        base=language.long_day(base_day, year),
        items=language.listed(items),
        day=language.long_day(max(days), year),
    )


def about(instrument: Instrument, link: Link, publisher: Publisher, language: Language) -> str:
    """What the figure is, who publishes it and when, and whether we calculate it: two or three sentences."""
    texts = [language.about(instrument) or _by_kind(instrument, language)]
    known = f"{publisher.key}_{instrument.kind}"
    key = known if known in language.messages["about"]["published"] else "any"
    texts.append(language.say("about.published", key, publisher=publisher.name))
    if link.formula:
        first, second = link.codes
        texts.append(language.say("about", "cross", first=first, second=second))
    return " ".join(texts)


def _by_kind(i: Instrument, language: Language) -> str:
    unit = language.measure(i.unit)
    pair = _PAIR.fullmatch(i.detail) if i.kind == "reference" else None
    if pair:
        return language.say("about", "pair", base=language.currency(pair[1], 1), unit=unit)
    return language.say("about", i.kind, unit=unit)


def _told_apart(i: Instrument, language: Language) -> str:
    """The subject, with its pair where the subject alone would be half of one."""
    subject = language.subject(i)
    if i.kind != "reference":
        return subject
    return language.say("sentences.compared", "pair", subject=subject, detail=language.detail(i))


def _change(voice: _Voice, line: Series) -> str:
    if len(line) < 2:
        return ""
    before, after = line[-2].value, line[-1].value
    if before == after:
        return voice.language.say("sentences", "flat")
    return voice.moved("sentences", ("up", "down"), before, after)


def _since(line: Series) -> str:
    return "flat_since" if line[-1].value == line[-2].value else "moved_since"


def _record(voice: _Voice, line: Series) -> str:
    """Since when the newest was not so low, after a fall, or so high, after a rise; empty where that is no news."""
    if len(line) < 2 or line[-1].value == line[-2].value:
        return ""
    fell = line[-1].value < line[-2].value
    word = "lowest" if fell else "highest"
    at = _as_far(line, (lambda value: value <= line[-1].value) if fell else (lambda value: value >= line[-1].value))
    if at is not None:
        news = len(line) - at - 2 >= _BETWEEN
        return voice.language.say("sentences", word, day=voice.day(line[at].day)) if news else ""
    if len(line) < _RECORD:
        return ""
    return voice.language.say("sentences", f"{word}_of_all", day=voice.day(line[0].day))


def _as_far(line: Series, is_so: Callable[[Decimal], bool]) -> int | None:
    """Where the newest earlier figure that is so stands in the line."""
    return next((n for n in range(len(line) - 2, -1, -1) if is_so(line[n].value)), None)


def _extremes(voice: _Voice, part: Series) -> str:
    found = extremes(part)
    return voice.language.say(
        "sentences",
        "extremes",
        high=voice.money(found.high.value),
        high_day=voice.day(found.high.day),
        low=voice.money(found.low.value),
        low_day=voice.day(found.low.day),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
