"""Pure: how to read each publisher. One file a source; this is the one line of wiring."""

from __future__ import annotations

from ticker.sources import boc, ecb, eia, eiaapi, frankfurter, fred
from ticker.sources.source import Source

_ALL = (ecb.SOURCE, frankfurter.SOURCE, boc.SOURCE, eia.SOURCE, eiaapi.SOURCE, fred.KEYED, fred.SOURCE)
SOURCES: dict[str, Source] = {source.key: source for source in _ALL}
"""Every source, those that need a key among them."""
