"""What was last told of, so that nothing is told twice, whichever process tells and however often it starts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from ticker.store.engine import Store
from ticker.store.tables import told


def read_told(store: Store, teller: str) -> dict[str, str]:
    """The states that a teller has told of, by subject."""
    with store.read() as connection:
        rows = connection.execute(select(told.c.subject, told.c.state).where(told.c.teller == teller))
        return {row.subject: row.state for row in rows}


def write_told(store: Store, teller: str, states: Mapping[str, str]) -> None:
    """Remember them; what is no longer among them is forgotten."""
    with store.write() as connection:
        connection.execute(delete(told).where(told.c.teller == teller))
        rows = [{"teller": teller, "subject": subject, "state": state} for subject, state in states.items()]
        if rows:
            connection.execute(insert(told), rows)
