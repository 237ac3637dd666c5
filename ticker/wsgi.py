"""The WSGI entry for any server: `ticker.wsgi:create` makes the application from the environment."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ticker.errors import StoreError
from ticker.logs import log_to_stderr
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Lines
from ticker.start import Parts, clock, start, start_unseen
from ticker.web.app import cache_of, create_app
from ticker.web.cache import ResponseCache
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.patience import Patience
from ticker.web.tally import Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

_WAIT = 2.0  # seconds for which a locked database is waited for; a reader is waiting
_M_ARENA_MAX = -8  # its name in malloc.h
_LOOK = 0.2  # seconds between two looks at the revision
_BREATH = 0.005  # seconds between two answers that are made ahead: readers come first
_REST = 60.0  # seconds after a mistake of ours
_WARM_AFTER = 20.0  # seconds after the start; readers come first


def create() -> WSGIApplication:
    """The application, reading its settings from the environment."""
    return _application(start(os.environ, clock(), _WAIT))


def create_beside() -> WSGIApplication:
    """The same for a process that another started, which has looked at the database, and may start one at any time.

    So it starts while the database is away, and makes none.
    """
    return _application(start_unseen(os.environ, _WAIT))


def _application(parts: Parts) -> WSGIApplication:
    _one_heap()
    log_to_stderr(parts.settings.log_level, parts.settings.log_format, parts.settings.secrets)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    live = Live(parts.revision, parts.holding, parts.snapshot_of, clock, parts.writing)
    watch = Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)
    tally = Tally(parts.settings.counts)
    url = parts.settings.public_url
    app = create_app(url, live, parts.line, watch, tally, parts.corrections, patience=Patience())
    app.config["TAGGED"] = bool(parts.settings.purge_url)
    threading.Thread(target=_prepare, args=(live, cache_of(app)), daemon=True).start()
    later = threading.Timer(_WARM_AFTER, _warm, (live, app.extensions["lines"]))
    later.daemon = True
    later.start()
    return app


def _one_heap() -> None:
    """Take memory from one heap, not one a thread, where C is glibc: 5 MB less, and our threads take turns anyway."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _prepare(live: Live, cache: ResponseCache) -> None:
    """Look for what is new, whether anybody asks or not, and make what is asked for most ahead of it."""

    def make(before: Snapshot, coming: Snapshot) -> Iterator[None]:
        for step in cache.ahead(before, coming):
            yield step
            time.sleep(_BREATH)

    while True:
        time.sleep(_LOOK)
        try:
            live.prepare(make)
        except Exception:
            log.exception("nothing is made ahead", extra={"event": "web.mistake"})
            time.sleep(_REST)


def _warm(live: Live, lines: Lines) -> None:
    """Read the whole lines of what is shown by default, so that its charts can be drawn without a database too."""
    try:
        snapshot = live.snapshot()
        for group in snapshot.catalog.groups:
            for instrument in group.instruments if group.default else ():
                lines(snapshot, instrument.key)
    except StoreError as wrong:
        log.warning("%s Charts that nobody has asked for yet cannot be drawn.", wrong)


def _end_with_parent(parent: int) -> None:
    """A worker whose server was killed would go on holding its port."""
    while os.getppid() == parent:
        time.sleep(2)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)
