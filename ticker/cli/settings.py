"""A command that looks at the settings."""

from __future__ import annotations

import os
import sys

import click

from ticker import config
from ticker.errors import TickerError


@click.command("check-config")
def check_config() -> None:
    """Show every setting, where it came from and whether it is good; then the catalog, the seed and the database."""
    from ticker import examine, terminal

    found = config.readings(os.environ)
    terminal.show_settings(found)
    wrong = [*config.strangers(os.environ), *(r.wrong for r in found if r.wrong)]
    for look in examine.LOOKS if not wrong else ():
        try:
            click.echo(look(config.load(os.environ)))
        except TickerError as failed:
            wrong.append(str(failed))
    for sentence in wrong:
        click.echo(f"ticker: {sentence}", err=True)
    sys.exit(1 if wrong else 0)


COMMANDS = (check_config,)
