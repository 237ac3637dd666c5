"""Tables and progress for people: colours on a terminal, plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ticker.config import Reading
from ticker.ingest.compare import Comparison
from ticker.ingest.refresh import Line, Result
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot
from ticker.store.check import Report
from ticker.store.feeds import FeedState
from ticker.store.held import Held

_ARROWS = {"up": ("▲", "green"), "down": ("▼", "red"), "flat": ("=", "dim")}
_LISTED = 5  # held figures of one series and rule, above which they are counted
_WORDS = 110  # characters of what is said about a feed; the log has all of it
_DIFFERENCES = 20  # of a series, in words; the rest are counted
_FRESH = {"current": "green", "late": "yellow", "stale": "red", "empty": "red"}


def _console() -> Console:
    """As wide as the widest table: a terminal folds a long line, and no figure is ever shortened."""
    return Console(highlight=False, width=240)


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
    return table


def show_settings(readings: Iterable[Reading]) -> None:
    """The settings, a line each; secrets are hidden."""
    table = _table("setting", "value", "from", "")
    for r in readings:
        word, colour = ("wrong", "red") if r.wrong else ("good", "green")
        table.add_row(r.setting.name, r.shown or "-", "set" if r.is_set else "default", Text(word, style=colour))
    _console().print(table)


def show_quotes(snapshot: Snapshot, quotes: Sequence[Quote]) -> None:
    """The quotes, a line each."""
    figures = ("instrument", "value", "unit", "change", "percent", "as of", "previous")
    table = _table(*figures, "state", "next due (UTC)", "source", right=("value", "change", "percent"))
    for q in quotes:
        arrow, colour = _ARROWS.get(q.direction or "", ("", ""))
        table.add_row(
            q.instrument.key,
            Text(str(q.latest.value) if q.latest else "-", style="bold"),
            q.instrument.unit,
            Text(f"{arrow} {q.change:+}" if q.change is not None else "-", style=colour),
            Text(f"{q.change_percent:+}%" if q.change_percent is not None else "n/a", style=colour),
            str(q.latest.day) if q.latest else "-",
            str(q.previous.day) if q.previous else "-",
            Text(q.freshness, style=_FRESH[q.freshness]),
            f"{q.standing.next_due:%Y-%m-%d %H:%M}" if q.standing.next_due else "-",
            f"{q.publisher.short}: {q.link.formula or q.link.codes[0]}",
        )
    _console().print(table)


def show_sources(rows: Sequence[tuple[Line, FeedState, datetime, int]]) -> None:
    """Every feed: its state, when it was looked at, when it will be, and what is held back."""
    table = _table("feed", "state", "checked (UTC)", "next look (UTC)", "held", "what", right=("held",))
    for line, state, due, held in rows:
        word, colour = feed_word(state)
        table.add_row(
            line.name,
            Text(word, style=colour),
            f"{state.checked_at:%Y-%m-%d %H:%M}" if state.checked_at else "never",
            f"{due:%Y-%m-%d %H:%M}",
            str(held),
            _cut(state.error or ", ".join(sorted(line.codes))),
        )
    _console().print(table)


def show_held(found: Sequence[Held]) -> None:
    """Every figure that is held back, a line each; many of one series and rule in one line."""
    table = _table("series", "day", "value", "before", "first seen (UTC)", "last seen (UTC)", "rule", "the figure",
                   right=("value", "before"))  # fmt: skip
    for _, same in groupby(found, key=lambda h: (h.series, h.rule.key)):
        rows = list(same)
        one, last = rows[0], rows[-1]
        several = len(rows) > _LISTED
        for h in [one] if several else rows:
            table.add_row(
                h.series,
                f"{last.day} to {one.day}" if several else str(h.day),
                f"{len(rows)} figures" if several else "none" if h.value is None else str(h.value),
                "" if several or h.before is None else str(h.before),
                f"{min(r.first_seen for r in rows) if several else h.first_seen:%Y-%m-%d %H:%M}",
                f"{h.last_seen:%Y-%m-%d %H:%M}",
                h.rule.key,
                h.rule.sentence,
            )
    if found:
        _console().print(table)
    else:
        _console().print("nothing is held back")


def show_report(report: Report) -> None:
    """What was found in the database, a line each, and what was looked at."""
    for finding in report.findings:
        click.echo(f"{finding.where}: {finding.what}")
    word = "nothing wrong" if report.sound else "not sound"
    click.echo(f"{report.figures:,} figures of {report.series} series at revision {report.revision}: {word}")


def show_comparisons(comparisons: Iterable[Comparison]) -> bool:
    """Each series beside its source as it is compared; whether all is as the source has it."""
    sound = True
    for c in comparisons:
        if c.error:
            click.echo(f"{c.series}: {c.error.label}: {c.error}")
        for difference in c.differences[:_DIFFERENCES]:
            click.echo(f"{c.series}: {difference}")
        if len(c.differences) > _DIFFERENCES:
            click.echo(f"{c.series}: and {len(c.differences) - _DIFFERENCES} more like these")
        if not (c.error or c.differences):
            click.echo(f"{c.series}: {c.figures:,} figure{'s' * (c.figures != 1)}, as the source has them")
        sound &= not (c.error or c.differences)
    return sound


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def feed_word(state: FeedState) -> tuple[str, str]:
    """A word for a feed's state, and its colour."""
    if state.failures:
        return f"failed {state.failures}x", "red"
    if state.checked_at is None:
        return "never looked", "yellow"
    return ("incomplete", "yellow") if state.error else ("good", "green")


def result_line(result: Result) -> str:
    """What came of one look, in a line."""
    if result.error:
        return f"{result.line.name}: {result.error.label}: {result.error}"
    o = result.outcome
    if o is None or not (o.changed or o.held):
        return f"{result.line.name}: nothing new"
    held = f", {o.held} held back" if o.held else ""
    return (
        f"{result.line.name}: {o.added} new, {o.revised} revised, {o.withdrawn} withdrawn{held}; revision {o.revision}"
    )


@contextmanager
def progress(total: int) -> Iterator[Callable[[Result], None]]:
    """Tells of each result as it comes, over a bar on a terminal."""
    console = Console(stderr=True, highlight=False)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console,
                   disable=not console.is_terminal, transient=True)  # fmt: skip
    with bar:
        task = bar.add_task("reading the sources", total=total)

        def told(result: Result) -> None:
            stream = sys.stderr if result.error else sys.stdout
            (bar.console.print if console.is_terminal else lambda text: print(text, file=stream))(result_line(result))
            bar.advance(task)

        yield told
