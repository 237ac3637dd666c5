"""Our scripts and styles, under addresses that name their content, so that they may be kept for ever."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


STABLE = ("chart.js", "embed.js", "frame.js", "ticker.css")
"""What pages of other sites load, each at an address that stays too."""

_SMALL = "vendor/min/"
"""Where the build puts the small form of our scripts; its name has the digest of what it was made of."""


@dataclass(frozen=True)
class Asset:
    """A file that is served: its type and content."""

    kind: str
    body: bytes


@dataclass(frozen=True)
class Assets:
    """Every file under `static/`, by the address after `/static/`: `ticker.3f2a91c4.css`."""

    by_address: Mapping[str, Asset]
    by_name: Mapping[str, str]
    base: str = ""

    @classmethod
    def read(cls, folder: Path, base: str = "", made: Callable[[str, bytes], bytes] | None = None) -> Assets:
        """Read the folder, once. `base` is what stands before all our paths.

        `made` gives what is served for a file, by its name and content; by default the content.
        """
        by_address: dict[str, Asset] = {}
        by_name: dict[str, str] = {}
        for file in sorted(folder.rglob("*")):
            kind = _KINDS.get(file.suffix) or mimetypes.guess_type(file.name)[0]
            name = file.relative_to(folder).as_posix()
            if file.is_file() and kind and not file.name.startswith(".") and not name.startswith(_SMALL):
                body = _small(folder, name, file.read_bytes())
                body = made(name, body) if made else body
                address = f"{name.removesuffix(file.suffix)}.{hashlib.sha256(body).hexdigest()[:10]}{file.suffix}"
                by_address[address] = Asset(kind, body)
                by_name[name] = address
        return cls(by_address, by_name, base)

    def address(self, name: str) -> str:
        """The address of a file on its host, such as `/static/ticker.3f2a91c4.css`; KeyError if there is none."""
        return self.base + self.path(name)

    def path(self, name: str) -> str:
        """The same without what stands before all our paths."""
        return f"/static/{self.by_name[name]}"

    def integrity(self, name: str) -> str:
        """The file's digest, as a page that loads it may demand: `sha384-…`."""
        digest = hashlib.sha384(self.by_address[self.by_name[name]].body).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"


def _small(folder: Path, name: str, body: bytes) -> bytes:
    """The small form of a script, where the build has made one of just this text; else the text."""
    made = folder / _SMALL / f"{name.removesuffix('.js')}.{hashlib.sha256(body).hexdigest()[:10]}.js"
    return made.read_bytes() if "/" not in name and made.is_file() else body
