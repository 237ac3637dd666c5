"""The reserves: Bank of Canada, Frankfurter, FRED and EIA's API; read by name, and refused when they are otherwise."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import UPSTREAMS, absent, at
from ticker.errors import Malformed
from ticker.market.observation import Series
from ticker.sources import SOURCES, boc, eiaapi, frankfurter, fred
from ticker.sources.source import Document, Feed, Need, Request, Source

NOW = at("2026-03-18T22:00")
CAPTURES = UPSTREAMS / "captures"


def feed_of(source: Source, code: str) -> Feed:
    return next(feed for feed in source.feeds if feed.serves(code))


def read(source: Source, body: str | bytes, *codes: str, whole: bool = True) -> Document:
    feed, wanted = feed_of(source, codes[0]), frozenset(codes)
    need = Need(wanted, None, None) if whole else Need(wanted, date(2026, 3, 17), NOW - timedelta(hours=1))
    return feed.parse(feed.plan(need, NOW), body.encode() if isinstance(body, str) else body, wanted)


def rows(document: Document) -> dict[str, list[tuple[str, str]]]:
    return {code: [(str(o.day), str(o.value)) for o in found] for code, found in document.series.items()}


VALET = """{"groupDetail": {"label": "Daily exchange rates"}, "observations": [
 {"d": "2026-03-17", "FXUSDCAD": {"v": "1.3698"}, "FXINRCAD": {"v": "0.01480"}, "FXGBPCAD": {"v": "1.8264"}},
 {"d": "2026-03-18", "FXINRCAD": {"v": "0.01475"}, "FXUSDCAD": {"v": "1.3706"}}]}"""
V1 = """{"amount":1.0,"base":"EUR","start_date":"2026-03-17","end_date":"2026-03-18","rates":{
 "2026-03-17":{"GBP":0.8641,"USD":1.1512},"2026-03-18":{"GBP":0.86350,"INR":107,"USD":1.1535}}}"""
GRAPH = "observation_date,DCOILWTICO\n2020-04-17,18.31\n2020-04-20,-36.98\n2020-04-21,8.91\n2020-05-25,\n"
OLD_GRAPH = "DATE,DCOILWTICO\n2020-04-17,18.31\n2020-04-20,-36.98\n2020-04-21,8.91\n2020-05-25,.\n"
FRED_API = """{"realtime_start":"2026-03-19","units":"lin","count":3,"observations":[
 {"realtime_start":"2026-03-19","date":"2024-07-03","value":"2.02"},{"date":"2024-07-04","value":"."},
 {"date":"2024-07-05","value":"1.97"}]}"""
EIA_API = """{"response":{"total":"2","dateFormat":"YYYY-MM-DD","frequency":"daily","data":[
 {"period":"2020-04-21","series":"RWTC","value":"8.91","units":"$/BBL"},
 {"period":"2020-04-20","series":"RWTC","value":"-36.98","units":"$/BBL"}]},
 "request":{"params":{"api_key":"CANARY"}}}"""


def test_trap_26_the_bank_of_canadas_figures_keep_their_digits() -> None:
    found = read(boc.SOURCE, VALET, "FXUSDCAD", "FXINRCAD", "FXMXNCAD")
    assert rows(found) == {
        "FXUSDCAD": [("2026-03-17", "1.3698"), ("2026-03-18", "1.3706")],
        "FXINRCAD": [("2026-03-17", "0.01480"), ("2026-03-18", "0.01475")],
    }
    assert found.missing == {"FXMXNCAD"}
    assert found.whole


def test_frankfurters_figures_are_those_that_stand_there() -> None:
    found = read(frankfurter.SOURCE, V1, "USD", "GBP", "INR")
    assert rows(found) == {
        "USD": [("2026-03-17", "1.1512"), ("2026-03-18", "1.1535")],
        "GBP": [("2026-03-17", "0.8641"), ("2026-03-18", "0.86350")],
        "INR": [("2026-03-18", "107")],
    }


@pytest.mark.parametrize("body", [GRAPH, OLD_GRAPH])
def test_trap_23_freds_two_headers_and_its_two_words_for_nothing(body: str) -> None:
    found = read(fred.SOURCE, body, "DCOILWTICO")
    assert rows(found)["DCOILWTICO"] == [("2020-04-17", "18.31"), ("2020-04-20", "-36.98"), ("2020-04-21", "8.91")]


def test_trap_28_a_full_stop_of_freds_api_is_no_figure() -> None:
    assert rows(read(fred.KEYED, FRED_API, "DHHNGSP"))["DHHNGSP"] == [("2024-07-03", "2.02"), ("2024-07-05", "1.97")]


@pytest.mark.parametrize(
    ("source", "code", "body"), [(fred.SOURCE, "DCOILWTICO", GRAPH), (fred.KEYED, "DHHNGSP", FRED_API)]
)
def test_what_was_asked_for_from_a_day_on_is_not_all_there_is(source: Source, code: str, body: str) -> None:
    assert read(source, body, code).whole
    assert not read(source, body, code, whole=False).whole


@pytest.mark.parametrize(
    ("source", "code", "body", "row", "other"),
    [
        (boc.SOURCE, "FXUSDCAD", VALET, '{"d": "2026-03-17", "FXUSDCAD": {"v": "1.3698"}},', "1.3701"),
        (fred.SOURCE, "DCOILWTICO", GRAPH, "2020-04-20,-36.98\n", "-40.32"),
        (fred.KEYED, "DHHNGSP", FRED_API, '{"date":"2024-07-03","value":"2.02"},', "2.12"),
        (eiaapi.SOURCE, "RWTC", EIA_API, '{"period":"2020-04-20","series":"RWTC","value":"-36.98"},', "-40.32"),
    ],
    ids=["boc", "fred", "fredapi", "eiaapi"],
)
def test_trap_14_of_two_figures_for_one_day_none_is_chosen(
    source: Source, code: str, body: str, row: str, other: str
) -> None:
    """Such as a bid and an ask, or two bulletins of a day. The same figure twice is no contradiction."""
    at = body.index("2020-04-17") if row.endswith("\n") else body.index("[") + 1
    once = rows(read(source, body, code))
    assert rows(read(source, body[:at] + row + body[at:], code)) == once
    value = row.rsplit(",", 1)[1].strip() if row.endswith("\n") else row.rsplit('"', 2)[1]
    with pytest.raises(Malformed, match="two figures for 20"):
        read(source, body[:at] + row.replace(value, other) + body[at:], code)


def test_trap_14_a_name_that_stands_twice_is_no_choice_either() -> None:
    other = V1.replace('"rates":{', '"rates":{"2026-W12-3":{"USD":1.1612},')  # the same day, written otherwise
    with pytest.raises(Malformed, match="two figures for 2026-03-18"):
        read(frankfurter.SOURCE, other, "USD")
    twice = V1.replace('"rates":{', '"rates":{"2026-03-18":{"USD":1.1612},')
    with pytest.raises(Malformed, match="twice"):
        read(frankfurter.SOURCE, twice, "USD")


def test_trap_22_eias_api_answers_newest_first() -> None:
    assert rows(read(eiaapi.SOURCE, EIA_API, "RWTC"))["RWTC"] == [("2020-04-20", "-36.98"), ("2020-04-21", "8.91")]


def test_trap_12_every_reserve_is_turned_the_right_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """All entries of one chain agree on the newest day within one percent: none is upside down or of another unit."""
    from ticker import catalog
    from ticker.market.figures import line

    figures: dict[str, Series] = {}
    for key, source in SOURCES.items():
        for feed in source.feeds:
            wanted = [code for code in catalog.load().codes(key) if f"{key}:{code}" not in figures]
            codes = frozenset(filter(feed.serves, wanted))
            request = feed.plan(Need(codes, None, None), NOW)
            document = feed.parse(request, answered(request), codes) if codes else Document({})
            figures |= {f"{key}:{code}": series for code, series in document.series.items()}
    for i in catalog.load().instruments:
        shown = {link.entry: {o.day: o.value for o in line(i, link, figures)} for link in i.chain}
        days = set.intersection(*map(set, shown.values()))
        assert days, i.key
        values = [by_day[max(days)] for by_day in shown.values()]
        assert max(values) - min(values) <= max(values) / 100, (i.key, max(days), shown.keys(), values)


def answered(request: Request) -> bytes:
    """What the replayed source answers, with a key where it wants one."""
    from urllib.parse import parse_qsl, urlsplit

    from tests.market.history import worlds

    parts = urlsplit(request.url)
    body: bytes = worlds().answer(parts.hostname, parts.path, dict(parse_qsl(parts.query)) | {"api_key": "k"}, NOW).body
    return body


BAD: list[tuple[Source, str, str, str]] = [
    (boc.SOURCE, "FXUSDCAD", "<html>Request Rejected</html>", "a web page, not the JSON"),
    (boc.SOURCE, "FXUSDCAD", "", "an empty answer, not the JSON"),
    (boc.SOURCE, "FXUSDCAD", "[1]", "not the object"),
    (boc.SOURCE, "FXUSDCAD", '{"observations": []}', "no observations"),
    (boc.SOURCE, "FXUSDCAD", '{"message": "Series FXUSDCAD not found."}', "no observations"),
    (boc.SOURCE, "FXUSDCAD", '{"observations": [{"d": "2026-03-18", "FXUSDCAD": {"v": 1.37}}]}', "a figure reads"),
    (boc.SOURCE, "FXUSDCAD", '{"observations": [{"d": "18.3.2026", "FXUSDCAD": {"v": "1.37"}}]}', "is not a day"),
    (boc.SOURCE, "FXUSDCAD", '{"observations": [{"d": "2026-03-18", "FXGBPCAD": {"v": "1.8"}}]}', "none of FXUSDCAD"),
    (boc.SOURCE, "FXUSDCAD", VALET[: len(VALET) // 2], "not the JSON"),
    (frankfurter.SOURCE, "USD", V1.replace('"EUR"', '"USD"'), "not of 1 EUR"),
    (frankfurter.SOURCE, "USD", V1.replace("1.0,", "100,"), "not of 1 EUR"),
    (frankfurter.SOURCE, "USD", '{"message":"not found"}', "not of 1 EUR"),
    (frankfurter.SOURCE, "USD", V1.replace("1.1535", '"1.1535"'), "a figure reads"),
    (frankfurter.SOURCE, "USD", V1.replace("1.1535", "1e3"), "is not a figure"),
    (frankfurter.SOURCE, "USD", '{"amount":1.0,"base":"EUR","rates":[]}', "it has no rates"),
    (frankfurter.SOURCE, "USD", '{"amount":1.0,"base":"EUR","rates":{}}', "it has no rates"),
    (fred.SOURCE, "DCOILWTICO", GRAPH.replace("DCOILWTICO", "DCOILBRENTEU"), "not a CSV headed"),
    (fred.SOURCE, "DCOILWTICO", "<!DOCTYPE html><p>", "a web page, not a CSV headed"),
    (fred.SOURCE, "DCOILWTICO", GRAPH + "2020-05-26,1,2\n", "3 cells"),
    (fred.SOURCE, "DCOILWTICO", "observation_date,DCOILWTICO\n", "no figures"),
    (fred.KEYED, "DHHNGSP", '{"error_code":400}', "no observations"),
    (fred.KEYED, "DHHNGSP", FRED_API.replace('"lin"', '"pch"'), "in their own units"),
    (eiaapi.SOURCE, "RWTC", EIA_API.replace('"daily"', '"weekly"'), "no daily response"),
    (eiaapi.SOURCE, "RWTC", '{"response":{"frequency":"daily","total":"0","data":[]}}', "no rows"),
    (eiaapi.SOURCE, "RWTC", EIA_API.replace('"RWTC"', '"RBRTE"'), "not of RWTC"),
    (eiaapi.SOURCE, "RWTC", EIA_API.replace("$/BBL", "$/GAL"), "not of RWTC in $/BBL"),
]


@pytest.mark.parametrize(("source", "code", "body", "said"), BAD)
def test_trap_33_what_is_not_the_document_is_refused(source: Source, code: str, body: str, said: str) -> None:
    with pytest.raises(Malformed, match=said.replace("$", r"\$")):
        read(source, body, code)


@pytest.mark.parametrize("source", [boc.SOURCE, frankfurter.SOURCE, fred.SOURCE, fred.KEYED, eiaapi.SOURCE])
@given(body=st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["observations", "rates", "response", "data", "d", "v"]), inner, max_size=4),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_comes_is_a_document_or_refused(source: Source, body: bytes) -> None:
    code = {"boc": "FXUSDCAD", "frankfurter": "USD", "fred": "DCOILWTICO", "fredapi": "DCOILWTICO"}.get(
        source.key, "RWTC"
    )
    try:
        found = read(source, body, code)
    except Malformed:
        return
    assert all(found.series.values())


def test_an_answer_of_a_year_is_all_that_frankfurter_is_asked_for() -> None:
    """More than a year would be answered with a row a week."""
    plan = frankfurter.SOURCE.feeds[0].plan
    first: list[Request] = [
        plan(Need(frozenset("USD"), newest, whole), NOW)
        for newest, whole in ((None, None), (date(2019, 1, 2), NOW), (date(2026, 3, 17), None))
    ]
    for request in first:
        asked = date.fromisoformat(request.url.partition("/v1/")[2][:10])
        assert NOW.date() - asked <= timedelta(days=365)
    then = plan(Need(frozenset("USD"), date(2026, 3, 17), NOW), NOW)
    assert "2026-01-31.." in then.url


def test_the_days_of_a_fallback_are_asked_for_with_an_overlap() -> None:
    need = Need(frozenset(("FXUSDCAD",)), date(2026, 3, 17), NOW - timedelta(days=1))
    assert boc.SOURCE.feeds[0].plan(need, NOW).url.endswith("?start_date=2026-01-31")
    assert fred.SOURCE.feeds[0].plan(need, NOW).url.endswith("?id=DCOILWTICO&cosd=2026-01-16")
    assert "&start=2026-01-16" in eiaapi.SOURCE.feeds[0].plan(need, NOW).url
    assert "&observation_start=2026-01-16" in fred.KEYED.feeds[0].plan(need, NOW).url


def test_trap_18_the_bank_of_canada_is_not_awaited_on_a_day_that_it_may_be_closed() -> None:
    def released(day: str) -> Any:
        return boc.SCHEDULE.release(date.fromisoformat(day))

    assert released("2026-03-18") == (date(2026, 3, 18), date(2026, 3, 18))
    for closed in ("2026-02-16", "2026-04-03", "2026-05-18", "2026-07-01", "2026-08-03", "2026-09-30", "2026-12-28"):
        assert released(closed) is None


def test_trap_19_the_bank_of_canada_publishes_by_the_clock_of_toronto() -> None:
    """The clocks of Canada and Europe change on different Sundays."""

    def moment(day: str) -> datetime:
        return next(boc.SCHEDULE.after(at(f"{day}T12:00"))).moment

    assert moment("2026-03-06") == at("2026-03-06T21:30")
    assert moment("2026-03-09") == at("2026-03-09T20:30")
    assert moment("2026-11-02") == at("2026-11-02T21:30")


def test_the_captures_are_read() -> None:
    if not CAPTURES.is_dir():
        absent("the captures are not in ../shared/upstreams")
    body = (CAPTURES / "boc" / "FX_RATES_DAILY-sd-2026-03-12.json").read_bytes()
    found = rows(read(boc.SOURCE, body, "FXUSDCAD", "FXINRCAD"))
    assert found["FXUSDCAD"][-1] == ("2026-03-18", "1.3706")
    assert len(found["FXINRCAD"]) == 5
    for code in ("DCOILWTICO", "DCOILBRENTEU"):
        graph = (CAPTURES / "fred" / f"fredgraph_{code}_2020-01-02_2026-03-09.csv").read_bytes()
        assert rows(read(fred.SOURCE, graph, code))[code][0][0] == "2020-01-02"
    api = (CAPTURES / "fred" / "observations_DHHNGSP_2024-07-01_2024-07-10.json").read_bytes()
    assert len(rows(read(fred.KEYED, api, "DHHNGSP"))["DHHNGSP"]) == 7


def test_trap_27_a_decimal_comma_is_no_figure() -> None:
    for body in (GRAPH.replace("18.31", '"18,31"'), GRAPH.replace("18.31", '"1.234,56"')):
        with pytest.raises(Malformed, match="is not a figure"):
            read(fred.SOURCE, body, "DCOILWTICO")


def test_trap_21_the_day_in_the_answer_counts_not_the_day_that_was_asked_for() -> None:
    feed, codes = frankfurter.SOURCE.feeds[0], frozenset(("USD",))
    saturday = Request("https://api.frankfurter.dev/v1/2026-03-21..?base=EUR&symbols=USD", "", 1)
    body = b'{"amount":1.0,"base":"EUR","start_date":"2026-03-20","rates":{"2026-03-20":{"USD":1.15}}}'
    assert [str(o.day) for o in feed.parse(saturday, body, codes).series["USD"]] == ["2026-03-20"]
