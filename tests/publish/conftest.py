"""A site that is published, and what stands in the place then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.web.conftest import FRESH, Site, site_at
from ticker.publish.file import Place
from ticker.publish.folder import Folder
from ticker.publish.keep import Publisher
from ticker.publish.publish import Published

URL = "https://figures.example"
FEW = ("/w/list?i=energy&lang=es", "/i/wti", "/v1/quotes", "/img/list.png")
"""A few addresses, which bring with them what they need."""


@dataclass
class Press:
    """A site and the place to which it is published."""

    site: Site
    place: Place
    folder: Path

    def publish(self, addresses: Sequence[str] = FEW) -> Published:
        self.site.look_again()
        return Publisher(self.site.parts, self.site.live, self.place, addresses).once()

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def seen(self) -> dict[str, tuple[int, int]]:
        """Every file that readers may ask for: which one it is, and when it was written."""
        files = [f for f in self.folder.rglob("*") if f.is_file() and ".ticker" not in str(f.relative_to(self.folder))]
        return {str(f.relative_to(self.folder)): (f.stat().st_ino, f.stat().st_mtime_ns) for f in files}


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    site = site_at(tmp_path, FRESH, URL, TICKER_PUBLIC_URL=URL)
    yield Press(site, Folder(tmp_path / "out"), tmp_path / "out")
    site.parts.store.close()
