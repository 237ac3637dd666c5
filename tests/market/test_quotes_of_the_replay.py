"""The ten quotes at moments of the real history, worked out beside our code: plain CSV and fractions."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from fractions import Fraction
from functools import cache

import pytest

from tests.conftest import UPSTREAMS, at
from tests.market.history import PUBLISHERS, cold_start
from ticker import catalog
from ticker.market.snapshot import Holding, Snapshot, build

pytestmark = pytest.mark.replay

# Days that were out at each moment, by the publishers' rules: crude oil and its day before (from the workbook; the
# newest is the morning page's), the same of Brent, gasoline, natural gas, and the ECB's.
DAYS = {
    "2026-03-19T14:00": ("03-18 03-16", "03-18 03-16", "03-16 03-09", "03-16 03-13", "03-18 03-17"),
    "2020-04-21T16:00": ("04-20 04-13", "04-20 04-09", "04-20 04-13", "04-13 04-09", "04-21 04-20"),
    "2020-04-22T16:00": ("04-21 04-20", "04-21 04-20", "04-20 04-13", "04-20 04-17", "04-22 04-21"),
    "2020-04-29T16:00": ("04-28 04-27", "04-28 04-27", "04-27 04-20", "04-27 04-24", "04-29 04-28"),
    "2025-12-31T17:00": ("12-30 12-29", "12-30 12-29", "12-29 12-22", "12-29 12-24", "12-31 12-30"),
    "2026-01-23T17:00": ("01-22 01-20", "01-22 01-20", "01-19 01-12", "01-20 01-16", "01-23 01-22"),
    "2026-01-29T17:00": ("01-28 01-26", "01-28 01-26", "01-26 01-19", "01-26 01-23", "01-29 01-28"),
}
SINCE = {  # where the day before is not the publication day before
    "2026-03-19T14:00": {"wti": "03-16", "brent": "03-16"},
    "2020-04-21T16:00": {"wti": "04-13", "brent": "04-09"},
    "2026-01-23T17:00": {"wti": "01-20", "brent": "01-20"},
    "2026-01-29T17:00": {"wti": "01-26", "brent": "01-26"},
}
LINES = {
    "wti": ("RWTC", 2, 0), "brent": ("RBRTE", 2, 1), "gasoline": ("EMM_EPMR_PTE_NUS_DPG", 3, 2),
    "natgas": ("RNGWHHD", 2, 3), "gbpusd": ("USD/GBP", 4, 4), "audusd": ("USD/AUD", 4, 4), "usdcad": ("CAD/USD", 4, 4),
    "usdbrl": ("BRL/USD", 4, 4), "usdmxn": ("MXN/USD", 4, 4), "usdinr": ("INR/USD", 4, 4),
}  # fmt: skip


@cache
def published(code: str) -> dict[str, Fraction]:
    if len(code) == 3:
        raw = zipfile.ZipFile(UPSTREAMS / "series" / "eurofxref-hist.zip").read("eurofxref-hist.csv").decode()
        rates = csv.DictReader(io.StringIO(raw))
        return {row["Date"]: Fraction(row[code]) for row in rates if row[code] not in ("N/A", "")}
    with (UPSTREAMS / "series" / f"{code}.csv").open(newline="") as file:
        return {row["date"]: Fraction(row["value"]) for row in csv.DictReader(file) if row["value"]}


def shown(code: str, day: str, decimals: int) -> Fraction:
    above, _, below = code.partition("/")
    value = published(above)[day] / (published(below)[day] if below else 1)
    return Fraction(round(value * 10**decimals), 10**decimals)


def text(value: Fraction, decimals: int) -> str:
    digits = f"{abs(round(value * 10**decimals)):0{decimals + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


@cache
def snapshot(moment: str) -> Snapshot:
    figures, stated = cold_start(at(moment))
    return build(catalog.load(), PUBLISHERS, Holding(1, figures, stated), at(moment))


@pytest.mark.parametrize("key", LINES)
@pytest.mark.parametrize("moment", DAYS)
def test_a_cold_start_shows(moment: str, key: str) -> None:
    quote = snapshot(moment).by_key[key]
    code, decimals, at_ = LINES[key]
    day, day_before = (f"{moment[:4]}-{short}" for short in DAYS[moment][at_].split())
    value, previous = shown(code, day, decimals), shown(code, day_before, decimals)
    percent = (
        text(Fraction(round((value - previous) / previous * 10_000), 100), 2) if min(value, previous) > 0 else None
    )
    since = SINCE.get(moment, {}).get(key)
    assert quote.latest is not None
    assert quote.previous is not None
    assert (str(quote.latest.day), str(quote.latest.value)) == (day, text(value, decimals))
    assert (str(quote.previous.day), str(quote.previous.value)) == (day_before, text(previous, decimals))
    assert str(quote.change) == text(value - previous, decimals)
    assert (str(quote.change_percent) if quote.change_percent is not None else None) == percent
    assert quote.direction == ("up" if value > previous else "down" if value < previous else "flat")
    assert quote.since == (date.fromisoformat(f"{moment[:4]}-{since}") if since else None)
    assert quote.freshness == "current"
    assert quote.standing.next_due is not None
    assert quote.standing.next_due > at(moment)


@pytest.mark.parametrize(
    ("moment", "key", "value", "change", "percent"),
    [
        ("2020-04-21T16:00", "wti", "-36.98", "-59.34", None),
        ("2020-04-22T16:00", "wti", "8.91", "45.89", None),
        ("2026-01-29T17:00", "natgas", "25.01", "-5.71", "-18.59"),
        ("2026-03-19T14:00", "wti", "96.12", None, None),
    ],
)
def test_figures_that_everybody_remembers(
    moment: str, key: str, value: str, change: str | None, percent: str | None
) -> None:
    quote = snapshot(moment).by_key[key]
    assert quote.latest is not None
    assert str(quote.latest.value) == value
    if change:
        assert str(quote.change) == change
        assert (str(quote.change_percent) if quote.change_percent is not None else None) == percent


@pytest.mark.parametrize("moment", DAYS)
def test_all_nineteen_instruments_have_a_current_figure(moment: str) -> None:
    found = snapshot(moment)
    assert len(found.quotes) >= 18
    assert {q.freshness for q in found.quotes} == {"current"}
    assert found.has_data
