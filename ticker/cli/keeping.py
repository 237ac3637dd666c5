"""Commands that look after the database: the seed it begins with, copies of it, and whether it is sound."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ticker import config
from ticker.errors import ConfigError
from ticker.start import PUBLISHERS, SEED, Parts, clock, settle, start
from ticker.store import check as checks
from ticker.store import copies
from ticker.store import restore as restoring
from ticker.store import seed as seeds
from ticker.store.engine import Store, file_in, open_store
from ticker.store.lease import REFRESHER, holder_of

_SEED_YEARS = 10


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=SEED)
def seed(file: Path) -> None:
    """Write the seed: ten years of what the store holds of the instruments shown by default."""
    parts, now = start(os.environ, clock()), clock()
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


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace the file, if it is there.")
def backup(file: Path, overwrite: bool) -> None:
    """Copy the database into FILE, whole, while it is served and refreshed."""
    if file.exists() and not overwrite:
        raise click.BadParameter(f"{file} is there already; --overwrite replaces it.", param_hint="FILE")
    copy = copies.backup(config.load(os.environ).database_url, file)
    click.echo(f"{file}: {copy.figures:,} figures at revision {copy.revision}, {copy.size:,} bytes")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a copy of the database back, while it is served and refreshed."""
    found, aside = restoring.restore(config.load(os.environ).database_url, file, clock())
    if aside:
        click.echo(f"{found.file} was no database any more: it is {aside} now")
    click.echo(f"{found.file}: {found.figures:,} figures from {file}, at revision {found.revision}")


@click.command()
@click.argument("from_url", metavar="FROM")
@click.argument("to_url", metavar="TO")
def migrate(from_url: str, to_url: str) -> None:
    """Move all that is stored from one database to another that is empty, from SQLite to PostgreSQL or back."""
    from ticker.store.move import move

    source = _there(from_url)
    charge = holder_of(source, REFRESHER, clock())
    moved = move(source, open_store(to_url))
    click.echo(f"{moved.figures:,} figures and {moved.rows - moved.figures:,} other rows at revision {moved.revision}, "
               "each compared")  # fmt: skip
    if charge:
        click.echo(f"{charge} still refreshes the old database: what it stores from now on is not moved.", err=True)


@click.command()
@click.option("--source", "with_sources", is_flag=True, help="Fetch all history too, and compare. Nothing is stored.")
def check(with_sources: bool) -> None:
    """Look through all that is stored for what must not be there."""
    from ticker import terminal

    settings, loaded = settle(os.environ)
    parts, now = Parts(settings, loaded, _there(settings.database_url)), clock()
    report = checks.check(parts.store, parts.rules(now), now)
    terminal.show_report(report)
    sound = report.sound
    if with_sources:
        sound &= terminal.show_comparisons(parts.refresher().compared())
    sys.exit(0 if sound else 1)


def _there(url: str) -> Store:
    """A database that is there; none is made by looking for it."""
    if file_in(url):
        copies.file_of(url)
    return open_store(url)


COMMANDS = (seed, backup, restore, migrate, check)
