"""What was published and when, worked out beside Ticker: the series' files, the rules of the replay, and fractions.

Nothing here is Ticker's own: a mistake of its calendars, its parsers or its arithmetic does not repeat itself here.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from bench.long.upstream import UPSTREAMS

_BERLIN, _NEW_YORK, _TORONTO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("America/Toronto")
_FRED = {"DCOILWTICO": "RWTC", "DCOILBRENTEU": "RBRTE", "DHHNGSP": "RNGWHHD", "GASREGW": "EMM_EPMR_PTE_NUS_DPG"}
_BOC_MOVED = {"AUD": 1.0011, "BRL": 0.9968, "GBP": 1.0007, "INR": 0.9989, "MXN": 0.9957, "USD": 1.0004, "EUR": 1.0002,
              "JPY": 0.9993, "CHF": 1.0005}  # fmt: skip
_TUESDAYS_FROM = date(2026, 8, 12)


@dataclass(frozen=True)
class Published:
    """A line of figures: its days, ascending, what each is, and the moment (UTC) from which it was on record.

    `early` has the moments at which a figure was printed ahead of the record: (moment, day), ascending.
    """

    days: Sequence[date]
    values: dict[date, Fraction]
    moments: Sequence[datetime]
    early: Sequence[tuple[datetime, date]] = ()
    says_next: bool = False
    """Whether each document names the day of the next one: a week later, whatever the holidays."""

    def out(self, now: datetime) -> Sequence[date]:
        """The last days on record by a moment, ascending; three are enough for a quote."""
        upto = bisect_right(self.moments, now)
        return self.days[max(0, upto - 3) : upto]

    def out_at(self, day: date) -> datetime:
        """When the figure for a day was first printed anywhere."""
        record = self.moments[bisect_right(self.days, day) - 1]
        return min([record, *(moment for moment, of in self.early if of == day)])

    def counts_from(self, day: date) -> datetime:
        """When the figure for a day was to be on record: by the calendar, or the document before if later."""
        record = self.moments[bisect_right(self.days, day) - 1]
        before = bisect_left(self.moments, record)
        if not self.says_next or not before:
            return record
        said = (self.moments[before - 1].astimezone(_NEW_YORK) + timedelta(days=7)).astimezone(UTC)
        return max(record, said)

    def between(self, first: date, last: date, now: datetime) -> list[date]:
        """The days between these two whose figures were out by now."""
        days = self.days[bisect_right(self.days, first) : bisect_right(self.days, last) - 1]
        return [day for day in days if self.out_at(day) <= now]


@cache
def published(source: str, codes: tuple[str, ...], decimals: int, begins: date) -> Published:
    """What an instrument's line from a source should be: each figure, or the quotient of two, rounded half-even."""
    first, *rest = (_series(source, code) for code in codes)
    below = rest[0] if rest else dict.fromkeys(first, Fraction(1))
    days = sorted(day for day in first if day >= begins and below.get(day))
    values = {day: Fraction(round(first[day] / below[day] * 10**decimals), 10**decimals) for day in days}
    early = _closes(days[0]) if source == "eia" and codes[0] in ("RWTC", "RBRTE") else []
    moments, closes = _moments(source, codes[0], days), [(m, d) for m, d in early if d in values]
    return Published(days, values, moments, closes, source == "eia")


# --- the figures ----------------------------------------------------------------------------------


def _series(source: str, code: str) -> dict[date, Fraction]:
    match source:
        case "ecb":
            return {day: Fraction(row[code]) for day, row in _euro().items() if row[code] not in ("N/A", "")}
        case "frankfurter":
            euro = {day: row[code] for day, row in _euro().items()}
            return {day: Fraction(f"{float(text):.5g}") for day, text in euro.items() if text not in ("N/A", "")}
        case "eia" | "eiaapi":
            return {day: Fraction(text) for day, text in _file(code).items() if text}
        case "fred" | "fredapi":
            places = 3 if code == "GASREGW" else 2
            return {day: Fraction(f"{float(text):.{places}f}") for day, text in _file(_FRED[code]).items() if text}
        case "boc":
            return _bank_of_canada(code)
    raise KeyError(source)


@cache
def _file(code: str) -> dict[date, str]:
    with (UPSTREAMS / "series" / f"{code}.csv").open(newline="") as file:
        return {date.fromisoformat(row["date"]): row["value"] for row in csv.DictReader(file)}


@cache
def _euro() -> dict[date, dict[str, str]]:
    raw = zipfile.ZipFile(UPSTREAMS / "series" / "eurofxref-hist.zip").read("eurofxref-hist.csv").decode()
    rows = sorted(csv.DictReader(io.StringIO(raw)), key=lambda row: row["Date"])
    return {date.fromisoformat(row["Date"]): row for row in rows}


def _bank_of_canada(code: str) -> dict[date, Fraction]:
    """Captured on five days; made up by the replay from the ECB's on all others."""
    captured = json.loads((UPSTREAMS / "captures" / "boc" / "FX_RATES_DAILY-sd-2026-03-12.json").read_text())
    real = {date.fromisoformat(o["d"]): o for o in captured["observations"]}
    of, found = code.removeprefix("FX").removesuffix("CAD"), {}
    for day, row in _euro().items():
        if day in real:
            found[day] = Fraction(real[day][code]["v"])
        elif day >= date(2017, 1, 3) and row.get(of, "1") not in ("N/A", ""):
            rate = float(row["CAD"]) / (float(row[of]) if of != "EUR" else 1) * _BOC_MOVED[of]
            found[day] = Fraction(f"{rate:.4g}")
    return found


# --- when -----------------------------------------------------------------------------------------


def _moments(source: str, code: str, days: Sequence[date]) -> Sequence[datetime]:
    match source:
        case "ecb" | "frankfurter":
            return [_at(day, time(15, 57), _BERLIN) for day in days]
        case "boc":
            return [_at(day, time(16, 30), _TORONTO) for day in days]
    return list(_released(_FRED.get(code, code), days))


def _released(code: str, days: Sequence[date]) -> Iterable[datetime]:
    """For each day the moment of the first workbook that reaches it."""
    weekly, trading = code.startswith("EMM_"), _file("RWTC")
    monday = days[0] - timedelta(days=days[0].weekday() + 7)
    out, last = datetime.min.replace(tzinfo=UTC), date.min
    for day in days:
        while last < day:
            holiday = monday not in trading
            if weekly:
                out, last = _at(monday + timedelta(holiday), time(17), _NEW_YORK), monday
            else:
                comes = monday + timedelta(days=3 if holiday else 2)
                out = _at(comes, time(11), _NEW_YORK)
                last = monday + timedelta(days=1 if holiday or comes >= _TUESDAYS_FROM else 0)
            monday += timedelta(days=7)
        yield out


def _closes(begins: date) -> list[tuple[datetime, date]]:
    """The mornings of trading days and the close that the page shows on each."""
    trading = sorted(day for day in _file("RWTC") if day >= begins)
    return [(_at(morning, time(9), _NEW_YORK), close) for close, morning in pairwise(trading)]


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
