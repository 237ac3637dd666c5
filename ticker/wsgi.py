"""The WSGI entry for any server: `ticker.wsgi:create` makes the application from the environment."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from ticker.logs import log_to_stderr
from ticker.start import clock, start
from ticker.web.app import create_app
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.tally import Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)


def create() -> WSGIApplication:
    """The application, reading its settings from the environment."""
    parts = start(os.environ, clock(), wait=2.0)  # a reader is waiting
    log_to_stderr(parts.settings.log_level, parts.settings.log_format, parts.settings.secrets)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    live = Live(parts.revision, parts.holding, parts.snapshot_of, clock)
    watch = Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)
    return create_app(
        parts.settings.public_url, live, parts.line, watch, Tally(parts.settings.counts), parts.corrections
    )


def _end_with_parent(parent: int) -> None:
    """A worker whose server was killed would go on holding its port."""
    while os.getppid() == parent:
        time.sleep(2)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)
