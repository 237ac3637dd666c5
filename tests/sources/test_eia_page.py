"""EIA's morning page: the newest close of two crude oils, and nothing else of what stands there."""

from __future__ import annotations

from datetime import date

import pytest

from tests.conftest import UPSTREAMS, absent
from ticker.errors import Malformed
from ticker.market.observation import Standing
from ticker.sources.eia import SOURCE
from ticker.sources.source import Document, Request

FEED = next(feed for feed in SOURCE.feeds if feed.key == "prices")
CODES = frozenset(("RWTC", "RBRTE"))
TABLE = """<table summary="Spot Petroleum Prices" class="t2 basic-table">
<tr class="prices_table_title"> <td colspan="4"> <b>Wholesale Spot Petroleum Prices, 9/21/26 Close</b> </td> </tr>
<tr valign="top"> <td class="s1" rowspan="3">Crude Oil<br> ($/barrel)</td>
<td class="s2">WTI</td> <td class="d1">96.97</td> <td class="dn">-4.4</td> </tr>
<tr> <td class="s2">Brent</td> <td class="d1">116.15</td> <td class="dn">-2.9</td> </tr>
</table>
"""
RETAIL = """<b> Retail Petroleum Prices (<a href="http://www.fuelgaugereport.com/">AAA</a>), 9/20/26 ($/gallon) </b>
<table><tr><td class="s2">WTI</td> <td class="d1">3.21</td></tr>
<tr><td class="s2">Brent</td> <td class="d1">3.2</td></tr></table>
"""
PAGE = TABLE + RETAIL


def parse(text: str, codes: frozenset[str] = CODES) -> Document:
    return FEED.parse(Request("https://www.eia.gov/todayinenergy/prices.php", "*/*", 10**6), text.encode(), codes)


def read(text: str, codes: frozenset[str] = CODES) -> dict[str, tuple[date, str]]:
    found = parse(text, codes).series
    assert all(len(series) == 1 and series[0].standing is Standing.EARLY for series in found.values())
    return {code: (series[0].day, str(series[0].value)) for code, series in found.items()}


RIGHT = {"RWTC": (date(2026, 9, 21), "96.97"), "RBRTE": (date(2026, 9, 21), "116.15")}


def test_the_two_closes_are_read_for_the_day_of_the_headline_and_are_early() -> None:
    assert read(PAGE) == RIGHT
    assert not parse(PAGE).whole
    assert FEED.standing is Standing.EARLY


def test_only_what_is_wanted_is_read() -> None:
    assert set(read(PAGE, frozenset(("RBRTE",)))) == {"RBRTE"}


@pytest.mark.replay
def test_the_captured_page() -> None:
    file = UPSTREAMS / "captures" / "eia" / "todayinenergy-prices_TRIMMED_2026-09-23.html"
    if not file.is_file():
        absent("EIA's captured page is not in ../shared/upstreams/captures")
    assert read(file.read_text()) == RIGHT


def test_what_stands_before_the_table_does_not_matter() -> None:
    before = "<h1>Wholesale and retail prices</h1><table><tr><td>Wholesale electricity</td></tr></table>"
    assert read(before + PAGE) == RIGHT


def test_brent_without_a_price_is_left_out() -> None:
    text = PAGE.replace('"d1">116.15</td> <td class="dn">-2.9', '"d1">NA</td> <td class="nc">NA')
    assert read(text) == {"RWTC": RIGHT["RWTC"]}


def test_trap_01_a_negative_close_keeps_its_sign() -> None:
    assert read(PAGE.replace("96.97", "-36.98"))["RWTC"] == (date(2026, 9, 21), "-36.98")


def test_another_headline_is_another_day() -> None:
    assert read(PAGE.replace("9/21/26", "12/31/25"))["RWTC"] == (date(2025, 12, 31), "96.97")


def test_the_percent_column_and_the_retail_block_are_never_read() -> None:
    assert read(PAGE.replace("-4.4", "97.97").replace("-2.9", "117.15")) == RIGHT
    assert read(TABLE) == RIGHT
    assert read(PAGE.replace("9/20/26", "9/22/26")) == RIGHT


def test_cut_anywhere_it_is_refused_or_right() -> None:
    refusals = 0
    for end in range(len(PAGE)):
        try:
            assert read(PAGE[:end]) == RIGHT
            assert end >= len(TABLE) - 1
        except Malformed:
            refusals += 1
    assert refusals == len(TABLE) - 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("9/21/26", "9/21"),
        ("9/21/26", "13/21/26"),
        ("9/21/26", "2/30/26"),
        ("9/21/26 Close", "9/21/26"),
        ("Wholesale Spot", "Wholesale Futures"),
        ("($/barrel)", "($/gallon)"),
        ("($/barrel)", ""),
        ('<td class="s2">WTI</td>', '<td class="s2">Dubai</td>'),
        ('<td class="s2">Brent</td>', '<td class="s2">WTI</td>'),
        ('<td class="d1">96.97</td>', '<td class="up">96.97</td>'),
        ("96.97", "96,97"),
        ("96.97", "$96.97"),
        ("96.97", "96."),
        ("96.97", "<b>96.97</b>"),
        ("96.97", "1,096.97"),
    ],
)
def test_one_wrong_thing_refuses_the_page(old: str, new: str) -> None:
    assert old in TABLE
    with pytest.raises(Malformed):
        parse(PAGE.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "<html>Request Rejected</html>", TABLE + TABLE, RETAIL])
def test_no_table_or_two_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match="no table"):
        parse(text)
