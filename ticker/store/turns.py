"""Which entry of its chain each instrument is drawn from, and what is remembered of those that were left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, delete, insert, select

from ticker.market.chain import Left, Turn
from ticker.store.engine import Store
from ticker.store.tables import turn


def read_turns(connection: Connection) -> dict[str, Turn]:
    """By instrument."""
    return {row.instrument: Turn(row.entry, _left(row.left)) for row in connection.execute(select(turn))}


def remember(store: Store, turns: Mapping[str, Turn]) -> None:
    """Remember these, and nothing of instruments that are not among them."""
    rows = [{"instrument": key, "entry": t.entry, "left": _text(t.left)} for key, t in turns.items()]
    with store.write() as connection:
        connection.execute(delete(turn))
        if rows:
            connection.execute(insert(turn), rows)


def _left(text: str) -> dict[str, Left]:
    return {
        entry: Left(date.fromisoformat(newest) if newest else None, good)
        for entry, (newest, good) in json.loads(text).items()
    }


def _text(left: Mapping[str, Left]) -> str:
    return json.dumps({entry: [at.newest.isoformat() if at.newest else None, at.good] for entry, at in left.items()})
