"""What is stored, held against the sources: each difference is found, and nothing is stored."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.conftest import Replay, at
from tests.store.books import all_in
from ticker.ingest.refresher import Refresher
from ticker.store.engine import Store

pytestmark = pytest.mark.replay


def differences(refresher: Refresher) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for c in refresher.compared():
        said = [str(c.error)] if c.error else list(c.differences)
        found.setdefault(c.series, []).extend(said)
    return {key: said for key, said in found.items() if said}


def alter(store: Store, *statements: str) -> None:
    with store.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_after_a_refresh_all_is_as_the_sources_have_it(filled: Refresher) -> None:
    alter(filled.store, "UPDATE observation SET value = value || '0' WHERE series = 'ecb:GBP' AND value LIKE '%.%'")
    found = list(filled.compared())
    assert [(c.series, c.differences, c.error) for c in found if c.differences or c.error] == []
    assert {c.series: c.figures for c in found if c.series == "ecb:GBP" or c.figures > 9000} == {
        "ecb:GBP": 6966,
        "eia:RBRTE": 9846,
        "eia:RWTC": 10114,
    }


def test_every_difference_is_told_and_nothing_is_changed(filled: Refresher, replay: Replay) -> None:
    alter(
        filled.store,
        "UPDATE observation SET value = '99.99' WHERE series = 'eia:RWTC' AND day = '2020-04-21'",
        "DELETE FROM observation WHERE series = 'eia:RWTC' AND day = '2020-04-20'",
        "INSERT INTO observation VALUES ('ecb:GBP', '1998-12-31', '0.7', 2)",
        "INSERT INTO observation VALUES ('ecb:GBP', '2026-03-19', '0.9', 2)",
        "INSERT INTO observation VALUES ('ecb:AUD', '2026-03-19', '0.9', 0)",  # the seed may know more
        "UPDATE observation SET value = '9.99', standing = 0 WHERE series = 'eia:RNGWHHD' AND day = '2026-03-05'",
    )
    replay.now = at("2026-03-18T14:30")  # this morning's page has not been looked at
    before = all_in(filled.store)
    found = differences(filled)
    assert found.pop("eia:RNGWHHD")[0].startswith("2026-03-05: we have 9.99, the source has 2.")
    assert found == {
        "eia:RWTC": [
            "2020-04-20: the source has -36.98, we have nothing",
            "2020-04-21: we have 99.99, the source has 8.91",
            "2026-03-17: the source has 96.01, we have nothing",
        ],
        "eia:RBRTE": ["2026-03-17: the source has 108.39, we have nothing"],
        "ecb:GBP": [
            "1998-12-31: we have 0.7, the source has nothing",
            "2026-03-19: we have 0.9, the source has nothing",
        ],
    }
    assert all_in(filled.store) == before


def test_an_early_page_is_not_asked_about_a_day_that_the_record_has(filled: Refresher, replay: Replay) -> None:
    alter(filled.store, "INSERT INTO observation VALUES ('eia:RWTC', '2026-03-17', '50', 2)")
    replay.now = at("2026-03-18T14:30")
    assert "eia:RWTC" not in differences(filled)


def test_what_the_guards_hold_back_is_no_difference_and_a_source_that_fails_is_one(
    filled: Refresher, replay: Replay
) -> None:
    replay.fault(match="ecb", kind="x100", code="GBP")
    replay.fault(match="www.eia.gov", kind="html200")
    alter(filled.store, "DELETE FROM observation WHERE series = 'ecb:GBP' AND day = '2026-03-17'")
    found = differences(filled)
    assert {key.partition(":")[0] for key in found} == {"eia"}
    assert len(found) == 5
