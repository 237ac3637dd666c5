"""What the render tests share: real snapshots of the public series, or of a few hand-written rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from ticker import catalog
from ticker.market.instrument import Catalog
from ticker.market.observation import Figures, Observation, Series
from ticker.market.snapshot import Holding, Snapshot, build
from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.sources import SOURCES

ROOT = Path(__file__).parents[2]
SERIES = ROOT.parent / "shared" / "upstreams" / "series"
PUBLISHERS = {key: source.publisher for key, source in SOURCES.items()}
EIA = ("RWTC", "RBRTE", "EMM_EPMR_PTE_NUS_DPG", "RNGWHHD")
_FOR_ONE_EURO = (  # on 17 March
    "USD=1.15 GBP=0.86 AUD=1.62 CAD=1.57 BRL=6.02 MXN=20.4 INR=106.0 "
    "JPY=183.0 CNY=7.9 CHF=0.91 SEK=10.8 KRW=1715.0 NZD=1.96 ZAR=19.3 PLN=4.27"
)
_RATES = dict(word.split("=") for word in _FOR_ONE_EURO.split())
ECB = tuple(_RATES)
NOW = datetime.fromisoformat("2026-03-19T14:00:00+00:00")
_BY_HAND = {
    "eia:RWTC": "2026-03-13 98.48 2026-03-16 93.39",
    "eia:RBRTE": "2026-03-13 103.23 2026-03-16 101.04",
    "eia:EMM_EPMR_PTE_NUS_DPG": "2026-03-09 3.502 2026-03-16 3.72",
    "eia:RNGWHHD": "2026-03-13 3.2 2026-03-16 3.03",
} | {f"ecb:{code}": f"2026-03-17 {rate} 2026-03-18 {rate}{n}" for n, (code, rate) in enumerate(_RATES.items())}


def written(text: str) -> Series:
    """`2026-03-13 98.48 2026-03-16 93.39` as a series."""
    words = text.split()
    days, values = words[::2], words[1::2]
    return tuple(Observation(date.fromisoformat(d), Decimal(v)) for d, v in zip(days, values, strict=True))


@cache
def everything() -> Figures:
    """The whole public history where it is at hand, else two days of it."""
    if not SERIES.is_dir():
        return {key: written(text) for key, text in _BY_HAND.items()}
    found: dict[str, Series] = {}
    for code in EIA:
        rows = list(csv.reader((SERIES / f"{code}.csv").read_text().splitlines()))[1:]
        found[f"eia:{code}"] = tuple(Observation(date.fromisoformat(d), Decimal(v)) for d, v in rows if v)
    with zipfile.ZipFile(SERIES / "eurofxref-hist.zip") as packed:
        head, *lines = csv.reader(io.StringIO(packed.read(packed.namelist()[0]).decode()))
    lines.sort()
    for code in ECB:
        at = head.index(code)
        found[f"ecb:{code}"] = tuple(
            Observation(date.fromisoformat(line[0]), Decimal(line[at]))
            for line in lines
            if line and line[at] not in ("", "N/A")
        )
    return found


def whole() -> Snapshot:
    """A snapshot of the whole history, on the day after the newest figure."""
    return snapshot(held={key: tuple(o for o in line if o.day < NOW.date()) for key, line in everything().items()})


def crossed(box: tuple[float, float, float, float], line: Sequence[tuple[float, float]]) -> bool:
    """Whether a line of straight pieces passes through a box: left, top, right, bottom."""
    left, _, right, _ = box
    return any(_passes(box, a, b) for a, b in pairwise(line) if a[0] <= right and b[0] >= left)


def _passes(box: tuple[float, float, float, float], a: tuple[float, float], b: tuple[float, float]) -> bool:
    since, until = 0.0, 1.0  # the share of the piece that is within, by the sides looked at so far
    for start, end, least, most in ((a[0], b[0], box[0], box[2]), (a[1], b[1], box[1], box[3])):
        if start == end:
            if not least < start < most:
                return False
        else:
            one, other = sorted(((least - start) / (end - start), (most - start) / (end - start)))
            since, until = max(since, one), min(until, other)
    return since < until


def figures(now: datetime = NOW, lag: Mapping[str, int] | None = None) -> Figures:
    """A year of what had been published by then, roughly: oil and gas to three days before, others to one."""
    days = {"eia:RWTC": 3, "eia:RBRTE": 3, "eia:RNGWHHD": 3, "eia:EMM_EPMR_PTE_NUS_DPG": 1} | dict(lag or {})
    newest = {key: date.fromordinal(now.date().toordinal() - days.get(key, 1)) for key in everything()}
    return {key: tuple(o for o in line if o.day <= newest[key])[-300:] for key, line in everything().items()}


def snapshot(
    now: datetime = NOW, held: Figures | None = None, shown: Catalog | None = None, revision: int = 1
) -> Snapshot:
    """A snapshot at a moment, of what is held."""
    holding = Holding(revision, figures(now) if held is None else held, {})
    return build(shown or catalog.load(), PUBLISHERS, holding, now)


def renderer() -> Renderer:
    """A renderer of our own templates and style."""
    return Renderer(ROOT / "templates", ROOT / "static")


def fragment(widget: str = "list", shown: Snapshot | None = None, **args: str) -> str:
    """A fragment of a snapshot, by default that of March 2026."""
    shown = shown or snapshot()
    return renderer().fragment(shown, parse_variant(widget, args, shown.catalog))
