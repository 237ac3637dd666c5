"""The real application on a port, with a clock that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page
from werkzeug.serving import BaseWSGIServer, make_server

from tests.browser.newsroom import Newsroom, newsroom
from tests.conftest import free_port
from tests.web.conftest import FRESH, Site, site_at


@dataclass
class Served:
    """A site on a port; it can be taken off it and put back."""

    site: Site
    port: int = field(default_factory=free_port)
    server: BaseWSGIServer | None = None
    messages: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.site.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    found = Served(site_at(tmp_path, FRESH))
    found.start()
    yield found
    found.stop()
    found.site.parts.store.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Served]:
    """Ticker at the address that its links begin with."""
    port = free_port()
    found = Served(site_at(tmp_path, FRESH, f"http://127.0.0.1:{port}"), port)
    found.start()
    yield found
    found.stop()
    found.site.parts.store.close()


@pytest.fixture
def news(home: Served) -> Iterator[Newsroom]:
    """A news site whose pages embed it."""
    with newsroom(home.url) as found:
        yield found


def watch(page: Page) -> list[str]:
    """Everything the page complains of, from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def blank(page: Page, url: str) -> str:
    """Go to an empty page of that origin, which has no policy and whose content a test replaces; its address."""
    address = f"{url}/blank"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body="<!doctype html><title>x</title>"))
    page.goto(address)
    return address
