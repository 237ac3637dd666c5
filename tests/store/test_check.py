"""Every kind of thing that must not be in a database is found, by the series and the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import ONLY_SQLITE, at
from tests.store.books import KEYS, NOW, broken_in_the_middle, filled_store
from ticker.market.instrument import Bounds
from ticker.store.check import Rules, check
from ticker.store.engine import Store, open_store

RULES = Rules(
    wanted=frozenset(KEYS),
    bounds={"ecb:GBP": Bounds(Decimal("0.5"), Decimal("1.2"))},
    weekdays=lambda key: key == "ecb:GBP",
    last=lambda key: NOW.date(),
)


def found(store: Store, rules: Rules = RULES) -> list[str]:
    return [f"{f.where}: {f.what}" for f in check(store, rules, NOW).findings]


def test_a_sound_one_is_said_to_be_sound(store: Store) -> None:
    report = check(filled_store(store), RULES, NOW)
    assert (report.sound, report.series, report.revision, report.findings) == (True, 2, 1, ())
    assert report.figures == 2 * sum((NOW.date() - timedelta(days=n)).weekday() < 5 for n in range(1, 4001))


def test_an_empty_one_is_sound(store: Store) -> None:
    assert check(store, RULES, NOW).sound


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO observation VALUES ('ecb:GBP', '2026-03-14', '0.9', 2)", "ecb:GBP: 2026-03-14 is a Saturday"),
        ("INSERT INTO observation VALUES ('ecb:GBP', '2026-03-20', '0.9', 2)", "ecb:GBP: 2026-03-20 is to come"),
        ("UPDATE observation SET value = '0,9' WHERE series = 'ecb:GBP'", "2026-03-11: '0,9' is not a figure"),
        ("UPDATE observation SET value = 'NaN' WHERE series = 'ecb:GBP'", "2026-03-11: 'NaN' is not a figure"),
        ("UPDATE observation SET value = '1e3' WHERE series = 'ecb:GBP'", "2026-03-11: '1e3' is not a figure"),
        ("UPDATE observation SET value = '' WHERE series = 'ecb:GBP'", "2026-03-11: '' is not a figure"),
        ("UPDATE observation SET value = '85.6' WHERE series = 'ecb:GBP'", "2026-03-11: 85.6 is not within 0.5 to 1.2"),
        ("UPDATE observation SET standing = 7 WHERE series = 'ecb:GBP'", "2026-03-11: there is no standing 7"),
        ("DELETE FROM revision", "revision: there are figures, but no revision"),
        ("UPDATE revision SET number = 0", "revision: it is 0"),
        ("INSERT INTO revision VALUES (2, 1, '2026-03-01 00:00:00')", "revision: it is 1, 1"),
        (
            "UPDATE revision SET committed_at = '2027-01-01 00:00:00.000000'",
            "revision: it was committed at 2027-01-01 00:00:00, which is to come",
        ),
        (
            "INSERT INTO held (series, day, rule, first_seen) VALUES ('ecb:GBP', '2026-03-19', 'range', '2027-01-01')",
            "held: 1 were seen at a moment that is to come",
        ),
    ],
)
def test_what_must_not_be_is_found(store: Store, statement: str, said: str) -> None:
    filled_store(store)
    with store.write() as connection:
        connection.exec_driver_sql(statement + (" AND day = '2026-03-11'" if "WHERE" in statement else ""))
    assert not check(store, RULES, NOW).sound
    assert [line for line in found(store) if said in line]


@ONLY_SQLITE
@pytest.mark.parametrize("said", ["2026-3-5", "2026-02-30"])
def test_a_day_that_is_none_is_found(store: Store, said: str) -> None:
    filled_store(store)
    with store.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO observation VALUES ('ecb:GBP', '{said}', '0.9', 2)")
    assert [line for line in found(store) if f"ecb:GBP: '{said}' is not a day after" in line]


def test_many_of_a_kind_are_counted(store: Store) -> None:
    filled_store(store)
    with store.write() as connection:
        connection.exec_driver_sql(
            "UPDATE observation SET value = '85' WHERE series = 'ecb:GBP' AND day >= '2026-03-01'"
        )
    lines = found(store)
    assert len(lines) == 6
    assert lines[-1] == "ecb:GBP: and 8 more like these"


def test_a_series_that_the_catalog_does_not_know_is_remarked_upon_and_harms_nobody(store: Store) -> None:
    report = check(filled_store(store), replace(RULES, wanted=frozenset(["ecb:GBP"])), NOW)
    assert report.sound
    assert [f.where for f in report.findings] == ["ecb:USD"]


def test_a_damaged_one_is_not_sound(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ticker.db"
    filled_store(store := open_store(url)).close()
    broken_in_the_middle(tmp_path / "ticker.db")
    report = check(store, RULES, NOW)
    assert not report.sound
    store.close()


def test_one_cut_short_is_not_sound(tmp_path: Path) -> None:
    file = tmp_path / "ticker.db"
    filled_store(store := open_store(f"sqlite:///{file}")).close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert not check(store, RULES, NOW).sound
    store.close()


def test_the_rules_of_the_catalog_know_days_of_the_publisher(tmp_path: Path) -> None:
    from ticker.start import start

    parts = start({"TICKER_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}, NOW)
    rules = parts.rules(at("2026-03-19T23:30"))
    assert (rules.last("ecb:GBP"), rules.last("eia:RWTC")) == (date(2026, 3, 20), date(2026, 3, 19))
    assert rules.weekdays("ecb:GBP")
    assert check(parts.store, rules, NOW).sound
    parts.store.close()
