"""Bank of Canada, Valet: daily average exchange rates, Canadian dollars for one unit of a currency.

Published once each business day by 16:30 in Toronto, with four significant digits; since 3 January 2017.
https://www.bankofcanada.ca/valet/docs, https://www.bankofcanada.ca/rates/exchange/background-information-on-foreign-exchange-rates/
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ticker.errors import Malformed
from ticker.market.calendar import Schedule, Timetable, is_open, open_before
from ticker.market.quote import Publisher
from ticker.sources.source import Document, Feed, Need, Request, Source, figure, iso_day, json_object, put, series

_AT = "https://www.bankofcanada.ca/valet/observations/group/FX_RATES_DAILY/json"
FIRST = date(2017, 1, 3)
_ACCEPT, _LIMIT = "application/json, */*;q=0.1", 20_000_000
_RECONCILE = timedelta(days=6, hours=12)
_OVERLAP = timedelta(days=45)
_SERIES = re.compile(r"FX[A-Z]{3}CAD")


def _release(day: date) -> tuple[date, date] | None:
    return (day, day) if is_open(day, "CA") else None


SCHEDULE = Schedule("30 16 * * 1-5", "America/Toronto", _release, timedelta(minutes=90))
_TIMETABLE = Timetable((SCHEDULE,), lambda day: open_before(day, "CA"))


def _plan(need: Need, now: datetime) -> Request:
    """All history when any of it is missing, and once a week; else the days since a month before the newest."""
    if need.newest is None or need.whole_at is None or now - need.whole_at >= _RECONCILE:
        return Request(f"{_AT}?start_date={FIRST}", _ACCEPT, _LIMIT)
    return Request(f"{_AT}?start_date={need.newest - _OVERLAP}", _ACCEPT, _LIMIT)


def _parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
    lines = json_object(body).get("observations")
    if not isinstance(lines, list) or not lines:
        raise Malformed("it has no observations")
    rows: dict[str, dict[date, Decimal | None]] = {code: {} for code in codes}
    for line in lines:
        if not isinstance(line, dict):
            raise Malformed(f"an observation reads {str(line)[:40]!r}")
        day = iso_day(line.get("d"))
        for code in codes & line.keys():
            put(rows[code], day, _value(line[code]))
    found = {code: s for code in codes if (s := series(rows[code]))}
    if not found:
        raise Malformed(f"none of {', '.join(sorted(codes))} is in it")
    return Document(found, whole=f"={FIRST}" in request.url, missing=codes - found.keys())


def _value(cell: Any) -> Decimal | None:
    if not isinstance(cell, dict) or not isinstance(cell.get("v"), str):
        raise Malformed(f"a figure reads {str(cell)[:40]!r}")
    return figure(cell["v"])


SOURCE = Source(
    Publisher(
        key="boc",
        name="Bank of Canada",
        short="Bank of Canada",
        url="https://www.bankofcanada.ca/rates/exchange/daily-exchange-rates/",
        terms="https://www.bankofcanada.ca/terms/",
        zone="America/Toronto",
        timetable=lambda code: _TIMETABLE,
    ),
    feeds=(Feed("rates", SCHEDULE, lambda code: True, _plan, _parse),),
    known=lambda code: bool(_SERIES.fullmatch(code)),
)
