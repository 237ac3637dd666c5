"""The manifest: what we published to a place, so that only what changed is written and only what is ours removed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ticker.errors import PublishError
from ticker.publish.file import MANIFEST, Place

_FORMAT = 1
_KEPT = timedelta(days=7)  # for as long may a page be shown, kept by somebody, that names a script of before


@dataclass(frozen=True)
class Entry:
    """A file that we wrote: the digest of what it is made of, its size, and since when nothing names it any more.

    While it is being written its digest is empty.
    """

    digest: str
    size: int
    left: datetime | None = None


@dataclass(frozen=True)
class Manifest:
    """Our files in a place, by their names."""

    files: Mapping[str, Entry] = field(default_factory=dict)

    def writing(self, names: list[str]) -> Manifest:
        """The manifest while these are being written: they are ours, whatever is in them."""
        return Manifest({**self.files, **{name: Entry("", -1) for name in names}})

    def leftover(self, wanted: Mapping[str, Entry], now: datetime) -> tuple[dict[str, Entry], list[str]]:
        """What is not wanted any more: files named by their content, which stay a week, and names to remove."""
        stay: dict[str, Entry] = {}
        remove: list[str] = []
        for name, entry in self.files.items():
            if name in wanted:
                continue
            left = entry.left or now
            if name.startswith("static/") and entry.digest and now - left < _KEPT:
                stay[name] = Entry(entry.digest, entry.size, left)
            else:
                remove.append(name)
        return stay, remove

    def text(self) -> bytes:
        """As it is written."""
        files = {
            name: [e.digest, e.size, *([e.left.isoformat()] if e.left else [])]
            for name, e in sorted(self.files.items())
        }
        return json.dumps({"format": _FORMAT, "files": files}, indent=0).encode()


def read_manifest(place: Place, *, adopt: bool = False) -> Manifest:
    """The manifest of a place, empty where there is none; PublishError for one that is not ours.

    With `adopt` that one counts as none.
    """
    found = place.read(MANIFEST)
    if found is None:
        return Manifest()
    try:
        said = json.loads(found)
        if said["format"] != _FORMAT:
            raise ValueError(said["format"])
        return Manifest({name: _entry(*row) for name, row in said["files"].items()})
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        if adopt:
            return Manifest()
        raise PublishError(
            f"{place}: {MANIFEST} is no list of ours, or another release's. Nothing was written; name an empty place, "
            "or say --adopt if the files there are from a Ticker."
        ) from wrong


def _entry(digest: str, size: int, left: str | None = None) -> Entry:
    return Entry(str(digest), int(size), datetime.fromisoformat(left) if left else None)
