"""Guards: what is implausible is held back under a rule's name; what is left goes in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ticker.ingest.guards import inspect, suspicious
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation, Standing
from ticker.sources import SOURCES
from ticker.sources.source import Document
from ticker.store.commit import Change

TODAY = date(2026, 3, 19)


def held(ours: Catalog, source: str, code: str, *rows: tuple[str, str]) -> list[tuple[str, str]]:
    series = tuple(Observation(date.fromisoformat(day), Decimal(value)) for day, value in rows)
    arrival = inspect(SOURCES[source], Document({code: series}), ours.series_bounds, TODAY)
    assert len(arrival.series[f"{source}:{code}"]) + len(arrival.holds) == len(rows)
    return [(str(hold.day), hold.reason) for hold in arrival.holds]


@pytest.mark.parametrize("value", ["-36.98", "8.91", "0.01", "145.29"])
def test_true_prices_of_crude_oil_pass(ours: Catalog, value: str) -> None:
    assert held(ours, "eia", "RWTC", ("2020-04-20", value)) == []


@pytest.mark.parametrize(
    ("source", "code", "value"),
    [
        ("ecb", "GBP", "-0.8"),
        ("ecb", "GBP", "86.4"),
        ("ecb", "USD", "114.5"),
        ("eia", "RNGWHHD", "-1"),
        ("eia", "RWTC", "9339"),
    ],
)
def test_values_out_of_range_are_held(ours: Catalog, source: str, code: str, value: str) -> None:
    assert held(ours, source, code, ("2026-03-18", value)) == [("2026-03-18", "out of range")]


@pytest.mark.parametrize(("source", "code"), [("ecb", "GBP"), ("ecb", "TRY"), ("eia", "RWTC"), ("eia", "RBRTE")])
def test_an_exact_zero_is_a_placeholder_and_held_whatever_the_series(ours: Catalog, source: str, code: str) -> None:
    assert held(ours, source, code, ("2026-03-18", "0.00")) == [("2026-03-18", "zero")]


def test_a_day_to_come_is_held(ours: Catalog) -> None:
    assert held(ours, "ecb", "GBP", ("2026-03-19", "0.86"), ("2026-03-20", "0.86"), ("2126-03-19", "0.86")) == [
        ("2026-03-20", "future day"),
        ("2126-03-19", "future day"),
    ]


def test_a_weekends_row_is_held(ours: Catalog) -> None:
    assert held(ours, "eia", "RNGWHHD", ("2024-06-14", "2.4"), ("2024-06-16", "2.4")) == [("2024-06-16", "weekend")]


def change(kind: str, day: date, was: Standing | None = Standing.FINAL) -> Change:
    return Change(kind, "eia:RWTC", day, Decimal(1), Standing.FINAL, was)  # type: ignore[arg-type]


def test_changes_of_days_long_past_are_suspicious() -> None:
    recent, old = date(2026, 1, 18), date(2026, 1, 17)
    changes = [change("revised", recent), change("revised", old), change("withdrawn", old), change("added", old, None)]
    assert [(hold.day, hold.reason, hold.confirmable) for hold in suspicious(changes, TODAY)] == [
        (old, "changed after 60 days", True),
        (old, "changed after 60 days", True),
    ]


def test_many_changes_at_once_are_suspicious_whatever_their_days() -> None:
    changes = [change("revised", date(2026, 2, 1 + n % 28)) for n in range(31)]
    assert len(suspicious(changes, TODAY)) == 31
    assert suspicious(changes[:30], TODAY) == []


def test_the_seed_and_early_figures_may_change_freely() -> None:
    changes = [change("revised", date(2020, 1, 1), was) for was in (Standing.SEED, Standing.EARLY)] * 40
    assert suspicious(changes, TODAY) == []
