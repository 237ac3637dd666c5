"""U.S. Energy Information Administration, Open Data API v2: the workbooks' figures, with a free key.

Dollars per barrel, million Btu, gallon. https://www.eia.gov/opendata/documentation.php
It is no fresher than the workbooks, but does not depend on their layout. It gives at most 5,000 rows, so the newest
5,000 are asked for. It repeats the key in its answers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ticker.errors import Malformed
from ticker.market.quote import Publisher
from ticker.sources import eia
from ticker.sources.source import Document, Feed, Key, Need, Request, Source, figure, iso_day, json_object, put, series

_ROUTES = {
    "RWTC": ("petroleum/pri/spt", "daily", "$/BBL"),
    "RBRTE": ("petroleum/pri/spt", "daily", "$/BBL"),
    "RNGWHHD": ("natural-gas/pri/fut", "daily", "$/MMBTU"),
    "EMM_EPMR_PTE_NUS_DPG": ("petroleum/pri/gnd", "weekly", "$/GAL"),
}
_ROWS = 5000
_OVERLAP, _RECONCILE = timedelta(days=60), timedelta(days=27, hours=12)


def _feed(code: str) -> Feed:
    route, frequency, unit = _ROUTES[code]
    address = (
        f"https://api.eia.gov/v2/{route}/data/?frequency={frequency}&data[0]=value&facets[series][]={code}"
        f"&sort[0][column]=period&sort[0][direction]=desc&length={_ROWS}"
    )

    def plan(need: Need, now: datetime) -> Request:
        whole = need.newest is None or need.whole_at is None or now - need.whole_at >= _RECONCILE
        since = "" if whole or need.newest is None else f"&start={need.newest - _OVERLAP}"
        return Request(address + since, "application/json", 10_000_000)

    def parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
        response = json_object(body).get("response")
        if not isinstance(response, dict) or response.get("frequency") != frequency:
            raise Malformed(f"it has no {frequency} response")
        lines = response.get("data")
        if not isinstance(lines, list) or not lines:
            raise Malformed("it has no rows")  # an unknown facet is answered so, with 200
        rows: dict[date, Decimal | None] = {}
        for line in lines:
            put(rows, *_row(line, code, unit))
        found = series(rows)
        if not found:
            raise Malformed("it has no figures")
        return Document({code: found}, whole="&start=" not in request.url)

    schedule = eia.SOURCE.publisher.timetable(code).schedules[0]
    return Feed(code, schedule, lambda wanted: wanted == code, plan, parse)


def _row(line: Any, code: str, unit: str) -> tuple[date, Decimal | None]:
    if not isinstance(line, dict) or line.get("series") != code or line.get("units", unit) != unit:
        raise Malformed(f"a row is not of {code} in {unit}")
    value = line.get("value")
    if value is None:
        return iso_day(line.get("period")), None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Malformed(f"a figure reads {str(value)[:40]!r}")
    return iso_day(line.get("period")), figure(str(value))


SOURCE = Source(
    Publisher(
        key="eiaapi",
        name=eia.SOURCE.publisher.name,
        short=eia.SOURCE.publisher.short,
        url="https://www.eia.gov/opendata/",
        terms=eia.SOURCE.publisher.terms,
        zone=eia.SOURCE.publisher.zone,
        timetable=eia.SOURCE.publisher.timetable,
    ),
    feeds=tuple(map(_feed, _ROUTES)),
    known=_ROUTES.__contains__,
    closed=eia.SOURCE.closed,
    needs=Key("TICKER_EIA_API_KEY", "api.eia.gov", "api_key"),
)
