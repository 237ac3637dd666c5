"""Frankfurter v1: the European Central Bank's reference rates by another road.

Units of a currency for one euro, as the ECB prints them, minutes after it does. https://frankfurter.dev/v1/
It answers more than a year with weekly rows, so no more than a year is asked for; the day in the answer counts, never
the day that was asked for (a Saturday is answered with Friday's).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ticker.errors import Malformed
from ticker.market.calendar import Schedule, Timetable, is_open, open_before
from ticker.market.observation import Series
from ticker.market.quote import Publisher
from ticker.sources.source import Document, Feed, Need, Request, Source, figure, iso_day, json_object, put, series

_AT = "https://api.frankfurter.dev/v1/"
_YEAR, _OVERLAP, _RECONCILE = timedelta(days=360), timedelta(days=45), timedelta(days=6, hours=12)
_CODE = re.compile(r"[A-Z]{3}")


def _release(day: date) -> tuple[date, date] | None:
    return (day, day) if is_open(day, "XECB") else None


SCHEDULE = Schedule("15 16 * * 1-5", "Europe/Berlin", _release, timedelta(minutes=90))
_TIMETABLE = Timetable((SCHEDULE,), lambda day: open_before(day, "XECB"))


def _plan(need: Need, now: datetime) -> Request:
    """A year when any of it is missing, and once a week; else the days since a month before the newest."""
    fresh = need.newest is not None and need.whole_at is not None and now - need.whole_at < _RECONCILE
    first = need.newest - _OVERLAP if fresh and need.newest else now.date() - _YEAR
    first = max(first, now.date() - _YEAR)
    symbols = ",".join(sorted(need.codes))
    return Request(f"{_AT}{first}..?base=EUR&symbols={symbols}", "application/json, */*;q=0.1", 2_000_000)


def _parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
    document = json_object(body)
    if document.get("base") != "EUR" or document.get("amount") != 1:
        raise Malformed(f"it is of {document.get('amount')!s:.20} {document.get('base')!s:.20}, not of 1 EUR")
    days = document.get("rates")
    if not isinstance(days, dict) or not days:
        raise Malformed("it has no rates")
    rows: dict[str, dict[date, Decimal | None]] = {code: {} for code in codes}
    for text, rates in days.items():
        if not isinstance(rates, dict):
            raise Malformed(f"the rates of {text[:20]!r} read {str(rates)[:40]!r}")
        for code in codes & rates.keys():
            put(rows[code], iso_day(text), _value(rates[code]))
    found = {code: s for code in codes if (s := series(rows[code]))}
    if not found:
        raise Malformed(f"none of {', '.join(sorted(codes))} is in it")
    return Document(found, whole=_asked_for_a_year(request, found), missing=codes - found.keys())


def _asked_for_a_year(request: Request, found: dict[str, Series]) -> bool:
    """Whether the answer covers all that we ever ask for. What is older, and was read earlier, stays as it is."""
    first = iso_day(request.url.removeprefix(_AT)[:10])
    newest = max(s[-1].day for s in found.values())
    return newest - first > _YEAR - timedelta(days=14)


def _value(cell: Any) -> Decimal | None:
    if cell is None:
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise Malformed(f"a figure reads {str(cell)[:40]!r}")
    return figure(str(cell))


SOURCE = Source(
    Publisher(
        key="frankfurter",
        name="European Central Bank, by way of Frankfurter",
        short="ECB via Frankfurter",
        url="https://frankfurter.dev/v1/",
        terms="https://www.ecb.europa.eu/services/using-our-site/disclaimer/html/index.en.html",
        zone="Europe/Berlin",
        timetable=lambda code: _TIMETABLE,
    ),
    feeds=(Feed("rates", SCHEDULE, lambda code: True, _plan, _parse),),
    closed=lambda code: ("XECB",),
    known=lambda code: bool(_CODE.fullmatch(code)) and code != "EUR",
)
