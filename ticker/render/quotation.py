"""What a widget says in sentences: what stands in its place where it can not be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ticker.market.observation import Series
from ticker.market.quote import Quote
from ticker.render.language import Language
from ticker.render.panel import page_of
from ticker.render.words import latest, over

_ALWAYS = 0  # the year that goes without saying: none; what is quoted may stand for years


@dataclass(frozen=True)
class Passage:
    """Sentences with what they are about: each figure with its day, and the source of all of them.

    `source` stands around the source's name; `own` says where we calculated the figures.
    """

    sentences: str
    source: tuple[str, str]
    name: str
    address: str
    own: str


@dataclass(frozen=True)
class Quotation:
    """Passages, and the pages to read on: name and address."""

    passages: tuple[Passage, ...]
    pages: tuple[tuple[str, str], ...]


def quotation(
    quotes: Sequence[Quote], whole: Sequence[Series], named: str | None, language: Language, site: str
) -> Quotation:
    """The quotation of these quotes and their whole lines; with a named range, also what each did over it.

    Quotes in a row that have the same source share a passage. Addresses of pages start with `site`.
    """
    said = [_said(q, line, named, language) for q, line in zip(quotes, whole, strict=True)]
    runs = groupby(zip(quotes, said, strict=True), key=lambda pair: (pair[0].publisher.key, bool(pair[0].link.formula)))
    return Quotation(
        tuple(_passage(list(run), language) for _, run in runs),
        tuple((language.name(q.instrument), page_of([q.instrument.key], "1y", language, site)) for q in quotes),
    )


def _said(q: Quote, line: Series, named: str | None, language: Language) -> str:
    texts = [latest(q.instrument, line, q.since, language, _ALWAYS)]
    if named:
        texts.append(over(q.instrument, line, named, language, _ALWAYS))
    return " ".join(text for text in texts if text)


def _passage(run: Sequence[tuple[Quote, str]], language: Language) -> Passage:
    first = run[0][0]
    return Passage(
        sentences=" ".join(said for _, said in run),
        source=language.around("source", "name"),
        name=first.publisher.name,
        address=first.publisher.url,
        own=language.word("own") if first.link.formula else "",
    )
