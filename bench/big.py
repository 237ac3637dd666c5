"""A thousand instruments with ten thousand days each, beside the default catalog: what each thing costs then."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from bench.bare import Answer
from bench.bigdata import DAYS, SIZE, big
from bench.cores import SERVER
from bench.inside import asker
from bench.load import named, rate
from bench.program import BROTLI, LANGUAGES, environment, memory, ticker_served
from bench.report import COLUMNS, Claim, Table, ratios, row
from bench.rounds import interleaved
from ticker import wsgi
from ticker.market.observation import Observation
from ticker.market.snapshot import Snapshot
from ticker.render.fragment import Renderer
from ticker.render.variant import parse_variant
from ticker.start import Parts, clock, start
from ticker.store.commit import Arrival, commit
from ticker.store.feeds import FeedState, Validators
from ticker.web.app import folder as folder_of

_ROUNDS, _SECONDS = 9, 0.15
_STARTS, _STRETCHES = 3, 5
_Both = Mapping[str, list[float]]  # what was measured with few and with many, round by round


def measure(folder: Path) -> Table:
    """Measure it."""
    few, many = folder / "few", folder / "many"
    few.mkdir()
    many.mkdir()
    both = {"few": environment(few), "many": big(many)}
    hot = _hot(both)
    news = {name: _News(start(given, clock())) for name, given in both.items()}
    took = {name: [list[float]() for _ in range(3)] for name in both}
    for _ in range(_ROUNDS):
        for name, one in news.items():
            for into, seconds in zip(took[name], one.round(), strict=True):
                into.append(seconds)
    whole = interleaved({name: one.whole for name, one in news.items()}, _STARTS, 0.0)
    for one in news.values():
        one.parts.store.close()
    served = _served(both)
    remark = f"{SIZE:,} instruments more, with {DAYS:,} days each; {_ROUNDS} rounds. Over HTTP: load from {named()}."
    return Table("A thousand instruments", COLUMNS, _rows(hot, took, whole, served), remark, [_claim(served)])


def _rows(
    hot: _Both, took: Mapping[str, list[list[float]]], whole: _Both, served: Mapping[str, _Both]
) -> list[tuple[str, ...]]:
    small = "the default catalog"
    return [
        row("a cached `/w/list`, in the process", hot["many"], small, hot["few"], "/s",
            "a reader of the ten does not notice the thousand; at least 0.95"),
        row("the same over HTTP", served["rate"]["many"], small, served["rate"]["few"], "/s", "the same"),
        row("processor time for one of these", served["spent"]["many"], small, served["spent"]["few"], "s",
            "the same without the load generator's share of the machine"),
        row("one new figure: what changed is read", took["many"][0], small, took["few"][0], "s",
            "one series of all"),
        row("and its quotes are made", took["many"][1], small, took["few"][1], "s",
            "those drawn from that series; the others are taken over, after a glance at each"),
        row("and the list of ten is rendered", took["many"][2], small, took["few"][2], "s",
            "the same ten rows"),
        row("everything read and made", whole["many"], small, whole["few"], "s",
            "at the start, and once a day"),
        row("start to first answer", served["first"]["many"], small, served["first"]["few"], "s", "of `ticker serve`"),
        row("memory of the worker", served["room"]["many"], small, served["room"]["few"], "B",
            "PSS, after the list in three languages"),
    ]  # fmt: skip


def _claim(served: Mapping[str, _Both]) -> Claim:
    return Claim(
        "1,000 instruments: hot fragment ÷ the same with ten", "at least", 0.95,
        ratios(served["rate"]["many"], served["rate"]["few"]),
        "`ticker serve` with the default catalog, on the same core, each in turn",
        "A cached answer is found by its address and does not touch the catalog, so nothing limits it but the noise of "
        "two processes that take turns.",
    )  # fmt: skip


def _hot(both: Mapping[str, Mapping[str, str]]) -> dict[str, list[float]]:
    """Cached lists a second."""
    asks: dict[str, Callable[[], Answer]] = {}
    for name, given in both.items():
        with patch.dict(os.environ, given, clear=True):
            ask = asker(wsgi.create())
        for _ in range(2):
            ask("/w/list")  # the second one is kept
        asks[name] = lambda ask=ask: ask("/w/list")  # type: ignore[misc]
    took = interleaved(asks, _ROUNDS, _SECONDS)
    return {name: [1 / seconds for seconds in found] for name, found in took.items()}


class _News:
    """An installation that holds its newest revision, and gets one figure more."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.renderer = parts, Renderer(folder_of("templates"), folder_of("static"))
        self._values = itertools.cycle(map(Decimal, ("1.1501", "1.1502")))
        self.put()
        self.held = parts.holding(clock())
        self.shown = parts.snapshot_of(self.held, clock())
        self.list(self.shown)

    def put(self) -> None:
        figure = Observation(date(2026, 3, 18), next(self._values))
        commit(
            self.parts.store, Arrival({"ecb:USD": (figure,)}), lambda changes: [], clock(),
            FeedState("ecb", "rates"), ("https://bench.invalid/", Validators()),
        )  # fmt: skip

    def list(self, snapshot: Snapshot) -> str:
        return self.renderer.fragment(snapshot, parse_variant("list", {}, snapshot.catalog))

    def round(self) -> tuple[float, float, float]:
        """Seconds until a figure is read, made, and rendered."""
        self.put()
        now = clock()
        began = time.perf_counter()
        self.held = self.parts.holding(now, self.held)
        read = time.perf_counter()
        self.shown = self.parts.snapshot_of(self.held, now, self.shown)
        made = time.perf_counter()
        self.list(self.shown)
        return read - began, made - read, time.perf_counter() - made

    def whole(self) -> None:
        """Everything anew."""
        now = clock()
        self.parts.snapshot_of(self.parts.holding(now), now)


def _served(both: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, list[float]]]:
    """Seconds to the first answer, cached lists a second over HTTP, what one costs, and bytes of the worker."""
    found = {what: {name: list[float]() for name in both} for what in ("first", "rate", "spent", "room")}
    for _ in range(_STARTS):
        with ExitStack() as running:
            sites = {name: running.enter_context(ticker_served(given, SERVER)) for name, given in both.items()}
            for name, site in sites.items():
                found["first"][name].append(site.first)
                for lang in LANGUAGES * 2:
                    site.ask(f"/w/list?lang={lang}")  # the second one is kept
                found["room"][name].append(memory(site.worker))
            for _ in range(_STRETCHES):
                for name, site in sites.items():
                    answers, seconds = rate(site, "/w/list", BROTLI, 200, 1.0)
                    found["rate"][name].append(answers)
                    found["spent"][name].append(seconds)
    return found
