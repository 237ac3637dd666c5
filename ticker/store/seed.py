"""The seed: history that a release carries, written by our own export, so that a first run shows figures at once.

A text file. Lines of `# key: value` say when it was retrieved, from whom and under which terms; then one table a
source: a line `[source]`, a header `day,CODE,...`, and a row a day with the digits as published.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sqlalchemy import insert, select

from ticker.errors import ConfigError
from ticker.market.observation import Observation, Series, Standing
from ticker.market.quote import Publisher
from ticker.store.engine import Store
from ticker.store.figures import read_revision, span
from ticker.store.tables import observation, revision

_TITLE = "# Ticker seed 1"


@dataclass(frozen=True)
class Seed:
    """A seed file that was read: when its figures were retrieved, and its series by key."""

    retrieved: str
    figures: Mapping[str, Series]


def export(store: Store, wanted: Iterable[tuple[Publisher, Sequence[str]]], first: date, now: datetime) -> str:
    """The seed's text: all that is held since `first` of the codes wanted of each publisher."""
    out = io.StringIO()
    lines = [_TITLE, f"# retrieved: {now:%Y-%m-%dT%H:%M:%SZ}"]
    tables = io.StringIO()
    with store.read() as connection:
        for publisher, codes in wanted:
            lines += [f"# {publisher.key}: {publisher.name} | {publisher.url} | terms: {publisher.terms}"]
            columns = [
                {o.day: o.value for o in span(connection, f"{publisher.key}:{c}", first, date.max)} for c in codes
            ]
            tables.write(f"[{publisher.key}]\n")
            write = csv.writer(tables, lineterminator="\n").writerow
            write(["day", *codes])
            for day in sorted(set().union(*columns)):
                write([day.isoformat(), *(format(c[day], "f") if day in c else "" for c in columns)])
    out.write("\n".join(lines) + "\n" + tables.getvalue())
    return out.getvalue()


def read(file: Path) -> Seed:
    """Read a seed file; ConfigError says what is wrong with it."""
    try:
        return parse(file.read_text("utf-8"))
    except OSError as wrong:
        raise ConfigError(f"{file}: the seed cannot be read: {wrong.strerror or wrong}.") from wrong
    except (ValueError, InvalidOperation) as wrong:
        raise ConfigError(f"{file}: not a seed of Ticker: {wrong}.") from wrong


def parse(text: str) -> Seed:
    """The same from its text; ValueError or InvalidOperation where it is not one."""
    lines = text.splitlines()
    if not lines or lines[0] != _TITLE:
        raise ValueError(f"its first line is not {_TITLE!r}")
    about = dict(line[2:].split(": ", 1) for line in lines[1:] if line.startswith("# "))
    series: dict[str, list[Observation]] = {}
    source, head = "", list[str]()
    for cells in csv.reader(line for line in lines if not line.startswith("#")):
        if len(cells) == 1 and cells[0].startswith("["):
            source, head = cells[0].strip("[]"), []
        elif not head:
            head = cells
        elif len(cells) != len(head):
            raise ValueError(f"the row of {cells[0]!r} has {len(cells)} cells, not {len(head)}")
        else:
            day = date.fromisoformat(cells[0])
            for code, value in zip(head[1:], cells[1:], strict=True):
                if value:
                    series.setdefault(f"{source}:{code}", []).append(Observation(day, Decimal(value), Standing.SEED))
    return Seed(about.get("retrieved", ""), {key: tuple(rows) for key, rows in series.items()})


def plant_if_empty(store: Store, file: Path, now: datetime) -> int:
    """Start a database that holds nothing from a seed file; the number of figures put in."""
    return 0 if read_revision(store) else plant(store, read(file), now)


def plant(store: Store, seed: Seed, now: datetime) -> int:
    """Start an empty database from a seed; the number of figures put in, 0 where the database has some already.

    Rows dated after now are left out: a clock that is behind must not show what is yet to come.
    """
    rows = [
        {"series": key, "day": o.day, "value": o.value, "standing": o.standing}
        for key, series in seed.figures.items()
        for o in series
        if o.day <= now.date()
    ]
    with store.write() as connection:
        if not rows or connection.execute(select(revision.c.number)).first():
            return 0
        connection.execute(insert(observation), rows)
        connection.execute(insert(revision).values(id=1, number=1, committed_at=now))
    return len(rows)
