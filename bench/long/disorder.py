"""Faults that come and go by chance: which, at which source, for how long. One seed gives one course of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench.long.upstream import Fault

KINDS: Mapping[str, Fault] = {
    "refuse": {},
    "badtls": {},
    "hang": {"seconds": 2},
    "slow": {"seconds": 2},
    "status 403": {"kind": "status", "status": 403},
    "status 404": {"kind": "status", "status": 404},
    "status 429": {"kind": "status", "status": 429, "headers": {"Retry-After": "3600"}},
    "status 500": {"kind": "status", "status": 500},
    "status 503": {"kind": "status", "status": 503},
    "html200": {},
    "empty": {},
    "truncated": {},
    "cut": {},
    "garbage": {},
    "redirect": {"to": "https://elsewhere.example/"},
    "huge": {"megabytes": 30},
    "bomb": {},
    "bom": {},
    "crlf": {},
    "zero": {},
    "x100": {},
    "x100 of one": {"kind": "x100"},
    "duplicate": {},
    "shuffled": {},
    "future": {},
    "shrunk": {},
    "frozen": {},
    "lying304": {},
}
"""Every fault that the replay can make, by the name that tables give it."""

HARMLESS = ("bom", "crlf", "duplicate", "shuffled")
SLOW = ("hang", "slow")


def fault(name: str, host: str, code: str | None = None) -> Fault:
    """What to order of the replay: the named fault at a host, of one code where the fault is of one."""
    ordered: dict[str, Any] = {"kind": name, **KINDS[name], "match": host}
    return ordered | ({"code": code} if code and name.endswith("of one") else {})


@dataclass
class Disorder:
    """Faults at these hosts (source to host), some `every` so often, each for hours to days."""

    random: Random
    hosts: Mapping[str, str]
    codes: Mapping[str, Collection[str]]
    every: timedelta
    active: list[tuple[datetime, str, str, Fault]] = field(default_factory=list)
    ordered: int = 0
    _next: datetime | None = None

    def at(self, now: datetime) -> bool:
        """Let time pass; whether the faults are others now."""
        before = list(self.active)
        self.active = [one for one in self.active if one[0] > now]
        self._next = self._next or now + self.every * self.random.random()
        while self._next <= now:
            self.active.append(self._drawn(now))
            self.ordered += 1
            self._next += self.every * (0.1 + 1.8 * self.random.random())
        return self.active != before

    def faults(self) -> list[Fault]:
        """What to order of the replay."""
        return [ordered for *_, ordered in self.active]

    def slow(self) -> set[str]:
        """The sources that do not answer in time."""
        return {source for _, source, name, _ in self.active if name in SLOW}

    def _drawn(self, now: datetime) -> tuple[datetime, str, str, Fault]:
        name, source = self.random.choice(list(KINDS)), self.random.choice(list(self.hosts))
        lasts = timedelta(hours=self.random.choice((1, 4, 12, 30, 60)))
        code = self.random.choice(sorted(self.codes[source]))
        return now + lasts, source, name, fault(name, self.hosts[source], code.removeprefix("FX").removesuffix("CAD"))
