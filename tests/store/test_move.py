"""Moving a store: every row, to the digit, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table, insert

from bench.postgres import Server
from tests.conftest import at
from tests.store.books import NOW, all_in, filled_store
from ticker.errors import StoreError
from ticker.market.chain import Left, Turn
from ticker.store.engine import Store, open_store
from ticker.store.figures import read_revision
from ticker.store.lease import LASTS, REFRESHER, holder_of, take
from ticker.store.move import move
from ticker.store.tables import correction, held, observation, revision, told, validator
from ticker.store.turns import remember

DAY = date(2026, 3, 17)


def everything(store: Store) -> Store:
    """With rows in every table, and digits that must not be rounded."""
    filled_store(store)
    remember(store, {"wti": Turn("eia:RWTC", {"fred:X": Left(DAY, 1)})})
    take(store, REFRESHER, "a:1", NOW, LASTS)
    rows = {"day": DAY, "first_seen": NOW, "last_seen": NOW, "rule": "jump", "standing": 2}
    with store.write() as connection:
        connection.execute(
            insert(observation),
            [
                {"series": "eia:RWTC", "day": date(2020, 4, 20), "value": Decimal("-36.980"), "standing": 1},
                {"series": "Eia:RWTC", "day": date(1, 1, 1), "value": Decimal("0.000000100"), "standing": 0},
            ],
        )
        connection.execute(
            insert(held),
            [
                {**rows, "series": "eia:RWTC", "value": Decimal("9100"), "decision": "rejected", "decided_at": NOW},
                {**rows, "series": "ecb:USD", "value": None, "decision": None, "decided_at": None},
            ],
        )
        connection.execute(
            insert(correction),
            {"series": "eia:RWTC", "day": DAY, "seen_at": at("2026-03-18T14:00"), "was": Decimal("90.10")},
        )
        connection.execute(insert(validator), {"url": "https://y/?a=é", "etag": 'W/"1"', "last_modified": None})
        connection.execute(insert(told), {"teller": "log", "subject": "wti", "state": "late"})
        connection.execute(revision.update().values(number=4711))
    return store


@pytest.fixture
def target(address: str) -> Iterator[Store]:
    """An empty one to move into, in turn in a file and on a server."""
    opened = open_store(address)
    yield opened
    opened.close()


def test_every_row_of_every_table_is_moved_from_any_to_any(store: Store, target: Store) -> None:
    before = all_in(everything(store))
    assert all(before.values())
    moved = move(store, target)
    assert all_in(target) == before
    assert all_in(store) == before
    assert (moved.revision, read_revision(target)) == (4711, 4711)
    assert moved.figures == len(before["observation"])
    assert moved.rows == sum(map(len, before.values()))
    assert holder_of(target, REFRESHER, NOW) is None  # who refreshes the old one does not refresh this one


@pytest.mark.parametrize("table", [observation, revision, held, correction], ids=lambda table: str(table.name))
def test_nothing_is_moved_into_a_store_that_has_figures(store: Store, target: Store, table: Table) -> None:
    everything(store)
    rows = {
        observation: {"series": "x", "day": DAY, "value": Decimal(1), "standing": 2},
        revision: {"id": 1, "number": 1, "committed_at": NOW},
        held: {"series": "x", "day": DAY, "rule": "jump", "first_seen": NOW, "standing": 2},
        correction: {"series": "x", "day": DAY, "seen_at": NOW, "was": Decimal(1)},
    }
    with target.write() as connection:
        connection.execute(insert(table), rows[table])
    before = all_in(target)
    with pytest.raises(StoreError, match="holds figures already; only an empty one is moved into"):
        move(store, target)
    assert all_in(target) == before


def test_a_store_without_figures_is_not_moved(store: Store, target: Store) -> None:
    with pytest.raises(StoreError, match="holds no figures"):
        move(store, target)


@pytest.fixture
def server_store(postgres: Server, _template: str) -> Iterator[Store]:
    opened = open_store(url := postgres.create(_template))
    yield opened
    opened.close()
    postgres.drop(url)


@contextmanager
def raw(folder: Path) -> Iterator[sqlite3.Connection]:
    """A full SQLite store, and the file itself."""
    everything(open_store(f"sqlite:///{folder}/ticker.db")).close()
    with closing(sqlite3.connect(folder / "ticker.db", isolation_level=None)) as file:
        yield file


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO observation VALUES ('ecb:GBP', '2026-02-30', '0.9', 2)", "is not sound"),
        ("UPDATE observation SET value = '0,9' WHERE series = 'eia:RWTC'", "is not sound"),
        ("UPDATE feed SET feed = '" + "x" * 300 + "'", "value too long"),
    ],
)
def test_where_one_row_cannot_be_moved_nothing_is(
    tmp_path: Path, server_store: Store, statement: str, said: str
) -> None:
    with raw(tmp_path) as file:
        file.execute(statement)
    source = open_store(f"sqlite:///{tmp_path}/ticker.db")
    with pytest.raises(StoreError, match=said):
        move(source, server_store)
    source.close()
    assert not any(all_in(server_store).values())


def test_where_the_copy_is_not_the_same_nothing_is_moved(store: Store, server_store: Store) -> None:
    """A trigger plays a database that changes what it is given."""
    everything(store)
    with server_store.write() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION rounded() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.value := rtrim(NEW.value, '0'); RETURN NEW; END$$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER rounds BEFORE INSERT ON observation FOR EACH ROW EXECUTE FUNCTION rounded()"
        )
    with pytest.raises(StoreError, match="The table observation is not the same"):
        move(store, server_store)
    assert not any(all_in(server_store).values())
