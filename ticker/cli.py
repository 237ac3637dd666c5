"""The command line. Exit codes: 0 all well; 1 something is late, stale or failed; 2 wrong usage or configuration.

What only one command needs is imported inside it: the web workers are forked from `serve` and keep all it imported.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ticker import __version__, config
from ticker.errors import ConfigError, StoreError, TickerError, Undecidable
from ticker.logs import log_to_stderr
from ticker.market.history import RANGES, History, Span
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot
from ticker.render import document
from ticker.sources import SOURCES
from ticker.start import PUBLISHERS, SEED, Parts, clock, secrets_of, settle, start
from ticker.store import check as checks
from ticker.store import copies, decide
from ticker.store import restore as restoring
from ticker.store import seed as seeds
from ticker.store.engine import open_store
from ticker.store.feeds import read_feed
from ticker.store.held import Held, count_held, read_held

if TYPE_CHECKING:
    from ticker.ingest.refresher import Refresher

_PAUSE = 10.0  # seconds until a store that cannot be opened is tried again
_SEED_YEARS = 10


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ticker")
def ticker() -> None:
    """Market and currency widgets that a news site hosts itself."""


@ticker.command()
@click.option("--host", help="Address to listen on. Default: 127.0.0.1, or 0.0.0.0 where PORT is set.")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), envvar="WEB_CONCURRENCY", default=1, show_default=True)
def serve(host: str | None, port: int, workers: int) -> None:
    """Serve the widgets, and refresh the figures (TICKER_REFRESH=0: serve only)."""
    from ticker.serve import serve as run

    parts = _start()
    parts.store.close()  # the workers open their own
    run(host or ("0.0.0.0" if "PORT" in os.environ else "127.0.0.1"), port, workers, parts.settings.refresh)  # noqa: S104 - a platform that sets PORT routes to us


@ticker.command()
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def worker(parent: int | None) -> None:
    """Refresh the figures, without a web service. Any number may run: one is in charge."""
    settings = settle(os.environ)[0]
    log_to_stderr(settings.log_level, settings.log_format, settings.secrets)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_watch_parent, args=(parent, stop), daemon=True).start()
    parts = _start() if parent is None else _start_when_possible(stop)
    if parts is not None:
        _refresher(parts).run(stop)


@ticker.command()
@click.option("--all", "everything", is_flag=True, help="Look at every feed, not only at what is due.")
@click.option("--source", type=click.Choice(sorted(SOURCES)), help="Look at this source only.")
def refresh(everything: bool, source: str | None) -> None:
    """Look once at the sources that are due, and store what they say."""
    from ticker import terminal
    from ticker.ingest.refresh import lines

    parts = _start()
    log_to_stderr("ERROR", secrets=parts.settings.secrets)
    if source and source not in parts.sources:
        raise ConfigError(f"{source} needs a key: {SOURCES[source].needs.setting} is not set.")  # type: ignore[union-attr]
    wanted = [s for key, s in parts.sources.items() if source in (None, key)]
    with terminal.progress(len(lines(parts.catalog, wanted))) as told:
        results = _refresher(parts).once(everything, source, told)
    if not results:
        click.echo("nothing is due")
    needed = _needed(parts)
    sys.exit(1 if any(result.error and needed.intersection(result.line.keys) for result in results) else 0)


@ticker.command()
@click.option("--json", "as_json", is_flag=True, help="What /v1/quotes answers.")
@click.option("-i", "wanted", default="", help="Instruments and groups, comma separated.")
def quotes(as_json: bool, wanted: str) -> None:
    """Show the quotes."""
    snapshot = _start().snapshot(clock())
    keys = _keys(snapshot, wanted)
    shown: list[Quote] = [q for q in snapshot.quotes if q.instrument.key in keys]
    if as_json:
        click.echo(json.dumps(document.quotes(snapshot, keys), indent=1, ensure_ascii=False))
    else:
        from ticker import terminal

        terminal.show_quotes(snapshot, shown)
    sys.exit(0 if all(q.freshness == "current" for q in shown) else 1)


@ticker.command()
@click.argument("key")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV: day,value,source.")
@click.option("--range", "named", type=click.Choice(list(RANGES)), default="max", show_default=True)
def history(key: str, as_csv: bool, named: str) -> None:
    """Show every figure of an instrument, as /v1/history answers."""
    parts, now = _start(), clock()
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


@ticker.command()
def sources() -> None:
    """Show the state of every feed of every source."""
    from ticker import terminal
    from ticker.ingest.refresh import lines, when

    parts, now = _start(), clock()
    held = count_held(parts.store)
    rows = [
        (
            line,
            read_feed(parts.store, line.source.key, line.feed.key),
            when(parts.store, line, now, timedelta(0)),
            sum(held.get(key, 0) for key in line.keys),
        )
        for line in lines(parts.catalog, list(parts.sources.values()))
    ]
    terminal.show_sources(rows)
    needed = _needed(parts)
    wrong = (line for line, state, _, _ in rows if state.failures or state.error or not state.checked_at)
    sys.exit(1 if any(needed.intersection(line.keys) for line in wrong) else 0)


_DAY = click.DateTime(["%Y-%m-%d"])
_UNTIL = click.option("--to", "until", type=_DAY, help="Every day from DAY to this one.")


@ticker.command()
@click.argument("series", required=False)
@click.argument("day", type=_DAY, required=False)
@_UNTIL
def hold(series: str | None, day: datetime | None, until: datetime | None) -> None:
    """List the figures that are held back; with SERIES and DAY (eia:RWTC 2026-03-17), take one back from readers."""
    from ticker import terminal

    parts = _start()
    if series is None:
        terminal.show_held(read_held(parts.store))
        return
    if day is None:
        raise click.UsageError("Missing argument 'DAY'.")
    log_to_stderr(parts.settings.log_level)
    _told(decide.take_back(parts.store, _span(parts, series, day, until), clock()), "taken back")


@ticker.command()
@click.argument("series")
@click.argument("day", type=_DAY)
@_UNTIL
@click.option("--impossible", is_flag=True, help="Even a figure that is out of range.")
def accept(series: str, day: datetime, until: datetime | None, impossible: bool) -> None:
    """Let a figure in that is held back, or that was rejected."""
    parts = _start()
    log_to_stderr(parts.settings.log_level)
    chosen = _span(parts, series, day, until)
    found = decide.accept(parts.store, chosen, clock(), impossible)
    _told(found, "accepted")
    if any(h.rule in decide.IMPOSSIBLE for h in found):
        click.echo("Instruments whose range in the catalog it breaks go on leaving it out.")


@ticker.command()
@click.argument("series")
@click.argument("day", type=_DAY)
@_UNTIL
def reject(series: str, day: datetime, until: datetime | None) -> None:
    """Keep a figure that is held back out for good; another figure for its day is looked at anew."""
    parts = _start()
    log_to_stderr(parts.settings.log_level)
    _told(decide.reject(parts.store, _span(parts, series, day, until), clock()), "rejected")


def _span(parts: Parts, series: str, day: datetime, until: datetime | None) -> decide.Span:
    wanted = {key for i in parts.catalog.instruments for link in i.chain for key in link.series}
    known = sorted(wanted | {h.series for h in read_held(parts.store)})
    if series not in known:
        raise click.BadParameter(f"{series!r}: there are {', '.join(known)}", param_hint="SERIES")
    return decide.Span(series, day.date(), (until or day).date())


def _told(found: Sequence[Held], what: str) -> None:
    for h in found:
        click.echo(f"{h.series} {h.day}: {'its withdrawal' if h.value is None else h.value} {what}")


@ticker.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=SEED)
def seed(file: Path) -> None:
    """Write the seed: ten years of what the store holds of the instruments shown by default."""
    parts, now = _start(), clock()
    groups = [group for group in parts.catalog.groups if group.default]
    links = [i.chain[0] for group in groups for i in group.instruments]
    wanted = [
        (
            PUBLISHERS[key],
            list(dict.fromkeys(code for link in links if link.source == key for code in link.codes)),
        )
        for key in sorted({link.source for link in links})
    ]
    text = seeds.export(parts.store, wanted, now.date().replace(year=now.year - _SEED_YEARS, day=1), now)
    try:
        file.write_text(text, "utf-8")
    except OSError as wrong:
        raise ConfigError(f"{file}: the seed cannot be written: {wrong.strerror}.") from wrong
    click.echo(f"{file}: {len(text.encode()):,} bytes")


@ticker.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace the file, if it is there.")
def backup(file: Path, overwrite: bool) -> None:
    """Copy the database into FILE, whole, while it is served and refreshed."""
    if file.exists() and not overwrite:
        raise click.BadParameter(f"{file} is there already; --overwrite replaces it.", param_hint="FILE")
    copy = copies.backup(config.load(os.environ).database_url, file)
    click.echo(f"{file}: {copy.figures:,} figures at revision {copy.revision}, {copy.size:,} bytes")


@ticker.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a copy of the database back, while it is served and refreshed."""
    found, aside = restoring.restore(config.load(os.environ).database_url, file, clock())
    if aside:
        click.echo(f"{found.file} was no database any more: it is {aside} now")
    click.echo(f"{found.file}: {found.figures:,} figures from {file}, at revision {found.revision}")


@ticker.command()
@click.option("--source", "with_sources", is_flag=True, help="Fetch all history too, and compare. Nothing is stored.")
def check(with_sources: bool) -> None:
    """Look through all that is stored for what must not be there."""
    from ticker import terminal

    settings, loaded = settle(os.environ)
    if settings.database_url.startswith("sqlite:"):
        copies.file_of(settings.database_url)  # none is made by looking for it
    parts, now = Parts(settings, loaded, open_store(settings.database_url)), clock()
    report = checks.check(parts.store, parts.rules(now), now)
    terminal.show_report(report)
    sound = report.sound
    if with_sources:
        sound &= terminal.show_comparisons(_refresher(parts).compared())
    sys.exit(0 if sound else 1)


def main() -> None:
    """Run; every error that has a sentence is that sentence."""
    try:
        ticker(prog_name="ticker")
    except TickerError as wrong:
        click.echo(f"ticker: {wrong}", err=True)
        sys.exit(2 if isinstance(wrong, ConfigError | Undecidable) else 1)


def _start() -> Parts:
    return start(os.environ, clock())


def _refresher(parts: Parts) -> Refresher:
    from ticker.ingest.client import Client
    from ticker.ingest.refresher import Refresher
    from ticker.ingest.watcher import Watcher, tell_log
    from ticker.ingest.webhook import Webhook, wanted

    connect = partial(Client, parts.settings.contact, keys=secrets_of(parts.settings))
    looks = (parts.store, parts.revision, parts.snapshot, parts.reports)
    watchers = [Watcher("log", *looks, tell_log)]
    if parts.settings.webhook_url:
        watchers.append(Watcher("webhook", *looks, Webhook(parts.settings.webhook_url).tell, wanted))
    return Refresher(parts.store, parts.catalog, list(parts.sources.values()), connect, clock, watchers)


def _needed(parts: Parts) -> set[str]:
    """The series whose failures count: those in use, and all of an instrument that is late or worse.

    A reserve that fails while what stands before it is well is shown, and is nobody's alarm.
    """
    quotes = parts.snapshot(clock()).quotes
    links = (q.instrument.chain if q.freshness != "current" else (q.link,) for q in quotes)
    return {key for found in links for link in found for key in link.series}


def _keys(snapshot: Snapshot, wanted: str) -> set[str]:
    """The keys of instruments and groups named; of the default groups where none is."""
    catalog = snapshot.catalog
    groups = {group.key: {i.key for i in group.instruments} for group in catalog.groups}
    if not wanted:
        return {key for group in catalog.groups if group.default for key in groups[group.key]}
    known = groups | {i.key: {i.key} for i in catalog.instruments}
    for name in wanted.split(","):
        if name not in known:
            raise click.BadParameter(f"{name!r}: there are {', '.join(known)}", param_hint="-i")
    return {key for name in wanted.split(",") for key in known[name]}


def _start_when_possible(stop: threading.Event) -> Parts | None:
    """Wait for a store beside a web process that is serving from memory; None when told to stop."""
    from ticker.ingest.trouble import Trouble

    trouble = Trouble("refreshing")
    while not stop.is_set():
        try:
            return _start()
        except StoreError as wrong:
            trouble.met(wrong)
        stop.wait(_PAUSE)
    return None


def _watch_parent(parent: int, stop: threading.Event) -> None:
    while not stop.wait(2):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    main()
