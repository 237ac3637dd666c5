"""What the market tests share: the sources' real history as it stood at a moment, read with our own parsers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import UPSTREAMS, absent, module_at
from ticker.market.instrument import Bounds, Instrument, Link
from ticker.market.observation import Figures, Observation, Series, Standing
from ticker.sources import SOURCES, ecb
from ticker.sources.source import Document, Need

PUBLISHERS = {key: source.publisher for key, source in SOURCES.items()}
EIA_CODES = ("RWTC", "RBRTE", "RNGWHHD", "EMM_EPMR_PTE_NUS_DPG")
ECB_CODES = frozenset(
    ["USD", "GBP", "AUD", "CAD", "BRL", "MXN", "INR", "JPY", "CNY", "CHF", "SEK", "KRW", "NZD", "ZAR", "PLN"]
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def worlds() -> ModuleType:
    """What every source answered at a moment; the test is skipped where the replay is not at hand."""
    if not (UPSTREAMS / "worlds.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    return module_at(UPSTREAMS / "worlds.py")


def body_at(url: str, now: datetime) -> bytes:
    parts = urlsplit(url)
    body: bytes = worlds().answer(parts.hostname, parts.path, {}, now).body
    return body


def read_at(source: str, feed_key: str, codes: frozenset[str], now: datetime) -> Document:
    """A feed as it stood at a moment, through our own parser."""
    feed = next(feed for feed in SOURCES[source].feeds if feed.key == feed_key)
    request = feed.plan(Need(codes, None, None), now)
    return feed.parse(request, body_at(request.url, now), codes)


@cache
def cold_start(now: datetime) -> tuple[Figures, dict[str, date]]:
    """What an empty store holds after one refresh of everything at a moment, and the next releases EIA names."""
    figures: dict[str, Series] = {}
    stated: dict[str, date] = {}
    for code, found in read_at("ecb", "rates", ECB_CODES, now).series.items():
        figures[f"ecb:{code}"] = found
    page = read_at("eia", "prices", frozenset(EIA_CODES), now).series
    for code in EIA_CODES:
        book = read_at("eia", code, frozenset((code,)), now)
        last = book.series[code][-1].day
        newer = tuple(o for o in page.get(code, ()) if o.day > last)
        figures[f"eia:{code}"] = book.series[code] + newer
        if book.next_release:
            stated[f"eia:{code}"] = book.next_release
    return figures, stated


def observations(*rows: tuple[str, str], standing: Standing = Standing.FINAL) -> Series:
    """A series written as days and figures."""
    return tuple(Observation(day(d), Decimal(v), standing) for d, v in rows)


def instrument(*chain: str, decimals: int = 2, low: str = "-1e40", high: str = "1e40", **others: Any) -> Instrument:
    """An instrument that differs from an ordinary one in what the test names."""
    fields: dict[str, Any] = {
        "key": "x", "group": "g", "name": "X", "label": "X", "detail": "x", "kind": "spot", "unit": "USD",
        "cadence": "daily",
    } | others  # fmt: skip
    bounds = Bounds(Decimal(low), Decimal(high))
    return Instrument(decimals=decimals, bounds=bounds, chain=tuple(map(Link.parse, chain)), **fields)


assert ecb.HISTORY.url.endswith("eurofxref-hist.zip")
