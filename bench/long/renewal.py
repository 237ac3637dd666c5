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
    longest: float

    def wait(self, until: float, awaited: bool, quiet: int, now: float, chance: float) -> float:
        """How long an element waits at `now` before it asks again.

        `until` and `awaited` are what the fragment says of itself, `quiet` how many times in a row an answer brought
        the same `until`; `chance` is drawn from 0 to 1, anew each time.
        """
        spread = self.least + self.spread * chance
        rest = until - now
        if rest > 0 and not awaited:
            return rest + spread
        doubled = min(self.minute * 2.0 ** (quiet - 1), self.longest) if awaited or quiet else 0.0
        return min(rest if rest > 0 else self.longest, doubled) + spread


def rule() -> Rule:
    """The rule with the numbers that stand in the script; ValueError where they stand there no more."""
    text = SCRIPT.read_text("utf-8")
    minutes = re.search(r"SECOND = 1000, MINUTE = (\d+) \* SECOND, LONGEST = (\d+) \* MINUTE;", text)
    spread = re.search(r"spread = \((\d+) \+ (\d+) \* Math\.random\(\)\) \* SECOND", text)
    if not minutes or not spread:
        raise ValueError(f"{SCRIPT}: its constants are written in another way than bench/long/renewal.py knows")
    minute = float(minutes[1])
    return Rule(float(spread[1]), float(spread[2]), minute, minute * float(minutes[2]))
