"""The site to publish: the application itself, asked for its addresses, at one revision and one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ticker import __version__
from ticker.config import Settings
from ticker.errors import ConfigError, PublishError
from ticker.market.snapshot import Snapshot
from ticker.publish.file import File, digest_of
from ticker.publish.wanted import EVERYTHING, completed
from ticker.render.files import file_of
from ticker.start import Parts
from ticker.web.app import create_app, folder
from ticker.web.assets import STABLE, Assets
from ticker.web.files import Answer, Ask, asking, wrapping
from ticker.web.live import Live
from ticker.web.metrics import Watch
from ticker.web.tally import Tally

_RANKS = {"static": 0, "v1": 1, "img": 1, "feeds": 1, "w": 2}
_LAST = 3  # pages and scripts, which name the others
_ALWAYS = 0  # the year that goes without saying: none; a file may outlive its year


@dataclass(frozen=True)
class Site:
    """What is published of a snapshot; `address` asks for one answer."""

    ask: Ask
    snapshot: Snapshot
    static: tuple[str, ...]
    wanted: tuple[str, ...]

    def files(self) -> Iterator[File]:
        """Every file, made when it comes; PublishError where the application has no answer for one."""
        for address in (*self.static, *self.wanted):
            name = file_of(address)
            rank = _RANKS.get(name.partition("/")[0], _LAST)
            yield self._drawn(address, rank) if name.endswith(".png") else self._file(address, rank)
        for address in dict.fromkeys(a.partition("?")[0] for a in self.wanted if a.startswith(("/embed/", "/i/"))):
            file = self._file(f"/asked{address}", _LAST)
            yield replace(file, name=address.removeprefix("/"), page=True)

    def _file(self, address: str, rank: int) -> File:
        answer = self._answer(address)
        body = answer.body
        return File(file_of(address), answer.kind, answer.cache, digest_of(answer.kind, body), lambda: body, rank)

    def _drawn(self, address: str, rank: int) -> File:
        """A picture in dots. It is made of the same one in lines; it takes long, so only where that changed."""
        lines = self._answer(address.replace(".png", ".svg", 1))
        made_of = digest_of("image/png", __version__, address, lines.body)
        return File(file_of(address), "image/png", lines.cache, made_of, lambda: self._answer(address).body, rank)

    def _answer(self, address: str) -> Answer:
        found = self.ask(address)
        if found.status != 200:
            said = found.body.decode("utf-8", "replace").strip()
            what = said if found.kind.startswith("text/plain") else f"the answer is {found.status}"
            raise PublishError(f"{address} cannot be published: {what.rstrip('.')}. Nothing was written.")
        return found


def require_address(settings: Settings) -> str:
    """The address at which readers find what is published; ConfigError where it was not said."""
    if not settings.public_url:
        raise ConfigError("TICKER_PUBLIC_URL is not set: what is published names the address at which readers find it.")
    return settings.public_url


def site_of(parts: Parts, snapshot: Snapshot, now: datetime, addresses: Iterable[str] = (EVERYTHING,)) -> Site:
    """The site of a snapshot, as it is at `now`: these addresses, or everything, and what they need.

    PublishError where there is no figure; ConfigError where nobody said at which address readers find it.
    """
    url = require_address(parts.settings)
    snapshot = replace(snapshot, year=_ALWAYS)
    if not snapshot.has_data:
        raise PublishError("There are no figures to publish yet. Nothing was written.")
    live = Live(lambda: snapshot.revision, parts.holding, lambda *_: snapshot, lambda: now)
    watch = Watch(parts.reports, parts.in_charge, parts.store.require_writable, parts.store_report)
    app = create_app(url, live, parts.line, watch, Tally(), parts.corrections, files=True)
    assets = Assets.read(folder("static"), made=wrapping(folder("static")))
    static = (*(f"/static/{name}" for name in assets.by_address), *(f"/{name}" for name in STABLE))
    return Site(asking(app), snapshot, static, tuple(completed(addresses, snapshot.catalog)))
