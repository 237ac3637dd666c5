"""What is told to another machine: tried again after pauses that grow, and its trouble is logged once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests
import urllib3

from ticker import __version__
from ticker.errors import TickerError
from ticker.ingest.client import Limits
from ticker.ingest.connections import Adapter, OpenSockets

log = logging.getLogger(__name__)

_FIRST_PAUSE = timedelta(seconds=20)


class Undelivered(TickerError):
    """Nobody took what was told; it is to be told again."""


@dataclass
class Delivery:
    """Tries and rests. `name` is its name in the log, `longest` how long it rests at most."""

    name: str
    longest: timedelta
    _failures: int = 0
    _rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is too soon to try again."""
        return self._rests_until is not None and now < self._rests_until

    def tried(self, tell: Callable[[], None], now: datetime) -> bool:
        """Whether somebody took what `tell` tells, which raises Undelivered where nobody did."""
        try:
            tell()
        except Undelivered as wrong:
            if not self._failures:
                log.warning("%s", wrong, extra={"event": f"{self.name}.failing"})
            pause = _FIRST_PAUSE * 2 ** min(self._failures, 16)
            self._failures, self._rests_until = self._failures + 1, now + min(pause, self.longest)
            return False
        if self._failures:
            log.info("delivered again", extra={"event": f"{self.name}.answering"})
        self._failures, self._rests_until = 0, None
        return True


def post(what: str, url: str, payload: object, headers: Mapping[str, str], limits: Limits) -> None:
    """POST a document of JSON to an address that an operator named, which may hold a secret and is never shown.

    No redirect is followed, nothing of the answer but its status is read. Undelivered, in the words of `what` it is
    (`The webhook`), where that is not 2xx.
    """
    sockets = OpenSockets()
    end = threading.Timer(limits.total, sockets.shut)  # timeouts alone do not end an answer that trickles
    end.daemon = True
    end.start()
    try:
        status = _status(url, payload, headers, limits, sockets)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as wrong:
        raise Undelivered(f"{what} does not answer: {type(wrong).__name__}.") from None  # it names the address
    finally:
        end.cancel()
    if sockets.cut:
        raise Undelivered(f"{what} does not answer in time.")
    if not 200 <= status < 300:
        raise Undelivered(f"{what} answered {status}.")


def _status(url: str, payload: object, headers: Mapping[str, str], limits: Limits, sockets: OpenSockets) -> int:
    with requests.Session() as session:
        session.mount("https://", Adapter(sockets))
        session.mount("http://", Adapter(sockets))
        session.auth = lambda request: request  # or requests reads passwords from ~/.netrc
        session.headers["User-Agent"] = f"Ticker/{__version__}"
        session.headers.update(headers)
        wait = (limits.connect, limits.read)
        with session.post(url, json=payload, timeout=wait, stream=True, allow_redirects=False) as answer:
            return answer.status_code
