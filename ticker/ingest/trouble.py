"""Trouble that lasts is logged once: when it begins, when it becomes another, and when it ends."""

from __future__ import annotations

import logging

from ticker.errors import TickerError

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 480.0  # seconds


class Trouble:
    """What keeps one thread from its work. `who` says whose it is in the log."""

    def __init__(self, who: str) -> None:
        self._who, self._said, self._pause = who, "", _FIRST_PAUSE

    def over(self) -> None:
        """The work went well."""
        if self._said:
            log.info("%s: works again", self._who, extra=self._about("recovered"))
        self._said, self._pause = "", _FIRST_PAUSE

    def met(self, wrong: Exception) -> float:
        """The work failed; the seconds until it is worth trying again: 30, and twice as many each time, up to 480."""
        said = f"{type(wrong).__name__}: {wrong}"
        if said != self._said and isinstance(wrong, TickerError):
            log.error("%s: %s", self._who, wrong, extra=self._about("failing"))
        elif said != self._said:
            log.error(
                "%s: a mistake of ours; it is tried again", self._who, exc_info=wrong, extra=self._about("failing")
            )
        pause, self._said, self._pause = self._pause, said, min(2 * self._pause, _LONGEST_PAUSE)
        return pause

    def _about(self, what: str) -> dict[str, str]:
        return {"event": f"refresher.{what}", "part": self._who}
