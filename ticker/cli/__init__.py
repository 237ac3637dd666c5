"""The command line. Exit codes: 0 all well; 1 something is late, stale or failed; 2 wrong usage or configuration.

What only one command needs is imported inside it: the web workers are forked from `serve` and keep all it imported.
"""

from __future__ import annotations

import sys

import click

from ticker import __version__
from ticker.cli import decisions, figures, keeping, publishing, running, settings
from ticker.errors import ConfigError, TickerError, Undecidable


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ticker")
def ticker() -> None:
    """Market and currency widgets that a news site hosts itself."""


for room in (running, figures, decisions, keeping, publishing, settings):
    for command in room.COMMANDS:
        ticker.add_command(command)


def main() -> None:
    """Run; every error that has a sentence is that sentence."""
    try:
        ticker(prog_name="ticker")
    except TickerError as wrong:
        click.echo(f"ticker: {wrong}", err=True)
        sys.exit(2 if isinstance(wrong, ConfigError | Undecidable) else 1)
