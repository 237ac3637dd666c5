"""The studio: pictures of widgets, of this moment or fixed to a day, drawn from a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path

from ticker.market.quote import Quote, on
from ticker.market.snapshot import Snapshot
from ticker.render.block import Block, block
from ticker.render.fragment import Lines
from ticker.render.language import Language, language
from ticker.render.outline import Typeface
from ticker.render.panel import Panel, panel
from ticker.render.picture import PictureWords, draw, told
from ticker.render.row import card_year, row
from ticker.render.sparkline import sparkline, year
from ticker.render.variant import Variant

_ALWAYS = 0  # the year that goes without saying: none; a picture outlives its year


@dataclass(frozen=True)
class Shot:
    """What a picture shows: a widget in a language, in a size and theme; as of a day where it is fixed to one."""

    variant: Variant
    size: int
    day: date | None = None

    @property
    def theme(self) -> str:
        """Light or dark: a picture can not follow its page."""
        return "dark" if self.variant.theme == "dark" else "light"


@dataclass(frozen=True)
class Picture:
    """A drawn picture: SVG, what it shows in words, and its width and height in pixels."""

    svg: str
    title: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Scene:
    """What a shot has in it, as strings: blocks, of a chart its panel, and the keys of figures that were revised."""

    blocks: tuple[Block, ...]
    panel: Panel | None
    revised: frozenset[str]
    words: PictureWords


class Studio:
    """Draws pictures with the typeface in `fonts`, which is read when the first one is asked for."""

    def __init__(self, fonts: Path, lines: Lines) -> None:
        self._fonts, self._lines = fonts, lines

    @cached_property
    def _typeface(self) -> Typeface:
        return Typeface.read(self._fonts)

    def picture(self, snapshot: Snapshot, shot: Shot) -> Picture:
        """The picture. One that is fixed to a day says where a figure in it was corrected after that day."""
        return self.drawn(self.scene(snapshot, shot), shot)

    def scene(self, snapshot: Snapshot, shot: Shot) -> Scene:
        """What the picture of a shot says, for those who say it in another form."""
        variant, words = shot.variant, language(shot.variant.lang)
        whole = [self._lines(snapshot, key) for key in variant.instruments]
        quotes = [snapshot.by_key[key] for key in variant.instruments]
        revised: frozenset[str] = frozenset()
        if shot.day:
            whole = [tuple(o for o in line if o.day <= shot.day) for line in whole]
            quotes = [on(q, line, shot.day) for q, line in zip(quotes, whole, strict=True)]
            revised = frozenset(q.instrument.key for q in quotes if _revised(snapshot, q, shot.day))
        shown = panel(quotes, whole, variant.range, words, _ALWAYS, "") if variant.widget == "chart" else None
        own = PictureWords(
            lang=words.tag,
            markets=words.word("markets"),
            low=words.word("low"),
            high=words.word("high"),
            revised=words.chart("revised"),
        )
        return Scene(tuple(_blocks(snapshot, shot, quotes, words)), shown, revised, own)

    def drawn(self, scene: Scene, shot: Shot) -> Picture:
        """The picture of a scene."""
        widget, blocks, words = shot.variant.widget, scene.blocks, scene.words
        up, face = shot.variant.up, self._typeface
        sheet = draw(widget, blocks, shot.size, shot.theme, up, words, face, revised=scene.revised, panel=scene.panel)
        title, alt = told(widget, blocks, words, scene.revised, scene.panel)
        factor = shot.size / sheet.width
        svg = sheet.svg(title, alt, words.lang, factor)
        return Picture(svg, title, alt, round(sheet.width * factor), round(sheet.height * factor))


def _revised(snapshot: Snapshot, q: Quote, day: date) -> bool:
    return snapshot.was_corrected(q, [o.day for o in (q.latest, q.previous) if o], day)


def _blocks(snapshot: Snapshot, shot: Shot, quotes: Sequence[Quote], words: Language) -> list[Block]:
    widget = shot.variant.widget
    if widget == "card" or (widget == "chart" and len(quotes) == 1):
        return [_block("", [q], words, with_year=True) for q in quotes]
    if widget == "chart":
        return [_block("", quotes, words)]
    titles = {group.key: words.group(group) for group in snapshot.catalog.groups}
    runs = groupby(quotes, key=lambda q: q.instrument.group)
    return [_block(titles[key], list(run), words) for key, run in runs]


def _block(title: str, quotes: Sequence[Quote], words: Language, *, with_year: bool = False) -> Block:
    rows = [row(q, sparkline(q.line, q.instrument.cadence), words, _ALWAYS) for q in quotes]
    q = quotes[0]
    found = year(q.line, q.instrument.cadence) if with_year else None
    drawn = card_year(found, q.instrument.decimals, words, _ALWAYS) if found else None
    return block(title or rows[0].label, quotes, rows, words, _ALWAYS, drawn)
