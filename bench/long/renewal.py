"""When an open `<market-ticker>` asks again: the rule of static/embed.js, with the constants of the script itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "static" / "embed.js"


@dataclass(frozen=True)
class Rule:
    """The script's `#wait` for a server that never fails. All in seconds."""

    least: float
    spread: float
    old: tuple[float, float]
    soon: float
    vain: int

    def wait(self, until: float, awaited: bool, quiet: int, opened: bool, now: float, chance: float) -> float:
        """How long an element waits at `now` before it asks again.

        `until` and `awaited` are what the fragment says of itself, `quiet` is what `in_vain` counts, `opened`
        whether this was the first answer, and `chance` is drawn from 0 to 1, anew each time.
        """
        spread = self.least + self.spread * chance
        rest = until - now
        if rest <= 0 and opened:
            return self.old[0] + self.old[1] * chance
        most = 0.0 if (rest <= 0 or awaited or quiet) and quiet < self.vain else self.soon
        return (min(rest, most) if rest > 0 else most) + spread


def in_vain(quiet: int, until: float, before: tuple[float, bool], now: float) -> int:
    """How many times in a row something new was due and an answer did not have it, with the one that came at `now`.

    `quiet` is how many there were, `before` what the answer before this one said: its `until`, and `awaited`.
    """
    same = until == before[0] and (before[1] or until < now)
    return quiet + 1 if same or is_older(until, before, now) else 0


def is_older(until: float, before: tuple[float, bool], now: float) -> bool:
    """Whether an answer is older than the one before it, so that it is not shown."""
    return until < min(now, before[0])


def rule() -> Rule:
    """The rule with the numbers that stand in the script; ValueError where they stand there no more."""
    text = SCRIPT.read_text("utf-8")
    soon = re.search(r"SECOND = 1000, .*SOON = (\d+) \* SECOND;", text)
    old = re.search(r"return \((\d+) \+ (\d+) \* Math\.random\(\)\) \* SECOND", text)
    spread = re.search(r"spread = \((\d+) \+ (\d+) \* Math\.random\(\)\) \* SECOND", text)
    vain = re.search(r"this\.#quiet < (\d+) \?", text)
    if not soon or not old or not spread or not vain:
        raise ValueError(f"{SCRIPT}: its numbers are written in another way than bench/long/renewal.py knows")
    waits = float(old[1]), float(old[2])
    return Rule(float(spread[1]), float(spread[2]), waits, float(soon[1]), int(vain[1]))
