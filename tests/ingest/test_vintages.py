"""Vintages: EIA's workbooks of past nights, in order through the real refresh, end in the right series each time."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import at
from tests.sources.test_eia_workbook import workbook
from ticker.ingest.client import Answer, Client
from ticker.ingest.refresh import Result, lines, refresh
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation
from ticker.sources import SOURCES, eia
from ticker.sources.source import Need, Request
from ticker.store.engine import Store
from ticker.store.feeds import Validators
from ticker.store.figures import span
from ticker.store.held import read_held
from ticker.store.tables import correction

TITLES = {
    "RWTC": "Cushing, OK WTI Spot Price FOB (Dollars per Barrel)",
    "RBRTE": "Europe Brent Spot Price FOB (Dollars per Barrel)",
    "RNGWHHD": "Henry Hub Natural Gas Spot Price (Dollars per Million Btu)",
}
Night = tuple[str, str]
Rows = Sequence[tuple[str, Any]]


class Shelf(Client):
    """A client whose source has one body."""

    body = b""

    def fetch(self, request: Request, held: Validators, now: datetime) -> Answer:
        return Answer(self.body, Validators())


@dataclass(frozen=True)
class Desk:
    """A store that reads one workbook after another."""

    store: Store
    catalog: Catalog
    code: str
    shelf: Shelf

    @property
    def key(self) -> str:
        return f"eia:{self.code}"

    def read(self, body: bytes, now: datetime) -> Result:
        self.shelf.body = body
        line = next(found for found in lines(self.catalog, [SOURCES["eia"]]) if found.name == self.key)
        result = refresh(self.store, self.shelf, self.catalog, line, now)
        assert result.error is None, result.error
        return result

    def night(self, body: bytes, now: datetime) -> None:
        """A look, and another half an hour later if something waits for that."""
        self.read(body, now)
        if any(h.confirmed_at is not None for h in read_held(self.store)):
            self.read(body, now + timedelta(minutes=30))

    @property
    def shown(self) -> dict[date, Decimal]:
        with self.store.read() as connection:
            return {o.day: o.value for o in span(connection, self.key, date.min, date.max)}

    @property
    def held(self) -> list[tuple[str, str]]:
        return [(str(h.day), h.rule.key) for h in read_held(self.store)]

    @property
    def corrected(self) -> list[str]:
        with self.store.read() as connection:
            rows = connection.execute(select(correction).order_by(correction.c.seen_at, correction.c.day)).all()
        return [f"{r.day} {r.was} {'gone' if r.became is None else r.became}" for r in rows if r.series == self.key]


@pytest.fixture
def desk(store: Store, ours: Catalog, request: pytest.FixtureRequest) -> Desk:
    return Desk(store, ours, getattr(request, "param", "RNGWHHD"), Shelf())


def book(code: str, rows: Rows) -> bytes:
    title = TITLES[code]
    head = (("Back to Contents", f"Data 1: {title}"), ("Sourcekey", code), ("Date", title))
    return workbook(tuple(rows), head=head)


def in_file(body: bytes, code: str) -> tuple[Observation, ...]:
    feed = next(feed for feed in eia.SOURCE.feeds if feed.key == code)
    codes = frozenset((code,))
    return feed.parse(feed.plan(Need(codes, None, None), at("2026-01-01T00:00")), body, codes).series[code]


# --- in the captured layout, with the figures of TRAPS.md ------------------------------------------

OCTOBER: Rows = (("2025-10-06", 61.7), ("2025-10-07", 61.9), ("2025-10-08", 62.6), ("2025-10-09", 61.5))


@pytest.mark.parametrize("desk", ["RWTC"], indirect=True)
def test_trap_03_a_phantom_holiday_row_is_never_shown_and_its_leaving_is_no_correction(desk: Desk) -> None:
    desk.night(book("RWTC", OCTOBER), at("2025-10-12T16:00"))
    phantom = (*OCTOBER, ("2025-10-10", 59.75), ("2025-10-13", 59.75))
    desk.night(book("RWTC", phantom), at("2025-10-17T16:00"))
    assert max(desk.shown) == date(2025, 10, 10)
    assert desk.held == [("2025-10-13", "holiday")]
    gone = (*OCTOBER, ("2025-10-10", 59.75), ("2025-10-14", 59.5))
    desk.night(book("RWTC", gone), at("2025-10-23T16:00"))
    assert (max(desk.shown), desk.held, desk.corrected) == (date(2025, 10, 14), [], [])
    assert date(2025, 10, 13) not in desk.shown


@pytest.mark.parametrize("desk", ["RBRTE"], indirect=True)
def test_trap_04_a_revised_newest_figure_changes_and_is_a_correction(desk: Desk) -> None:
    before: Rows = (("2022-10-26", 95.8), ("2022-10-27", 96.4), ("2022-10-28", 95.9), ("2022-10-31", 94.64))
    desk.night(book("RBRTE", before), at("2022-11-02T16:00"))
    desk.night(book("RBRTE", (*before[:-1], ("2022-10-31", 93.3), ("2022-11-01", 94.9))), at("2022-11-09T16:00"))
    assert desk.shown[date(2022, 10, 31)] == Decimal("93.3")
    assert desk.corrected == ["2022-10-31 94.64 93.3"]


def test_trap_05_a_workbook_that_went_back_is_flagged_and_takes_nothing(desk: Desk) -> None:
    rows: Rows = (("2025-11-19", 3.9), ("2025-11-20", 4.0), ("2025-11-21", 4.1), ("2025-11-24", 4.15))
    desk.night(book("RNGWHHD", rows), at("2025-11-27T16:00"))
    desk.night(book("RNGWHHD", rows[:-1]), at("2025-11-29T16:00"))
    assert (max(desk.shown), desk.held) == (date(2025, 11, 24), [("2025-11-24", "backwards")])
    desk.night(book("RNGWHHD", (*rows, ("2025-11-25", 4.2))), at("2025-12-03T16:00"))
    assert (max(desk.shown), desk.held, desk.corrected) == (date(2025, 11, 25), [], [])


def test_trap_05_sundays_of_a_night_never_show_and_days_it_lost_go_and_return(desk: Desk) -> None:
    rows = [("2024-10-24", 2.1), ("2024-10-25", 2.0), ("2024-10-28", 2.1), ("2024-10-29", 2.2)]
    desk.night(book("RNGWHHD", rows), at("2024-10-30T16:00"))
    sundays = [rows[0], ("2024-10-27", 2.0), *rows[2:]]
    desk.night(book("RNGWHHD", sundays), at("2024-11-01T16:00"))
    assert date(2024, 10, 27) not in desk.shown
    assert desk.held == [("2024-10-27", "weekend")]
    desk.night(book("RNGWHHD", rows), at("2024-11-06T16:00"))
    assert {str(d) for d in desk.shown} == {d for d, _ in rows}
    assert (desk.held, desk.corrected) == ([], ["2024-10-25 2 gone"])


# --- as captured -----------------------------------------------------------------------------------


BACK = [("2025-11-24", "backwards")]
NIGHTS = {  # what the newest day shown must be, and what is held
    "2025-10-01": ("2025-09-23", []),
    "2025-11-27": ("2025-11-24", []),
    "2025-11-29": ("2025-11-24", BACK),  # the file ends on 21 November
    "2025-12-30": ("2025-12-26", []),
    "2026-01-01": ("2025-12-29", []),
    "2026-01-29": ("2026-01-26", []),
    "2026-02-05": ("2026-02-02", []),
}


@pytest.mark.replay
def test_trap_02_04_and_05_seven_nights_of_henry_hub_are_right_at_every_step(desk: Desk, vintages: Path) -> None:
    for night, (newest, held) in NIGHTS.items():
        body = (vintages / f"RNGWHHDd_seen-{night}.xls").read_bytes()
        desk.night(body, at(f"{night}T22:00"))
        file = {o.day: o.value for o in in_file(body, "RNGWHHD") if o.day.weekday() < 5}
        if held:
            file[date(2025, 11, 24)] = Decimal("4.15")
        assert desk.shown == file, night
        assert (str(max(desk.shown)), desk.held) == (newest, held), night
    assert desk.shown[date(2026, 1, 23)] == Decimal("30.72")
    assert desk.corrected == ["2025-12-26 3.31 gone"]


CORRECTED = {
    "RWTC": [],  # its four phantoms never came in
    "RBRTE": ["2022-10-31 94.64 93.3", "2023-01-30 84.61 84.9", "2023-02-27 82.31 81.24"],
    "RNGWHHD": ["2024-10-08 2.39 2.51", "2025-12-26 3.31 gone"],
}
PHANTOMS = {
    "RWTC": {"2022-12-26", "2024-10-14", "2024-11-11", "2025-10-13"},
    "RBRTE": {"2022-09-19", "2022-12-27", "2023-01-02", "2023-04-10", "2024-12-25"},
    "RNGWHHD": set(),
}


@pytest.mark.replay
@pytest.mark.parametrize(("desk", "name"), [("RWTC", "WTI"), ("RBRTE", "BRENT"), ("RNGWHHD", "HENRYHUB")],
                         indirect=["desk"])  # fmt: skip
def test_trap_03_04_and_05_four_years_of_nights_are_right_at_every_step(desk: Desk, name: str, vintages: Path) -> None:
    tails: dict[datetime, list[tuple[str, float]]] = {}
    with (vintages / "derived-vintage-tails_2022-08_2026-08.csv").open(newline="") as rows:
        for r in csv.DictReader(rows):
            if r["series"] == name:
                night = datetime.fromisoformat(r["snapshot_commit_time_utc"])
                tails.setdefault(night, []).append((r["observation_date"], float(r["price"])))
    newest = date.min
    phantoms: set[str] = set()
    for night, tail in sorted(tails.items()):
        body = book(desk.code, sorted(tail))
        desk.night(body, night)
        file = {o.day: o.value for o in in_file(body, desk.code)}
        waits = {date.fromisoformat(day): rule for day, rule in desk.held}
        phantoms |= {str(day) for day, rule in waits.items() if rule == "holiday" and day in file}
        first, last = min(file), max(file)
        shown = {day: value for day, value in desk.shown.items() if first <= day <= last}
        assert shown == {day: value for day, value in file.items() if day not in waits}, night
        assert set(waits.values()) <= {"holiday", "backwards"}, night
        assert max(desk.shown) >= newest
        assert max(desk.shown) <= last or "backwards" in waits.values(), night
        newest = max(desk.shown)
    assert desk.corrected == CORRECTED[desk.code]
    assert phantoms >= PHANTOMS[desk.code]
    assert not any(date.fromisoformat(day) in desk.shown for day in PHANTOMS[desk.code])
