"""Every source with every fault of the replay: `python -m bench.long.faults` writes docs/faults.md.

Two installations, one for currencies and one for energy, start from good figures on a Tuesday night. A source fails in
one way for two days, over its next publication; then it is well again. At every moment all quotes are held against what
was published; in the end the figures on record must be those of an installation that was left alone.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench.long.disorder import KINDS, SLOW, fault
from bench.long.installation import Installation, hosts, moment
from bench.long.page import commit
from bench.long.upstream import Upstream, upstream
from bench.long.verdict import verdict
from bench.program import ROOT
from bench.report import Table, about
from ticker.sources import SOURCES

BEGINS, BEFORE, AFTER = date(2024, 11, 4), "2026-03-17T22:00", "2026-03-19T22:00"
ENDS = {"currencies": "2026-03-20T22:00", "energy": "2026-03-25T22:00"}
MEMBERS = {"currencies": ("ecb", "frankfurter", "boc"), "energy": ("eia", "fred")}
_CODES = {"ecb": "GBP", "frankfurter": "GBP", "boc": "FXGBPCAD", "eia": "RNGWHHD", "fred": "DHHNGSP"}


@dataclass
class Met:
    """What came of one fault: reasons that stood beside quotes, what was wrong, and when all was well again."""

    reasons: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    recovered: timedelta | None = None

    def text(self) -> str:
        """It, in the words of the table."""
        if self.wrong:
            return f"**{self.wrong[0]}**"
        seen = ", ".join(sorted(self.reasons - {"", "on its way"})) or "nothing"
        if self.recovered is None:
            return f"{seen}; **not well again**"
        hours = self.recovered.total_seconds() / 3600
        return seen if not hours else f"{seen}; well after {hours:.0f} h"


@dataclass(frozen=True)
class Ground:
    """A group's database of the night before, and the figures of an undisturbed one at the end."""

    group: str
    before: Path
    end: Mapping[str, Mapping[date, str]]


@contextmanager
def grounds(folder: Path, sources: Upstream, groups: Sequence[str]) -> Iterator[dict[str, Ground]]:
    """Fill a database for each group, and let a copy of each go on undisturbed."""
    found = {}
    for group in groups:
        before = folder / f"{group}.db"
        stage = Installation(before, sources, moment(BEFORE), groups=(group,))
        sources.order([])
        stage.at(moment(BEFORE))
        stage.close()
        undisturbed = folder / f"{group}-undisturbed.db"
        shutil.copy(before, undisturbed)
        stage = Installation(undisturbed, sources, moment(BEFORE), groups=(group,))
        _go_on(stage, ENDS[group])
        found[group] = Ground(group, before, stage.stored())
        stage.close()
    yield found


def _go_on(stage: Installation, until: str) -> None:
    while stage.now < moment(until):
        stage.at(min(stage.next_moment(), moment(until)))


def meet(ground: Ground, folder: Path, sources: Upstream, source: str, name: str) -> Met:
    """One source fails in one way, and is well again."""
    file, met = folder / "met.db", Met()
    shutil.copy(ground.before, file)
    host = hosts([source])[source]
    code = _CODES[source].removeprefix("FX").removesuffix("CAD")
    sources.order([fault(name, host, code)])
    stage = Installation(file, sources, moment(BEFORE), (ground.group,), {source} if name in SLOW else ())
    while stage.now < moment(AFTER):
        _judge(stage, met)
        stage.at(min(stage.next_moment(), moment(AFTER)))
    sources.order([])
    stage.impatient = ()
    well = Met()
    while stage.now < moment(ENDS[ground.group]):
        well.reasons.clear()
        _judge(stage, well)
        undisturbed = well.reasons <= {"", "on its way"} or all(r.startswith("from ") for r in well.reasons - {""})
        if met.recovered is None and undisturbed:
            met.recovered = stage.now - moment(AFTER)
        elif not undisturbed:
            met.recovered = None
        stage.at(min(stage.next_moment(), moment(ENDS[ground.group])))
    met.wrong += well.wrong
    if not met.wrong and (other := _differs(stage.stored(), ground.end)):
        met.wrong.append(f"in the end {other}")
    stage.close()
    file.unlink()
    return met


def _judge(stage: Installation, met: Met) -> None:
    kept = stage.kept()
    met.wrong += [f"{key} is blank" for key in stage.blank()]
    for q in stage.snapshot().quotes:
        found = verdict(q, kept, BEGINS, moment(BEFORE), stage.now)
        met.reasons.add(found.reason)
        met.wrong += [f"{stage.now:%d %b %H:%M} {what}" for what in found.wrong]


def _differs(ours: Mapping[str, Mapping[date, str]], theirs: Mapping[str, Mapping[date, str]]) -> str:
    for key in sorted({*ours, *theirs}):
        here, there = ours.get(key, {}), theirs.get(key, {})
        for day in sorted({*here, *there}):
            if Decimal(here.get(day, "NaN")) != Decimal(there.get(day, "NaN")):
                return f"{key} {day} is {here.get(day)}, not {there.get(day)}"
    return ""


def meet_all(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Met]:
    """These pairs of source and fault, one after another."""
    groups = [group for group, members in MEMBERS.items() if {source for source, _ in pairs} & {*members}]
    of = {source: group for group, members in MEMBERS.items() for source in members}
    found = {}
    with (
        tempfile.TemporaryDirectory() as name,
        upstream(Path(name), BEGINS) as sources,
        grounds(Path(name), sources, groups) as ground,
    ):
        for source, kind in pairs:
            found[source, kind] = meet(ground[of[source]], Path(name), sources, source, kind)
    return found


def every() -> list[tuple[str, str]]:
    """Every source that needs no key with every fault."""
    return [(key, name) for name in KINDS for key, source in SOURCES.items() if source.needs is None]


def some(seed: int, count: int) -> list[tuple[str, str]]:
    """Some of them."""
    return random.Random(seed).sample(every(), count)  # noqa: S311 - chance, not a secret


def page(found: Mapping[tuple[str, str], Met], seconds: float) -> str:
    """The table."""
    sources = [key for key, source in SOURCES.items() if source.needs is None]
    rows = [(name, *(found[key, name].text() if (key, name) in found else "" for key in sources)) for name in KINDS]
    remark = (
        "What a reader notices while a source fails in one way for two days over its next publication, and how long "
        "after the fault's end all was as published again. Nothing: the figures came as if nothing had happened. `from "
        "fred`: the chain moved on, and the label says so. `held back`: the newest is kept from readers, by the rule "
        "named, and `/status` says so. `late`, `stale`: the widget says so. `the source fails`: the newest is not "
        "there yet, and `/status` says why. At no moment was a widget blank, or a figure other than published; in the "
        "end the record was that of an installation that was left alone. (A bold cell would say otherwise.)"
    )
    text = Table("Every source, every fault", ("fault", *sources), rows, remark).text()
    made = f"{about('python -m bench.long.faults', seconds)}Commit {commit()}.\n"
    return f"# What happens when a source fails\n\n{text}\n{made}"


def main() -> None:
    """Try every pair, or those of the sources named."""
    began = time.perf_counter()
    pairs = [(key, name) for key, name in every() if not sys.argv[1:] or key in sys.argv[1:]]
    found = meet_all(pairs)
    text = page(found, time.perf_counter() - began)
    print(text)
    if not sys.argv[1:]:
        (ROOT / "docs" / "faults.md").write_text(text, "utf-8")
    sys.exit(1 if any(met.wrong or met.recovered is None for met in found.values()) else 0)


if __name__ == "__main__":
    main()
