"""The log, on stderr: a line an event, as text for people or as JSON for machines.

An event has a stable name (`extra={"event": "source.failing"}`) and fields beside it (source, feed, instrument, ...).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from ticker.errors import discreet

_ORDINARY = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "event", "taskName"}


class Lines(logging.Formatter):
    """A record as JSON on one line: at (UTC), level, event, message, its fields; `trace` where there is an exception.

    What has no name is the event `log`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "log"),
            "message": record.getMessage(),
            "logger": record.name,
        } | {k: v for k, v in record.__dict__.items() if k not in _ORDINARY}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Discreet(logging.Formatter):
    """What another formatter writes, traces included, without these secrets and whatever looks like one."""

    def __init__(self, form: logging.Formatter, secrets: Sequence[str]) -> None:
        super().__init__()
        self._form, self._secrets = form, tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return discreet(self._form.format(record), self._secrets)


def log_to_stderr(level: str, form: str = "text", secrets: Sequence[str] = ()) -> None:
    """Log there from this level on, as `text` or `json`. Never the addresses that are asked, nor these secrets."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(Discreet(Lines() if form == "json" else plain, secrets))
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it speaks of its plugins
    logging.basicConfig(level=level, handlers=[handler])
