"""What the settings lead to, looked at without making or changing anything: the catalog, the seed, the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ticker import catalog
from ticker.config import Settings
from ticker.errors import StoreError, discreet
from ticker.start import SEED, settled
from ticker.store import seed
from ticker.store.engine import HEAD, file_in, read_schema


def examine_catalog(settings: Settings) -> str:
    """What the catalog has, in words; ConfigError where it is wrong."""
    found = settled(settings)
    sources = {link.source for i in found.instruments for link in i.chain}
    file = settings.catalog or catalog.OURS
    return f"catalog {file}: {len(found.instruments)} instruments from {len(sources)} sources"


def examine_seed(settings: Settings) -> str:
    """What an empty database would start from; ConfigError where it cannot be read."""
    if settings.seed == "none":
        return "seed: none"
    file = Path(settings.seed) if settings.seed else SEED
    seed.read(file)
    return f"seed {file}: good"


def examine_database(settings: Settings) -> str:
    """At which schema the database is; StoreError where it cannot be opened, or is a newer program's."""
    file = file_in(settings.database_url)
    name = file or discreet(settings.database_url)
    if file and not file.exists():
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise StoreError(f"The database {file} cannot be made: its folder does not exist or is not writable.")
        return f"database {file}: not there yet; the first start makes it"
    found = read_schema(settings.database_url)
    if found is None:
        return f"database {name}: without tables; the first start makes them"
    if found > HEAD:
        raise StoreError(f"The database {name} was made by a newer Ticker: its schema is {found}, ours is {HEAD}.")
    return f"database {name}: schema {found}" + ("" if found == HEAD else f"; the next start brings it to {HEAD}")


LOOKS: tuple[Callable[[Settings], str], ...] = (examine_catalog, examine_seed, examine_database)
"""Every look, in order; each gives a line, and raises TickerError where something is wrong."""
