"""A snapshot is true until the moment it names, and not a second longer."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import at
from tests.market.history import EIA_CODES, PUBLISHERS, cold_start, observations, worlds
from ticker.market.instrument import Catalog
from ticker.market.observation import Figures
from ticker.market.snapshot import Holding, Snapshot, build

SECOND = timedelta(seconds=1)
FIRST, LAST = at("2024-01-01T00:00").replace(tzinfo=None), at("2026-12-31T23:59:58").replace(tzinfo=None)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def figures_frozen(sources: dict[str, date]) -> Figures:
    """The real figures, ended at a day for each source, the last twenty of each."""
    whole, _ = cold_start(at("2026-04-13T18:00"))
    held = {}
    for key, series in whole.items():
        end = bisect_right(series, sources[key.partition(":")[0]], key=attrgetter("day"))
        held[key] = series[max(0, end - 20) : end]
    return held


def told(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """What a reader, or the refresher, sees of a snapshot by time alone."""
    standings = (q.standing for q in snapshot.quotes)
    return [(s.freshness, s.next_due, s.awaited) for s in standings] + [(snapshot.year,)]


@pytest.mark.replay
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    now=moments,
    ecb=st.integers(-2, 30),
    eia=st.integers(-2, 30),
    word=st.none() | st.integers(-10, 20),
)
def test_nothing_changes_before_valid_until_and_something_then(
    ours: Catalog, now: datetime, ecb: int, eia: int, word: int | None
) -> None:
    worlds()
    days = {"ecb": now.date() - timedelta(ecb), "eia": now.date() - timedelta(eia)}
    stated = {f"eia:{code}": now.date() + timedelta(word) for code in EIA_CODES} if word is not None else {}
    holding = Holding(7, figures_frozen(days), stated)
    first = build(ours, PUBLISHERS, holding, now)
    assert now < first.valid_until
    assert build(ours, PUBLISHERS, holding, max(now, first.valid_until - SECOND)) == first
    middle = now + (first.valid_until - now) / 2
    assert build(ours, PUBLISHERS, holding, middle) == first
    then = build(ours, PUBLISHERS, holding, first.valid_until)
    assert then.valid_until > first.valid_until
    assert then.phase != first.phase
    still_stale = {q.instrument.key for q in first.quotes if q.freshness == "stale"}
    assert told(then) != told(first) or still_stale


def test_a_source_that_froze_turns_late_then_stale_by_itself(ours: Catalog) -> None:
    figures = {
        "ecb:USD": observations(("2026-03-17", "1.15"), ("2026-03-18", "1.16")),
        "ecb:GBP": observations(("2026-03-17", "0.86"), ("2026-03-18", "0.87")),
    }
    seen: list[tuple[datetime, str]] = []
    now = at("2026-03-19T14:00")
    while now < at("2026-03-21T00:00"):
        snapshot = build(ours, PUBLISHERS, Holding(1, figures, {}), now)
        quote = snapshot.by_key["gbpusd"]
        if not seen or seen[-1][1] != quote.freshness:
            seen.append((now, quote.freshness))
        now = snapshot.valid_until
    assert seen == [
        (at("2026-03-19T14:00"), "current"),
        (at("2026-03-19T16:30"), "late"),
        (at("2026-03-20T16:30"), "stale"),
    ]


def test_a_new_year_is_a_new_phase(ours: Catalog) -> None:
    now = at("2026-12-31T23:00")
    snapshot = build(ours, PUBLISHERS, Holding(1, {}, {}), now)
    assert snapshot.valid_until == at("2027-01-01T00:00")
    assert (snapshot.year, build(ours, PUBLISHERS, Holding(1, {}, {}), snapshot.valid_until).year) == (2026, 2027)


def test_an_empty_store_has_a_snapshot_without_data(ours: Catalog) -> None:
    snapshot = build(ours, PUBLISHERS, Holding(0, {}, {}), at("2026-03-19T14:00"))
    assert not snapshot.has_data
    assert snapshot.awaited is True
    assert [q.freshness for q in snapshot.quotes] == ["empty"] * len(ours.instruments)
    assert [q.instrument for q in snapshot.quotes] == list(ours.instruments)
    assert set(snapshot.by_key) == {i.key for i in ours.instruments}


def test_the_phase_is_the_revision_and_the_moment(ours: Catalog) -> None:
    one, two = (build(ours, PUBLISHERS, Holding(n, {}, {}), at("2026-03-19T14:00")) for n in (1, 2))
    assert one.phase != two.phase
    assert one.phase == ((1, None), one.valid_until)
