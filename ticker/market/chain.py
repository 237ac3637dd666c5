"""Which entry of its chain an instrument is drawn from: when to move on, and when to come back (rule 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ticker.market.freshness import Freshness

GOOD = 2
"""How many good publications bring back a source that was left."""


@dataclass(frozen=True)
class Fitness:
    """What a choice needs to know of an entry: its written form, its newest day, and how fresh that is."""

    entry: str
    newest: date | None
    freshness: Freshness


@dataclass(frozen=True)
class Left:
    """A preferred entry that was left: the newest day it was seen with, and its good publications since."""

    newest: date | None
    good: int = 0


@dataclass(frozen=True)
class Turn:
    """The entry that an instrument is drawn from, and what is remembered of the preferred ones that were left."""

    entry: str
    left: Mapping[str, Left] = field(default_factory=dict)


def turn(chain: Sequence[Fitness], before: Turn | None) -> Turn:
    """Whose turn it is. `before` is what was so until now; without it, it is the first entry's.

    It moves on when the entry in use is stale or empty and another is not, or when it is late while another's newest
    day is later. It comes back to a preferred entry that is current and has had two good publications since it was
    left, or was last stale; but not to an older day.
    """
    known = {at.entry: at for at in chain}
    used = known.get(before.entry, chain[0]) if before else chain[0]
    left = {e.entry: _seen(e, before.left.get(e.entry)) for e in _before(chain, used)} if before else {}
    back = next((e for e in _before(chain, used) if _is_back(e, left[e.entry]) and not _older(e, used)), None)
    now = back or used
    for other in chain:
        now = other if _better(other, now) else now
    return Turn(now.entry, {e.entry: left.get(e.entry, Left(e.newest)) for e in _before(chain, now)})


def _before(chain: Sequence[Fitness], used: Fitness) -> Sequence[Fitness]:
    return chain[: chain.index(used)]


def _seen(entry: Fitness, left: Left | None) -> Left:
    """What is now remembered of an entry that was left: a newer day, while it is current, is a good publication."""
    if left is None or entry.freshness in ("stale", "empty"):
        return Left(entry.newest)
    newer = entry.newest is not None and (left.newest is None or entry.newest > left.newest)
    good = newer and entry.freshness == "current"
    return replace(left, newest=entry.newest, good=left.good + 1) if good else left


def _is_back(entry: Fitness, left: Left) -> bool:
    return entry.freshness == "current" and left.good >= GOOD


def _older(one: Fitness, other: Fitness) -> bool:
    return other.newest is not None and (one.newest is None or one.newest < other.newest)


def _better(other: Fitness, best: Fitness) -> bool:
    """Whether to move on from an entry to another, before it or after it."""
    if other.newest is None or best.freshness == "current":
        return False
    if best.newest is None:
        return True
    if best.freshness == "stale":
        return other.freshness != "stale" or other.newest > best.newest
    return other.newest > best.newest and other.freshness != "stale"
