"""History as it is answered: every figure that is held, and one set of numbers with the quotes."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.web.conftest import Site


def asked(site: Site, address: str) -> dict[str, Any]:
    answer = site.get(f"/v1/history/{address}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


@pytest.mark.parametrize("key", ["wti", "gasoline", "natgas", "gbpusd", "usdinr"])
def test_its_end_is_the_quote_digit_for_digit(site: Site, key: str) -> None:
    history, quote = asked(site, key), json.loads(site.get(f"/v1/quotes/{key}").text)
    assert history["observations"][-1] == [quote["as_of"], quote["value"]]
    assert history["observations"][-2] == list(reversed(list(quote["previous"].values())))
    assert (history["key"], history["unit"], history["source"]) == (key, quote["unit"], quote["source"])
    assert (history["from"], history["to"]) == (history["observations"][0][0], quote["as_of"])


def test_nothing_is_thinned_and_the_csv_says_the_same(site: Site) -> None:
    history = asked(site, "wti")
    assert len(history["observations"]) > 2400
    answer = site.get("/v1/history/wti.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["day", "value", "source"]
    assert [row[:2] for row in rows[1:]] == history["observations"]
    assert {row[2] for row in rows[1:]} == {"eia"}
    assert dict(history["observations"])["2020-04-20"] == "-36.98"
    assert (
        answer.headers["Link"]
        == f'<{history["source"]["url"]}>; rel="via", <{history["source"]["terms"]}>; rel="license"'
    )


def test_a_cross_is_the_quotient_of_its_two_series_every_day(site: Site) -> None:
    with site.parts.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT series, day, value FROM observation WHERE series IN ('ecb:USD', 'ecb:GBP')"
        )
        rates = {(series, day): Decimal(value) for series, day, value in rows}
    for day, value in asked(site, "gbpusd")["observations"]:
        assert abs(rates["ecb:USD", day] / rates["ecb:GBP", day] - Decimal(value)) <= Decimal("0.00005")


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("range=1m", "2026-03-13", "2026-04-13"),
        ("range=1y", "2025-04-14", "2026-04-13"),
        ("from=2020-01-01&to=2020-12-31", "2020-01-02", "2020-12-31"),
        ("from=2026-04-10", "2026-04-10", "2026-04-13"),
        ("to=2016-04-05", "2016-04-01", "2016-04-05"),
    ],
)
def test_spans(site: Site, query: str, first: str | None, last: str | None) -> None:
    history = asked(site, f"gbpusd?{query}")
    assert (history["from"], history["to"]) == (first, last)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("gold", 404, "Allowed: wti"),
        ("wti?range=2y", 400, "Allowed: 1m, 3m, 6m, 1y, 5y, max"),
        ("wti?range=1y&from=2020-01-01", 400, "either range, or from and to"),
        ("wti?from=yesterday", 400, "a day from 2016-04-01 to 2026-04-14, such as 2026-04-10"),
        ("wti?from=2026-W10-1", 400, "a day from 2016-04-01 to 2026-04-14, such as 2026-04-10"),
        ("wti?from=20200101", 400, "a day from 2016-04-01 to 2026-04-14, such as 2026-04-10"),
        ("wti?from=2016-03-31", 400, "a day from 2016-04-01 to 2026-04-14"),
        ("wti?to=2026-04-15", 400, "a day from 2016-04-01 to 2026-04-14"),
        ("wti?from=2020-01-02&to=2020-01-01", 400, "a day that is not before from, 2020-01-02"),
        ("wti?format=csv", 400, "the parameters of this address are: from, to, range"),
    ],
)
def test_mistakes_are_problem_details(site: Site, address: str, status: int, said: str) -> None:
    answer = site.get(f"/v1/history/{address}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert said in json.loads(answer.text)["detail"]


def test_a_new_figure_is_in_it_at_once(site: Site) -> None:
    etag = site.get("/v1/history/wti").headers["ETag"]
    site.publish("eia:RWTC", date(2026, 4, 13), "101.5")
    site.look_again()
    assert asked(site, "wti")["observations"][-1] == ["2026-04-13", "101.50"]
    assert site.get("/v1/history/wti", If_None_Match=etag).status_code == 200
