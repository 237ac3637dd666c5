"""The real `ticker serve` behind what stands in front of it: stopped, started, asked how often it was asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import brotli
import requests

from tests.conftest import free_port
from tests.recipes.conftest import eventually
from tests.web.conftest import FRESH, seeded
from ticker.market.observation import Observation, Standing
from ticker.store.commit import Arrival, commit
from ticker.store.engine import open_store
from ticker.store.feeds import FeedState, Validators

_AFTER_SEED = date(2026, 4, 14)


@dataclass
class Origin:
    """A Ticker that serves and does not refresh. It has the seed."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> None:
        """Start it, with these settings more, and wait until it answers."""
        command = [sys.executable, "-m", "ticker.cli", "serve", "--port", str(self.port)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TICKER_")}
        mine = {"TICKER_DATABASE_URL": f"sqlite:///{self.folder}/ticker.db", "TICKER_REFRESH": "0"}
        with (self.folder / "ticker.log").open("a") as log:
            self.process = subprocess.Popen(command, env=kept | mine | settings, stdout=log, stderr=log)
        eventually(self._answers, "an answer from Ticker")

    def _answers(self) -> bool:
        try:
            return self.get("/readyz").status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        """End it as an operator does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def hide(self, key: str) -> None:
        """Let there be no such instrument any more, by a catalog of the operator's."""
        catalog = self.folder / "catalog.toml"
        catalog.write_text(f"[instruments.{key}]\nhide = true\n")
        self.stop()
        self.start(TICKER_CATALOG=str(catalog))

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask it, past what stands in front."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, headers=headers, timeout=20)

    def answered(self) -> int:
        """How many answers it has given, all but those to operators."""
        said = re.findall(r"^ticker_http_requests_total\{(.*)\} (\S+)$", self.get("/metrics").text, re.MULTILINE)
        return sum(int(float(count)) for labels, count in said if 'kind="operator"' not in labels)

    def publish(self, value: str) -> None:
        """A new figure of WTI, and wait until Ticker shows it."""
        store = open_store(f"sqlite:///{self.folder}/ticker.db")
        new = Arrival({"eia:RWTC": (Observation(_AFTER_SEED, Decimal(value), Standing.FINAL),)})
        now = datetime.now(UTC)
        commit(store, new, lambda changes: [], now, FeedState("eia", "RWTC"), ("https://x/", Validators()))
        store.close()
        eventually(lambda: value in self.get("/v1/quotes/wti").text, "the new figure at Ticker")


@contextmanager
def origin_in(folder: Path) -> Iterator[Origin]:
    """One that runs, with its database in the folder."""
    folder.mkdir(exist_ok=True)
    shutil.copy(seeded(FRESH), folder / "ticker.db")
    found = Origin(folder, free_port())
    try:
        found.start()
        yield found
    finally:
        found.stop()


def as_sent(url: str, accepted: str) -> tuple[str, bytes]:
    """The coding of a body, and its bytes as they came, for what a browser accepts."""
    with requests.Session() as session:
        session.trust_env = False
        said = session.get(url, headers={"Accept-Encoding": accepted}, stream=True, timeout=20)
        return said.headers.get("Content-Encoding", ""), said.raw.read(decode_content=False)


def require_codings(url: str, coded: Mapping[str, Sequence[str]]) -> None:
    """Each of what browsers accept gets the coding it is listed under, and brotli unpacks to the plain body."""
    plain = as_sent(url, "identity")[1]
    for coding, accepted in coded.items():
        for one in accepted:
            said, body = as_sent(url, one)
            assert said == coding, one
            if coding == "br":
                assert brotli.decompress(body) == plain
                assert len(body) * 2 < len(plain)
