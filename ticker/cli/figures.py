"""Commands that show what is held, and how its sources stand."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

import click

from ticker.market.history import RANGES, History, Span
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot
from ticker.render import document
from ticker.start import clock, start
from ticker.store.feeds import read_feed
from ticker.store.held import count_held


@click.command()
@click.option("--json", "as_json", is_flag=True, help="What /v1/quotes answers.")
@click.option("-i", "wanted", default="", help="Instruments and groups, comma separated.")
def quotes(as_json: bool, wanted: str) -> None:
    """Show the quotes."""
    snapshot = start(os.environ, clock()).snapshot(clock())
    keys = _keys(snapshot, wanted)
    shown: list[Quote] = [q for q in snapshot.quotes if q.instrument.key in keys]
    if as_json:
        click.echo(json.dumps(document.quotes(snapshot, keys), indent=1, ensure_ascii=False))
    else:
        from ticker import terminal

        terminal.show_quotes(snapshot, shown)
    sys.exit(0 if all(q.freshness == "current" for q in shown) else 1)


@click.command()
@click.argument("key")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV: day,value,source.")
@click.option("--range", "named", type=click.Choice(list(RANGES)), default="max", show_default=True)
def history(key: str, as_csv: bool, named: str) -> None:
    """Show every figure of an instrument, as /v1/history answers."""
    parts, now = start(os.environ, clock()), clock()
    snapshot = parts.snapshot(now)
    q = snapshot.by_key.get(key)
    if q is None:
        raise click.BadParameter(f"{key!r}: there are {', '.join(snapshot.by_key)}", param_hint="KEY")
    found = History(
        q.instrument, q.publisher, q.link.codes, Span(range=named).of(parts.line(q.instrument, q.link, now))
    )
    for piece in document.history_csv(found) if as_csv else document.history(found):
        click.echo(piece, nl=False)
    sys.exit(0 if found.line else 1)


@click.command()
def sources() -> None:
    """Show the state of every feed of every source."""
    from ticker import terminal
    from ticker.ingest.refresh import lines, when

    parts, now = start(os.environ, clock()), clock()
    held = count_held(parts.store)
    rows = [
        (
            line,
            read_feed(parts.store, line.source.key, line.feed.key),
            when(parts.store, line, now, timedelta(0)),
            line.held(held),
        )
        for line in lines(parts.catalog, list(parts.sources.values()))
    ]
    terminal.show_sources(rows)
    needed = parts.snapshot(clock()).needed
    wrong = (line for line, state, _, _ in rows if state.failures or state.error or not state.checked_at)
    sys.exit(1 if any(needed.intersection(line.keys) for line in wrong) else 0)


def _keys(snapshot: Snapshot, wanted: str) -> set[str]:
    """The keys of instruments and groups named; of the default groups where none is."""
    catalog = snapshot.catalog
    known = catalog.members
    if not wanted:
        return {key for group in catalog.groups if group.default for key in known[group.key]}
    for name in wanted.split(","):
        if name not in known:
            raise click.BadParameter(f"{name!r}: there are {', '.join(known)}", param_hint="-i")
    return {key for name in wanted.split(",") for key in known[name]}


COMMANDS = (quotes, history, sources)
