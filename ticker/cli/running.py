"""Commands that serve and refresh."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from ticker.cli.publishing import VARIANTS, keep_published, publisher_of
from ticker.errors import ConfigError, StoreError
from ticker.logs import log_to_stderr
from ticker.sources import SOURCES
from ticker.start import clock, settle, start, start_unseen
from ticker.store.engine import require_ours

_PAUSE = 10.0  # seconds until a store that cannot be used is tried again; and that a publish under way has to end


@click.command()
@click.option("--host", help="Address to listen on. Default: 127.0.0.1, or 0.0.0.0 where PORT is set.")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), envvar="WEB_CONCURRENCY", default=1, show_default=True)
def serve(host: str | None, port: int, workers: int) -> None:
    """Serve the widgets, and refresh the figures (TICKER_REFRESH=0: serve only)."""
    from ticker.serve import serve as run

    run(host or ("0.0.0.0" if "PORT" in os.environ else "127.0.0.1"), port, workers)  # noqa: S104 - a platform that sets PORT routes to us


@click.command()
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
@click.option("--publish", "dest", help="Publish to this folder or s3://bucket/prefix whenever something changes.")
@VARIANTS
def worker(parent: int | None, dest: str | None, variants: Path | None) -> None:
    """Refresh the figures, without a web service. Any number may run: one is in charge."""
    if dest is None and variants is not None:
        raise click.UsageError("--variants says what is published; it needs --publish.")
    settings = settle(os.environ)[0]
    log_to_stderr(settings.log_level, settings.log_format, settings.secrets)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_watch_parent, args=(parent, stop), daemon=True).start()
    parts = start(os.environ, clock()) if parent is None else start_unseen(os.environ)
    if parent is not None and not _is_ready(parts.settings.database_url, stop):
        return
    refresher = parts.refresher()
    publishing = keep_published(publisher_of(parts, dest, variants), refresher, stop) if dest is not None else None
    refresher.run(stop)
    if publishing:
        publishing.join(timeout=_PAUSE)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Look at every feed, not only at what is due.")
@click.option("--source", type=click.Choice(sorted(SOURCES)), help="Look at this source only.")
def refresh(everything: bool, source: str | None) -> None:
    """Look once at the sources that are due, and store what they say."""
    from ticker import terminal
    from ticker.ingest.refresh import lines

    parts = start(os.environ, clock())
    log_to_stderr("ERROR", secrets=parts.settings.secrets)
    if source and source not in parts.sources:
        raise ConfigError(f"{source} needs a key: {SOURCES[source].needs.setting} is not set.")  # type: ignore[union-attr]
    wanted = [s for key, s in parts.sources.items() if source in (None, key)]
    with terminal.progress(len(lines(parts.catalog, wanted))) as told:
        results = parts.refresher().once(everything, source, told)
    if not results:
        click.echo("nothing is due")
    now, asked = clock(), {s.key for s in wanted}
    needed = parts.snapshot(now).needed
    failed = any(result.error and needed.intersection(result.line.keys) for result in results)
    fails = any(r.failures and r.source in asked and needed.intersection(r.series) for r in parts.reports(now))
    sys.exit(1 if failed or fails else 0)  # one that failed is not due again at once


def _is_ready(url: str, stop: threading.Event) -> bool:
    """Wait for a database beside a web process that is serving from memory; false when told to stop."""
    from ticker.ingest.trouble import Trouble

    trouble = Trouble("refreshing")
    while not stop.is_set():
        try:
            require_ours(url)
            return True
        except StoreError as wrong:
            trouble.met(wrong)
        stop.wait(_PAUSE)
    return False


def _watch_parent(parent: int, stop: threading.Event) -> None:
    while not stop.wait(2):
        if os.getppid() != parent:
            stop.set()


COMMANDS = (serve, worker, refresh)
