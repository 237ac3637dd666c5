"""A folder as a place to publish to: each file is written beside its place and renamed into it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from ticker.errors import PublishError
from ticker.publish.file import File, digest_of
from ticker.web.compress import compressed, fitting

_WORK = ".ticker-work"
_CODINGS = {"br": ".br", "gzip": ".gz"}


@dataclass(frozen=True)
class Folder:
    """A folder, which is made where there is none. Beside a file stand compressed ones, as nginx looks for them."""

    path: Path
    shared: ClassVar[bool] = False

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that publishes here; what one that was cut off left half written is swept away."""
        with self._told("cannot be written"):
            if self.path.exists() and not self.path.is_dir():
                raise PublishError(f"{self.path} is a file; name a folder, or one that is to be made.")
            _make(self.path)
            work = self.path / _WORK
            work.mkdir(exist_ok=True)
            lock = os.open(work / "lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            with self._told("cannot be written"):
                self._lock(lock)
                for left in work.glob("*.new"):
                    left.unlink()
            yield
        finally:
            os.close(lock)

    def packings(self, file: File) -> list[File]:
        """The file under its name here, and itself in brotli and gzip."""
        name = f"{file.name}/index.html" if file.page else file.name
        found = [replace(file, name=name)]
        body = file.body
        thorough = name.startswith("static/") or name.endswith((".js", ".css"))
        for coding, ending in _CODINGS.items() if not file.kind.startswith(("image/png", "font/")) else ():
            if not fitting(coding, file.kind, body()):
                continue
            digest = digest_of(file.digest, coding)

            def packed(coding: str = coding) -> bytes:
                return compressed(body(), coding, thorough=thorough)

            found.append(replace(file, name=name + ending, digest=digest, body=packed))
        return found

    def there(self) -> dict[str, int]:
        """The size of each file, but of those being written. A link to a folder counts as one: it leads elsewhere."""
        found: dict[str, int] = {}
        with self._told("cannot be read"):
            for folder, folders, names in os.walk(self.path):
                if _WORK in folders:
                    folders.remove(_WORK)
                for name in (*names, *(one for one in folders if Path(folder, one).is_symlink())):
                    file = Path(folder, name)
                    found[file.relative_to(self.path).as_posix()] = file.lstat().st_size
        return found

    def read(self, name: str) -> bytes | None:
        """A file's content."""
        with self._told("cannot be read"):
            file = self.path / name
            return file.read_bytes() if file.exists() else None

    def write(self, files: list[tuple[File, bytes]]) -> None:
        """Write each under another name, then give it its own. All may read it: whoever serves it is somebody else."""
        with self._told("cannot be written"):
            for file, body in files:
                new = self.path / _WORK / "file.new"
                new.write_bytes(body)
                new.chmod(0o644)
                target = self.path / file.name
                _make(target.parent)
                new.replace(target)

    def remove(self, names: list[str]) -> None:
        """Remove files, and folders that are empty then."""
        with self._told("cannot be written"):
            for name in names:
                file = self.path / name
                file.unlink(missing_ok=True)
                for parent in file.relative_to(self.path).parents:
                    folder = self.path / parent
                    if parent == Path() or not folder.is_dir() or any(folder.iterdir()):
                        break
                    folder.rmdir()

    def _lock(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as wrong:
            raise PublishError(f"{self.path}: another process is publishing there.") from wrong

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as wrong:
            raise PublishError(f"{self.path} {what}: {wrong.strerror or wrong}.") from wrong


def _make(folder: Path) -> None:
    """Make a folder that all may read, and those above it; one that is there stays as it is."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
