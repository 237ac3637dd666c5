"""Pure: how to read each publisher. One file a source; this is the one line of wiring."""

from __future__ import annotations

from ticker.sources import ecb, eia
from ticker.sources.source import Source

SOURCES: dict[str, Source] = {source.key: source for source in (ecb.SOURCE, eia.SOURCE)}
