"""A database as the first release would have made it, with the figures of one of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import ticker.store

FIRST = "0001"


def aged(file: Path, to: Path) -> None:
    """Make it."""
    config = Config()
    config.set_main_option("script_location", str(Path(ticker.store.__file__).with_name("migrations")))
    engine = create_engine(f"sqlite:///{to}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST)
    engine.dispose()
    with closing(sqlite3.connect(to)) as old, old:
        old.execute("ATTACH ? AS today", (str(file),))
        tables = [name for (name,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table not in ("alembic_version", "held"):  # what is held is no figure, and has other columns today
                columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
                old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")  # noqa: S608
