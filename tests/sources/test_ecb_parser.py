"""The ECB's files: read by name, and refused when they are anything else."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conftest import UPSTREAMS, absent, at
from ticker.errors import Malformed
from ticker.sources.ecb import DAILY, HISTORY, NINETY_DAYS, SOURCE
from ticker.sources.source import Document, Need, Request

FEED = SOURCE.feeds[0]
WANTED = frozenset(("USD", "GBP", "INR"))
ENVELOPE = (
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
)
DAILY_BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
{ENVELOPE}
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
\t\t<Cube time='2024-02-27'>
\t\t\t<Cube currency='USD' rate='1.0856'/>
\t\t\t<Cube currency='GBP' rate='0.85620'/>
\t\t\t<Cube currency='INR' rate='90.0000'/>
\t\t</Cube>
\t</Cube>
</gesmes:Envelope>"""
NINETY_BODY = (
    f'<?xml version="1.0" encoding="UTF-8"?>{ENVELOPE}<gesmes:subject>Reference rates</gesmes:subject><Cube>'
    '<Cube time="2024-02-27"><Cube currency="USD" rate="1.0856"/><Cube currency="GBP" rate="0.8562"/>'
    '<Cube currency="INR" rate="90"/></Cube>'
    '<Cube time="2024-02-26"><Cube currency="USD" rate="1.0852"/><Cube currency="GBP" rate="0.85505"/>'
    '<Cube currency="INR" rate="89.97"/></Cube></Cube></gesmes:Envelope>'
)
CSV = (
    "Date,USD,JPY,CYP,GBP,ILS,INR,\n"
    "2024-02-27,1.0856,163.04,N/A,0.8562,3.9,90,\n"
    "2024-02-26,1.0852,163.3,N/A,0.85505,3.95,89.97,\n"
    "2008-12-31,1.3917,126.14,N/A,0.9525,5.2780,N/A,\n"
)


def zipped(text: str | bytes, name: str = "eurofxref-hist.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 15, 56, 0)), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def parse(request: Request, body: str | bytes, codes: frozenset[str] = WANTED) -> Document:
    return FEED.parse(request, body.encode() if isinstance(body, str) else body, codes)


def rows(document: Document) -> dict[str, list[tuple[str, str]]]:
    return {code: [(str(o.day), str(o.value)) for o in found] for code, found in document.series.items()}


def refused(request: Request, body: str | bytes) -> str:
    with pytest.raises(Malformed) as wrong:
        parse(request, body)
    return str(wrong.value)


FROM_CSV = {
    "USD": [("2008-12-31", "1.3917"), ("2024-02-26", "1.0852"), ("2024-02-27", "1.0856")],
    "GBP": [("2008-12-31", "0.9525"), ("2024-02-26", "0.85505"), ("2024-02-27", "0.8562")],
    "INR": [("2024-02-26", "89.97"), ("2024-02-27", "90")],
}


def test_the_daily_file_keeps_its_trailing_zeros() -> None:
    document = parse(DAILY, DAILY_BODY)
    assert rows(document) == {
        "USD": [("2024-02-27", "1.0856")], "GBP": [("2024-02-27", "0.85620")], "INR": [("2024-02-27", "90.0000")]
    }  # fmt: skip
    assert not document.whole
    assert not document.missing


def test_trap_25_ninety_days_in_other_quotation_marks_come_out_oldest_first() -> None:
    document = parse(NINETY_DAYS, NINETY_BODY)
    assert rows(document)["GBP"] == [("2024-02-26", "0.85505"), ("2024-02-27", "0.8562")]
    assert not document.whole


def test_trap_14_of_two_rates_for_one_day_none_is_chosen() -> None:
    line = "2024-02-26,1.0852,163.3,N/A,0.85505,3.95,89.97,\n"
    assert rows(parse(HISTORY, zipped(CSV + line))) == FROM_CSV
    assert "two figures for 2024-02-26" in refused(HISTORY, zipped(CSV + line.replace("1.0852", "1.0862")))
    twice = DAILY_BODY.replace("<Cube currency='GBP'", "<Cube currency='USD' rate='1.0866'/><Cube currency='GBP'")
    assert "two figures for 2024-02-27" in refused(DAILY, twice)


def test_trap_24_the_history_with_its_trailing_commas_is_whole() -> None:
    document = parse(HISTORY, zipped(CSV))
    assert rows(document) == FROM_CSV
    assert document.whole


@pytest.mark.parametrize("seed", range(5))
def test_trap_22_and_23_the_order_of_columns_and_rows_does_not_matter(seed: int) -> None:
    head, *body = [line.split(",")[:-1] for line in CSV.splitlines()]
    chance = random.Random(seed)
    order = list(range(1, len(head)))
    chance.shuffle(order)
    chance.shuffle(body)
    shuffled = "".join(",".join([line[0], *(line[at] for at in order), ""]) + "\n" for line in [head, *body])
    assert shuffled != CSV
    assert rows(parse(HISTORY, zipped(shuffled))) == FROM_CSV


@pytest.mark.parametrize(
    ("request_", "body", "text"),
    [(DAILY, lambda t: t, DAILY_BODY), (NINETY_DAYS, lambda t: t, NINETY_BODY), (HISTORY, zipped, CSV)],
    ids=["daily", "90 days", "history"],
)
def test_trap_29_a_byte_order_mark_and_crlf_change_nothing(request_: Request, body: type[bytes], text: str) -> None:
    plain = parse(request_, body(text))  # type: ignore[arg-type]
    assert parse(request_, body(b"\xef\xbb\xbf" + text.encode())) == plain
    assert parse(request_, body(text.replace("\n", "\r\n").encode())) == plain


@pytest.mark.parametrize("request_", [DAILY, NINETY_DAYS, HISTORY], ids=["daily", "90 days", "history"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<!DOCTYPE html><html><head><title>Request Rejected</title></head><body>The requested URL was</body></html>",
        b"<html><body><Cube time='2024-02-27'><Cube currency='USD' rate='1.1'/></Cube></body></html>",
        b"\x00" * 4096,
        bytes(random.Random(7).randbytes(4096)),
    ],
    ids=["empty", "blank", "html", "well-formed html", "zeros", "noise"],
)
def test_what_is_no_file_of_the_ecb_is_refused(request_: Request, body: bytes) -> None:
    assert refused(request_, body)


@pytest.mark.parametrize(
    ("request_", "body"),
    [(DAILY, DAILY_BODY.encode()), (NINETY_DAYS, NINETY_BODY.encode()), (HISTORY, zipped(CSV))],
    ids=["daily", "90 days", "history"],
)
def test_cut_at_any_byte_it_is_refused(request_: Request, body: bytes) -> None:
    parse(request_, body)
    for end in range(len(body)):
        refused(request_, body[:end])


def test_a_csv_cut_anywhere_is_refused_or_lacks_whole_lines_only() -> None:
    whole = parse(HISTORY, zipped(CSV)).series
    for end in range(len(CSV)):
        try:
            found = parse(HISTORY, zipped(CSV[:end])).series
        except Malformed:
            continue
        assert end >= CSV.rindex("2024-02-26") - 1  # not before the first row is whole
        for code, series in found.items():
            assert set(series) <= set(whole[code])
        assert len({o.day for series in found.values() for o in series}) >= CSV[:end].count(",\n") - 1


@pytest.mark.parametrize("seed", range(4))
def test_an_archive_with_a_flipped_byte_is_refused_or_says_the_same(seed: int) -> None:
    good, chance = zipped(CSV), random.Random(seed)
    right = parse(HISTORY, good)
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] = chance.randrange(256)
        with contextlib.suppress(Malformed):
            assert parse(HISTORY, bytes(bad)) == right


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gesmes:Envelope", "gesmes:Envelop"),
        ("http://www.gesmes.org/xml/2002-08-01", "http://www.gesmes.org/xml/2032-08-01"),
        ("http://www.ecb.int/vocabulary/2002-08-01/eurofxref", "http://www.ecb.int/other"),
        ("2024-02-27", "27.02.2024"),
        ("2024-02-27", "2024-02-30"),
        ("2024-02-27", "2024-2-27"),
        ("1.0856", "1,0856"),
        ("1.0856", "1.0856e0"),
        ("1.0856", "1.08.56"),
        ("1.0856", "1.0856 USD"),
        ("1.0856", "1."),
        ("1.0856", "Infinity"),
        ("rate='1.0856'", "value='1.0856'"),
        ("'USD'", "'US Dollar'"),
        ("'USD'", "'usd'"),
    ],
)
def test_one_wrong_thing_in_the_xml_refuses_all_of_it(old: str, new: str) -> None:
    assert old in DAILY_BODY
    assert refused(DAILY, DAILY_BODY.replace(old, new))


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert refused(DAILY, DAILY_BODY.replace("?>\n", f"?>\n{bomb}\n", 1).replace("Reference", "&b;"))
    outside = '<!DOCTYPE x SYSTEM "file:///etc/hostname">'
    assert refused(DAILY, DAILY_BODY.replace("?>\n", f"?>\n{outside}\n", 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Date,", "Day,"),
        ("Date,USD", "USD,Date"),
        ("JPY", "USD"),
        ("JPY", "Yen"),
        ("0.85505", '"0,85505"'),
        ("0.85505", "0,85505"),
        ("0.85505", "8.5505e-1"),
        ("0.85505", "0.855.05"),
        ("0.85505", "0.855 05"),
        ("2024-02-26", "26 February 2024"),
        ("2024-02-26", ""),
        ("2024-02-26,1.0852", "2024-02-26"),
        ("89.97,\n", "89.97,,\n"),
        ("89.97,\n", "89.97\n"),
        ("2024-02-26", '2024-02-26"'),
        ("2024-02-26", '"2024-02-26'),
    ],
)
def test_one_wrong_thing_in_the_csv_refuses_all_of_it(old: str, new: str) -> None:
    assert old in CSV
    assert refused(HISTORY, zipped(CSV.replace(old, new, 1)))


@pytest.mark.parametrize(
    "name", ["eurofxref.csv", "../eurofxref-hist.csv", "eurofxref-hist.csv/", "EUROFXREF-HIST.CSV"]
)
def test_trap_30_an_archive_of_another_file_is_refused(name: str) -> None:
    assert "archive holds" in refused(HISTORY, zipped(CSV, name))


def test_an_archive_of_two_files_is_refused() -> None:
    packed = io.BytesIO(zipped(CSV))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("readme.txt", "x")
    assert "archive holds" in refused(HISTORY, packed.getvalue())


def test_trap_30_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zipped(CSV.encode() + b"\n" * 30_000_000)
    assert len(bomb) < 100_000
    assert "unpacks to more than" in refused(HISTORY, bomb)


def test_an_archive_in_latin_letters_is_refused() -> None:
    assert refused(HISTORY, zipped(CSV.encode() + b"2024-02-25,\xe4,1,1,1,1,1,\n"))


def test_trap_31_a_currency_that_is_not_there_is_said_to_be_missing() -> None:
    codes = WANTED | {"BRL"}
    assert parse(DAILY, DAILY_BODY, codes).missing == {"BRL"}
    assert parse(HISTORY, zipped(CSV), codes).missing == {"BRL"}


def test_trap_31_a_currency_whose_column_is_all_blank_is_missing_too() -> None:
    assert parse(HISTORY, zipped(CSV), frozenset(("USD", "CYP"))).missing == {"CYP"}


def test_a_file_with_nothing_that_we_want_is_refused() -> None:
    with pytest.raises(Malformed, match="none of BRL"):
        parse(DAILY, DAILY_BODY, frozenset(("BRL",)))


def test_a_file_without_days_is_refused() -> None:
    assert refused(DAILY, f"{ENVELOPE}<Cube></Cube></gesmes:Envelope>")
    assert refused(HISTORY, zipped("Date,USD,GBP,INR,\n"))


def captured(name: str) -> bytes:
    file = UPSTREAMS / "captures" / "ecb" / name
    if not file.is_file():
        absent("the ECB's captured files are not in ../shared/upstreams/captures")
    return file.read_bytes()


@pytest.mark.replay
def test_captured_daily_files() -> None:
    document = parse(DAILY, captured("eurofxref-daily_2024-02-27.xml"))
    assert rows(document)["GBP"] == [("2024-02-27", "0.85620")]
    assert rows(document)["USD"] == [("2024-02-27", "1.0856")]
    june = parse(DAILY, captured("eurofxref-daily_2024-06-26.xml"))
    assert {o.day for series in june.series.values() for o in series} == {date(2024, 6, 26)}


@pytest.mark.replay
def test_captured_ninety_days_agree_with_the_daily_file() -> None:
    ninety = parse(NINETY_DAYS, captured("eurofxref-hist-90d_2024-02-27.xml"))
    daily = parse(DAILY, captured("eurofxref-daily_2024-02-27.xml"))
    for code in WANTED:
        days = [o.day for o in ninety.series[code]]
        assert days == sorted(set(days))
        assert len(days) > 55
        assert ninety.series[code][-1] == daily.series[code][-1]


@pytest.mark.replay
def test_the_captured_daily_csv_is_another_format_and_refused() -> None:
    text = captured("eurofxref_2026-04-13.csv")
    assert refused(HISTORY, zipped(text, "eurofxref.csv"))
    assert refused(HISTORY, zipped(text))
    assert refused(DAILY, text)


@pytest.mark.replay
def test_all_history_since_1999_is_read() -> None:
    file = UPSTREAMS / "series" / "eurofxref-hist.zip"
    if not file.is_file():
        absent("the ECB's history is not in ../shared/upstreams/series")
    document = parse(HISTORY, file.read_bytes())
    assert document.series["USD"][0].day == date(1999, 1, 4)
    assert document.series["INR"][0].day == date(2009, 1, 2)
    assert document.series["USD"][-1].value == Decimal("1.1684")
    assert not document.missing


@pytest.mark.parametrize(
    ("now", "newest", "days_since_whole", "wanted"),
    [
        ("2026-03-19T15:05", None, 1, HISTORY),
        ("2026-03-19T15:05", "2026-03-18", None, HISTORY),
        ("2026-03-19T15:05", "2026-03-18", 1, DAILY),
        ("2026-03-19T15:05", "2026-03-18", 7, HISTORY),
        ("2026-03-19T15:05", "2026-03-17", 1, NINETY_DAYS),
        ("2026-03-19T08:00", "2026-03-17", 1, NINETY_DAYS),
        ("2026-03-21T08:00", "2026-03-19", 1, DAILY),  # Saturday
        ("2026-04-07T14:05", "2026-04-02", 1, DAILY),  # Easter lies between
        ("2026-04-07T14:05", "2026-04-01", 1, NINETY_DAYS),
        ("2026-04-07T14:05", "2026-01-10", 1, HISTORY),
    ],
)
def test_the_shortest_file_that_leaves_no_gap_is_asked_for(
    now: str, newest: str | None, days_since_whole: int | None, wanted: Request
) -> None:
    moment = at(now)
    whole_at = moment - timedelta(days_since_whole) if days_since_whole is not None else None
    need = Need(WANTED, date.fromisoformat(newest) if newest else None, whole_at)
    assert FEED.plan(need, moment) == wanted
