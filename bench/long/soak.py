"""A steady load through hundreds of faults: `python -m bench.long.soak [MINUTES]` writes docs/long/soak.md.

The real program (`ticker serve`, two workers and the refresher) runs against the replay with a clock that goes faster
than ours. Every answer is looked at: no 5xx, nothing blank, every figure as it was published; and the memory of all
its processes is watched. Faults are those of the sources, and of the machine: a locked database, a worker or the
refresher killed.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import libfaketime
import requests

from bench.long.disorder import Disorder
from bench.long.installation import hosts, moment
from bench.long.page import write
from bench.long.truth import published
from bench.long.upstream import Upstream, upstream
from bench.program import TICKER, free_port
from bench.report import Table
from ticker import catalog
from ticker.sources import SOURCES

BEGINS, FIRST = date(2024, 6, 3), "2026-03-02T12:00"
FASTER = 240  # an hour is ten days
FAULTS = 500
PAUSE = 0.02  # seconds between two requests of one reader
READERS = 2
ADDRESSES = (
    "/w/list", "/w/list?lang=es&theme=dark", "/w/strip", "/w/card?i=natgas", "/w/chart?i=wti",
    "/w/chart?i=usdinr&range=max", "/embed/list", "/i/gbpusd", "/", "/img/card.svg?i=brent", "/mail/list",
    "/feeds/wti.atom", "/oembed?url={base}/i/wti", "/v1/history/natgas?range=1y", "/v1/instruments", "/v1/sources",
    "/status", "/corrections", "/livez", "/readyz", "/metrics",
)  # fmt: skip
_MACHINE = ("the database is locked", "a worker is killed", "the refresher is killed")


@dataclass
class Soaked:
    """What was seen."""

    requests: int = 0
    figures: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    freshness: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    broken: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds, MB of all processes
    lines: int = 0
    days: float = 0.0

    def found(self, what: str) -> None:
        """Something is wrong: it is told at once, and kept."""
        self.wrong.append(what)
        print(what, flush=True)

    def trend(self) -> float:
        """MB an hour, by the second half of the run."""
        late = self.memory[len(self.memory) // 2 :]
        if len(late) < 3:
            return 0.0
        slope, _ = statistics.linear_regression([at for at, _ in late], [size for _, size in late])
        return slope * 3600


@dataclass
class Program:
    """`ticker serve` while it runs, with a clock that began at `first` and goes faster."""

    process: subprocess.Popen[bytes]
    base: str
    file: Path
    began: float
    first: datetime

    def now(self) -> datetime:
        """The moment it believes it is."""
        return self.first + timedelta(seconds=(time.time() - self.began) * FASTER)

    def children(self) -> dict[int, str]:
        """Its processes and their command lines."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = {}
        for pid in map(int, file.read_text().split()):
            try:
                found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def memory(self) -> float:
        """Resident MB of all its processes."""
        total = 0
        for pid in (self.process.pid, *self.children()):
            try:
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                continue
        return total / (1 << 20)


@contextmanager
def served(folder: Path, sources: Upstream) -> Iterator[Program]:
    """Start it, and wait until it has read its sources."""
    library = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"))
    port, first = free_port(), moment(FIRST)
    began = time.time()
    env = {**os.environ, **sources.environment(), "TZ": "UTC", "TICKER_SEED": "none", "TICKER_LOG_FORMAT": "json"}
    env |= {"LD_PRELOAD": str(library), "FAKETIME": f"@{first:%Y-%m-%d %H:%M:%S} x{FASTER}"}
    env |= {
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONWARNINGS": "ignore",
        "TICKER_DATABASE_URL": f"sqlite:///{folder}/t.db",
    }
    command = [*TICKER, "serve", "--port", str(port), "--workers", "2"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as process:
        program = Program(process, f"http://127.0.0.1:{port}", folder / "t.db", began, first)
        try:
            _filled(program, sources)
            yield program
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _filled(program: Program, sources: Upstream) -> None:
    """Let the sources go with its clock until every default quote has a figure."""
    session = _session()
    for _ in range(600):
        sources.move(program.now())
        try:
            quotes = session.get(f"{program.base}/v1/quotes", timeout=10).json()["quotes"]
            if all(quote["value"] for quote in quotes):
                return
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(0.2)
    raise RuntimeError("it was not filled in two minutes")


def _session() -> requests.Session:
    """One that goes to it straight, not through the replay."""
    session = requests.Session()
    session.trust_env = False
    return session


def soak(minutes: float, seed: int = 1) -> Soaked:
    """Load it for so long."""
    seen, done = Soaked(), threading.Event()
    with (
        tempfile.TemporaryDirectory() as name,
        upstream(Path(name), BEGINS) as sources,
        served(Path(name), sources) as p,
    ):
        readers = [threading.Thread(target=_read, args=(p, seen, done, Random(seed + n))) for n in range(READERS)]  # noqa: S311 - chance, not a secret
        for reader in readers:
            reader.start()
        _disturb(p, sources, seen, minutes, Random(seed))  # noqa: S311 - chance, not a secret
        done.set()
        for reader in readers:
            reader.join()
        seen.days = (p.now() - p.first).total_seconds() / 86_400
        seen.lines = len((Path(name) / "log").read_bytes().splitlines())
    return seen


def _disturb(p: Program, sources: Upstream, seen: Soaked, minutes: float, random: Random) -> None:
    """Move the sources along, have faults come and go, and watch the memory."""
    keyless = [key for key, source in SOURCES.items() if source.needs is None]
    codes = {key: catalog.load().codes(key) for key in keyless}
    each = timedelta(minutes=60 * FASTER / FAULTS)  # of its own time: five hundred an hour of ours
    disorder = Disorder(random, hosts(keyless), codes, each)
    began, weighed, machine = time.monotonic(), 0.0, -30.0
    while (gone := time.monotonic() - began) < minutes * 60:
        now = p.now()
        sources.move(now)
        before = len(disorder.active)
        if disorder.at(now):
            sources.order(disorder.faults())
            seen.faults.update(name for _, _, name, _ in disorder.active[before:])
        if gone - machine > 45:
            machine = gone
            seen.faults[_hurt(p, random)] += 1
        if gone - weighed > 5:
            weighed = gone
            seen.memory.append((gone, p.memory()))
        time.sleep(0.25)


def _hurt(p: Program, random: Random) -> str:
    """Something happens to the machine."""
    what = random.choice(_MACHINE)
    if what == "the database is locked":
        with closing(sqlite3.connect(p.file, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(4)
            connection.execute("ROLLBACK")
        return what
    of_refresher = what == "the refresher is killed"
    for pid, command in p.children().items():
        if ("--parent" in command) == of_refresher and "resource_tracker" not in command:
            os.kill(pid, signal.SIGKILL)
            break
    return what


def _read(p: Program, seen: Soaked, done: threading.Event, random: Random) -> None:
    """One reader: an address, and every few the quotes, each looked at."""
    with _session() as session:
        while not done.wait(PAUSE):
            path = "/v1/quotes" if random.random() < 0.25 else random.choice(ADDRESSES).format(base=p.base)
            try:
                answer = session.get(p.base + path, timeout=20)
            except requests.RequestException:  # the worker that was killed took the connection with it
                seen.broken += 1
                continue
            seen.requests += 1
            seen.statuses[answer.status_code] += 1
            if answer.status_code >= 400:
                seen.found(f"{p.now():%Y-%m-%d %H:%M} {path}: {answer.status_code} {answer.text[:80]}")
            elif path == "/v1/quotes":
                _check(p, answer.text, seen)
            elif path.startswith("/w/list") and ">—<" in answer.text:
                seen.found(f"{p.now():%Y-%m-%d %H:%M} {path}: a blank row")


def _check(p: Program, text: str, seen: Soaked) -> None:
    for quote in json.loads(text)["quotes"]:
        key, value, before = quote["key"], quote["value"], quote["previous"]
        if value is None or before is None:
            seen.found(f"{p.now():%Y-%m-%d %H:%M} {key} is blank")
            continue
        decimals = len(value.partition(".")[2])
        truth = published(quote["source"]["key"], tuple(quote["source"]["series"]), decimals, BEGINS)
        day, earlier = date.fromisoformat(quote["as_of"]), date.fromisoformat(before["as_of"])
        right = truth.values.get(day) == Fraction(value) and truth.values.get(earlier) == Fraction(before["value"])
        out = day in truth.values and truth.out_at(day) <= p.now()
        if not right or not out:
            seen.found(f"{p.now():%Y-%m-%d %H:%M} {key}: {value} of {day}, {before['value']} of {earlier}")
        seen.figures += 2
        seen.freshness[quote["freshness"]] += 1


def report(seen: Soaked, minutes: float) -> Table:
    """What was seen, as a table."""
    sizes = [size for _, size in seen.memory]
    rows = [
        ("minutes", f"{minutes:g}"),
        ("days that went by for it", f"{seen.days:.1f}"),
        ("faults", f"{seen.faults.total():,}"),
        ("requests answered", f"{seen.requests:,}"),
        ("of them 5xx", f"{sum(n for status, n in seen.statuses.items() if status >= 500):,}"),
        ("figures checked", f"{seen.figures:,}"),
        ("wrong or blank", f"{len(seen.wrong):,}"),
        ("connections that a killed worker took with it", f"{seen.broken:,}"),
        ("memory of all processes, MB: after a tenth, at the end, most", " / ".join(
            f"{size:.0f}" for size in (sizes[len(sizes) // 10], sizes[-1], max(sizes)))),
        ("its trend over the second half, MB an hour", f"{seen.trend():+.1f}"),
        ("lines in the log", f"{seen.lines:,}"),
        *((f"quotes called {word}", f"{n:,}") for word, n in seen.freshness.most_common()),
        *((f"fault: {name}", f"{n:,}") for name, n in seen.faults.most_common()),
    ]  # fmt: skip
    about = (
        f"`ticker serve --workers 2` against the replay from {FIRST}, with a clock {FASTER} times as fast as ours, "
        f"{READERS} readers with pauses of {PAUSE * 1000:.0f} ms, and faults by chance at every source, each for an "
        "hour to two and a half days of its time; every 45 seconds the database was locked for four, or a worker or "
        "the refresher was killed. A figure is right where it is what was published for its day, by the source that "
        "stands beside it, by then."
    )
    return Table("A soak", ("what", ""), rows, about)


def main() -> None:
    """Soak for an hour, or as told."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    began = datetime.now(UTC)
    seen = soak(minutes)
    table = report(seen, minutes)
    print(table.text())
    if minutes >= 30:
        write("soak", table, "python -m bench.long.soak", (datetime.now(UTC) - began).total_seconds())
    sys.exit(1 if seen.wrong else 0)


if __name__ == "__main__":
    main()
