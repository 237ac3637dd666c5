"""What processes read that start later: the operator's catalog as it was when all was found good.

A file that is just being written, or has a mistake, would end each that reads it, at whatever moment one is started.
"""

from __future__ import annotations

import os
from pathlib import Path

from ticker import config
from ticker.config import Settings
from ticker.errors import ConfigError
from ticker.start import clock, settled, start
from ticker.store.engine import require_ours

_NAME = "TICKER_CATALOG"


class Kept:
    """Settings of this process and of those that it starts; `TICKER_CATALOG` leads them to a copy in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._own = os.environ.get(_NAME, "").strip()
        self._copy, self._next = folder / "catalog.toml", folder / "next.toml"

    def first(self) -> Settings:
        """Look at settings, catalog and database, make what is lacking there, and keep that catalog.

        ConfigError or StoreError where one is wrong.
        """
        settings = self._looked_at()
        start(os.environ | {_NAME: str(settings.catalog or "")}, clock()).store.close()
        self._keep(settings)
        return settings

    def again(self) -> None:
        """Look at the catalog as it is now, and whether the database can be read; then keep that catalog.

        ConfigError or StoreError where one is wrong: what was kept stays, and nothing is made or changed.
        """
        settings = self._looked_at()
        require_ours(settings.database_url, sound=True)
        self._keep(settings)

    def _looked_at(self) -> Settings:
        """The settings with a copy of the catalog, which was found good; a sentence about it names the file itself."""
        settings = config.load(os.environ | {_NAME: self._own})
        own = settings.catalog
        if own is None:
            return settings
        try:
            self._next.write_bytes(own.read_bytes())
        except OSError as wrong:
            raise ConfigError(f"{own}: the catalog cannot be read: {wrong.strerror or wrong}.") from wrong
        copied = config.load(os.environ | {_NAME: str(self._next)})
        try:
            settled(copied)
        except ConfigError as wrong:
            raise ConfigError(str(wrong).replace(str(self._next), str(own))) from wrong
        return copied

    def _keep(self, settings: Settings) -> None:
        if settings.catalog:
            self._next.replace(self._copy)
            os.environ[_NAME] = str(self._copy)
