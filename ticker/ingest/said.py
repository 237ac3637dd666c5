"""Says in the log what goes wrong in a loop when it begins, becomes something else, and ends; not each time round."""

from __future__ import annotations

import logging

from ticker.errors import TickerError

log = logging.getLogger(__name__)


class Said:
    """What was last said of each part. For one thread."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def wrong(self, part: str, error: Exception) -> None:
        """Say that a part fails, unless that was said already; with a trace where it is a mistake of ours."""
        text = f"{type(error).__name__}: {error}"
        if self._last.get(part) == text:
            return
        self._last[part] = text
        extra = {"event": "refresher.failing", "part": part}
        if isinstance(error, TickerError):
            log.error("%s: %s", part, error, extra=extra)
        else:
            log.error("%s: a mistake of ours; it is tried again", part, exc_info=error, extra=extra)

    def well(self, part: str) -> None:
        """Say that a part works again, if it did not."""
        if self._last.pop(part, None):
            log.info("%s: works again", part, extra={"event": "refresher.recovered", "part": part})
