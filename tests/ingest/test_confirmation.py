"""Confirmation: what is held reaches readers by a second answer, another publisher or the next day, or never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.conftest import at
from tests.sources.test_ecb_parser import ENVELOPE
from ticker.ingest.client import Answer, Client
from ticker.ingest.refresh import Line, Result, lines, refresh, when
from ticker.market.instrument import Catalog
from ticker.sources import SOURCES
from ticker.sources.source import Request
from ticker.store.engine import Store
from ticker.store.feeds import Validators, read_feed
from ticker.store.figures import span
from ticker.store.held import read_held

START = at("2026-03-16T16:00")  # a Monday, after the ECB's hour
RATES = {"USD": "1.1500", "GBP": "0.86500", "AUD": "1.6300", "CAD": "1.5700", "BRL": "6.0000", "MXN": "20.5000",
         "INR": "106.0000", "JPY": "182.0", "CNY": "7.9", "CHF": "0.9100", "SEK": "10.9", "KRW": "1700.0",
         "NZD": "1.95", "ZAR": "19.2", "PLN": "4.25"}  # fmt: skip


def xml(days: Mapping[str, Mapping[str, str]]) -> bytes:
    cubes = "".join(
        f"<Cube time='{day}'>" + "".join(f"<Cube currency='{c}' rate='{v}'/>" for c, v in rates.items()) + "</Cube>"
        for day, rates in days.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{ENVELOPE}<Cube>{cubes}</Cube></gesmes:Envelope>'.encode()


class Shelf(Client):
    """A client whose source has one body, and whatever was asked of it."""

    body = b""

    def fetch(self, request: Request, held: Validators, now: datetime) -> Answer:
        self.asked_with = held
        return Answer(self.body, Validators('"1"'))


@dataclass(frozen=True)
class Bank:
    """The ECB's daily file, of our making, read into a store that has a calm record of two months."""

    store: Store
    catalog: Catalog
    shelf: Shelf

    @property
    def line(self) -> Line:
        return next(found for found in lines(self.catalog, [SOURCES["ecb"]]))

    def says(self, now: datetime, days: Mapping[str, Mapping[str, str]]) -> Result:
        self.shelf.body = xml(days)
        # a document of days, whichever address is planned: the first reading would be the archive
        feed = self.line.feed
        url = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
        plain = Line(
            self.line.source,
            type(feed)(feed.key, feed.schedule, feed.serves, lambda need, at: Request(url, "*/*", 10**6), feed.parse),
            self.line.codes,
        )
        result = refresh(self.store, self.shelf, self.catalog, plain, now)
        assert result.error is None, result.error
        return result

    def shown(self, code: str) -> dict[str, str]:
        with self.store.read() as connection:
            found = span(connection, f"ecb:{code}", date(2026, 3, 16), date.max)
        return {str(o.day): str(o.value) for o in found}

    @property
    def held(self) -> list[tuple[str, str, str]]:
        return [(h.series, str(h.day), h.rule.key) for h in read_held(self.store)]


@pytest.fixture
def bank(store: Store, ours: Catalog) -> Bank:
    found = Bank(store, ours, Shelf())
    days: dict[str, dict[str, str]] = {}
    day = date(2026, 3, 16)
    while len(days) < 40:
        if day.weekday() < 5:
            wobble = Decimal("1.002") if day.toordinal() % 2 else 1
            days[str(day)] = {c: str((Decimal(v) * wobble).quantize(Decimal("1.00000"))) for c, v in RATES.items()}
        day -= timedelta(days=1)
    found.says(START, days)
    assert found.held == []
    return found


TUESDAY, WEDNESDAY = "2026-03-17", "2026-03-18"
JUMPED = RATES | {"GBP": "0.99000"}


def test_trap_02_a_jump_is_looked_at_again_after_half_an_hour_without_validators_and_goes_in(bank: Bank) -> None:
    now = START + timedelta(days=1)
    bank.says(now, {TUESDAY: JUMPED})
    assert bank.held == [("ecb:GBP", TUESDAY, "jump")]
    assert TUESDAY in bank.shown("AUD")
    assert TUESDAY not in bank.shown("GBP")
    assert when(bank.store, bank.line, now + timedelta(minutes=11), timedelta(0)) <= now + timedelta(minutes=30)
    bank.says(now + timedelta(minutes=30), {TUESDAY: JUMPED})
    assert bank.shelf.asked_with == Validators()
    assert (bank.held, bank.shown("GBP")[TUESDAY]) == ([], "0.99000")


def test_a_revision_that_waits_is_looked_at_again_after_half_an_hour_though_nothing_is_due(bank: Bank) -> None:
    now = START + timedelta(days=1)
    bank.says(now, {TUESDAY: RATES})
    due = when(bank.store, bank.line, now + timedelta(minutes=1), timedelta(0))
    bank.says(now + timedelta(hours=1), {TUESDAY: JUMPED})
    assert bank.held == [("ecb:GBP", TUESDAY, "jump")]
    again = when(bank.store, bank.line, now + timedelta(minutes=61), timedelta(0))
    assert again == now + timedelta(minutes=90) < due
    bank.says(again, {TUESDAY: JUMPED})
    assert bank.shown("GBP")[TUESDAY] == "0.99000"
    assert when(bank.store, bank.line, again + timedelta(minutes=1), timedelta(0)) == due


def test_trap_02_the_next_days_figure_confirms_a_jump(bank: Bank) -> None:
    now = START + timedelta(days=2)
    bank.says(now, {TUESDAY: JUMPED})
    assert bank.held == [("ecb:GBP", TUESDAY, "jump")]
    bank.says(now + timedelta(minutes=10), {TUESDAY: JUMPED, WEDNESDAY: RATES | {"GBP": "0.98500"}})
    assert ("ecb:GBP", TUESDAY, "jump") not in bank.held
    assert bank.shown("GBP")[TUESDAY] == "0.99000"


def test_a_jump_that_the_next_day_takes_back_is_not_shown_at_once(bank: Bank) -> None:
    now = START + timedelta(days=2)
    bank.says(now, {TUESDAY: JUMPED, WEDNESDAY: RATES})
    assert bank.held == [("ecb:GBP", TUESDAY, "jump")]
    assert bank.shown("GBP")[WEDNESDAY] == "0.86500"


def test_a_jump_that_is_gone_at_the_second_look_was_never_shown(bank: Bank) -> None:
    now = START + timedelta(days=1)
    bank.says(now, {TUESDAY: JUMPED})
    bank.says(now + timedelta(minutes=30), {TUESDAY: RATES})
    assert (bank.held, bank.shown("GBP")[TUESDAY]) == ([], "0.86500")


@pytest.mark.parametrize("factor", [100, 10, "0.01"])
def test_trap_13_and_07_another_unit_reaches_nobody_however_often_it_is_said(bank: Bank, factor: object) -> None:
    wrong = RATES | {"GBP": str(Decimal(RATES["GBP"]) * Decimal(str(factor)))}
    for n in range(8):
        bank.says(START + timedelta(days=1, hours=n), {TUESDAY: wrong})
        assert [series for series, _, _ in bank.held] == ["ecb:GBP"]
        assert TUESDAY not in bank.shown("GBP")
    bank.says(START + timedelta(days=1, hours=9), {TUESDAY: RATES})
    assert (bank.held, TUESDAY in bank.shown("GBP")) == ([], True)


def test_trap_31_a_currency_that_vanishes_is_an_alarm_and_keeps_its_last_good_figure(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    before = bank.shown("INR")
    without = {code: rate for code, rate in RATES.items() if code != "INR"}
    bank.says(START + timedelta(days=1), {TUESDAY: without})
    assert bank.shown("INR") == before
    assert TUESDAY in bank.shown("GBP")
    assert "not in it: INR" in str(read_feed(bank.store, "ecb", "rates").error)
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == ["ecb:rates: not in it: INR"]
