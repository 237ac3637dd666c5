"""European Central Bank: euro foreign exchange reference rates.

Units of a currency for one euro, set at about 14:15 and published at about 16:00 in Frankfurt on TARGET days.
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ticker.errors import Malformed
from ticker.market.calendar import Schedule, Timetable, is_open, last_open, open_before
from ticker.market.quote import Publisher
from ticker.sources.source import Document, Feed, Need, Request, Source, figure, iso_day, put, series, what_it_is

_AT = "https://www.ecb.europa.eu/stats/eurofxref/"
DAILY = Request(_AT + "eurofxref-daily.xml", "text/xml, application/xml, */*;q=0.1", 100_000)
NINETY_DAYS = Request(_AT + "eurofxref-hist-90d.xml", "text/xml, application/xml, */*;q=0.1", 2_000_000)
HISTORY = Request(_AT + "eurofxref-hist.zip", "application/zip, */*;q=0.1", 8_000_000)
_CSV_LIMIT = 20_000_000
_RECONCILE = timedelta(days=6, hours=12)  # a week, less the hours by which a run may come early
_GESMES = "{http://www.gesmes.org/xml/2002-08-01}Envelope"
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CODE = re.compile(r"[A-Z]{3}")
_Rows = dict[str, dict[date, Decimal | None]]


def _release(day: date) -> tuple[date, date] | None:
    return (day, day) if is_open(day, "XECB") else None


SCHEDULE = Schedule("0 16 * * 1-5", "Europe/Berlin", _release, timedelta(minutes=90))
_TIMETABLE = Timetable((SCHEDULE,), lambda day: open_before(day, "XECB"))


def _plan(need: Need, now: datetime) -> Request:
    """All history when any of it is missing, and once a week; else the shortest file that leaves no gap."""
    if need.newest is None or need.whole_at is None or now - need.whole_at >= _RECONCILE:
        return HISTORY
    newest_out = last_open(now.date(), "XECB")
    if need.newest >= open_before(newest_out, "XECB"):
        return DAILY
    return NINETY_DAYS if now.date() - need.newest <= timedelta(days=80) else HISTORY


def _parse(request: Request, body: bytes, codes: frozenset[str]) -> Document:
    whole = request.url == HISTORY.url
    rows = _from_zip(body, codes) if whole else _from_xml(body)
    found = {code: series(rows[code]) for code in codes if code in rows}
    if not any(found.values()):
        raise Malformed(f"none of {', '.join(sorted(codes))} is in it")
    missing = frozenset(code for code in codes if not found.get(code))
    return Document({c: s for c, s in found.items() if s}, whole=whole, missing=missing)


def _from_xml(body: bytes) -> _Rows:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as wrong:
        raise Malformed(f"{what_it_is(body)}, not the XML it should be") from wrong
    if root.tag != _GESMES:
        raise Malformed(f"the root is {root.tag[:60]!r}, not gesmes:Envelope")
    days = root.findall(f"{_CUBE}/{_CUBE}")
    if not days:
        raise Malformed("it has no days")
    rows: _Rows = {}
    for cube in days:
        day = iso_day(cube.get("time", ""))
        for rate in cube.findall(_CUBE):
            code = rate.get("currency", "")
            if not _CODE.fullmatch(code):
                raise Malformed(f"{code[:20]!r} is not a currency")
            put(rows.setdefault(code, {}), day, figure(rate.get("rate", "?")))
    return rows


def _from_zip(body: bytes, codes: frozenset[str]) -> _Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if packed.namelist() != ["eurofxref-hist.csv"]:
                raise Malformed(f"the archive holds {packed.namelist()[:3]}, not eurofxref-hist.csv")
            with packed.open("eurofxref-hist.csv") as member:
                text = member.read(_CSV_LIMIT + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as wrong:
        raise Malformed(f"{what_it_is(body)}, not the archive it should be") from wrong
    if len(text) > _CSV_LIMIT:
        raise Malformed(f"it unpacks to more than {_CSV_LIMIT} bytes")
    try:
        return _from_csv(csv.reader(io.StringIO(text.decode("utf-8-sig")), strict=True), codes)
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise Malformed(f"not the CSV it should be: {wrong}") from wrong


def _from_csv(lines: Iterable[list[str]], codes: frozenset[str]) -> _Rows:
    """The columns of these codes, found by their names; the other forty are not worth the time."""
    head, *body = [line for line in lines if line] or [[]]
    head = [cell.strip() for cell in head]
    columns = {at: code for at, code in enumerate(head) if at and code}
    if not head or head[0] != "Date" or not all(map(_CODE.fullmatch, columns.values())):
        raise Malformed("its first line is not Date and currencies")
    if len(set(columns.values())) != len(columns):
        raise Malformed("a currency stands in it twice")
    wanted = [(at, code) for at, code in columns.items() if code in codes]
    rows: _Rows = {code: {} for _, code in wanted}
    for cells in body:
        if len(cells) != len(head):
            raise Malformed(f"the line of {cells[0][:20]!r} has {len(cells)} cells, not {len(head)}")
        day = iso_day(cells[0])
        for at, code in wanted:
            put(rows[code], day, figure(cells[at]))
    return rows


SOURCE = Source(
    Publisher(
        key="ecb",
        name="European Central Bank",
        short="ECB",
        url="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html",
        terms="https://www.ecb.europa.eu/services/using-our-site/disclaimer/html/index.en.html",
        zone="Europe/Berlin",
        timetable=lambda code: _TIMETABLE,
    ),
    feeds=(Feed("rates", SCHEDULE, lambda code: True, _plan, _parse),),
    known=lambda code: bool(_CODE.fullmatch(code)) and code != "EUR",  # every rate is for one euro
    closed=lambda code: ("XECB",),
)
