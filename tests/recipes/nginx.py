"""A real nginx with a clock that a test moves on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import libfaketime

from tests.conftest import absent
from tests.recipes.conftest import program, running

LIBRARY = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"), None)
_MAIN = """{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr warn;
env FAKETIME_TIMESTAMP_FILE; env FAKETIME_NO_CACHE; env FAKETIME_DONT_FAKE_MONOTONIC;
events {{}}
http {{ access_log off; types {{ text/html html; }} {folders}
{config}
}}"""
_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass
class Nginx:
    """A host's nginx, and its clock."""

    url: str
    folder: Path
    seconds: int = 0

    def pass_time(self, seconds: int) -> None:
        """Move nginx's clock on; it looks at it with the next request."""
        self.seconds += seconds
        new = self.folder / "clock.new"
        new.write_text(f"+{self.seconds}\n")
        new.replace(self.folder / "clock")


@contextmanager
def nginx_with(config: str, folder: Path, found: Nginx) -> Iterator[None]:
    """Run it with what stands in its `http` block, until the end of the block; it listens where `found.url` says."""
    if LIBRARY is None:
        absent("libfaketime has no library for this machine")
    command = program("nginx", "nginx-light")
    folders = " ".join(f"{name}_temp_path {folder}/{name};" for name in _FOLDERS)
    file = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read the test's folder
    file.write_text(_MAIN.format(user=user, folder=folder, folders=folders, config=config))
    found.pass_time(0)
    clock = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(folder / "clock")}
    clock |= {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    line = [command, "-e", "stderr", "-p", str(folder), "-c", str(file)]
    with running(line, f"{found.url}/nothing", folder / "nginx.log", **clock):
        yield
