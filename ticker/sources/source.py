"""What a source is: a publisher, its feeds, which address to ask for, and how to read the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ticker.errors import Malformed
from ticker.market.calendar import Schedule
from ticker.market.observation import Observation, Series, Standing
from ticker.market.quote import Publisher

MISSING = frozenset(("", ".", "N/A", "NA", "ND", "N/E", "-", "null", "NaN", "None", "…"))
"""The words for "no figure" that publishers use; none of them is zero."""


@dataclass(frozen=True)
class Request:
    """One address to fetch. `limit` is the largest true answer in bytes, before and after decompression.

    `seconds` is the longest it may take, where that is less than for others.
    """

    url: str
    accept: str
    limit: int
    seconds: float | None = None


@dataclass(frozen=True)
class Key:
    """What a source that asks for a key needs: the setting that holds it, and the one host and parameter it goes to.

    Requests are planned, told of and remembered without it: the client adds it when it asks.
    """

    setting: str
    host: str
    parameter: str


@dataclass(frozen=True)
class Secret:
    """A key, and the one host and parameter it is sent to."""

    host: str
    parameter: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Need:
    """What is wanted of a feed: its codes, the newest day held of them, and when it was last read in full.

    `newest` is None where a code has no final figure yet. All that is held replaced by `whole` is known good since.
    """

    codes: frozenset[str]
    newest: date | None
    whole_at: datetime | None


@dataclass(frozen=True)
class Document:
    """What a body says: each code's observations, ascending. It replaces the span of days it covers, code by code.

    `whole` marks one that holds all there is of its series. `missing` names codes that were wanted and are not in it.
    `next_release` is the publisher's own word for the day of its next one.
    """

    series: Mapping[str, Series]
    whole: bool = False
    missing: frozenset[str] = frozenset()
    next_release: date | None = None


@dataclass(frozen=True)
class Feed:
    """A document that a source publishes again and again, on a schedule of its own.

    `serves` says whether it can hold a code. `standing` is how firm its figures are. `rest` is how long it is left
    alone after a failure, where that is longer than for others.
    """

    key: str
    schedule: Schedule
    serves: Callable[[str], bool]
    plan: Callable[[Need, datetime], Request]
    parse: Callable[[Request, bytes, frozenset[str]], Document]
    standing: Standing = Standing.FINAL
    rest: timedelta | None = None


@dataclass(frozen=True)
class Source:
    """A publisher and how to read it. One that `needs` a key is used where there is one.

    `weekdays_only` says whether a code has no figures at weekends, `closed` the calendars (`is_open`) of its holidays.
    """

    publisher: Publisher
    feeds: tuple[Feed, ...]
    known: Callable[[str], bool]
    weekdays_only: Callable[[str], bool] = field(default=lambda code: True)
    closed: Callable[[str], tuple[str, ...]] = field(default=lambda code: ())
    needs: Key | None = None

    @property
    def key(self) -> str:
        """Its key, as catalog chains name it."""
        return self.publisher.key


def what_it_is(body: bytes) -> str:
    """A word for a body that is not the document it should be."""
    start = body[:200].lstrip().lower()
    if not start:
        return "an empty answer"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "something else"


def figure(text: str) -> Decimal | None:
    """The published figure, digits as they stand; None for a word that means "none".

    Malformed for anything else: no thousands separators, no exponents, no decimal commas.
    """
    text = text.strip()
    if text in MISSING:
        return None
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15 or text.endswith("."):
        raise Malformed(f"{text[:40]!r} is not a figure")
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise Malformed(f"{text[:40]!r} is not a figure") from wrong


def iso_day(text: Any) -> date:
    """The day that stands there as 2026-03-17; Malformed for anything else."""
    try:
        if not isinstance(text, str) or len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Malformed(f"{str(text)[:20]!r} is not a day") from wrong


def json_object(body: bytes) -> dict[str, Any]:
    """A body that is a JSON object, its numbers as the digits that stand there; Malformed where it is none."""
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_figure, object_pairs_hook=_once)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(f"{what_it_is(body)}, not the JSON it should be") from wrong
    if not isinstance(found, dict):
        raise Malformed("a JSON value, not the object it should be")
    return found


def _no_figure(word: str) -> None:
    """NaN and infinities, which JSON does not have and some writers print."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, in which every name stands once: of two, none is the right one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name stands twice in a JSON object")
    return found


def put(rows: dict[date, Decimal | None], day: date, value: Decimal | None) -> None:
    """Add a row. Malformed where its day has another figure: of two, such as a bid and an ask, none is chosen."""
    known = rows.get(day)
    if known is not None and value is not None and known != value:
        raise Malformed(f"it has two figures for {day}, {known} and {value}")
    rows[day] = value if known is None else known


def series(rows: Mapping[date, Decimal | None], standing: Standing = Standing.FINAL) -> Series:
    """Rows by day as a series: ascending, days without a figure left out."""
    return tuple(Observation(day, value, standing) for day, value in sorted(rows.items()) if value is not None)
