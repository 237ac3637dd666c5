"""Watchers over a refresher's store, and its catalog without reserves, so that a source's state is the instrument's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Replay
from ticker import config
from ticker.ingest.refresher import Refresher
from ticker.ingest.watcher import Watcher
from ticker.market.instrument import Catalog
from ticker.start import Parts


def without_reserves(catalog: Catalog) -> Catalog:
    """Every chain cut to its first entry."""
    groups = tuple(
        replace(group, instruments=tuple(replace(i, chain=i.chain[:1]) for i in group.instruments))
        for group in catalog.groups
    )
    return replace(catalog, groups=groups)


def watching(refresher: Refresher, teller: str, tell: Callable[..., None], **more: Any) -> Refresher:
    """The refresher with one more watcher, and without reserves."""
    refresher = replace(refresher, catalog=without_reserves(refresher.catalog))
    parts = Parts(config.load({}), refresher.catalog, refresher.store)
    watcher = Watcher(teller, refresher.store, parts.revision, parts.snapshot, parts.reports, tell, **more)
    return replace(refresher, watchers=(*refresher.watchers, watcher))


def walk(refresher: Refresher, replay: Replay, until: datetime, step: timedelta) -> Iterator[datetime]:
    """Refresh what is due at each step from now on."""
    now = replay.now
    while now < until:
        now += step
        replay.now = now
        refresher.once(everything=False)
        yield now
