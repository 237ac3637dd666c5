"""A big catalog and a database for it: every instrument of its own series, a figure for every weekday."""

from __future__ import annotations

import itertools
import random
import sqlite3
import string
from datetime import date, timedelta
from pathlib import Path

from bench.program import environment
from ticker.start import clock, start

SIZE, DAYS = 1_000, 10_000
"""Instruments beside the default ones, and figures of each."""

_STANZA = """
[instruments.{key}]
group = "many"
name = "The euro in {code}"
label = "{code}"
detail = "EUR/{code}"
kind = "reference"
unit = "{code}"
decimals = 4
cadence = "daily"
range = ["0.0001", "100000"]
chain = [{chain}]
"""
_INSERT = "INSERT INTO observation (series, day, value, standing) VALUES (?, ?, ?, 2)"


def codes(size: int) -> list[str]:
    """So many codes that the ECB could have and has not."""
    return ["Q" + "".join(two) for two in itertools.product(string.ascii_uppercase, repeat=2)][: min(size, 676)] + [
        "J" + "".join(two) for two in itertools.product(string.ascii_uppercase, repeat=2) if two != ("P", "Y")
    ][: max(size - 676, 0)]


def big(folder: Path, size: int = SIZE, days: int = DAYS) -> dict[str, str]:
    """The environment of an installation with so many instruments more, each with so many days to the last weekday."""
    file = folder / "big.toml"
    made = codes(size)
    stanzas = [
        _STANZA.format(key=code.lower(), code=code, chain=f'"ecb: {code}"' + f', "frankfurter: {code}"' * (n % 4 == 0))
        for n, code in enumerate(made)
    ]
    file.write_text('[groups.many]\nlabel = "Many"\ndefault = false\n' + "".join(stanzas), "utf-8")
    given = environment(folder, TICKER_CATALOG=str(file))
    start(given, clock()).store.close()  # makes the tables, and plants the seed for the default ones
    fill(folder / "ticker.db", [f"ecb:{code}" for code in made], days)
    return given


def fill(database: Path, keys: list[str], days: int) -> None:
    """Put figures of so many weekdays, the last one not after today, into the tables."""
    last, dates = clock().date(), list[str]()
    for back in itertools.count():
        day: date = last - timedelta(days=back)
        if len(dates) == days:
            break
        if day.weekday() < 5:
            dates.append(day.isoformat())
    dates.reverse()
    chance = random.Random(6)  # noqa: S311 - figures, no secrets
    values = [f"{1 + chance.random():.4f}" for _ in range(days + len(keys))]
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    for n, key in enumerate(keys):  # the order of the table, so that every page is written once
        connection.executemany(_INSERT, zip(itertools.repeat(key), dates, values[n:]))
    connection.execute("COMMIT")
    connection.close()
