"""Corrections: what a publisher had stated, and later stated otherwise or no longer, is remembered."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select

import ticker.store
from tests.conftest import at
from ticker.errors import StoreError
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation, Series, Standing
from ticker.market.rules import LATE, RANGE
from ticker.market.snapshot import Holding, Snapshot, build
from ticker.sources import SOURCES
from ticker.sources.source import Need
from ticker.store.changes import Change
from ticker.store.commit import Arrival, Outcome, commit
from ticker.store.desk import Hold
from ticker.store.engine import HEAD, Store, open_store
from ticker.store.feeds import FeedState, Validators
from ticker.store.figures import corrected, load, read_revision, span
from ticker.store.tables import correction

KEY = "eia:RWTC"
NOW = at("2026-03-19T14:00")
LATER, LAST = NOW + timedelta(hours=1), NOW + timedelta(days=1)
STATE = FeedState("eia", "RWTC", codes=frozenset({"RWTC"}))
PUBLISHERS = {key: source.publisher for key, source in SOURCES.items()}


def march(day: int) -> date:
    return date(2026, 3, day)


def series(*rows: tuple[int, str], standing: Standing = Standing.FINAL) -> Series:
    return tuple(Observation(march(day), Decimal(value), standing) for day, value in rows)


def put(
    store: Store,
    now: datetime,
    rows: Series,
    *,
    key: str = KEY,
    whole: bool = False,
    holds: Sequence[Hold] = (),
    suspects: Sequence[Hold] = (),
) -> Outcome:
    def suspicion(changes: Sequence[Change]) -> list[Hold]:
        changed = {(c.series, c.day) for c in changes}
        return [h for h in suspects if (h.series, h.day) in changed]

    return commit(store, Arrival({key: rows}, holds, whole), suspicion, now, STATE, ("https://x/", Validators("e")))


def remembered(store: Store, key: str = KEY) -> list[tuple[date, datetime, str, str | None]]:
    """The day, when it was seen, what the figure was and became; the oldest first."""
    with store.read() as connection:
        rows = connection.execute(select(correction).order_by(correction.c.seen_at, correction.c.day)).all()
    mine = [r for r in rows if r.series == key]
    return [(r.day, r.seen_at, str(r.was), None if r.became is None else str(r.became)) for r in mine]


# --- what is one ----------------------------------------------------------------------------------


def test_a_revised_figure_is_one_and_a_new_figure_is_none(store: Store) -> None:
    put(store, NOW, series((2, "90.10"), (3, "91")))
    put(store, LATER, series((2, "90.5"), (3, "91"), (4, "92")))
    assert remembered(store) == [(march(2), LATER, "90.10", "90.5")]


def test_a_withdrawn_figure_is_one_and_stays_one_when_it_comes_back(store: Store) -> None:
    put(store, NOW, series((2, "90"), (3, "91"), (4, "92")))
    put(store, LATER, series((2, "90"), (4, "92")))
    assert remembered(store) == [(march(3), LATER, "91", None)]
    assert put(store, LAST, series((2, "90"), (3, "91"), (4, "92"))).added == 1
    assert remembered(store) == [(march(3), LATER, "91", None)]


def test_a_figure_that_is_revised_twice_is_two(store: Store) -> None:
    for now, value in (NOW, "90"), (LATER, "91"), (LAST, "92"):
        put(store, now, series((2, value)))
    assert remembered(store) == [(march(2), LATER, "90", "91"), (march(2), LAST, "91", "92")]


def test_trap_08_the_same_figure_in_other_digits_is_none(store: Store) -> None:
    put(store, NOW, series((2, "0.85620")))
    put(store, LATER, series((2, "0.8562")))
    assert remembered(store) == []


def test_an_early_close_made_firm_is_none(store: Store) -> None:
    put(store, NOW, series((3, "91"), standing=Standing.EARLY))
    put(store, LATER, series((2, "90"), (3, "91.0")))
    assert remembered(store) == []


def test_an_early_close_that_the_record_states_otherwise_is_one(store: Store) -> None:
    put(store, NOW, series((3, "91.40"), standing=Standing.EARLY))
    put(store, LATER, series((2, "90"), (3, "91.35")))
    assert remembered(store) == [(march(3), LATER, "91.40", "91.35")]


def test_an_early_close_that_the_record_does_not_have_is_one(store: Store) -> None:
    put(store, NOW, series((3, "91"), standing=Standing.EARLY))
    put(store, LATER, series((2, "90"), (4, "92")))
    assert remembered(store) == [(march(3), LATER, "91", None)]


@pytest.mark.parametrize("standing", [Standing.EARLY, Standing.FINAL])
def test_a_figure_of_the_seed_is_ours_and_its_replacement_is_none(store: Store, standing: Standing) -> None:
    put(store, NOW, series((2, "1"), (3, "2"), (4, "3"), standing=Standing.SEED))
    outcome = put(store, LATER, series((2, "90"), (4, "92"), standing=standing), whole=standing == Standing.FINAL)
    assert outcome.revised == 2
    assert remembered(store) == []


def test_a_change_that_is_held_is_none_until_it_is_confirmed(store: Store) -> None:
    put(store, NOW, series((2, "90"), (3, "91"), (4, "92")))
    suspects = [
        Hold(KEY, march(2), Decimal("80"), LATE),
        Hold(KEY, march(3), None, LATE),
    ]
    changed = series((2, "80"), (4, "92"))
    assert put(store, LATER, changed, suspects=suspects).held == 2
    assert remembered(store) == []
    confirmed = LATER + timedelta(minutes=30)
    put(store, confirmed, changed, suspects=suspects)
    assert remembered(store) == [(march(2), confirmed, "90", "80"), (march(3), confirmed, "91", None)]


def test_what_a_guard_holds_back_for_good_is_none(store: Store) -> None:
    put(store, NOW, series((2, "90"), (3, "91"), (4, "92")))
    held = [Hold(KEY, march(3), Decimal("9100"), RANGE)]
    assert put(store, LATER, series((2, "90"), (4, "92")), holds=held).held == 1
    assert remembered(store) == []


def test_two_at_one_moment_by_a_clock_that_stands_are_one(store: Store) -> None:
    put(store, NOW, series((2, "90"), (3, "91")))
    put(store, LATER, series((2, "90.1"), (3, "91")))
    put(store, LATER, series((2, "90.2"), (3, "91")))
    assert remembered(store) == [(march(2), LATER, "90", "90.2")]


def test_a_transaction_that_fails_remembers_nothing(store: Store) -> None:
    put(store, NOW, series((2, "90")))
    wrong = FeedState("eia", "RWTC", next_release="some day")  # type: ignore[arg-type]
    arrival = Arrival({KEY: series((2, "91"))})
    with pytest.raises(StoreError, match="date"):  # what is written last
        commit(store, arrival, lambda changes: [], LATER, wrong, ("https://x/", Validators()))
    assert remembered(store) == []


# --- how it is read -------------------------------------------------------------------------------


def test_the_days_of_each_series_that_were_ever_corrected(store: Store) -> None:
    for now, value in (NOW, "90"), (LATER, "91"), (LAST, "92"):
        put(store, now, series((2, value), (3, "91"), (4, value)))
        put(store, now, series((2, value), (3, "91")), key="eia:RBRTE")
        put(store, now, series((2, "1.15")), key="ecb:USD")
    found = {KEY: {march(2): LAST, march(4): LAST}, "eia:RBRTE": {march(2): LAST}}
    assert corrected(store, iter([KEY, "eia:RBRTE", "ecb:USD", "eia:NONE"])) == found
    assert corrected(store, ["eia:RBRTE"]) == {"eia:RBRTE": {march(2): LAST}}
    assert corrected(store, []) == {}
    holding = load(store, iter([KEY, "eia:RBRTE", "ecb:USD"]), ["eia"], NOW.date())
    assert holding.corrected == found
    assert [o.value for o in holding.figures["ecb:USD"]] == [Decimal("1.15")]


def test_a_snapshot_knows_whether_a_quote_is_of_a_corrected_figure(store: Store, ours: Catalog) -> None:
    for now, value in (NOW, "0.86"), (LATER, "0.87"):
        put(store, now, series((2, value), (3, "0.86")), key="ecb:GBP")
        put(store, now, series((2, "1.15"), (3, "1.16")), key="ecb:USD")
        put(store, now, series((2, "20.4"), (3, "20.5")), key="ecb:MXN")
    keys = ["ecb:GBP", "ecb:USD", "ecb:MXN"]
    snapshot = build(ours, PUBLISHERS, load(store, keys, ["ecb"], NOW.date()), LAST)
    cross, peso = snapshot.by_key["gbpusd"], snapshot.by_key["usdmxn"]
    assert "ecb:GBP" in cross.link.series
    assert snapshot.was_corrected(cross, [march(2)], march(2))
    assert snapshot.was_corrected(cross, [march(3), march(2)], march(3))
    assert not snapshot.was_corrected(cross, [march(2)], LATER.date())  # it was known by then
    assert not snapshot.was_corrected(cross, [march(3)], march(3))
    assert not snapshot.was_corrected(cross, [], march(3))
    assert not snapshot.was_corrected(peso, [march(2), march(3)], march(3))
    assert snapshot.corrections_of(cross) == {march(2): LATER}
    assert snapshot.corrections_of(peso) == {}


def test_a_holding_or_snapshot_that_says_nothing_of_corrections_has_none(ours: Catalog) -> None:
    snapshot = build(ours, PUBLISHERS, Holding(1, {}, {}), NOW)
    assert (Holding(1, {}, {}).corrected, snapshot.corrected) == ({}, {})
    assert Snapshot(ours, 1, 2026, NOW, ()).corrected == {}
    assert not snapshot.was_corrected(snapshot.by_key["wti"], [march(2)], march(2))


# --- a database from before -----------------------------------------------------------------------


def test_a_database_from_before_corrections_is_brought_up_to_date_without_loss(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ticker.db"
    config = Config()
    config.set_main_option("script_location", str(Path(ticker.store.__file__).with_name("migrations")))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in (
            "revision VALUES (1, 41, '2026-03-18 14:00:00.000000')",
            "observation VALUES ('eia:RWTC', '2026-03-02', '90.10', 2), ('eia:RWTC', '2026-03-03', '91', 1)",
            "held VALUES ('eia:RWTC', '2026-03-01', NULL, 'changed after 60 days', '2026-03-18 14:00:00.000000')",
            "validator VALUES ('https://x/', 'e', NULL)",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    engine.dispose()

    store = open_store(url)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        kept = span(connection, KEY, date.min, date.max)
        assert connection.exec_driver_sql("SELECT count(*) FROM held").scalar() == 1
        assert connection.exec_driver_sql("SELECT etag FROM validator").scalar() == "e"
    assert [(o.day.day, str(o.value), o.standing) for o in kept] == [(2, "90.10", 2), (3, "91", 1)]
    assert (read_revision(store), corrected(store, [KEY])) == (41, {})
    put(store, NOW, series((2, "90.2"), (3, "91")))
    assert (read_revision(store), remembered(store)) == (42, [(march(2), NOW, "90.10", "90.2")])
    store.close()


# --- as it happened -------------------------------------------------------------------------------


@pytest.mark.replay
def test_trap_04_and_05_what_seven_nights_of_the_henry_hub_workbook_took_back(store: Store, vintages: Path) -> None:
    codes, key = frozenset({"RNGWHHD"}), "eia:RNGWHHD"
    feed = next(feed for feed in SOURCES["eia"].feeds if feed.key == "RNGWHHD")
    for file in sorted(vintages.glob("RNGWHHDd_seen-*.xls")):
        now = at(f"{file.stem[-10:]}T22:00")
        document = feed.parse(feed.plan(Need(codes, None, None), now), file.read_bytes(), codes)
        put(store, now, document.series["RNGWHHD"], key=key, whole=document.whole)
    assert remembered(store, key) == [(date(2025, 12, 26), at("2026-01-01T22:00"), "3.31", None)]


@pytest.mark.replay
def test_trap_03_and_04_what_four_years_of_workbooks_revised_and_withdrew(store: Store, vintages: Path) -> None:
    tails: dict[tuple[datetime, str], list[Observation]] = {}
    with (vintages / "derived-vintage-tails_2022-08_2026-08.csv").open(newline="") as rows:
        for r in csv.DictReader(rows):
            night = datetime.fromisoformat(r["snapshot_commit_time_utc"]), r["series"]
            figure = Observation(date.fromisoformat(r["observation_date"]), Decimal(r["price"]))
            tails.setdefault(night, []).append(figure)
    for (now, name), tail in sorted(tails.items(), key=lambda item: item[0]):
        put(store, now, tuple(sorted(tail, key=lambda o: o.day)), key=f"eia:{name}")
    found = {
        name: [f"{day} {was} {became or 'gone'}" for day, _, was, became in sorted(remembered(store, f"eia:{name}"))]
        for name in ("WTI", "BRENT", "HENRYHUB")
    }
    assert found == {
        "WTI": ["2022-12-26 79.57 gone", "2024-10-14 76.11 gone", "2024-11-11 70.69 gone", "2025-10-13 59.75 gone"],
        "BRENT": [
            "2022-09-19 89.43 gone",
            "2022-10-31 94.64 93.3",
            "2022-12-27 82.45 gone",
            "2023-01-02 82.82 gone",
            "2023-01-30 84.61 84.9",
            "2023-02-27 82.31 81.24",
            "2023-04-10 86.56 gone",
            "2024-12-25 73.5 gone",
        ],
        "HENRYHUB": ["2024-10-08 2.39 2.51", "2025-12-26 3.31 gone"],
    }
