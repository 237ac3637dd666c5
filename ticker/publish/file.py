"""A file that is to be published, and where to: what a folder and a bucket have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

MANIFEST = ".ticker.json"
"""The name of the list of what we published, in the place itself."""


@dataclass(frozen=True)
class File:
    """A file under its name. `digest` is of all that it is made of; `body` makes it, in whole.

    What names others has a higher `rank` than they have, and is written after them. `page` is an address that browsers
    go to and that has no ending; it leads to this file too.
    """

    name: str
    kind: str
    cache: str
    digest: str
    body: Callable[[], bytes]
    rank: int = 0
    page: bool = False


class Place(Protocol):
    """Where files are published. Every method raises PublishError, in one sentence that names the place.

    `shared` says whether processes of other machines may publish to the same one.
    """

    @property
    def shared(self) -> bool: ...  # noqa: D102 - said above

    def alone(self) -> AbstractContextManager[None]:
        """Be the only one that publishes there, as far as the place can know."""

    def packings(self, file: File) -> list[File]:
        """The files that stand for this one here: itself, and compressed ones beside it."""

    def there(self) -> Mapping[str, int]:
        """The size in bytes of each file that is there, by its name."""

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is none."""

    def write(self, files: list[tuple[File, bytes]]) -> None:
        """Put files there, in any order; each appears whole or not at all."""

    def remove(self, names: list[str]) -> None:
        """Take files away; one that is gone already is no error."""


def digest_of(*parts: str | bytes) -> str:
    """A digest of these, as a short text."""
    found = hashlib.blake2b(digest_size=12)
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
        found.update(b"\0")
    return found.hexdigest()
