"""Commands by which an operator decides about figures that are held back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

import click

from ticker.logs import log_to_stderr
from ticker.market.rules import CROSS, RANGE
from ticker.start import Parts, clock, start
from ticker.store import decide
from ticker.store.held import Held, read_held

_DAY = click.DateTime(["%Y-%m-%d"])
_A_DAY = click.argument("day", type=_DAY, metavar="DAY")
_UNTIL = click.option("--to", "until", type=_DAY, help="Every day from DAY to this one.")


@click.command()
@click.argument("series", required=False)
@click.argument("day", type=_DAY, metavar="[DAY]", required=False)
@_UNTIL
def hold(series: str | None, day: datetime | None, until: datetime | None) -> None:
    """List the figures that are held back; with SERIES and DAY (eia:RWTC 2026-03-17), take one back from readers."""
    from ticker import terminal

    parts = start(os.environ, clock())
    if series is None:
        terminal.show_held(read_held(parts.store))
        return
    if day is None:
        raise click.UsageError("Missing argument 'DAY'.")
    log_to_stderr(parts.settings.log_level)
    chosen = _span(parts, series, day, until)
    _told(decide.take_back(parts.store, chosen, clock()), "taken back")
    others = parts.catalog.beside(series)
    if others:
        click.echo(
            "Readers may be shown another source's figure for that day soon. To hold it too, once it is here:", err=True
        )
        for other in others:
            click.echo(f"  ticker hold {other} {chosen.first}" + (f" --to {chosen.last}" if until else ""), err=True)


@click.command()
@click.argument("series")
@_A_DAY
@_UNTIL
@click.option("--impossible", is_flag=True, help="Even one that cannot be: out of range, zero, for a weekend.")
def accept(series: str, day: datetime, until: datetime | None, impossible: bool) -> None:
    """Let a figure in that is held back, or that was rejected."""
    parts = start(os.environ, clock())
    log_to_stderr(parts.settings.log_level)
    chosen = _span(parts, series, day, until)
    found = decide.accept(parts.store, chosen, clock(), impossible)
    _told(found, "accepted")
    if any(h.rule in (RANGE, CROSS) for h in found):
        click.echo("Instruments whose range in the catalog it breaks go on leaving it out.")


@click.command()
@click.argument("series")
@_A_DAY
@_UNTIL
def reject(series: str, day: datetime, until: datetime | None) -> None:
    """Keep a figure that is held back out for good; another figure for its day is looked at anew."""
    parts = start(os.environ, clock())
    log_to_stderr(parts.settings.log_level)
    _told(decide.reject(parts.store, _span(parts, series, day, until), clock()), "rejected")


def _span(parts: Parts, series: str, day: datetime, until: datetime | None) -> decide.Span:
    known = sorted({*parts.catalog.series, *(h.series for h in read_held(parts.store))})
    if series not in known:
        raise click.BadParameter(f"{series!r}: there are {', '.join(known)}", param_hint="SERIES")
    if until and until < day:
        raise click.BadParameter(f"{until.date()} is before {day.date()}.", param_hint="--to")
    return decide.Span(series, day.date(), (until or day).date())


def _told(found: Sequence[Held], what: str) -> None:
    for h in found:
        click.echo(f"{h.series} {h.day}: {'its withdrawal' if h.value is None else h.value} {what}")


COMMANDS = (hold, accept, reject)
