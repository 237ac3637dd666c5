"""Who saw which figure when: for each new figure, how long its readers waited for it, and who was shown the old one."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.long.origin import Address, Version

Figures = tuple[str, ...]


@dataclass(slots=True)
class Event:
    """New figures that were stored at a second of the day, and what came of them. Seconds all.

    `waits` has an entry for each page that stood open with the figure before it when it was stored, or was shown that
    one later, and then showed it; `left` counts those that were closed first. The `old` ones say by how much an answer
    with the figure before it was out of date: a browser's own copy, or what came from a cache. `first` is when the
    first reader had it; negative while nobody has.
    """

    stored: float
    what: list[str]
    waits: array[float] = field(default_factory=lambda: array("f"))
    left: int = 0
    first: float = -1.0
    old_browser: array[float] = field(default_factory=lambda: array("f"))
    old_cache: array[float] = field(default_factory=lambda: array("f"))


@dataclass
class Ledger:
    """Editions of each address: the figures it shows and since when they are stored."""

    editions: dict[Address, list[tuple[int, Figures]]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _read: dict[Version, int] = field(default_factory=dict)

    def stored(self, second: float, what: Sequence[str], shown: Mapping[Address, Figures]) -> None:
        """Note what each address shows from now on; an event, if anything changed."""
        last = {address: editions[-1][1] for address, editions in self.editions.items()}
        changed = {address: figures for address, figures in shown.items() if last.get(address) != figures}
        if not changed:
            return
        self.events.append(Event(second, list(what)))
        for address, figures in changed.items():
            self.editions.setdefault(address, []).append((len(self.events) - 1, figures))

    def edition(self, version: Version) -> int:
        """Which edition of its address stands in an answer, by the figures in it."""
        found = self._read.get(version)
        if found is None:
            known = [figures for _, figures in self.editions[version.address]]
            if version.figures not in known:
                self.wrong.append(f"{version.address}: {version.figures} was never stored")
                known.append(version.figures)
            found = self._read[version] = len(known) - 1 - known[::-1].index(version.figures)
        return found

    def given(self, second: float, version: Version, by_browser: bool) -> int:
        """A reader got an answer: how old the old figure in it was by then. Its edition."""
        editions, edition = self.editions[version.address], self.edition(version)
        for n, _ in editions[edition + 1 : edition + 2]:
            event = self.events[n]
            (event.old_browser if by_browser else event.old_cache).append(second - event.stored)
        event = self.events[editions[edition][0]]
        if event.first < 0:
            event.first = second - event.stored
        return edition

    def renewed(self, second: float, address: Address, before: int, after: int, away: tuple[float, float]) -> None:
        """A reader saw newer figures than before. The time for which they were away is none in which they waited."""
        for n, _ in self.editions[address][before + 1 : after + 1]:
            stored = self.events[n].stored
            if not away[0] <= stored < away[1]:
                hidden = max(0.0, min(second, away[1]) - max(stored, away[0]))
                self.events[n].waits.append(second - stored - hidden)

    def gone(self, address: Address, edition: int) -> None:
        """A reader left, with this edition before them."""
        for n, _ in self.editions[address][edition + 1 :]:
            self.events[n].left += 1
