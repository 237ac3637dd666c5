"""A small site: the real application over a real store with the seed in it, and a clock that a test sets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.conftest import at
from ticker.market.observation import Observation, Standing
from ticker.start import Parts, start
from ticker.store.commit import Arrival, commit
from ticker.store.feeds import FeedState, Validators
from ticker.web.app import create_app
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.tally import Tally

FRESH = at("2026-04-13T18:00")
"""The moment the seed was retrieved."""
_FOLDER = TemporaryDirectory(prefix="ticker-seeded-", ignore_cleanup_errors=True)


@dataclass
class Site:
    """The application, and the strings to pull."""

    parts: Parts
    app: Flask
    live: Live
    now: datetime

    def get(self, address: str, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.app).open(address, method=method, headers=named)

    def publish(self, key: str, day: date, value: str) -> None:
        """Commit one figure, as a source's document would."""
        source, code = key.split(":")
        arrival = Arrival({key: (Observation(day, Decimal(value), Standing.FINAL),)})
        commit(
            self.parts.store,
            arrival,
            lambda changes: [],
            self.now,
            FeedState(source, code),
            ("https://x/", Validators()),
        )

    def look_again(self) -> None:
        """Let the application forget when it last looked at the revision."""
        self.live._next = 0.0

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.look_again()


def app_of(url: str, live: Live, parts: Parts) -> Flask:
    """The application of these parts, for readers who find it at `url`."""
    return create_app(url, live, parts.line, watch_of(parts), Tally(), parts.corrections)


def watch_of(parts: Parts) -> Watch:
    """What operators' addresses ask of the store."""
    return Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)


@cache
def seeded(now: datetime) -> Path:
    """A database as a first start at that moment makes it; made once, for it takes most of what a site takes."""
    file = Path(_FOLDER.name) / f"{now:%Y-%m-%dT%H%M%S}.db"
    start({"TICKER_DATABASE_URL": f"sqlite:///{file}"}, now).store.close()
    return file


def site_at(folder: Path, now: datetime, url: str = "https://ticker.example", **settings: str) -> Site:
    """A site at a moment; `url` is where its readers find it."""
    file = folder / "ticker.db"
    if not file.exists() and not {"TICKER_SEED", "TICKER_DATABASE_URL"} & settings.keys():
        shutil.copy(seeded(now), file)
    parts = start({"TICKER_DATABASE_URL": f"sqlite:///{file}", **settings}, now)
    site: Site

    def clock() -> datetime:
        return site.now

    live = Live(parts.revision, parts.holding, parts.snapshot_of, clock, parts.writing)
    site = Site(parts, app_of(url, live, parts), live, now)
    return site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = site_at(tmp_path, FRESH)
    yield found
    found.parts.store.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "empty").mkdir()
    found = site_at(tmp_path / "empty", FRESH, TICKER_SEED="none")
    yield found
    found.parts.store.close()
