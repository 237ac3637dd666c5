"""Publish: find what changed, write that, what is named before what names it, and remove last what is gone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath

from ticker.errors import PublishError
from ticker.publish.file import MANIFEST, File, Place, digest_of
from ticker.publish.manifest import Entry, Manifest, read_manifest

_AT_ONCE = 200  # files whose content is in memory at a time


@dataclass(frozen=True)
class Published:
    """What was done: files written, removed, and there in all."""

    written: int
    removed: int
    files: int


def publish(
    place: Place,
    files: Iterable[File],
    now: datetime,
    still: Callable[[], bool] = lambda: True,
    *,
    adopt: bool = False,
) -> Published | None:
    """Bring a place to these files. Nothing is written before all is made; None where it is `still` no more true then.

    A publish that was cut off is made good by the next: what was being written is written again. PublishError where
    the place cannot be read or written, or a file of somebody else stands where one of ours belongs; with `adopt` it
    counts as ours, for a place that lost its list.
    """
    before, there = read_manifest(place, adopt=adopt), place.there()
    with _spool() as spool:
        after, changed = _made(place, files, before, there, spool, adopt=adopt)
        stay, remove = before.leftover(after, now)
        if not still():
            return None
        final = Manifest(after | stay)
        if final == before and not changed:
            return Published(0, 0, len(after))
        _write_manifest(place, before.writing([file.name for file in changed]))
        for batch in _batches(changed):
            place.write([(file, file.body()) for file in batch])
        place.remove(remove)
        _write_manifest(place, final)
    return Published(len(changed), len(remove), len(after))


@contextmanager
def _spool() -> Iterator[Path]:
    """A folder for what is made, until it is written."""
    try:
        with tempfile.TemporaryDirectory(prefix="ticker-publish-") as folder:
            yield Path(folder)
    except OSError as wrong:
        raise PublishError(f"What is to be published cannot be put aside: {wrong.strerror or wrong}.") from wrong


def _made(
    place: Place, files: Iterable[File], before: Manifest, there: Mapping[str, int], spool: Path, *, adopt: bool
) -> tuple[dict[str, Entry], list[File]]:
    """The entries of all these files, and those that have to be written, whose bodies now are on disk."""
    after: dict[str, Entry] = {}
    changed: list[File] = []
    for file in (packed for one in files for packed in place.packings(one)):
        held = before.files.get(file.name)
        if held is None and not adopt and file.name in there and place.read(file.name) != file.body():
            raise PublishError(
                f"{place}: the file {file.name} there is not ours. Nothing was written; name another place, or say "
                f"--adopt if it is from a Ticker whose list, {MANIFEST}, was lost."
            )
        if other := next((str(above) for above in PurePosixPath(file.name).parents if str(above) in there), ""):
            raise PublishError(f"{place}: {other} there is no folder of ours. Nothing was written; name another place.")
        if held and held.digest == file.digest and there.get(file.name) == held.size:
            after[file.name] = replace(held, left=None)
            continue
        body = file.body()
        kept = spool / str(len(changed))
        kept.write_bytes(body)
        after[file.name] = Entry(file.digest, len(body))
        changed.append(replace(file, body=kept.read_bytes))
    return after, changed


def _batches(changed: list[File]) -> Iterator[list[File]]:
    for _, ranked in groupby(sorted(changed, key=lambda file: file.rank), key=lambda file: file.rank):
        same = list(ranked)
        yield from (same[at : at + _AT_ONCE] for at in range(0, len(same), _AT_ONCE))


def _write_manifest(place: Place, manifest: Manifest) -> None:
    text = manifest.text()
    place.write([(File(MANIFEST, "application/json", "no-store", digest_of(text), lambda: text), text)])
