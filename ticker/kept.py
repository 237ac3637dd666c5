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

_CATALOG, _COUNTS = "TICKER_CATALOG", "TICKER_COUNTS"


class Kept:
    """Settings of this process and of those that it starts: `TICKER_CATALOG` leads them to a copy in `folder`.

    There is a place there too where they count together, unless the operator has named one.
    """

    def __init__(self, folder: Path) -> None:
        self._own = os.environ.get(_CATALOG, "").strip()
        self._copy, self._next, self._counts = folder / "catalog.toml", folder / "next.toml", folder / "counts"
        self._text: bytes | None = None
        if not os.environ.get(_COUNTS):
            os.environ[_COUNTS] = str(self._counts)

    def first(self) -> Settings:
        """Look at settings, catalog and database, make what is lacking there, and keep that catalog.

        ConfigError or StoreError where one is wrong.
        """
        settings, text = self._looked_at()
        start(os.environ | {_CATALOG: str(settings.catalog or "")}, clock()).store.close()
        self._keep(text)
        return settings

    def again(self) -> None:
        """Look at the catalog as it is now, and whether the database can be read; then keep that catalog.

        ConfigError or StoreError where one is wrong: what was kept stays, and nothing is made or changed.
        """
        settings, text = self._looked_at()
        require_ours(settings.database_url, sound=True)
        self._keep(text)

    def lay(self) -> None:
        """Put in its place what the next process reads, should somebody have swept it away; or ConfigError."""
        try:
            self._counts.mkdir(parents=True, exist_ok=True)
            if self._text is not None and not self._copy.exists():
                self._copy.write_bytes(self._text)
        except OSError as wrong:
            raise self._unkept(wrong) from wrong

    def _looked_at(self) -> tuple[Settings, bytes | None]:
        """The settings with a copy of the catalog, which was found good; a sentence about it names the file itself."""
        self.lay()
        settings = config.load(os.environ | {_CATALOG: self._own})
        own = settings.catalog
        if own is None:
            return settings, None
        try:
            text = own.read_bytes()
        except OSError as wrong:
            raise ConfigError(f"{own}: the catalog cannot be read: {wrong.strerror or wrong}.") from wrong
        try:
            self._next.write_bytes(text)
        except OSError as wrong:
            raise self._unkept(wrong) from wrong
        copied = config.load(os.environ | {_CATALOG: str(self._next)})
        try:
            settled(copied)
        except ConfigError as wrong:
            raise ConfigError(str(wrong).replace(str(self._next), str(own))) from wrong
        return copied, text

    def _unkept(self, wrong: OSError) -> ConfigError:
        return ConfigError(f"The folder {self._counts.parent} for temporary files cannot be used: {wrong.strerror}.")

    def _keep(self, text: bytes | None) -> None:
        if text is not None:
            self._text = text
            self._next.replace(self._copy)
            os.environ[_CATALOG] = str(self._copy)
