"""The webhook: one POST of JSON to the one address that the operator named."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests
import urllib3

from ticker import __version__
from ticker.ingest.client import Limits
from ticker.ingest.connections import Adapter, OpenSockets
from ticker.ingest.watcher import Fields, Undelivered
from ticker.market.watch import Change

_LIMITS = Limits(connect=5.0, read=10.0, total=15.0)


def wanted(change: Change) -> bool:
    """What the webhook tells: instruments that go late or stale or recover, and sources that fail for long."""
    return change.aspect in ("freshness", "feed")


@dataclass(frozen=True)
class Webhook:
    """Tells the address. It may hold a secret: neither it nor what it answers is ever logged or shown."""

    url: str = field(repr=False)
    limits: Limits = _LIMITS

    def tell(self, found: list[Fields], now: datetime) -> None:
        """Post the changes, as `text` for people (Slack and its kin show it) and as `changes` for machines.

        No redirect is followed, nothing of the answer but its status is read. Undelivered where that is not 2xx.
        """
        payload = {
            "text": "\n".join(str(fields["text"]) for fields in found),
            "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "changes": [{k: v for k, v in fields.items() if k != "text"} for fields in found],
        }
        sockets = OpenSockets()
        end = threading.Timer(self.limits.total, sockets.shut)  # timeouts alone do not end an answer that trickles
        end.daemon = True
        end.start()
        try:
            status = self._post(payload, sockets)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as wrong:
            raise Undelivered(f"The webhook does not answer: {type(wrong).__name__}.") from None  # it names the address
        finally:
            end.cancel()
        if sockets.cut:
            raise Undelivered("The webhook does not answer in time.")
        if not 200 <= status < 300:
            raise Undelivered(f"The webhook answered {status}.")

    def _post(self, payload: object, sockets: OpenSockets) -> int:
        with requests.Session() as session:
            session.mount("https://", Adapter(sockets))
            session.mount("http://", Adapter(sockets))
            session.auth = lambda request: request  # or requests reads passwords from ~/.netrc
            session.headers["User-Agent"] = f"Ticker/{__version__}"
            wait = (self.limits.connect, self.limits.read)
            with session.post(self.url, json=payload, timeout=wait, stream=True, allow_redirects=False) as answer:
                return answer.status_code
