"""A refresh that kills itself: `python -m bench.long.victim FOLDER MOMENT [STEP]`.

It opens the database in that folder as every command does (tables, seed), looks at what is due at that moment, and
prints, a line of JSON each, what it looked at and how many steps it took. A step is a statement, the end of a
transaction, or an answer of a source; at the given one it ends as `kill -9` ends it, with nothing flushed, closed or
rolled back. STEP 0 is none, and prints each series' digest after every look as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from sqlalchemy import Engine, event

from ticker.ingest.client import Answer, Client, Limits
from ticker.ingest.refresh import Result
from ticker.ingest.refresher import Refresher
from ticker.sources import SOURCES
from ticker.sources.source import Request
from ticker.start import start
from ticker.store.feeds import Validators

PATIENT = Limits(connect=20, read=60, total=120)  # the machine may be busy, and the source is a replay


class Steps:
    """Counts steps, from any thread, and ends the process at the last one."""

    def __init__(self, last: int) -> None:
        self.taken, self._last = 0, last
        self._lock = threading.Lock()

    def take(self, *_: object) -> None:
        """One more."""
        with self._lock:
            self.taken += 1
            if self.taken == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


class Counted(Client):
    """A client whose requests and answers are steps."""

    def __init__(self, steps: Steps) -> None:
        super().__init__("long runs", PATIENT)
        self._steps = steps

    def fetch(self, request: Request, held: Validators, now: datetime) -> Answer:
        """Fetch as always."""
        self._steps.take()
        answer = super().fetch(request, held, now)
        self._steps.take()
        return answer


def digests(file: Path) -> dict[str, str]:
    """Every series of a database, each as a digest of its days, figures (1.140 is 1.14) and standings."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT series, day, value, standing FROM observation ORDER BY series, day")
        groups = groupby(rows, lambda row: str(row[0]))
        return {key: _digest([(d, Decimal(value).normalize(), s) for _, d, value, s in group]) for key, group in groups}


def _digest(rows: list[tuple[object, ...]]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def say(**what: object) -> None:
    """A line of JSON, at once."""
    print(json.dumps(what), flush=True)


def main(folder: str, moment: str, last: str = "0") -> None:
    """Open the database, and look at what is due."""
    steps, now, file = Steps(int(last)), datetime.fromisoformat(moment), Path(folder) / "ticker.db"
    for name in ("before_cursor_execute", "after_cursor_execute", "begin", "commit"):
        event.listen(Engine, name, steps.take)
    parts = start({"TICKER_DATABASE_URL": f"sqlite:///{file}"}, now)
    sources = [SOURCES[key] for key in ("ecb", "eia")]  # the others' figures would only take time
    catalog = parts.catalog.only([source.key for source in sources])
    refresher = Refresher(parts.store, catalog, sources, lambda: Counted(steps), lambda: now)

    def told(result: Result) -> None:
        state = {"state": digests(file)} if last == "0" else {}
        say(line=result.line.name, keys=result.line.keys, error=str(result.error or ""), **state)

    if last == "0":
        say(state=digests(file))
    refresher.once(everything=False, told=told)
    parts.store.close()
    say(steps=steps.taken)


if __name__ == "__main__":
    main(*sys.argv[1:])
