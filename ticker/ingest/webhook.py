"""The webhook: one POST of JSON to the one address that the operator named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ticker.ingest.client import Limits
from ticker.ingest.delivery import post
from ticker.ingest.watcher import Fields
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

        Undelivered where nobody takes it.
        """
        payload = {
            "text": "\n".join(str(fields["text"]) for fields in found),
            "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "changes": [{k: v for k, v in fields.items() if k != "text"} for fields in found],
        }
        post("The webhook", self.url, payload, {}, self.limits)
