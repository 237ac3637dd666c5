"""The figures that have a limit: one table of them all, and a paragraph on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.report import Claim, Table, measure, spread

_HEAD = ("figure", "limit", "measured: median (least to greatest)", "rounds", "kept", "command")
_REMARK = (
    "A ratio is that of one round, in which both sides were measured one after the other; what is judged is the median "
    "of all rounds. Below the table: what the other side was, what limits the figure now, and what it would take to "
    "move it."
)


def claims_of(tables: Mapping[str, Table], failed: Sequence[str]) -> str:
    """Table and paragraphs, in Markdown, of the measurements by their names; and the names of those that failed."""
    found = [(name, claim) for name, table in tables.items() for claim in table.claims]
    rows = [_row(name, claim) for name, claim in found]
    missing = f"\n\nNot measured, because the measurement failed: {', '.join(failed)}." if failed else ""
    text = Table("What has a limit", _HEAD, rows, _REMARK + missing).text()
    return text + "\n" + "\n".join(_paragraph(claim) for _, claim in found)


def _row(name: str, claim: Claim) -> tuple[str, ...]:
    limit = f"{claim.bound} {claim.limit:g}{f' {claim.unit}' if claim.unit else ' ×'}"
    kept = "yes" if claim.met else "**no**"
    return claim.figure, limit, _measured(claim), str(len(claim.measured)), kept, f"`python -m bench {name}`"


def _measured(claim: Claim) -> str:
    if not claim.unit:
        return spread(claim.measured)
    middle, least, most = (
        measure(one, claim.unit) for one in (claim.measured, [min(claim.measured)], [max(claim.measured)])
    )
    return f"{middle} ({least} to {most})"


def _paragraph(claim: Claim) -> str:
    return f"**{claim.figure[:1].upper()}{claim.figure[1:]}.** Beside: {claim.beside}. {claim.why}\n"
