"""Fragments: the HTML of a variant, rendered from a snapshot once and kept until time or figures change it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from cachetools import LRUCache, cached
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ticker.market.observation import Series
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot
from ticker.render.block import Block, block
from ticker.render.document import moment
from ticker.render.exploration import exploration
from ticker.render.language import Language, language
from ticker.render.panel import Panel, page_of, panel
from ticker.render.row import CardYear, Row, card_year, row
from ticker.render.sparkline import sparkline, year
from ticker.render.stylesheet import Stylesheet
from ticker.render.variant import WIDGETS, Variant

_ROWS = 4096  # rows kept: all instruments in some hundred languages
_CHARACTERS = 8 << 20  # of fragments kept


@dataclass(frozen=True)
class Context:
    """What a template sees: root attributes, the style sheet (or none), and blocks of ready strings.

    `money` is the newest figure of the first instrument as an amount of money, for a sentence; empty where there is
    none. `stale` is what scripts put behind the day once nobody renewed what is shown. `pages` has the address of each
    instrument's page, where its name leads there.
    """

    lang: str
    theme: str
    up: str
    valid_until: str
    stale: str
    awaited: bool
    css: str
    spark: bool
    markets: str
    low: str
    high: str
    blocks: tuple[Block, ...]
    pages: Mapping[str, str]
    money: str
    panel: Panel | None = None


Lines = Callable[[Snapshot, str], Series]
"""Gives an instrument's whole line, by its key."""

_Made = TypeVar("_Made")
_Of = Callable[[Snapshot, str, str], _Made]  # made of a snapshot's quote, by its key, in a language


class Renderer:
    """Renders fragments from the templates in `templates/widgets` and `static/ticker.css`, both read once.

    Rows and fragments are kept, bounded, under the snapshot's phase. Of many threads that ask for the same one, one
    does the work; those that ask for others are not held up. Charts are drawn from `lines`, by default what the
    snapshot holds.
    """

    def __init__(self, templates: Path, static: Path, lines: Lines | None = None) -> None:
        self._lines = lines or (lambda snapshot, key: snapshot.by_key[key].line)
        self._style = Stylesheet.read(static / "ticker.css")
        environment = Environment(
            loader=FileSystemLoader(templates / "widgets"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        load = environment.get_template
        self._templates = {name: load(widget.template) for name, widget in WIDGETS.items()}
        # A condition, not only a lock: with a lock alone, cachetools lets every thread that misses render.
        fragments: LRUCache[object, str] = LRUCache(_CHARACTERS, getsizeof=len)
        self._kept: Callable[[Snapshot, Variant, str], str] = cached(
            fragments, lambda snapshot, *asked: (snapshot.phase, asked), condition=threading.Condition()
        )(self._render)
        rows: LRUCache[object, Row] = LRUCache(_ROWS)
        self._row: _Of[Row] = cached(rows, _key, condition=threading.Condition())(_row)
        years: LRUCache[object, CardYear | None] = LRUCache(_ROWS // 4)
        self._year: _Of[CardYear | None] = cached(years, _key, condition=threading.Condition())(_card_year)

    def fragment(self, snapshot: Snapshot, variant: Variant, site: str = "") -> str:
        """The HTML of the variant, with nothing around it; KeyError for an instrument the snapshot does not have.

        Our own addresses in it start with `site`; without, they are good on our own pages only.
        """
        return self._kept(snapshot, variant, site)

    def exploration(self, snapshot: Snapshot, variant: Variant) -> dict[str, Any]:
        """What a browser needs to explore the chart of a variant, as a document."""
        quotes, whole = self._drawn(snapshot, variant)
        return exploration(quotes, whole, variant.range, language(variant.lang))

    def _drawn(self, snapshot: Snapshot, variant: Variant) -> tuple[list[Quote], list[Series]]:
        keys = variant.instruments
        return [snapshot.by_key[key] for key in keys], [self._lines(snapshot, key) for key in keys]

    def _render(self, snapshot: Snapshot, variant: Variant, site: str) -> str:
        quotes, words = [snapshot.by_key[key] for key in variant.instruments], language(variant.lang)
        context = Context(
            lang=variant.lang,
            theme=variant.theme,
            up=variant.up,
            valid_until=moment(snapshot.valid_until),
            stale=words.word("stale"),
            awaited=any(q.standing.awaited for q in quotes),
            css=self._style.of(variant.widget, link=variant.link) if variant.style else "",
            spark=variant.spark,
            markets=words.word("markets"),
            low=words.word("low"),
            high=words.word("high"),
            blocks=self._blocks(snapshot, variant, quotes),
            pages={key: page_of([key], "1y", words, site) for key in variant.instruments} if variant.link else {},
            money=_money(quotes[0], words) if variant.widget == "inline" else "",
            panel=self._panel(snapshot, variant, site) if variant.widget == "chart" else None,
        )
        return self._templates[variant.widget].render(w=context).strip()

    def _blocks(self, snapshot: Snapshot, variant: Variant, quotes: list[Quote]) -> tuple[Block, ...]:
        words = language(variant.lang)
        if variant.widget == "card" or (variant.widget == "chart" and len(quotes) == 1):
            return tuple(self._card(snapshot, q, words) for q in quotes)
        if variant.widget == "chart":
            rows = [self._row(snapshot, q.instrument.key, words.tag) for q in quotes]
            return (block("", quotes, rows, words, snapshot.year),)
        titles = {group.key: words.group(group) for group in snapshot.catalog.groups}
        found = []
        for key, run in groupby(quotes, key=lambda q: q.instrument.group):
            together = list(run)
            rows = [self._row(snapshot, q.instrument.key, words.tag) for q in together]
            found.append(block(titles[key], together, rows, words, snapshot.year))
        return tuple(found)

    def _card(self, snapshot: Snapshot, q: Quote, words: Language) -> Block:
        key = q.instrument.key
        found, drawn = self._row(snapshot, key, words.tag), self._year(snapshot, key, words.tag)
        return block(found.label, [q], [found], words, snapshot.year, drawn)

    def _panel(self, snapshot: Snapshot, variant: Variant, site: str) -> Panel:
        quotes, whole = self._drawn(snapshot, variant)
        return panel(quotes, whole, variant.range, language(variant.lang), snapshot.year, site)


def _key(snapshot: Snapshot, key: str, lang: str) -> object:
    return snapshot.phase, key, lang


def _money(q: Quote, words: Language) -> str:
    return words.money(q.latest.value, q.instrument.unit, q.instrument.decimals) if q.latest else ""


def _row(snapshot: Snapshot, key: str, lang: str) -> Row:
    q = snapshot.by_key[key]
    return row(q, sparkline(q.line, q.instrument.cadence), language(lang), snapshot.year)


def _card_year(snapshot: Snapshot, key: str, lang: str) -> CardYear | None:
    q = snapshot.by_key[key]
    found = year(q.line, q.instrument.cadence)
    return card_year(found, q.instrument.decimals, language(lang), snapshot.year) if found else None
