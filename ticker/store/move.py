"""Move everything that is stored from one database into another, in one transaction, and prove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import Connection, String, Table, delete, insert, select

from ticker.errors import StoreError
from ticker.store.engine import Store
from ticker.store.figures import revision_of
from ticker.store.tables import correction, held, lease, metadata, observation, revision

_AT_ONCE = 5_000
_TABLES = tuple(table for table in metadata.sorted_tables if table is not lease)  # who is in charge is not moved


@dataclass(frozen=True)
class Moved:
    """What was moved: how many rows, how many of them figures, and at which revision."""

    rows: int
    figures: int
    revision: int


def move(source: Store, target: Store) -> Moved:
    """Copy every row, and compare all of them before the transaction ends: all is there as it was, or nothing is.

    The source is read at one revision and stays as it is. StoreError where it holds no figures, where the target
    holds some already, or where a row is not the same afterwards.
    """
    with source.read() as old, target.write() as new:
        if not revision_of(old):
            raise StoreError(f"The database {source.name} holds no figures.")
        if any(new.execute(select(table).limit(1)).first() for table in (observation, revision, held, correction)):
            raise StoreError(f"The database {target.name} holds figures already; only an empty one is moved into.")
        try:
            count = {table.name: _copy(table, old, new) for table in _TABLES}
        except (ValueError, ArithmeticError) as wrong:
            raise StoreError(f"The database {source.name} is not sound, see `ticker check`: {wrong}.") from wrong
        for table in _TABLES:
            if not _same(table, old, new):
                raise StoreError(f"The table {table.name} is not the same in {target.name}; nothing was moved.")
        return Moved(sum(count.values()), count[observation.name], revision_of(new))


def _copy(table: Table, old: Connection, new: Connection) -> int:
    new.execute(delete(table))
    rows, names, count = _rows(table, old), table.columns.keys(), 0
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, _AT_ONCE)]:
        new.execute(insert(table), some)
        count += len(some)
    return count


def _same(table: Table, old: Connection, new: Connection) -> bool:
    """Whether both have the same rows, to the digit: `str` tells 0.8560 from 0.856."""
    pairs = zip_longest(_rows(table, old), _rows(table, new), fillvalue=())
    return all([str(v) for v in one] == [str(v) for v in other] for one, other in pairs)


def _rows(table: Table, connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Every row, in the same order wherever it is kept: text in the order of its bytes."""
    binary = "C" if connection.dialect.name == "postgresql" else "BINARY"
    order = [c.collate(binary) if isinstance(c.type, String) else c for c in table.primary_key]
    wanted = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
    with connection.execute(wanted) as found:
        yield from map(tuple, found)
