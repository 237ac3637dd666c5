"""kill -9 at any moment of a refresh: `python -m bench.long.kills [SEED]` writes docs/long/kills.md.

A refresh in a process of its own is killed at a step, or after a time; then the database must open, be whole, and hold
each series as it was before or after a commit, and no earlier than what had been told; and the next refresh must end
with the figures of one that was left alone.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.long.aged import aged
from bench.long.page import write
from bench.long.stages import Stage, stage_of
from bench.long.victim import digests
from bench.report import Table
from ticker.errors import StoreError
from ticker.start import start
from ticker.store.check import check
from ticker.store.copies import backup

TUESDAY, WEDNESDAY = "2026-03-17T22:00:00+00:00", "2026-03-18T22:00:00+00:00"
EARLY = 60  # steps within which tables are made and the seed is planted
EACH = 34  # kills of a scene


@dataclass(frozen=True)
class Scene:
    """What a refresh finds, and what it makes of it when it is left alone.

    `states` has each series' digests, in the order in which they came to be; `told` how far each feed had brought
    each of its series when it was told.
    """

    name: str
    before: Path | None
    moment: str
    states: Mapping[str, Sequence[str]]
    told: Mapping[str, Mapping[str, int]]
    steps: int
    seconds: float

    def laid(self, folder: Path) -> Path:
        """A fresh folder with the database as it was before."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if self.before is not None:
            shutil.copy(self.before, folder / "ticker.db")
        return folder / "ticker.db"


def scene(stage: Stage, name: str, before: Path | None, moment: str) -> Scene:
    """Watch a refresh that is left alone."""
    blank = Scene(name, before, moment, {}, {}, 0, 0)
    file = blank.laid(stage.folder / "alone")
    states: dict[str, list[str]] = {}
    told: dict[str, dict[str, int]] = {}

    def seen(state: Mapping[str, str]) -> None:
        for key, digest in state.items():
            line = states.setdefault(key, [""])  # a series may not be there at all yet
            if digest not in line:
                line.append(digest)

    if before is not None:
        states.update({key: [digest] for key, digest in digests(before).items()})
    began = time.monotonic()
    looks = stage.run(file, moment, 0)
    for said in looks:
        assert not said.get("error"), said
        seen(said.get("state", {}))
        if "line" in said:
            told[said["line"]] = {key: len(states[key]) - 1 for key in said["keys"]}
    return Scene(name, before, moment, states, told, looks[-1]["steps"], time.monotonic() - began)


@dataclass(frozen=True)
class Killed:
    """What one kill did. `wrong` says what must never be; `told` counts the looks told of before it."""

    how: str
    scene: str
    died: bool
    told: int
    figures: int
    wrong: tuple[str, ...]


def killed(stage: Stage, found: Scene, step: int, after: float | None) -> Killed:
    """Kill a refresh, look at what it left, and let another one finish."""
    file = found.laid(stage.folder / "killed")
    said = stage.run(file, found.moment, step, after)
    told = [one["line"] for one in said if "line" in one]
    wrong = list(_left(file, found, told)) if file.exists() else []
    again = stage.run(file, found.moment, -1)
    wrong += [f"the next refresh: {one['error']}" for one in again if one.get("error")]
    after_all, wanted = digests(file), {key: line[-1] for key, line in found.states.items()}
    wrong += [f"{key} is not as without the kill" for key in wanted if after_all.get(key) != wanted[key]]
    parts = start({"TICKER_DATABASE_URL": f"sqlite:///{file}"}, datetime.fromisoformat(found.moment))
    now = datetime.fromisoformat(found.moment)
    with closing(parts.store):
        report = check(parts.store, parts.rules(now), now)
    wrong += [f"{f.where}: {f.what}" for f in report.findings]
    died = not any("steps" in one for one in said)
    return Killed(
        "at a step" if after is None else "at a moment", found.name, died, len(told), report.figures, tuple(wrong)
    )


def _left(file: Path, found: Scene, told: Sequence[str]) -> Iterator[str]:
    """What is wrong with a database as a kill left it."""
    settings = {"TICKER_DATABASE_URL": f"sqlite:///{file}", "TICKER_SEED": "none"}
    try:
        with closing(start(settings, datetime.fromisoformat(found.moment)).store) as store:
            backup(store.url, file.with_name("copy.db"))  # reads every page of it
    except StoreError as wrong:
        yield str(wrong)
        return
    there = digests(file)
    for key, line in found.states.items():
        least = max((found.told[name].get(key, 0) for name in told), default=0)
        if there.get(key, "") not in line:
            yield f"{key} is as it never was"
        elif line.index(there.get(key, "")) < least:
            yield f"{key} has lost what was committed"


def scenes(stage: Stage, filled: Path) -> list[Scene]:
    """An empty folder; a day later; and the same from the tables of the first release."""
    old = stage.folder / "old.db"
    aged(filled, old)
    return [
        scene(stage, "an empty folder: tables, seed, all history", None, TUESDAY),
        scene(stage, "a day later", filled, WEDNESDAY),
        scene(stage, "a day later, from the first tables", old, WEDNESDAY),
    ]


def kills(stage: Stage, found: Sequence[Scene], each: int, chance: random.Random) -> Iterator[Killed]:
    """So many kills of each scene: half of them at steps, the first of which come more often, half at moments."""
    for one in found:
        for n in range(each):
            if n % 2:
                yield killed(stage, one, -1, chance.uniform(0.3, 0.7 * one.seconds))
            else:
                yield killed(stage, one, chance.randint(1, EARLY if n % 4 else one.steps), None)


def main(seed: int = 20) -> None:
    """Do it a hundred times, and write the page."""
    began, results, chance = time.monotonic(), list[Killed](), random.Random(seed)  # noqa: S311 - nothing secret
    with tempfile.TemporaryDirectory(prefix="ticker-kills-") as name, stage_of(Path(name)) as stage:
        filled = stage.folder / "filled"
        filled.mkdir()
        stage.run(filled / "ticker.db", TUESDAY, -1)
        for result in kills(stage, scenes(stage, filled / "ticker.db"), EACH, chance):
            results.append(result)
            print(len(results), result, flush=True)
    write("kills", _table(results), f"python -m bench.long.kills {seed}", time.monotonic() - began)
    sys.exit(1 if any(result.wrong for result in results) else 0)


def _table(results: Sequence[Killed]) -> Table:
    rows = []
    for (name, how), count in Counter((r.scene, r.how) for r in results).items():
        these = [r for r in results if (r.scene, r.how) == (name, how)]
        counts = (sum(r.died for r in these), sum(r.told for r in these), sum(r.figures for r in these))
        wrong = "; ".join(w for r in these for w in r.wrong) or "nothing"
        rows.append((name, how, str(count), *(f"{n:,}" for n in counts), wrong))
    head = ("what was refreshed", "killed", "times", "died", "commits told before", "figures compared", "wrong")
    remark = (
        "Each time the database opened and was whole, every series stood as before or after a commit, and not before "
        "one that had been told, and the next refresh ended with the figures of one that was left alone. A step is a "
        "statement, the end of a transaction, or an answer of a source. A refresh that was done before its time to be "
        "killed did not die."
    )
    return Table("kill -9", head, rows, remark)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
