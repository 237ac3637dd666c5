"""Walk the replay day by day, with faults by chance: `python -m bench.long.walk` writes docs/long/walk.md.

`python -m bench.long.walk FROM TO SEED` walks a part of the way, and writes nothing.

At every moment at which the refresher would wake, or at which time alone changes what readers see, all that they are
shown is held against what was published by then, worked out beside Ticker.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from bench.long.disorder import Disorder
from bench.long.installation import Installation, hosts, moment
from bench.long.page import write
from bench.long.upstream import upstream
from bench.long.verdict import verdict
from bench.report import Table

Leg = tuple[str, str, int]
HISTORY = timedelta(days=500)  # how far back the sources' histories reach: what a snapshot and a year's chart need
EVERY = timedelta(hours=40)
LEGS = (("2020-01-01T12:00", "2023-02-20T12:00", 1), ("2023-02-20T12:00", "2026-04-13T18:00", 2))
"""The whole way, for two processors: from, to, and the seed of its faults. Each begins with an empty store."""


@dataclass
class Walked:
    """What a walk saw."""

    days: int = 0
    moments: int = 0
    faults: int = 0
    requests: int = 0
    quotes: int = 0
    figures: int = 0
    alarms: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def walk(first: datetime, last: datetime, seed: int, every: timedelta = EVERY, told: bool = False) -> Walked:
    """Walk from one moment to another, from an empty store."""
    seen, began, begins = Walked(), time.perf_counter(), (first - HISTORY).date()
    with tempfile.TemporaryDirectory() as folder, upstream(Path(folder), begins) as sources:
        stage = Installation(Path(folder) / "ticker.db", sources, first)
        there = hosts([source.key for source in stage.sources])
        codes = {key: stage.parts.catalog.codes(key) for key in there}
        disorder = Disorder(Random(seed), there, codes, every)  # noqa: S311 - chance, not a secret
        stage.at(first)
        while stage.blank():  # a busy machine may fail to answer at first, and what was never there cannot be kept
            stage.at(stage.next_moment())
        while stage.now < last:
            if disorder.at(stage.now):
                seen.requests += len(sources.asked())
                sources.order(disorder.faults())
                stage.impatient = disorder.slow()
            _look(stage, begins, first, seen, told)
            before = stage.now
            stage.at(min(stage.next_moment(), stage.now + timedelta(hours=12)))
            seen.days += (stage.now.date() - before.date()).days
        seen.requests += len(sources.asked())
        seen.faults = disorder.ordered
        stage.close()
    seen.seconds = time.perf_counter() - began
    return seen


def _look(stage: Installation, begins: date, since: datetime, seen: Walked, told: bool) -> None:
    """Judge everything that readers are shown at a moment."""
    kept, now = stage.kept(), stage.now
    seen.moments += 1
    wrong = [f"{key} is blank" for key in stage.blank()]
    for q in stage.snapshot().quotes:
        found = verdict(q, kept, begins, since, now)
        seen.quotes += 1
        seen.figures += found.figures
        seen.alarms += found.false_alarm
        seen.reasons[found.reason or "as published"] += 1
        wrong += found.wrong
    seen.wrong += [f"{now:%Y-%m-%d %H:%M}: {what}" for what in wrong]
    if told:
        for what in wrong:
            print(f"{now:%Y-%m-%d %H:%M}: {what}", flush=True)


def report(legs: Sequence[Leg], seen: Walked) -> Table:
    """What it saw, as a table."""
    title = f"A walk from {legs[0][0][:10]} to {legs[-1][1][:10]}"
    seeds = ", ".join(f"{seed} from {first[:10]}" for first, _, seed in legs)
    about = (
        f"Seeds: {seeds}; each leg from an empty store, with a clock handed in and faults by chance, one every "
        f"{EVERY.total_seconds() / 3600:.0f} hours on average, each for one hour to sixty, at every source. "
        "At each moment every quote and its whole line was held against what had been published by then, worked out "
        "beside Ticker with fractions; where the newest was not shown, a reason had to stand beside it."
    )
    counts = {
        "days": seen.days,
        "moments": seen.moments,
        "faults": seen.faults,
        "requests": seen.requests,
        "quotes judged": seen.quotes,
        "figures checked": seen.figures,
        "wrong or blank": len(seen.wrong),
        "called late before it was": seen.alarms,
    }
    rows = [*counts.items(), *((f"quotes: {reason}", count) for reason, count in seen.reasons.most_common())]
    return Table(title, ("what", "how many"), [(what, f"{count:,}") for what, count in rows], about)


def together(walks: Sequence[Walked]) -> Walked:
    """The sums of several legs."""
    whole = Walked()
    for one in walks:
        for name in ("days", "moments", "faults", "requests", "quotes", "figures", "alarms"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        whole.reasons += one.reasons
        whole.wrong += one.wrong
        whole.seconds = max(whole.seconds, one.seconds)
    return whole


def _walked(leg: Leg) -> Walked:
    first, last, seed = leg
    return walk(moment(first), moment(last), seed, told=True)


def main() -> None:
    """Walk the whole way, or as told."""
    given = sys.argv[1:4]
    legs = [(given[0], given[1], int(given[2]))] if given else LEGS
    with ProcessPoolExecutor(len(legs)) as pool:
        seen = together(list(pool.map(_walked, legs)))
    table = report(legs, seen)
    print(table.text())
    if not given:
        write("walk", table, "python -m bench.long.walk", seen.seconds)
    sys.exit(1 if seen.wrong else 0)


if __name__ == "__main__":
    main()
