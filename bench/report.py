"""What a measurement says: rows of a table, and where they are written."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

PAGE = Path(__file__).parent.parent / "docs" / "bench.md"
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
_SCALES = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")), "B": ((1 << 20, "MB"), (1 << 10, "kB"), (1, "B"))}


@dataclass(frozen=True)
class Claim:
    """A figure that has a limit: what was measured of it in each round, in seconds or as a ratio (no unit).

    `beside` is the other side of the ratio; `why` says what limits the figure now, and what it would take to move it.
    """

    figure: str
    bound: Literal["at least", "at most"]
    limit: float
    measured: Sequence[float]
    beside: str
    why: str
    unit: Literal["", "s"] = ""

    @property
    def met(self) -> bool:
        """Whether the median keeps to the limit."""
        middle = statistics.median(self.measured)
        return middle >= self.limit if self.bound == "at least" else middle <= self.limit


@dataclass(frozen=True)
class Table:
    """A measurement: its title, the head of its columns, its rows, a remark on how it was taken, and what it shows."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    remark: str
    claims: Sequence[Claim] = ()

    def text(self) -> str:
        """The table in Markdown."""
        lines = [f"## {self.title}", "", self.remark, ""]
        lines += [_line(self.head), _line(["---"] * len(self.head)), *map(_line, self.rows)]
        return "\n".join(lines) + "\n"


COLUMNS = ("what", "Ticker", "beside it", "ratio", "what it means")


def row(
    what: str, ours: Sequence[float], beside: str, theirs: Sequence[float], unit: str, means: str
) -> tuple[str, ...]:
    """A line of `COLUMNS`: medians, and the median, least and greatest ratio of the rounds."""
    return what, measure(ours, unit), f"{beside}: {measure(theirs, unit)}", times(ours, theirs), means


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """How many times those these are, round by round."""
    return [a / b for a, b in zip(these, those, strict=True)]


def times(these: Sequence[float], those: Sequence[float]) -> str:
    """The same: the median, and the least and greatest where they differ."""
    return spread(ratios(these, those))


def spread(ratios: Sequence[float]) -> str:
    """The median of ratios, and the least and greatest where they differ."""
    middle, least, most = (shown(of(ratios)) for of in (statistics.median, min, max))
    return f"{middle} ×" + (f" ({least} to {most})" if least != most else "")


def measure(values: Sequence[float], unit: str) -> str:
    """The median with its unit; seconds and bytes in a size that reads well."""
    value = statistics.median(values)
    for size, name in _SCALES.get(unit, ()):
        if value >= size:
            return f"{shown(value / size)} {name}"
    return f"{shown(value)} {unit}".strip()


def shown(value: float) -> str:
    """A number to three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def about(command: str, seconds: float) -> str:
    """The day, the machine and the command."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} with `{command}` in {seconds:.0f} seconds, on {cores} cores of "
        f"{platform.machine()} ({platform.system()}), Python {platform.python_version()}; load before it began: "
        f"{_BEFORE:.1f}.\n"
    )


def write(text: str) -> None:
    """Put the text between the marks of the page."""
    page = PAGE.read_text("utf-8")
    found = re.compile(f"{_BEGIN}.*{_END}", re.DOTALL)
    if not found.search(page):
        raise SystemExit(f"{PAGE}: the marks {_BEGIN} and {_END} are not in it.")
    PAGE.write_text(found.sub(lambda _: f"{_BEGIN}\n{text}{_END}", page), "utf-8")


_BEFORE = os.getloadavg()[0]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
