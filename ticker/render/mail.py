"""Widgets as e-mail: figures as text in tables, a picture and its words. Every string ready, every colour a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ticker.render.block import Block, Entry
from ticker.render.language import Dated, Language, language
from ticker.render.panel import page_of
from ticker.render.picture_parts import WIDE, dated, joined, word_if
from ticker.render.row import Row
from ticker.render.sheet import colours
from ticker.render.studio import Picture, Scene, Shot

SIZES = (300, WIDE)
"""Widths in pixels, at most: a message is as narrow as its place."""
_MARGINS = {300: 14, WIDE: 24}  # those of the pictures


@dataclass(frozen=True)
class Line:
    """A figure's row: the address of its page; `about` stands under its name, `since` with its change."""

    row: Row
    page: str
    about: str
    notes: str
    since: str


@dataclass(frozen=True)
class Part:
    """Rows under a title, the day they are for in words, and whose figures these are.

    The title is empty where the rows say it; `head` has both, on one line.
    """

    title: str
    day: str
    head: str
    lines: tuple[Line, ...]
    source: tuple[str, str]
    sources: tuple[tuple[str, str], ...]
    own: str


@dataclass(frozen=True)
class Mail:
    """What the template sees. `scheme` is the colour scheme that mail programs are told of.

    `heads` are the columns beside the first, each with its share of the width. `sentence` is a chart's; of its parts
    the template shows days and sources only.
    """

    lang: str
    title: str
    scheme: str
    widget: str
    width: int
    margin: int
    colour: Mapping[str, str]
    picture: Picture
    page: str
    sentence: str
    heads: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


def mail(shot: Shot, scene: Scene, picture: Picture, site: str) -> Mail:
    """The message of a scene and its picture. Addresses start with `site`."""
    variant, words = shot.variant, language(shot.variant.lang)
    single = variant.widget in ("card", "chart")
    return Mail(
        lang=variant.lang,
        title=picture.title,
        scheme="light dark" if variant.theme == "auto" else variant.theme,
        widget=variant.widget,
        width=shot.size,
        margin=_MARGINS[shot.size],
        colour=colours(shot.theme, variant.up),
        picture=picture,
        page=page_of(variant.instruments, variant.range, words, site) if single else "",
        sentence=scene.panel.sentence if scene.panel else "",
        heads=((words.page("figure"), "22%"), (words.page("change"), "30%")),
        parts=tuple(_part(block, scene, words, variant.widget, site) for block in scene.blocks),
    )


def _part(block: Block, scene: Scene, words: Language, widget: str, site: str) -> Part:
    title = block.title if widget in ("list", "strip") else ""
    day = _as_of(block.day, words)
    return Part(
        title=title,
        day=_capital(day),
        head=_capital(joined(title, day)),
        lines=tuple(_line(entry, scene, words, widget, site) for entry in block.entries),
        source=block.source,
        sources=block.sources,
        own=block.own,
    )


def _line(entry: Entry, scene: Scene, words: Language, widget: str, site: str) -> Line:
    row = entry.row
    return Line(
        row=row,
        page=page_of([row.key], "1y", words, site),
        about=joined(row.detail, row.unit, row.hint),
        notes=joined(_as_of(entry.as_of, words), entry.note, word_if(row, scene.revised, scene.words)),
        since=dated(row.against if widget == "card" else row.since),
    )


def _as_of(d: Dated | None, words: Language) -> str:
    """The day in words, with its year: a message outlives it."""
    return words.word("as_of").format(day=words.long_day(date.fromisoformat(d.iso), 0)) if d else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
