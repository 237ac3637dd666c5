"""Editions: what is read and made of what was there before is what would be read and made anew."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, delete, insert, select

from tests.conftest import at
from tests.store.books import NOW, put
from ticker import catalog
from ticker.errors import Undecidable
from ticker.market.chain import Turn
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation, Standing
from ticker.market.rules import JUMP, LATE
from ticker.market.snapshot import Holding, Snapshot, build
from ticker.start import PUBLISHERS
from ticker.store.changes import Change
from ticker.store.commit import Arrival, commit
from ticker.store.decide import Span, accept, reject, take_back
from ticker.store.desk import Hold
from ticker.store.editions import keep_edition
from ticker.store.engine import Store
from ticker.store.feeds import FeedState, Validators, record
from ticker.store.figures import load, revision_of
from ticker.store.tables import edition, metadata, observation, revision
from ticker.store.turns import remember

_SHOWN = ("gbpusd", "usdcad", "natgas")


def _few() -> Catalog:
    """Crosses that share a series, chains of several sources, a figure of another calendar."""
    ours = catalog.load().only(("ecb", "boc", "eia", "fred"))
    groups = (replace(g, instruments=tuple(i for i in g.instruments if i.key in _SHOWN)) for g in ours.groups)
    return replace(ours, groups=tuple(groups))


FEW = _few()
_KEYS = st.sampled_from(FEW.series)
_BACK = st.integers(-1, 8)


def _rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(select(metadata.tables[name]))]


def _saved(store: Store) -> dict[str, Sequence[Mapping[str, Any]]]:
    with store.read() as connection:
        return {name: _rows(connection, name) for name in metadata.tables}


def _bring_back(store: Store, copy: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    with store.write() as connection:
        for name, rows in copy.items():
            connection.execute(delete(metadata.tables[name]))
            if rows:
                connection.execute(insert(metadata.tables[name]), rows)


@dataclass
class Reader:
    """A process that reads now and then: what it holds and shows was made of what it held and showed before."""

    store: Store
    held: Holding | None = None
    shown: Snapshot | None = None

    def look(self, now: datetime) -> tuple[Holding, Snapshot]:
        self.held = load(self.store, FEW.series, PUBLISHERS, now.date(), 12, self.held)
        self.shown = build(FEW, PUBLISHERS, self.held, now, self.shown)
        return self.held, self.shown


class Installation(RuleBasedStateMachine):
    """Everything that may happen to a store, and two readers of it, of which one looks seldom."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store, self.now = store, NOW
        self.often, self.seldom = Reader(store), Reader(store)
        self.copy: Mapping[str, Sequence[Mapping[str, Any]]] = {}

    @initialize()
    def begins(self) -> None:
        _bring_back(self.store, dict.fromkeys(metadata.tables, ()))
        for key in FEW.series:
            line = tuple(Observation(NOW.date() - timedelta(days=n), Decimal("1.1")) for n in range(9, 1, -1))
            self._commit({key: line}, whole=True)
        self.saves()

    @rule(
        keys=st.sets(_KEYS, min_size=1, max_size=3),
        days=st.sets(_BACK, min_size=1, max_size=4),
        value=st.sampled_from(("1.1", "1.10", "1.2", "1.3")),
        standing=st.sampled_from((Standing.EARLY, Standing.FINAL, Standing.FINAL)),
        held=st.sets(_BACK, max_size=1),
        whole=st.booleans(),
    )
    def a_document_comes(
        self, keys: set[str], days: set[int], value: str, standing: Standing, held: set[int], whole: bool
    ) -> None:
        on = sorted(self.now.date() - timedelta(days=n) for n in days)
        line = tuple(Observation(day, Decimal(value), standing) for day in on)
        out = [self.now.date() - timedelta(days=n) for n in held]
        holds = [Hold(key, day, Decimal(value), LATE, standing=standing) for key in keys for day in out]
        self._commit(dict.fromkeys(sorted(keys), line), holds, whole=whole)

    @rule(
        what=st.sampled_from((accept, reject, take_back)), key=_KEYS, first=_BACK, more=st.integers(0, 3),
    )  # fmt: skip
    def an_operator_decides(self, what: Any, key: str, first: int, more: int) -> None:
        day = self.now.date() - timedelta(days=first)
        with contextlib.suppress(Undecidable):
            what(self.store, Span(key, day, day + timedelta(days=more)), self.now)

    @rule(source=st.sampled_from(("ecb", "eia", "boc")), day=_BACK)
    def a_publisher_says_what_comes_next(self, source: str, day: int) -> None:
        key = next(key for key in FEW.series if key.startswith(f"{source}:"))
        coming = self.now.date() - timedelta(days=day)
        record(self.store, FeedState(source, key.partition(":")[2], self.now, next_release=coming))

    @rule()
    def turns_are_remembered(self) -> None:
        _, shown = Reader(self.store).look(self.now)
        remember(self.store, {q.instrument.key: q.turn for q in shown.quotes})

    @rule(hours=st.sampled_from((0.1, 1, 3, 9, 30, -0.5)))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def saves(self) -> None:
        self.copy = _saved(self.store)

    @rule()
    def commits_are_lost(self) -> None:
        """As with a server whose deputy had not got the last ones."""
        _bring_back(self.store, self.copy)

    @rule()
    def the_copy_is_restored(self) -> None:
        """As `ticker restore` does: the revision goes on rising."""
        with self.store.read() as connection:
            number = max(revision_of(connection), *(row["number"] for row in self.copy["revision"])) + 1
        _bring_back(self.store, {**self.copy, "revision": [{"id": 1, "number": number, "committed_at": self.now}]})

    @rule(key=_KEYS, back=_BACK)
    def an_older_release_writes(self, key: str, back: int) -> None:
        """One that knows nothing of editions, and still runs on another host."""
        at_row = (observation.c.series == key, observation.c.day == self.now.date() - timedelta(days=back))
        with self.store.write() as connection:
            if connection.execute(delete(observation).where(*at_row)).rowcount:
                connection.execute(revision.update().values(number=revision_of(connection) + 1, committed_at=self.now))

    @rule()
    def the_other_reader_looks(self) -> None:
        self._agree(self.seldom)

    @invariant()
    def what_was_read_step_by_step_is_what_is_read_anew(self) -> None:
        if self.copy:
            self._agree(self.often)

    def _agree(self, reader: Reader) -> None:
        held, shown = reader.look(self.now)
        held_anew, shown_anew = Reader(self.store).look(self.now)
        assert held == held_anew
        assert shown == shown_anew

    def _commit(self, series: Mapping[str, Any], holds: Sequence[Hold] = (), *, whole: bool) -> None:
        def suspicion(changes: Sequence[Change]) -> list[Hold]:
            return [Hold(c.series, c.day, c.value, JUMP) for c in changes if c.value == Decimal("1.3")]

        state, given = FeedState("ecb", "rates", self.now), ("https://x/", Validators())
        commit(self.store, Arrival(series, holds, whole), suspicion, self.now, state, given)


def test_whatever_happens_what_is_read_step_by_step_is_what_is_read_anew(store: Store) -> None:
    quick = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(lambda: Installation(store), settings=quick)  # type: ignore[arg-type]


def holding(store: Store, before: Holding | None = None, now: datetime = NOW) -> Holding:
    return load(store, FEW.series, PUBLISHERS, now.date(), before=before)


def anew(one: Holding, other: Holding) -> set[str]:
    """The series that were read again."""
    return {key for key in FEW.series if one.figures[key] is not other.figures[key]}


@pytest.fixture
def filled(store: Store) -> Store:
    for value in ("1.1", "1.2"):
        line = tuple(Observation(NOW.date() - timedelta(days=n), Decimal(value)) for n in (2, 1))
        arrival = Arrival(dict.fromkeys(FEW.series, line), whole=True)
        commit(store, arrival, lambda changes: [], NOW, FeedState("ecb", "rates"), ("https://x/", Validators()))
    return store


def test_only_what_changed_is_read_and_made_again(filled: Store) -> None:
    before = holding(filled)
    shown = build(FEW, PUBLISHERS, before, NOW)
    put(filled, NOW, "1.15")  # of the dollar: it is in both crosses
    after = holding(filled, before)
    assert anew(before, after) == {"ecb:USD"}
    made = build(FEW, PUBLISHERS, after, NOW, shown)
    kept = {q.instrument.key for q, was in zip(made.quotes, shown.quotes, strict=True) if q is was}
    assert kept == {"natgas"}
    assert made == build(FEW, PUBLISHERS, after, NOW)


def test_what_became_firmer_is_read_again_though_the_revision_stands(store: Store) -> None:
    line = (Observation(date(2026, 3, 18), Decimal("2.9"), Standing.EARLY),)
    state, given = FeedState("eia", "RNGWHHD"), ("https://x/", Validators())
    for series in (line, line):
        commit(store, Arrival({"eia:RNGWHHD": series}), lambda changes: [], NOW, state, given)
    before = holding(store)
    final = (replace(line[0], standing=Standing.FINAL),)
    commit(store, Arrival({"eia:RNGWHHD": final}), lambda changes: [], NOW, state, given)
    after = holding(store, before)
    assert after.revision == before.revision
    assert anew(before, after) == {"eia:RNGWHHD"}


def test_time_alone_makes_only_those_quotes_again_for_which_it_has_come(filled: Store) -> None:
    held = holding(filled)
    shown = build(FEW, PUBLISHERS, held, NOW)
    later = build(FEW, PUBLISHERS, held, shown.valid_until, shown)
    kept = {q.instrument.key for q, was in zip(later.quotes, shown.quotes, strict=True) if q is was}
    assert kept == {q.instrument.key for q in shown.quotes if q.until > shown.valid_until}
    assert 0 < len(kept) < len(shown.quotes)
    assert later == build(FEW, PUBLISHERS, held, shown.valid_until)


def test_a_clock_set_back_makes_every_quote_again(filled: Store) -> None:
    held = holding(filled)
    shown = build(FEW, PUBLISHERS, held, NOW)
    earlier = build(FEW, PUBLISHERS, held, NOW - timedelta(seconds=1), shown)
    assert not any(q is was for q, was in zip(earlier.quotes, shown.quotes, strict=True))


def test_on_another_day_and_after_a_hundred_changes_everything_is_read_again(filled: Store) -> None:
    before = holding(filled)
    assert anew(before, holding(filled, before)) == set()
    assert anew(before, holding(filled, before, at("2026-03-20T00:00"))) == set(FEW.series)
    with filled.write() as connection:
        for _ in range(99):
            keep_edition(connection, ["ecb:USD"], before.revision)
    assert anew(before, holding(filled, before)) == {"ecb:USD"}
    with filled.write() as connection:
        keep_edition(connection, ["ecb:GBP"], before.revision)
        assert len(connection.execute(select(edition)).all()) == 100
    assert anew(before, holding(filled, before)) == set(FEW.series)


def test_a_database_from_before_editions_is_read_whole_until_figures_change(filled: Store) -> None:
    with filled.write() as connection:
        connection.execute(delete(edition))
    before = holding(filled)
    assert before.edition is None
    assert anew(before, holding(filled, before)) == set(FEW.series)
    put(filled, NOW, "1.15")
    before = holding(filled, before)
    assert before.edition is not None
    put(filled, NOW, "1.16")
    assert anew(before, holding(filled, before)) == {"ecb:USD"}


def test_a_commit_that_was_lost_and_another_of_its_number_are_told_apart_though_the_clock_stands(filled: Store) -> None:
    copy = _saved(filled)
    put(filled, NOW, "1.15")
    before = holding(filled)
    _bring_back(filled, copy)
    line = (Observation(NOW.date(), Decimal("0.9")),)
    state, given = FeedState("ecb", "rates"), ("https://x/", Validators())
    commit(filled, Arrival({"ecb:GBP": line}), lambda changes: [], NOW, state, given)
    assert holding(filled).revision == before.revision
    assert holding(filled, before) == holding(filled)


def test_figures_that_an_older_release_wrote_between_two_editions_are_read(filled: Store) -> None:
    before = holding(filled)
    with filled.write() as connection:
        connection.execute(delete(observation).where(observation.c.series == "ecb:GBP"))
        connection.execute(revision.update().values(number=before.revision + 1))
    assert holding(filled, before) == holding(filled)
    put(filled, NOW, "1.15")
    assert holding(filled, before).figures["ecb:GBP"] == ()
    assert holding(filled, before) == holding(filled)


def test_a_correction_comes_with_the_figure_that_it_corrects(filled: Store) -> None:
    put(filled, NOW, "1.15")
    before = holding(filled)
    assert NOW.date() not in before.corrected.get("ecb:USD", {})
    put(filled, NOW, "1.16")
    after = holding(filled, before)
    assert after.corrected["ecb:USD"][NOW.date()] == NOW
    assert after == holding(filled)


def test_a_turn_that_was_remembered_elsewhere_makes_that_quote_again(filled: Store) -> None:
    held = holding(filled)
    shown = build(FEW, PUBLISHERS, held, NOW)
    turns = {q.instrument.key: q.turn for q in shown.quotes}
    other = Turn(FEW.get("gbpusd").chain[1].entry)  # type: ignore[union-attr]
    assert turns["gbpusd"] != other
    remember(filled, turns | {"gbpusd": other})
    after = holding(filled, held)
    made = build(FEW, PUBLISHERS, after, NOW, shown)
    assert made.by_key["gbpusd"] is not shown.by_key["gbpusd"]
    assert made == build(FEW, PUBLISHERS, after, NOW)


def test_quotes_of_another_catalog_are_not_taken_over(filled: Store) -> None:
    held = holding(filled)
    shown = build(FEW, PUBLISHERS, held, NOW)
    other = FEW.only(("boc", "eia"))
    assert build(other, PUBLISHERS, held, NOW, shown) == build(other, PUBLISHERS, held, NOW)


def test_a_publishers_new_word_for_its_next_day_makes_its_quotes_again(filled: Store) -> None:
    held = holding(filled)
    shown = build(FEW, PUBLISHERS, held, NOW)
    record(filled, FeedState("eia", "RNGWHHD", next_release=date(2026, 3, 27)))
    after = holding(filled, held)
    assert after.stated != held.stated
    made = build(FEW, PUBLISHERS, after, NOW, shown)
    kept = {q.instrument.key for q, was in zip(made.quotes, shown.quotes, strict=True) if q is was}
    assert kept == {"gbpusd", "usdcad"}
