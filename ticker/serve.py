"""Run the web service, with the refresher in a process beside it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from granian import net
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from ticker.errors import ConfigError, StoreError
from ticker.kept import Kept
from ticker.listeners import handed_on, listeners
from ticker.turns import take_turns

CONNECTIONS = 2048
"""Connections that a web process holds at once, one that only dribbles or idles among them; more wait at the door."""

THREADS = 16
"""Python threads of a web process; those that wait are never all of them (`patience.AT_ONCE` and `WAITING`)."""

STOPS = 5
"""Seconds that a web process, or the refresher, has to end: one that half a request is sent to would take ten."""

_Granian: Any = MPServer  # its types stop halfway, and so do those of its sockets
_net: Any = net

_PAUSE = 5.0  # seconds before a refresher that ended is started again
_LASTS = 5.0  # seconds after which a worker that ended did not end at its start
_BREATH = 1.0  # seconds before one that did is started again
_TRIES = 5  # times in a row that one is started again where none lasts


def serve(host: str, port: int, workers: int) -> None:
    """Serve until stopped; at SIGHUP, read the catalog again. ConfigError where the address cannot be had.

    Where systemd hands a socket on, that is the address. ConfigError or StoreError also where settings, catalog or
    database are wrong.
    """
    with tempfile.TemporaryDirectory(prefix="ticker-", ignore_cleanup_errors=True) as folder:
        _serve(host, port, workers, Path(folder))


def _serve(host: str, port: int, workers: int, folder: Path) -> None:
    refresh = (kept := Kept(folder)).first().refresh
    doors = handed_on()
    if len(doors) > workers:
        raise ConfigError(
            f"{len(doors)} sockets are handed on, so --workers has to be {len(doors)} at least: one each."
        )
    if doors:
        host, port = doors[0].getsockname()[:2]
    else:
        doors = listeners(host, port, workers, CONNECTIONS)
    name = f"[{host}]" if ":" in host else host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else name  # noqa: S104 - only compared
    unnamed = not os.environ.get("TICKER_PUBLIC_URL")
    os.environ["TICKER_PUBLIC_URL"] = os.environ.get("TICKER_PUBLIC_URL") or f"http://{shown}:{port}"
    refresher = _Refresher(kept.lay)

    def started() -> None:
        if refresh:
            refresher.start()
        click.echo(f"Ticker is on http://{shown}:{port} (stop it with Ctrl-C)")
        if unnamed:
            click.echo("Links in widgets lead to that address; TICKER_PUBLIC_URL names the one that readers use.")

    try:
        _run(doors, workers, started, refresher, kept)
    finally:
        refresher.end()


def _run(
    doors: list[socket.socket], workers: int, started: Callable[[], None], refresher: _Refresher, kept: Kept
) -> None:
    take_turns()
    logging.getLogger("_granian").addFilter(_concerns_operators)
    server = _Server(doors, kept, refresher.tell, **settings_of_server(workers))
    server.on_startup(started)
    server.on_reload(refresher.renew)
    server.on_shutdown(refresher.end)
    server.serve()


def settings_of_server(workers: int) -> dict[str, Any]:
    """What Granian is told, wherever it listens."""
    return {
        "factory": True,
        "interface": Interfaces.WSGI,
        "workers": workers,
        "blocking_threads": THREADS,
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 << 10),
        "backlog": CONNECTIONS,
        "backpressure": CONNECTIONS,
        "respawn_failed_workers": True,
        "workers_kill_timeout": STOPS,
        "websockets": False,
        "log_level": LogLevels.warning,
    }


def _concerns_operators(record: logging.LogRecord) -> bool:
    """Not what Granian says of settings that they have no part in: more threads than cores are meant, for they wait."""
    return not any(words in record.getMessage() for words in ("Python threads", "tune threads"))


class _Server(_Granian):  # type: ignore[misc]  # see there
    """Granian at sockets that this process holds: what waits at one is there for the next worker when one has ended.

    A worker that ends again and again ends the others only where none of them lasts.
    """

    def __init__(self, doors: list[socket.socket], kept: Kept, stopping: Callable[[], None], **settings: Any) -> None:
        super().__init__("ticker.wsgi:create_beside", **settings)
        self._doors, self._kept, self._stopping = doors, kept, stopping
        self._vain = Counter[int]()

    def _init_shared_socket(self) -> None:
        """Nothing: it is there already."""

    def _drop_shared_socket(self) -> None:
        self._stopping()
        for door in self._doors:
            door.close()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        with suppress(ConfigError):  # it may do without
            self._kept.lay()
        self._sso = self._doors[idx % len(self._doors)]
        self._shd = _net.SocketHolder(self._sso.fileno(), False, CONNECTIONS)
        return super()._spawn_worker(idx, target, callback_loader)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        while not self.interrupt_signal:
            if not (self.interrupt_children or self.reload_signal):
                self.main_loop_interrupt.wait()
                self.main_loop_interrupt.clear()
            if not self._replace_ended(spawn_target, target_loader):
                return
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
        self.interrupt_children.clear()  # a stop is a good end, whoever ended just before it

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        """New workers beside the old ones, one after another; nothing where they would have nothing to show.

        A stop, and a worker that ended, wait for the one that is just being replaced, and for no more.
        """
        self.reload_signal = False
        try:
            self._kept.again()
        except (ConfigError, StoreError) as wrong:
            click.echo(f"ticker: nothing is reloaded: {wrong}", err=True)
            return
        self._call_hooks(self.hooks_reload)
        for idx in range(self.workers):
            if not self.interrupt_signal and self._replace_ended(spawn_target, target_loader):
                self._respawn_workers([idx], spawn_target, target_loader, delay=self.respawn_interval)

    def _replace_ended(self, spawn_target: Any, target_loader: Any) -> bool:
        """Start another in the place of each that has ended; false where none lasts, so that all is to end."""
        ended = sorted({self.interrupt_children.pop() for _ in range(len(self.interrupt_children))})
        ages = {worker.idx: time.monotonic() - worker.birth for worker in self.wrks}
        early = [idx for idx in ended if ages[idx] < _LASTS]
        for idx in ended:
            self._vain[idx] = self._vain[idx] + 1 if idx in early else 0
        if early:
            time.sleep(_BREATH)
        if any(self._vain[idx] > _TRIES for idx in early) and max(ages.values()) < _LASTS:
            self.interrupt_children += ended  # so the exit code is 1
            return False
        if ended and not self.interrupt_signal:
            self._respawn_workers(ended, spawn_target, target_loader)
        return True


@dataclass
class _Refresher:
    """`ticker worker` as a process of its own: a mistake in it never takes the web side down."""

    before: Callable[[], None]
    process: subprocess.Popen[bytes] | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    until: float = 0.0  # monotonic; by when it has to have ended, once it was told to

    def start(self) -> None:
        # Here, not in the thread: a worker that is forked meanwhile would keep the pipe open that Popen waits on.
        self._spawn()
        threading.Thread(target=self._watch, daemon=True).start()

    def tell(self) -> None:
        """Tell it to end, and do not wait."""
        if not self.ended.is_set():
            self.until = time.monotonic() + STOPS
        self.ended.set()
        self.renew()

    def end(self) -> None:
        self.tell()
        if self.process and self.process.poll() is None:
            try:
                self.process.wait(timeout=max(0.0, self.until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.process.kill()

    def renew(self) -> None:
        """End it, so that another is started, which reads the catalog again."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def _spawn(self) -> None:
        with suppress(ConfigError):  # it may do without
            self.before()
        command = [sys.executable, "-m", "ticker.cli", "worker", "--parent", str(os.getpid())]
        self.process = subprocess.Popen(command)

    def _watch(self) -> None:
        while self.process is not None:
            self.process.wait()
            if self.ended.wait(_PAUSE):
                return
            self._spawn()
