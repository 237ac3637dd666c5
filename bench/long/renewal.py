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
    minute: float
    soon: float
    longest: float

    def wait(self, until: float, awaited: bool, quiet: int, now: float, chance: float) -> float:
        """How long an element waits at `now` before it asks again.

        `until` and `awaited` are what the fragment says of itself, `quiet` is what `in_vain` counts, and `chance` is
        drawn from 0 to 1, anew each time.
        """
        spread = self.least + self.spread * chance
        rest = until - now
        if awaited or quiet:
            most = min(self.minute * 2.0 ** (quiet - 1), self.soon)
        else:
            most = self.longest if rest > 0 else 0.0
        return (min(rest, most) if rest > 0 else most) + spread


def in_vain(quiet: int, until: float, before: tuple[float, bool], now: float) -> int:
    """How many times in a row something new was due and an answer did not have it, with the one that came at `now`.

    `quiet` is how many there were, `before` what the answer before this one said: its `until`, and `awaited`.
    """
    return quiet + 1 if until == before[0] and (before[1] or until < now) else 0


def rule() -> Rule:
    """The rule with the numbers that stand in the script; ValueError where they stand there no more."""
    text = SCRIPT.read_text("utf-8")
    minutes = re.search(
        r"SECOND = 1000, MINUTE = (\d+) \* SECOND, SOON = (\d+) \* MINUTE, LONGEST = (\d+) \* MINUTE;", text
    )
    spread = re.search(r"spread = \((\d+) \+ (\d+) \* Math\.random\(\)\) \* SECOND", text)
    if not minutes or not spread:
        raise ValueError(f"{SCRIPT}: its constants are written in another way than bench/long/renewal.py knows")
    minute = float(minutes[1])
    return Rule(float(spread[1]), float(spread[2]), minute, minute * float(minutes[2]), minute * float(minutes[3]))
