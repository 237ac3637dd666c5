"""The panel of a chart: the words around it, ranges to choose, the sentence, and a table of the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from ticker.market.comparison import DECIMALS, rebase
from ticker.market.history import RANGES, Span, last_of_each, period
from ticker.market.observation import Series
from ticker.market.quote import Quote
from ticker.render import words
from ticker.render.chart import Chart, chart, window
from ticker.render.language import Dated, Language


@dataclass(frozen=True)
class RangeLink:
    """A range that can be chosen: what it is called, as shown and as spoken, and its page."""

    key: str
    short: str
    spoken: str
    address: str
    current: bool


@dataclass(frozen=True)
class Table:
    """Figures of a chart by day, the newest first; a cell is empty where an instrument has none on that day."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Dated, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Panel:
    """A chart with its words; `base` is the day on which compared lines are 100. Addresses are absolute."""

    id: str
    label: str
    sentence: str
    ranges: tuple[RangeLink, ...]
    chart: Chart | None
    table: Table | None
    base: Dated | None
    data: str
    csv: tuple[tuple[str, str], ...]
    explore: str
    failed: str
    summary: str
    all: str


@dataclass(frozen=True)
class Shown:
    """What a chart shows: quotes and their lines in a window of days; several are rebased to 100 on `base`."""

    quotes: tuple[Quote, ...]
    lines: tuple[Series, ...]
    days: tuple[date, date]
    base: date | None = None

    @property
    def decimals(self) -> int:
        """Decimals of its figures."""
        return DECIMALS if self.base else self.quotes[0].instrument.decimals


def shown(quotes: Sequence[Quote], whole: Sequence[Series], named: str) -> Shown | None:
    """What a chart of these whole lines shows in a named range; None without figures, or without a day to compare from.

    A comparison starts with the first day on which all have a figure above zero.
    """
    if not all(whole):
        return None
    days = window(whole, named)
    lines = [Span(*days).of(line) for line in whole]
    if len(lines) == 1:
        return Shown(tuple(quotes), tuple(lines), days)
    compared = rebase(lines)
    if compared is None:
        return None
    return Shown(tuple(quotes), compared.lines, (compared.base, days[1]), compared.base)


def panel(
    quotes: Sequence[Quote], whole: Sequence[Series], named: str, language: Language, year: int, site: str
) -> Panel:
    """The panel of these quotes and their whole lines; `year` goes without saying, addresses start with `site`."""
    found = shown(quotes, whole, named)
    keys = [q.instrument.key for q in quotes]
    names = [language.name(q.instrument) for q in quotes]
    spoken = language.range(named)[1]
    about = {"i": ",".join(keys), "range": named} | ({"lang": language.tag} if language.tag != "en" else {})
    label = "label" if len(quotes) == 1 else "compare"
    return Panel(
        id=f"tkr-{'-'.join(keys)}-{named}",
        label=language.chart(label, name=names[0], names=language.listed(names), range=spoken),
        sentence=sentence(found, whole, named, language, year) if found else language.word("empty"),
        ranges=tuple(_link(key, named, keys, language, site) for key in RANGES),
        chart=chart([q.instrument for q in found.quotes], found.lines, found.days, language) if found else None,
        table=_table(found, language, year) if found else None,
        base=language.dated("", found.base, year) if found and found.base else None,
        data=f"{site}/w/chart.json?{urlencode(about, safe=',')}",
        csv=tuple((language.name(q.instrument), f"{site}/v1/history/{q.instrument.key}.csv") for q in quotes),
        explore=language.chart("explore"),
        failed=language.chart("failed"),
        summary=language.chart("table"),
        all=language.chart("all"),
    )


def sentence(found: Shown, whole: Sequence[Series], named: str, language: Language, year: int) -> str:
    """What a chart says in words: of one instrument its newest figure and the range, of several where they stand."""
    instruments = [q.instrument for q in found.quotes]
    if found.base:
        return words.compared(instruments, found.lines, found.base, language, year)
    return words.sentence(instruments[0], whole[0], found.quotes[0].since, named, language, year)


def page_of(keys: Sequence[str], named: str, language: Language, site: str) -> str:
    """The address of the page of the first of these instruments, with the others beside it, at a range."""
    first, *others = keys
    said = {"range": named} if named != "1y" else {}
    said |= {"vs": ",".join(others)} if others else {}
    said |= {"lang": language.tag} if language.tag != "en" else {}
    return f"{site}/i/{first}" + (f"?{urlencode(said, safe=',')}" if said else "")


def _link(key: str, current: str, keys: Sequence[str], language: Language, site: str) -> RangeLink:
    short, spoken = language.range(key)
    return RangeLink(key, short, spoken, page_of(keys, key, language, site), key == current)


def _table(found: Shown, language: Language, year: int) -> Table:
    first = found.quotes[0].instrument
    of = period((found.days[1] - found.days[0]).days, first.cadence)
    rows = last_of_each(found.lines[0], of)[::-1]
    others = [{o.day: o.value for o in line} for line in (rows, *found.lines[1:])]
    single = len(found.lines) == 1
    head = [language.unit(first.unit)] if single else [language.name(q.instrument) for q in found.quotes]
    return Table(
        caption=language.chart(of),
        head=(language.chart("day"), *head),
        rows=tuple(
            (
                language.dated("", o.day, year),
                tuple(language.number(v[o.day], found.decimals) if o.day in v else "" for v in others),
            )
            for o in rows
        ),
    )
