"""Publish what is so now, once or whenever what readers see has changed, by figures or by time alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ticker.errors import TickerError
from ticker.market.snapshot import Snapshot
from ticker.publish.file import Place
from ticker.publish.publish import Published, publish
from ticker.publish.site import site_of
from ticker.publish.wanted import EVERYTHING
from ticker.start import Parts
from ticker.web.live import Live

log = logging.getLogger(__name__)

_LOOK = 1.0  # seconds between two looks at what is so


class Trouble(Protocol):
    """Tells of trouble that lasts, once."""

    def over(self) -> None:
        """The work went well."""

    def met(self, wrong: Exception) -> float:
        """The work failed; the seconds until it is worth trying again."""


@dataclass(frozen=True)
class Publisher:
    """Publishes these addresses, or everything, to a place."""

    parts: Parts
    live: Live
    place: Place
    addresses: Sequence[str] = (EVERYTHING,)

    def once(self, *, adopt: bool = False) -> Published:
        """Publish what is so now; once more where the figures change while it is made. Raises a TickerError.

        With `adopt`, what stands where our files belong counts as ours.
        """
        with self.place.alone():
            while True:
                done = self._publish(self.live.snapshot(), adopt=adopt)
                if done:
                    return done

    def run(self, stop: threading.Event, trouble: Trouble, mine: Callable[[], bool] = lambda: True) -> None:
        """Keep the place current until `stop` is set, while it is `mine` to do. What fails is told, and tried again."""
        shown: object = None
        while not stop.is_set():
            pause = _LOOK
            try:
                snapshot = self.live.snapshot()
                if snapshot.phase != shown and mine():
                    with self.place.alone():
                        done = self._publish(snapshot)
                    if done:
                        shown = snapshot.phase
                        about = {"event": "publish.done", "written": str(done.written), "removed": str(done.removed)}
                        log.info("published: %d files written, %d removed", done.written, done.removed, extra=about)
                trouble.over()
            except (TickerError, OSError) as wrong:
                pause = trouble.met(wrong)
            stop.wait(pause)

    def _publish(self, snapshot: Snapshot, *, adopt: bool = False) -> Published | None:
        now = self.live.clock()
        site = site_of(self.parts, snapshot, now, self.addresses)
        return publish(self.place, site.files(), now, lambda: self.parts.revision() == snapshot.revision, adopt=adopt)
