"""Federal Reserve Bank of St. Louis, FRED: EIA's series, as `fredgraph.csv` and, with a free key, by its API.

Dollars per barrel, million Btu, gallon; refreshed when EIA releases. https://fred.stlouisfed.org/series/DCOILWTICO
The CSV needs no key, and never answers some addresses (of data centres, mostly): then it is left alone for hours.
https://fred.stlouisfed.org/docs/api/fred/series_observations.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from ticker.errors import Malformed
from ticker.market.calendar import Timetable
from ticker.market.quote import Publisher
from ticker.sources import eia
from ticker.sources.source import (
    Document,
    Feed,
    Key,
    Need,
    Request,
    Source,
    figure,
    iso_day,
    json_object,
    put,
    series,
    what_it_is,
)  # fmt: skip

_IS_EIAS = {"DCOILWTICO": "RWTC", "DCOILBRENTEU": "RBRTE", "DHHNGSP": "RNGWHHD", "GASREGW": "EMM_EPMR_PTE_NUS_DPG"}
_GRACE = timedelta(hours=24)
_OVERLAP, _RECONCILE = timedelta(days=60), timedelta(days=27, hours=12)
_HEADS = ("observation_date", "DATE")  # the second until the end of 2024
_SHORT = 12.0  # seconds: where it hangs, it hangs for ever
_REST = timedelta(hours=6)
_Rows = dict[date, Decimal | None]


def _timetable(code: str) -> Timetable:
    """EIA's own for the document of record, with a day of grace for the copy."""
    theirs = eia.SOURCE.publisher.timetable(_IS_EIAS[code])
    return Timetable((replace(theirs.schedules[0], grace=_GRACE),), theirs.before)


_TIMETABLES = {code: _timetable(code) for code in _IS_EIAS}


def _since(need: Need, now: datetime) -> date | None:
    """The first day to ask for; None for all of it, when any is missing and every four weeks."""
    whole = need.newest is None or need.whole_at is None or now - need.whole_at >= _RECONCILE
    return None if whole or need.newest is None else need.newest - _OVERLAP


def _feed(code: str, plan: Callable[[Need, datetime], Request], read: Callable[[bytes], _Rows]) -> Feed:
    def parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
        found = series(read(body))
        if not found:
            raise Malformed("it has no figures")
        return Document({code: found}, whole="cosd=" not in request.url and "observation_start=" not in request.url)

    return Feed(code, _TIMETABLES[code].schedules[0], lambda wanted: wanted == code, plan, parse, rest=_REST)


# --- the CSV ---------------------------------------------------------------------------------------


def _graph(code: str) -> Feed:
    def plan(need: Need, now: datetime) -> Request:
        since = _since(need, now)
        url = f"https://fred.stlouisfed.org/graph/fredgraph.csv?id={code}" + (f"&cosd={since}" if since else "")
        return Request(url, "text/csv, */*;q=0.1", 5_000_000, seconds=_SHORT)

    return _feed(code, plan, lambda body: _from_csv(body, code))


def _from_csv(body: bytes, code: str) -> _Rows:
    try:
        head, *lines = [line for line in csv.reader(io.StringIO(body.decode("utf-8-sig")), strict=True) if line] or [[]]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Malformed(f"not the CSV it should be: {wrong}") from wrong
    if [cell.strip() for cell in head] not in [[name, code] for name in _HEADS]:
        raise Malformed(f"{what_it_is(body)}, not a CSV headed {_HEADS[0]},{code}")
    rows: _Rows = {}
    for cells in lines:
        if len(cells) != 2:
            raise Malformed(f"the line of {cells[0][:20]!r} has {len(cells)} cells, not 2")
        put(rows, iso_day(cells[0]), figure(cells[1]))
    return rows


# --- the API ---------------------------------------------------------------------------------------


def _observations(code: str) -> Feed:
    def plan(need: Need, now: datetime) -> Request:
        since = _since(need, now)
        url = f"https://api.stlouisfed.org/fred/series/observations?series_id={code}&file_type=json"
        return Request(url + (f"&observation_start={since}" if since else ""), "application/json", 10_000_000)

    return replace(_feed(code, plan, _from_json), rest=None)


def _from_json(body: bytes) -> _Rows:
    document = json_object(body)
    lines = document.get("observations")
    if document.get("units") != "lin" or not isinstance(lines, list):
        raise Malformed("it has no observations in their own units")
    rows: _Rows = {}
    for line in lines:
        if not isinstance(line, dict) or not isinstance(line.get("value"), str):
            raise Malformed(f"an observation reads {str(line)[:40]!r}")
        put(rows, iso_day(line.get("date")), figure(line["value"]))
    return rows


def _source(key: str, feeds: tuple[Feed, ...], needs: Key | None) -> Source:
    return Source(
        Publisher(
            key=key,
            name="U.S. Energy Information Administration, by way of FRED, Federal Reserve Bank of St. Louis",
            short="U.S. EIA via FRED",
            url="https://fred.stlouisfed.org/",
            terms="https://fred.stlouisfed.org/legal/",
            zone="America/New_York",
            timetable=_TIMETABLES.__getitem__,
        ),
        feeds=feeds,
        known=_IS_EIAS.__contains__,
        closed=lambda code: eia.SOURCE.closed(_IS_EIAS[code]),
        needs=needs,
    )


SOURCE = _source("fred", tuple(map(_graph, _IS_EIAS)), None)
KEYED = _source(
    "fredapi",
    tuple(map(_observations, _IS_EIAS)),
    Key("TICKER_FRED_API_KEY", "api.stlouisfed.org", "api_key"),
)
