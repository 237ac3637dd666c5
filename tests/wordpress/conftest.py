"""A real WordPress, from Debian's packages, with a database of its own: nothing of it outlives the test."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import absent, free_port

HERE = Path(__file__).parent
WORDPRESS = Path("/usr/share/wordpress")
Publish = Callable[[int, Sequence[str]], list[str]]
"""Installs WordPress, lets it ask the server at a port, and publishes posts with these addresses: the posts' addresses.

Each address is pasted twice: on a line of its own, and in the block that WordPress's editor makes of it.
"""


@contextmanager
def running(command: Sequence[str], ready: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A server, from the line on its error output that says that it is ready."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if ready in line:
                break
        else:
            pytest.fail("".join(said))
        try:
            yield
        finally:
            process.terminate()
            process.stderr.close()


@pytest.fixture
def publish() -> Iterator[Publish]:
    path = f"{os.environ['PATH']}:/usr/sbin"
    database = shutil.which("mariadbd", path=path)
    themes = WORDPRESS / "wp-content" / "themes" / "twentytwentythree"
    if not (database and shutil.which("php") and themes.is_dir()):
        absent(
            "no WordPress on this machine (Debian: apt-get install --no-install-recommends wordpress"
            " wordpress-theme-twentytwentythree php-cli php-mysql mariadb-server-core)"
        )
    with tempfile.TemporaryDirectory(prefix="ticker-wp-") as name, ExitStack() as stack:
        # A short path: that of a socket has about a hundred characters.
        folder = Path(name)
        (folder / "content" / "mu-plugins").mkdir(parents=True)
        (folder / "content" / "themes").symlink_to(themes.parent)
        shutil.copy(HERE / "loopback.php", folder / "content" / "mu-plugins")
        stack.enter_context(running(_mariadb(str(database), folder), "ready for connections", {}))

        def published(port: int, addresses: Sequence[str]) -> list[str]:
            at = f"127.0.0.1:{free_port()}"
            environment = {
                "WP_ADDRESS": f"http://{at}",
                "WP_CONTENT": str(folder / "content"),
                "WP_SOCKET": str(folder / "sql"),
                "WP_USER": getpass.getuser(),
                "TICKER_PORT": str(port),
            }
            done = subprocess.run(
                ["php", str(HERE / "install.php"), *addresses],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            server = ["php", "-S", at, "-t", str(WORDPRESS), str(HERE / "router.php")]
            stack.enter_context(running(server, "started", environment))
            posts: list[str] = json.loads(done.stdout)
            return posts

        yield published


def _mariadb(program: str, folder: Path) -> list[str]:
    (folder / "data").mkdir()
    (folder / "start.sql").write_text("CREATE DATABASE wordpress;\n")
    options = {
        "user": getpass.getuser(),
        "datadir": folder / "data",
        "socket": folder / "sql",
        "pid-file": folder / "pid",
        "init-file": folder / "start.sql",
        "innodb-log-file-size": "4M",
        "innodb-flush-log-at-trx-commit": 0,
    }
    own = [f"--{name}={value}" for name, value in options.items()]
    return [program, "--no-defaults", "--skip-networking", "--skip-grant-tables", *own]
