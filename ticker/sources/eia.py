"""U.S. Energy Information Administration: spot prices of crude oil and natural gas, retail gasoline.

The record is one legacy .xls workbook a series, released weekly (https://www.eia.gov/dnav/pet/pet_pri_spt_s1_d.htm,
https://www.eia.gov/dnav/ng/hist/rngwhhdD.htm, https://www.eia.gov/petroleum/gasdiesel/). The page "Daily Prices"
(https://www.eia.gov/todayinenergy/prices.php) has yesterday's close of WTI and Brent every trading morning; the
workbook overrides it. Dollars per barrel, million Btu, gallon.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from ticker.errors import Malformed
from ticker.market.calendar import Schedule, Timetable, is_open, last_open, open_before
from ticker.market.observation import Standing
from ticker.market.quote import Publisher
from ticker.sources.source import Document, Feed, Need, Request, Source, figure, put, series, what_it_is

_ZONE = "America/New_York"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_US = ("US", "NYSE")  # a day that either keeps may have no price
_TUESDAYS_FROM = date(2026, 8, 12)


@dataclass(frozen=True)
class _Line:
    """A series: where its workbook is, what its title says, and on which days it may have no price."""

    code: str
    folder: str
    period: str
    title: str
    closed: tuple[str, ...] = _US
    trades: tuple[str, ...] = ("NYSE",)  # where it is traded: while one is open there may be a price


_LINES = {
    line.code: line
    for line in (
        _Line("RWTC", "pet", "d", "Cushing, OK WTI Spot Price FOB (Dollars per Barrel)"),
        _Line("RBRTE", "pet", "d", "Europe Brent Spot Price FOB (Dollars per Barrel)", (*_US, "ENG"), ("NYSE", "ENG")),
        _Line("RNGWHHD", "ng", "d", "Henry Hub Natural Gas Spot Price (Dollars per Million Btu)"),
        _Line("EMM_EPMR_PTE_NUS_DPG", "pet", "w",
              "U.S. Regular All Formulations Retail Gasoline Prices (Dollars per Gallon)"),
    )
}  # fmt: skip
_ON_THE_PAGE = {"WTI": "RWTC", "Brent": "RBRTE"}


# --- when -----------------------------------------------------------------------------------------


def _spot(closed: tuple[str, ...]) -> Schedule:
    """Wednesday with data to Monday, or Thursday with data to Tuesday after a Monday holiday.

    Since 12 August 2026 a Wednesday too has Tuesday's.
    """

    def release(monday: date) -> tuple[date, date]:
        holiday = not is_open(monday, "US")
        out = monday + timedelta(days=3 if holiday else 2)
        traded = is_open(monday, "NYSE")  # Columbus Day: some years have its price, and a workbook on Wednesday
        last = monday + timedelta(days=0 if traded and out < _TUESDAYS_FROM else 1)
        return out, _priced(last, closed)

    return Schedule("0 11 * * 1", _ZONE, release, timedelta(hours=24))


def _priced(day: date, closed: tuple[str, ...]) -> date:
    """The newest day not after `day` that is sure to have a price.

    A bridge between a holiday and a weekend has none in some years, such as the Friday after Thanksgiving.
    """
    day = last_open(day, *closed)
    while _is_bridge(day, closed):
        day = open_before(day, *closed)
    return day


def _is_bridge(day: date, closed: tuple[str, ...]) -> bool:
    beside = {0: 1, 4: -1}.get(day.weekday())  # a Monday's Tuesday, a Friday's Thursday
    return beside is not None and not is_open(day + timedelta(days=beside), *closed)


def _survey(monday: date) -> tuple[date, date]:
    """The price of a Monday, that evening; on Tuesday when Monday is a holiday."""
    return monday + timedelta(days=0 if is_open(monday, "US") else 1), monday


def _morning(day: date) -> tuple[date, date] | None:
    """Yesterday's close, on the mornings of trading days."""
    return (day, open_before(day, *_US)) if is_open(day, *_US) else None


PAGE_SCHEDULE = Schedule("0 9 * * 1-5", _ZONE, _morning, None)
_SURVEY_SCHEDULE = Schedule("0 17 * * 1", _ZONE, _survey, timedelta(hours=18))


def _timetable(line: _Line) -> Timetable:
    if line.period == "w":
        return Timetable((_SURVEY_SCHEDULE,), lambda day: day - timedelta(days=7))
    schedules = (_spot(line.closed), PAGE_SCHEDULE) if line.code in _ON_THE_PAGE.values() else (_spot(line.closed),)
    return Timetable(
        schedules,
        lambda day: _priced(day - timedelta(days=1), line.closed),
        lambda day: max(open_before(day, market) for market in line.trades),
    )


_TIMETABLES = {code: _timetable(line) for code, line in _LINES.items()}


# --- the workbooks --------------------------------------------------------------------------------


def _workbook(line: _Line) -> Feed:
    address = f"https://www.eia.gov/dnav/{line.folder}/hist_xls/{line.code}{line.period}.xls"
    request = Request(address, "application/vnd.ms-excel, */*;q=0.1", 5_000_000)

    def plan(need: Need, now: datetime) -> Request:
        return request

    def parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
        contents, data = _sheets(body)
        return Document({line.code: series(_prices(data, line))}, whole=True, next_release=_next_release(contents))

    return Feed(line.code, _TIMETABLES[line.code].schedules[0], lambda code: code == line.code, plan, parse)


_Sheet = list[list[Any]]


def _sheets(body: bytes) -> tuple[_Sheet, _Sheet]:
    if not body.startswith(_OLE):
        raise Malformed(f"{what_it_is(body)}, not a workbook")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        if book.sheet_names != ["Contents", "Data 1"]:
            raise Malformed(f"its sheets are {book.sheet_names}, not Contents and Data 1")
        contents, data = (book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names)
    except Malformed:
        raise
    except (CalamineError, ValueError, OSError) as wrong:
        raise Malformed(f"not a workbook: {wrong}") from wrong
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":  # the Rust reader's word for bytes it did not foresee
            raise
        raise Malformed(f"not a workbook: {wrong}") from None
    return contents, data


def _prices(data: _Sheet, line: _Line) -> dict[date, Decimal | None]:
    if len(data) < 4 or data[1][:2] != ["Sourcekey", line.code] or data[2][0] != "Date":
        raise Malformed(f"its sheet of data is not headed Sourcekey {line.code}, Date")
    if data[2][1] != line.title:
        raise Malformed(f"its column is {str(data[2][1])[:80]!r}, not {line.title!r}")
    rows: dict[date, Decimal | None] = {}
    for cells in data[3:]:
        day, value = cells[0], cells[1] if len(cells) > 1 else ""
        if day == "" and value == "":
            continue  # the files end in a blank row
        if isinstance(day, datetime):
            day = day.date()
        if not isinstance(day, date) or not isinstance(value, float | int | str) or isinstance(value, bool):
            raise Malformed(f"a row reads {str(day)[:20]!r}, {str(value)[:20]!r}")
        put(rows, day, figure(value if isinstance(value, str) else format(value, ".15g")))  # as Excel shows it
    if not any(value is not None for value in rows.values()):
        raise Malformed("it has no prices")
    return rows


def _next_release(contents: _Sheet) -> date | None:
    """EIA's own word for the next one. It has been wrong before, so nothing rests on it alone."""
    for cells in contents:
        said = [cell for cell in cells if cell != ""]
        if len(said) == 2 and said[0] == "Next Release Date:":
            found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", str(said[1]))
            try:
                return date(int(found[3]), int(found[1]), int(found[2])) if found else None
            except ValueError:
                return None
    return None


# --- the morning page -----------------------------------------------------------------------------

_PAGE = Request("https://www.eia.gov/todayinenergy/prices.php", "text/html, */*;q=0.1", 1_000_000)
_HEADLINE = re.compile(r"<b>\s*Wholesale Spot Petroleum Prices, (\d{1,2})/(\d{1,2})/(\d{2}) Close\s*</b>")


def _parse_page(request: Request, body: bytes, codes: frozenset[str]) -> Document:
    text = body.decode("utf-8", "replace")
    heads = list(_HEADLINE.finditer(text))
    table, closed, _ = text[heads[0].end() :].partition("</table>") if len(heads) == 1 else ("", "", "")
    if not closed:
        raise Malformed("it has no table of wholesale spot petroleum prices, or more than one")
    month, day, year = map(int, heads[0].groups())
    try:
        close = date(2000 + year, month, day)
    except ValueError as wrong:
        raise Malformed(f"its close is of {month}/{day}/{year}") from wrong
    if "($/barrel)" not in table:
        raise Malformed("its crude oil is not in $/barrel")
    found = {}
    for name, code in _ON_THE_PAGE.items():
        cells = re.findall(rf'<td class="s[12]">{name}</td>\s*<td class="d1">([^<]*)</td>', table)
        if len(cells) != 1:
            raise Malformed(f"it has {len(cells)} rows for {name}, not one")
        found[code] = series({close: figure(cells[0])}, Standing.EARLY)
    return Document({code: s for code, s in found.items() if s and code in codes})


def _plan_page(need: Need, now: datetime) -> Request:
    return _PAGE


SOURCE = Source(
    Publisher(
        key="eia",
        name="U.S. Energy Information Administration",
        short="U.S. EIA",
        url="https://www.eia.gov/dnav/pet/pet_pri_spt_s1_d.htm",
        terms="https://www.eia.gov/about/copyrights_reuse.php",
        zone=_ZONE,
        timetable=_TIMETABLES.__getitem__,
    ),
    feeds=(
        *(_workbook(line) for line in _LINES.values()),
        Feed("prices", PAGE_SCHEDULE, lambda code: code in _ON_THE_PAGE.values(), _plan_page, _parse_page,
             Standing.EARLY),
    ),
    known=_LINES.__contains__,
    closed=lambda code: _LINES[code].closed if _LINES[code].period == "d" else (),
)  # fmt: skip
