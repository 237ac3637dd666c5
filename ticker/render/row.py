"""A quote in a language: every string that a template needs of it, ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ticker.market.quote import Quote
from ticker.render.language import Dated, Language
from ticker.render.sparkline import Spark, Year

_ARROWS = {"up": "▲", "down": "▼", "flat": "="}
Status = Literal["", "late", "stale"]


@dataclass(frozen=True)
class Row:
    """One quote. `value` is for machines, `figure` for people; empty strings and None stand for what there is not.

    `unit` is empty where the detail names it already; `spoken` has it in full, and the direction. `hint` says what a
    rise means where that is not obvious. `whole` says that the absolute change must stay where space is short: there
    is no percentage. `since` is the day that every widget must name, `against` the one that a card names anyway.
    """

    key: str
    label: str
    detail: str
    unit: str
    spoken: str
    hint: str
    value: str
    figure: str
    day: date | None
    status: Status
    direction: str
    arrow: str
    change: str
    percent: str
    whole: bool
    since: Dated | None
    against: Dated | None
    spark: Spark | None


@dataclass(frozen=True)
class CardYear:
    """The year of a card: paths, whether they are steps, low and high as shown, and what the span is called."""

    path: str
    area: str
    stepped: bool
    low: str
    high: str
    at: int | None
    span: str
    first: Dated | None


def row(q: Quote, spark: Spark | None, language: Language, year: int) -> Row:
    """The quote in that language; `year` is the one that goes without saying."""
    i = q.instrument
    detail, unit = language.detail(i), language.unit(i.unit)
    spoken = [language.spoken(i.unit)] if q.latest else []
    if q.direction:
        spoken.append(language.word(q.direction))
    return Row(
        key=i.key,
        label=language.label(i),
        detail=detail,
        unit="" if i.unit in detail.split("/") else unit,  # a pair such as GBP/USD says it
        spoken=", ".join(spoken),
        hint=_hint(q, language),
        value=str(q.latest.value) if q.latest else "",
        figure=language.number(q.latest.value, i.decimals) if q.latest else "—",
        day=q.latest.day if q.latest else None,
        status=q.freshness if q.freshness in ("late", "stale") else "",
        direction=q.direction or "",
        arrow=_ARROWS[q.direction] if q.direction else "",
        change="" if q.change is None else language.change(q.change, i.decimals),
        percent="" if q.change is None else language.percent(q.change_percent),
        whole=q.change_percent is None,
        since=language.dated("since", q.since, year) if q.since else None,
        against=language.dated("since", q.previous.day, year) if q.previous else None,
        spark=spark,
    )


def card_year(found: Year, decimals: int, language: Language, year: int) -> CardYear:
    """The year in that language."""
    return CardYear(
        path=found.path,
        area=found.area,
        stepped=found.stepped,
        low=language.number(found.low, decimals),
        high=language.number(found.high, decimals),
        at=found.at,
        span="" if found.first else language.word("year"),
        first=language.dated("since", found.first, year) if found.first else None,
    )


def _hint(q: Quote, language: Language) -> str:
    """A row named Brazil Real that shows USD/BRL rises when the real falls: that is said in words."""
    i = q.instrument
    if q.direction not in ("up", "down") or i.detail != f"USD/{i.unit}":
        return ""
    return language.word("weaker" if q.direction == "up" else "stronger")
