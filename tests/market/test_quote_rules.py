"""Quotes: which day is compared with which, and when a chain moves on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.market.history import PUBLISHERS, instrument, observations
from ticker.market.instrument import Instrument
from ticker.market.observation import Figures, Standing
from ticker.market.quote import Quote, quote

MORNING = datetime(2026, 3, 19, 12, tzinfo=UTC)  # Thursday; the ECB's Wednesday is out, EIA's workbook has Monday


def at(found: Instrument, figures: Figures, now: datetime = MORNING) -> Quote:
    return quote(found, figures, PUBLISHERS, now, {})


def test_without_data_there_is_a_quote_of_nothing() -> None:
    found = at(instrument("eia: RWTC"), {})
    assert (found.latest, found.previous, found.change, found.change_percent, found.direction, found.since) == (
        None,
    ) * 6
    assert found.freshness == "empty"
    assert found.standing.next_due == datetime(2026, 3, 19, 13, tzinfo=UTC)
    assert found.line == ()


def test_a_first_figure_has_no_change() -> None:
    found = at(instrument("eia: RWTC"), {"eia:RWTC": observations(("2026-03-17", "96.01"))})
    assert found.latest is not None
    assert (found.previous, found.change, found.direction, found.since) == (None,) * 4


@pytest.mark.parametrize(
    ("chain", "previous", "latest", "since"),
    [
        ("eia: RWTC", "2026-03-17", "2026-03-18", None),
        ("eia: RWTC", "2026-03-16", "2026-03-18", "2026-03-16"),
        ("eia: RWTC", "2026-03-13", "2026-03-16", None),
        ("eia: RWTC", "2026-02-13", "2026-02-17", None),  # Presidents' Day
        (
            "eia: RWTC",
            "2025-12-24",
            "2025-12-29",
            None,
        ),  # a bridge, the Friday after Christmas, has a price in some years
        ("eia: RWTC", "2025-12-23", "2025-12-29", "2025-12-23"),
        ("eia: RBRTE", "2026-04-02", "2026-04-07", None),  # Good Friday and Easter Monday
        ("eia: RWTC", "2026-04-02", "2026-04-07", "2026-04-02"),  # which is no holiday in Oklahoma
        ("eia: EMM_EPMR_PTE_NUS_DPG", "2026-03-09", "2026-03-16", None),
        ("eia: EMM_EPMR_PTE_NUS_DPG", "2026-03-02", "2026-03-16", "2026-03-02"),
        ("ecb: USD", "2026-03-13", "2026-03-16", None),
        ("ecb: USD", "2026-03-12", "2026-03-16", "2026-03-12"),
        ("ecb: USD", "2026-04-02", "2026-04-07", None),
        ("ecb: USD", "2025-12-24", "2025-12-29", None),
    ],
)
def test_a_gap_is_named_and_a_holiday_is_none(chain: str, previous: str, latest: str, since: str | None) -> None:
    series = instrument(chain).chain[0].series[0]
    found = at(instrument(chain), {series: observations((previous, "1.5"), (latest, "1.6"))})
    assert found.since == (date.fromisoformat(since) if since else None)


@pytest.mark.parametrize(
    ("chain", "previous", "latest", "ahead", "record"),
    [
        ("eia: RBRTE", "2020-07-02", "2020-07-06", "2020-07-02", None),  # London traded on the American holiday
        ("eia: RBRTE", "2020-12-24", "2020-12-29", "2020-12-24", None),  # New York on the English one
        ("eia: RBRTE", "2026-04-02", "2026-04-06", None, None),  # Good Friday
        ("eia: RWTC", "2025-12-24", "2025-12-29", "2025-12-24", None),  # a bridge
        ("eia: RWTC", "2026-02-13", "2026-02-17", None, None),
    ],
)
def test_ahead_of_the_record_a_holiday_that_may_have_a_price_is_a_gap(
    chain: str, previous: str, latest: str, ahead: str | None, record: str | None
) -> None:
    series = instrument(chain).chain[0].series[0]
    for standing, since in ((Standing.EARLY, ahead), (Standing.FINAL, record)):
        held = [replace(o, standing=standing) for o in observations((previous, "1.5"), (latest, "1.6"))]
        found = at(instrument(chain), {series: tuple(held)})
        assert found.since == (since and date.fromisoformat(since)), standing


def test_the_line_of_a_cross_is_judged_by_the_days_both_have() -> None:
    figures = {
        "ecb:USD": observations(("2026-03-16", "1.1"), ("2026-03-17", "1.2"), ("2026-03-18", "1.3")),
        "ecb:GBP": observations(("2026-03-16", "0.8"), ("2026-03-18", "0.9")),
    }
    found = at(instrument("ecb: USD / GBP", decimals=4), figures)
    assert found.since == date(2026, 3, 16)
    assert found.previous is not None
    assert found.previous.value == Decimal("1.3750")


CHAIN = ("eia: RWTC", "ecb: USD")
GOOD = {"eia:RWTC": observations(("2026-03-13", "90"), ("2026-03-16", "91"))}
LATE = {"eia:RWTC": observations(("2026-03-06", "90"), ("2026-03-09", "91"))}  # for a Friday: one workbook is overdue
STALE = {"eia:RWTC": observations(("2026-02-27", "90"), ("2026-03-02", "91"))}
FRIDAY = datetime(2026, 3, 20, 12, tzinfo=UTC)
FRESH_OTHER = {"ecb:USD": observations(("2026-03-18", "1.1"), ("2026-03-19", "1.2"))}
OLD_OTHER = {"ecb:USD": observations(("2026-02-26", "1.1"), ("2026-02-27", "1.2"))}


@pytest.mark.parametrize(
    ("first", "second", "source", "freshness"),
    [
        (GOOD, FRESH_OTHER, "eia", "current"),
        (LATE, FRESH_OTHER, "ecb", "current"),
        (LATE, OLD_OTHER, "eia", "late"),
        (LATE, {}, "eia", "late"),
        (STALE, FRESH_OTHER, "ecb", "current"),
        (STALE, OLD_OTHER, "eia", "stale"),
        (STALE, {}, "eia", "stale"),
        ({}, FRESH_OTHER, "ecb", "current"),
        ({}, OLD_OTHER, "ecb", "stale"),
        ({}, {}, "eia", "empty"),
    ],
)
def test_a_chain_moves_on_only_when_it_should(first: Figures, second: Figures, source: str, freshness: str) -> None:
    found = at(instrument(*CHAIN), {**first, **second}, FRIDAY)
    assert (found.publisher.key, found.freshness) == (source, freshness)


def test_change_is_never_between_two_sources() -> None:
    found = at(instrument(*CHAIN), {**STALE, **FRESH_OTHER}, FRIDAY)
    assert [str(o.value) for o in found.line] == ["1.10", "1.20"]
    assert found.change == Decimal("0.10")
    assert found.link.series == ("ecb:USD",)


@pytest.mark.parametrize(("said", "day"), [("2026-03-19T12:00", "2026-03-19"), ("2026-03-20T23:30", "2026-03-23")])
def test_the_next_day_is_the_publishers(said: str, day: str) -> None:
    now = datetime.fromisoformat(said).replace(tzinfo=UTC)
    assert at(instrument("ecb: USD"), {}, now).next_day == date.fromisoformat(day)
