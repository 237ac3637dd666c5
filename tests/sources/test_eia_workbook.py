"""EIA's legacy workbooks: read by their headings, and refused when they are anything else."""

from __future__ import annotations

import contextlib
import csv
import io
import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlwt

from tests.conftest import UPSTREAMS, absent
from ticker.errors import Malformed
from ticker.sources.eia import SOURCE
from ticker.sources.source import Document, Feed, Need

FEEDS = {feed.key: feed for feed in SOURCE.feeds}
WTI = "Cushing, OK WTI Spot Price FOB (Dollars per Barrel)"
ROWS: tuple[tuple[str, Any], ...] = (
    ("2020-04-16", 19.82), ("2020-04-17", 18.0), ("2020-04-18", None), ("2020-04-20", -36.98), ("2020-04-21", 8.91),
)  # fmt: skip
AS_READ = [("2020-04-16", "19.82"), ("2020-04-17", "18"), ("2020-04-20", "-36.98"), ("2020-04-21", "8.91")]


def workbook(
    rows: tuple[tuple[str, Any], ...] = ROWS,
    sheets: tuple[str, ...] = ("Contents", "Data 1"),
    head: tuple[tuple[Any, ...], ...] = (("Back to Contents", f"Data 1: {WTI}"), ("Sourcekey", "RWTC"), ("Date", WTI)),
    next_release: Any = "4/29/2020",
) -> bytes:
    """A workbook in the captured layout, but for what a test names."""
    book = xlwt.Workbook()
    contents, data, *_ = [book.add_sheet(name) for name in sheets] + [xlwt.Workbook().add_sheet("x")]
    for at, cells in {
        1: ("", "Workbook Contents"),
        2: ("", WTI),
        5: ("", "Worksheet Name", "Description", "# Of Series", "Frequency", "Latest Data for"),
        6: ("", "Data 1", WTI, 1, "Daily", "4/21/2020"),
        8: ("", "Release Date:", "4/22/2020"),
        9: ("", "Next Release Date:", next_release),
        14: ("", "", "(202) 586-8800", "", "", "4/22/2020 9:09:51 AM"),
    }.items():
        for column, cell in enumerate(cells):
            contents.write(at, column, cell)
    for at, cells in enumerate(head):
        for column, cell in enumerate(cells):
            data.write(at, column, cell)
    at, style = len(head) - 1, xlwt.easyxf(num_format_str="MMM DD, YYYY")
    for at, (text, value) in enumerate(rows, start=len(head)):
        data.write(at, 0, float((date.fromisoformat(text) - date(1899, 12, 30)).days), style)
        data.write(at, 1, value)
    data.write(at + 1, 0, "", style)
    data.write(at + 1, 1, None, style)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def parse(body: bytes, code: str = "RWTC") -> Document:
    feed: Feed = FEEDS[code]
    codes = frozenset((code,))
    return feed.parse(feed.plan(Need(codes, None, None), None), body, codes)  # type: ignore[arg-type]


def rows(document: Document, code: str = "RWTC") -> list[tuple[str, str]]:
    return [(str(o.day), str(o.value)) for o in document.series[code]]


def refused(body: bytes) -> str:
    with pytest.raises(Malformed) as wrong:
        parse(body)
    return str(wrong.value)


def test_trap_01_and_06_a_workbook_is_read_with_its_negative_price_and_without_its_blank_one() -> None:
    document = parse(workbook())
    assert rows(document) == AS_READ
    assert document.whole
    assert document.next_release == date(2020, 4, 29)


def test_trap_22_rows_in_another_order_come_out_oldest_first() -> None:
    assert rows(parse(workbook(rows=tuple(reversed(ROWS))))) == AS_READ


def test_trap_14_of_two_prices_for_one_day_none_is_chosen() -> None:
    assert rows(parse(workbook(rows=(*ROWS, ("2020-04-17", 18.0), ("2020-04-21", None))))) == AS_READ
    assert "two figures for 2020-04-20" in refused(workbook(rows=(*ROWS, ("2020-04-20", -40.32))))


def test_trap_06_a_blank_price_is_not_zero_and_a_zero_is() -> None:
    found = rows(parse(workbook(rows=(("2020-04-16", None), ("2020-04-17", 0.0), ("2020-04-20", 1.5)))))
    assert found == [("2020-04-17", "0"), ("2020-04-20", "1.5")]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (26.0, "26"), (26, "26"), (0.1 + 0.2, "0.3"), (66.47000122070312, "66.4700012207031"), (3.079, "3.079"),
        ("19.82", "19.82"), (100.0, "100"),
    ],
)  # fmt: skip
def test_trap_08_a_price_has_the_digits_that_excel_shows(stored: Any, shown: str) -> None:
    assert rows(parse(workbook(rows=(("2020-04-17", stored),)))) == [("2020-04-17", shown)]


@pytest.mark.parametrize("word", ["", "NA", "-", "."])
def test_trap_28_a_word_for_none_is_none(word: str) -> None:
    assert rows(parse(workbook(rows=(*ROWS, ("2020-04-22", word))))) == AS_READ


@pytest.mark.parametrize("value", [True, 1e-9, 1e22, "19,82", "1.982e1", "see note", "#N/A", "19.82 (p)"])
def test_a_price_that_is_none_refuses_the_workbook(value: Any) -> None:
    assert refused(workbook(rows=(*ROWS, ("2020-04-22", value))))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("4/29/2020", date(2020, 4, 29)), ("12/31/2020", date(2020, 12, 31)), ("", None), ("TBD", None),
        ("13/45/2020", None), ("2020-04-29", None), (43950.0, None),
    ],
)  # fmt: skip
def test_trap_40_the_next_release_date_is_read_or_left_out(said: Any, read: date | None) -> None:
    document = parse(workbook(next_release=said))
    assert document.next_release == read
    assert rows(document) == AS_READ


@pytest.mark.parametrize(
    "head",
    [
        ((), ("Sourcekey", "RBRTE"), ("Date", WTI)),
        ((), ("Sourcekey", "RWTC "), ("Date", WTI)),
        ((), ("RWTC", "Sourcekey"), ("Date", WTI)),
        ((), ("Sourcekey", "RWTC"), ("Date", WTI.replace("Barrel", "Gallon"))),
        ((), ("Sourcekey", "RWTC"), ("Date", WTI.replace("Spot", "Futures"))),
        ((), ("Sourcekey", "RWTC"), ("Day", WTI)),
        (("Sourcekey", "RWTC"), ("Date", WTI)),
        (),
    ],
)
def test_other_headings_are_refused(head: tuple[tuple[Any, ...], ...]) -> None:
    assert "not" in refused(workbook(head=head))


@pytest.mark.parametrize("sheets", [("Data 1", "Contents"), ("Contents", "Data 2"), ("Contents", "Data 1", "Data 2")])
def test_other_sheets_are_refused(sheets: tuple[str, ...]) -> None:
    assert "sheets" in refused(workbook(sheets=sheets))


def test_a_workbook_without_prices_is_refused() -> None:
    assert refused(workbook(rows=()))
    assert "no prices" in refused(workbook(rows=(("2020-04-17", None),)))


def test_a_day_that_is_only_a_number_is_refused() -> None:
    good = workbook(rows=(("2020-04-17", 18.0),))
    book = xlwt.Workbook()
    book.add_sheet("Contents")
    data = book.add_sheet("Data 1")
    for at, cells in enumerate((("", ""), ("Sourcekey", "RWTC"), ("Date", WTI), (43938.0, 18.0))):
        for column, cell in enumerate(cells):
            data.write(at, column, cell)
    packed = io.BytesIO()
    book.save(packed)
    parse(good)
    assert "a row reads" in refused(packed.getvalue())


def test_a_workbook_of_another_kind_is_refused_before_it_is_opened() -> None:
    assert "something else, not a workbook" in refused(b"PK\x03\x04" + b"\0" * 500)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>The page you requested could not be found.</body></html>",
        b"PK\x03\x04" + b"\0" * 500,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(3).randbytes(20_000),
    ],
    ids=["empty", "html", "zip", "magic alone", "zeros", "ones", "noise"],
)
def test_trap_30_what_is_no_workbook_is_refused(body: bytes) -> None:
    assert refused(body)


def test_cut_at_any_byte_it_is_refused_or_has_lost_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """The reader is written in Rust: neither its panics nor a shortened price may get out."""
    body = workbook()
    right = parse(body)
    lost = 0
    for end in range(len(body)):
        try:
            assert parse(body[:end]) == right
        except Malformed:
            lost += 1
    assert lost > len(body) * 0.9
    capfd.readouterr()  # its panics write to stderr


def test_a_code_of_another_series_is_refused_by_each_feed() -> None:
    body = workbook()
    for code in ("RBRTE", "RNGWHHD", "EMM_EPMR_PTE_NUS_DPG"):
        with pytest.raises(Malformed, match="Sourcekey"):
            parse(body, code)


def captures() -> Path:
    folder = UPSTREAMS / "captures" / "eia"
    if not folder.is_dir():
        absent("EIA's captured files are not in ../shared/upstreams/captures")
    return folder


@pytest.mark.replay
@pytest.mark.parametrize(
    ("name", "last", "figures", "next_release"),
    [
        ("RWTCd_release-2018-08-15", ("2018-08-13", "67.25"), 8225, "2018-08-22"),
        ("RBRTEd_release-2018-08-15", ("2018-08-13", "70.62"), 7928, "2018-08-22"),
        ("RWTCd_release-2025-01-23", ("2025-01-21", "76.79"), 9833, "2025-01-29"),
        ("RBRTEd_release-2025-01-23", ("2025-01-21", "80.57"), 9560, "2025-01-29"),
        ("RNGWHHDd_release-2026-08-19", ("2026-08-18", "2.82"), 7436, "2026-08-26"),
        ("vintages/RNGWHHDd_seen-2025-10-01", ("2025-09-23", "2.86"), 7214, "2025-09-04"),
        ("vintages/RNGWHHDd_seen-2025-11-27", ("2025-11-24", "4.15"), 7257, "2025-12-03"),
        ("vintages/RNGWHHDd_seen-2025-11-29", ("2025-11-21", "4.13"), 7256, "2025-12-03"),
        ("vintages/RNGWHHDd_seen-2025-12-30", ("2025-12-26", "3.31"), 7278, "2025-12-31"),
        ("vintages/RNGWHHDd_seen-2026-01-01", ("2025-12-29", "4.35"), 7278, "2026-01-07"),
        ("vintages/RNGWHHDd_seen-2026-01-29", ("2026-01-26", "25.01"), 7295, "2026-02-04"),
        ("vintages/RNGWHHDd_seen-2026-02-05", ("2026-02-02", "4.40"), 7300, "2026-02-11"),
    ],
)
def test_captured_workbooks(name: str, last: tuple[str, str], figures: int, next_release: str) -> None:
    file = captures() / f"{name}.xls"
    code = file.name.split("d_")[0]
    document = parse(file.read_bytes(), code)
    series = document.series[code]
    assert (str(series[-1].day), series[-1].value) == (last[0], Decimal(last[1]))
    assert len(series) == figures
    assert document.next_release == date.fromisoformat(next_release)
    assert [o.day for o in series] == sorted({o.day for o in series})
    assert all(o.value.as_tuple().exponent in (0, -1, -2) for o in series)


@pytest.mark.replay
def test_captured_workbooks_say_what_the_series_say() -> None:
    captures()
    with (UPSTREAMS / "series" / "RWTC.csv").open(newline="") as file:
        known = {date.fromisoformat(d): Decimal(v) for d, v in list(csv.reader(file))[1:] if v}
    document = parse((captures() / "RWTCd_release-2025-01-23.xls").read_bytes())
    different = [o for o in document.series["RWTC"] if known.get(o.day) != o.value]
    assert [(str(o.day), known.get(o.day)) for o in different] == []
    assert rows(document)[8643][0] == "2020-04-20"
    assert rows(document)[8643][1] == "-36.98"


@pytest.mark.replay
def test_trap_06_the_blank_price_of_5_january_2018_is_left_out() -> None:
    document = parse((captures() / "RNGWHHDd_release-2026-08-19.xls").read_bytes(), "RNGWHHD")
    days = {o.day for o in document.series["RNGWHHD"]}
    assert date(2018, 1, 5) not in days
    assert {date(2018, 1, 4), date(2018, 1, 8)} <= days


@pytest.mark.replay
@pytest.mark.parametrize("seed", range(60))
def test_a_captured_workbook_cut_anywhere_is_refused_or_has_lost_nothing(
    seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    body = (captures() / "RWTCd_release-2018-08-15.xls").read_bytes()
    end = random.Random(seed).randrange(len(body))
    with contextlib.suppress(Malformed):
        assert len(parse(body[:end]).series["RWTC"]) == 8225
    capfd.readouterr()


def test_trap_40_the_newest_day_is_that_of_the_rows_whatever_the_stamps_say() -> None:
    document = parse(workbook(rows=ROWS[:2], next_release="1/6/2027"))  # "Release Date: 4/22/2020", rows to 17 April
    assert rows(document)[-1] == ("2020-04-17", "18")
