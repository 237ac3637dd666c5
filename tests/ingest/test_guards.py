"""Guards: what is implausible is held back under a rule's name; what is left goes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.ingest.door import Door, series
from ticker.errors import Malformed
from ticker.ingest.moves import is_other_unit
from ticker.ingest.spans import second_look
from ticker.market.instrument import Catalog
from ticker.market.observation import Observation, Series, Standing
from ticker.market.rules import UNITS
from ticker.store.changes import Change

TODAY = date(2026, 3, 19)


def weekdays(last: str, *values: str) -> Series:
    """Those values on the weekdays that end with a day."""
    days: list[date] = []
    day = date.fromisoformat(last)
    while len(days) < len(values):
        days += [day] if day.weekday() < 5 else []
        day -= timedelta(days=1)
    return tuple(Observation(d, Decimal(v)) for d, v in zip(reversed(days), values, strict=True))


def calm(last: str, level: str, days: int = 300) -> Series:
    """A record that moves by one percent a day, up and down, and ends at a level."""
    high, low = f"{Decimal(level) * Decimal('1.01'):.5f}", level
    return weekdays(last, *[low if (days - n) % 2 else high for n in range(days)])


# --- single figures -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["-36.98", "8.91", "0.01", "145.29"])
def test_trap_01_true_prices_of_crude_oil_are_possible(ours: Catalog, value: str) -> None:
    assert Door(ours, "eia").held(RWTC=series([("2020-04-20", value)])) == []


@pytest.mark.parametrize(
    ("source", "code", "value"),
    [
        ("ecb", "GBP", "-0.8"),
        ("ecb", "GBP", "86.4"),
        ("ecb", "USD", "114.5"),
        ("eia", "RNGWHHD", "-1"),
        ("eia", "RBRTE", "-36.98"),
        ("eia", "EMM_EPMR_PTE_NUS_DPG", "-3.1"),
        ("eia", "RWTC", "9339"),
    ],
)
def test_values_out_of_range_are_held(ours: Catalog, source: str, code: str, value: str) -> None:
    assert Door(ours, source).held(**{code: series([("2026-03-16", value)])}) == [(code, "2026-03-16", "range")]


@pytest.mark.parametrize(("source", "code"), [("ecb", "GBP"), ("ecb", "TRY"), ("eia", "RWTC"), ("eia", "RBRTE")])
def test_trap_07_an_exact_zero_is_a_placeholder_and_held_whatever_the_series(
    ours: Catalog, source: str, code: str
) -> None:
    assert Door(ours, source).held(**{code: series([("2026-03-18", "0.00")])}) == [(code, "2026-03-18", "zero")]


def test_trap_20_a_day_to_come_is_held(ours: Catalog) -> None:
    rows = series([("2026-03-19", "0.86"), ("2026-03-20", "0.86"), ("2126-03-19", "0.86")])
    assert Door(ours, "ecb").held(GBP=rows) == [("GBP", "2026-03-20", "future"), ("GBP", "2126-03-19", "future")]


def test_trap_05_and_21_a_weekends_row_is_held(ours: Catalog) -> None:
    rows = series([("2024-06-14", "2.4"), ("2024-06-15", "2.4"), ("2024-06-16", "2.4")])
    assert Door(ours, "eia").held(RNGWHHD=rows) == [
        ("RNGWHHD", "2024-06-15", "weekend"),
        ("RNGWHHD", "2024-06-16", "weekend"),
    ]


# --- instruments ----------------------------------------------------------------------------------


def test_a_cross_that_cannot_be_is_held_at_the_series_that_no_other_cross_finds_possible(ours: Catalog) -> None:
    day = "2026-03-18"  # each within its own series' bounds; one pound would be 0.75 dollars
    document = {"USD": series([(day, "0.90")]), "GBP": series([(day, "1.2")]), "AUD": series([(day, "1.4")])}
    assert Door(ours, "ecb").held(**document) == [("GBP", day, "cross")]


def test_a_cross_that_cannot_be_is_held_at_both_series_where_neither_is_known_to_be_right(ours: Catalog) -> None:
    day = "2026-03-18"
    rows = {"GBP": series([(day, "0.5")]), "USD": series([(day, "1.79")])}
    only = Catalog(tuple(g for g in ours.groups if g.key == "currencies"), {})
    assert Door(only, "ecb").held(**rows) == [("GBP", day, "cross"), ("USD", day, "cross")]


def test_every_rate_times_100_leaves_the_crosses_alone_and_is_held_by_the_series_bounds(ours: Catalog) -> None:
    day = "2026-03-18"
    rows = {"GBP": series([(day, "86.5")]), "USD": series([(day, "114.5")])}
    assert Door(ours, "ecb").held(**rows) == [("GBP", day, "range"), ("USD", day, "range")]


# --- another unit ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["54.26", "0.5426", "0.005426", "5426", "550", "5.3"])
def test_trap_13_and_32_a_figure_in_another_unit_is_held_without_any_bounds(ours: Catalog, value: str) -> None:
    there = calm("2026-03-17", "5.426" if value != "5.3" else "53.9")
    bare = Catalog(ours.groups, {})
    door = Door(bare, "ecb", {"ecb:NOK": there})
    assert door.held(NOK=series([("2026-03-18", value)])) == [("NOK", "2026-03-18", "units")]


@pytest.mark.parametrize(("code", "level", "inverted"), [("GBP", "0.86", "1.163"), ("INR", "90.5", "0.01105")])
def test_trap_12_a_quote_turned_upside_down_is_held_and_never_confirmed(
    ours: Catalog, code: str, level: str, inverted: str
) -> None:
    door = Door(Catalog(ours.groups, {}), "ecb", {f"ecb:{code}": calm("2026-03-17", level)})
    held = door.held(**{code: series([("2026-03-18", inverted)])})
    assert held == [(code, "2026-03-18", "units")]
    assert UNITS.confirmed_after is None


@pytest.mark.parametrize(
    ("key", "band"),
    [("gbpusd", "0.9 to 2.2"), ("audusd", "0.4 to 1.2"), ("usdcad", "0.8 to 1.8"), ("usdbrl", "1 to 12"),
     ("usdmxn", "8 to 35"), ("usdinr", "35 to 150")],
)  # fmt: skip
def test_trap_12_every_pair_has_its_band(ours: Catalog, key: str, band: str) -> None:
    instrument = ours.get(key)
    assert instrument is not None
    assert str(instrument.bounds) == band


def test_a_whole_file_in_another_unit_is_held_by_that_rule_however_many_its_rows(ours: Catalog) -> None:
    there = calm("2026-03-17", "5.426")
    times100 = tuple(Observation(o.day, o.value * 100) for o in (*there, *series([("2026-03-18", "5.43")])))
    held = Door(Catalog(ours.groups, {}), "ecb", {"ecb:NOK": there}).held(NOK=times100)
    assert {rule for _, _, rule in held} == {"units"}
    assert len(held) == 301


def test_a_few_rows_in_another_unit_are_all_held_too(ours: Catalog) -> None:
    there = calm("2026-03-17", "5.426")
    times100 = tuple(Observation(o.day, o.value * 100) for o in (*there[-9:], *series([("2026-03-18", "5.43")])))
    held = Door(Catalog(ours.groups, {}), "ecb", {"ecb:NOK": there}).held(NOK=times100)
    assert [rule for _, _, rule in held] == ["units"] * 10


# --- a jump ---------------------------------------------------------------------------------------


def test_trap_02_a_spike_is_held_when_it_is_the_newest_figure(ours: Catalog) -> None:
    door = Door(ours, "eia", {"eia:RNGWHHD": calm("2026-01-22", "8.42")}, today=date(2026, 1, 28))
    assert door.held(RNGWHHD=series([("2026-01-23", "30.72")])) == [("RNGWHHD", "2026-01-23", "jump")]
    assert door.held(RNGWHHD=series([("2026-01-23", "8.60")])) == []


def test_trap_02_a_spike_is_believed_when_the_next_days_figure_stays_up(ours: Catalog) -> None:
    door = Door(ours, "eia", {"eia:RNGWHHD": calm("2026-01-22", "8.42")}, today=date(2026, 1, 28))
    assert door.held(RNGWHHD=series([("2026-01-23", "30.72"), ("2026-01-26", "30.01")])) == []
    assert door.held(RNGWHHD=series([("2026-01-23", "30.72"), ("2026-01-26", "8.45")])) == [
        ("RNGWHHD", "2026-01-23", "jump")
    ]


def test_trap_01_a_price_below_zero_is_held_and_so_is_the_way_back(ours: Catalog) -> None:
    there = calm("2020-04-17", "18.31")
    door = Door(ours, "eia", {"eia:RWTC": there}, today=date(2020, 4, 22))
    assert door.held(RWTC=series([("2020-04-20", "-36.98")])) == [("RWTC", "2020-04-20", "jump")]
    later = Door(ours, "eia", {"eia:RWTC": there + series([("2020-04-20", "-36.98")])}, today=date(2020, 4, 22))
    assert later.held(RWTC=series([("2020-04-21", "8.91")])) == [("RWTC", "2020-04-21", "jump")]


def test_trap_02_spikes_in_a_first_file_go_in_and_its_newest_figure_waits(ours: Catalog) -> None:
    file = calm("2026-01-22", "8.42") + series([("2026-01-23", "30.72")])
    door = Door(ours, "eia", today=date(2026, 1, 28))
    assert door.held(RNGWHHD=file) == [("RNGWHHD", "2026-01-23", "jump")]
    assert door.held(RNGWHHD=file + series([("2026-01-26", "8.5")])) == []
    seed = tuple(Observation(o.day, o.value, Standing.SEED) for o in file[:-40])
    door = Door(ours, "eia", {"eia:RNGWHHD": seed}, today=date(2026, 1, 28))
    assert door.held(RNGWHHD=file + series([("2026-01-26", "8.5")])) == []


def test_a_spike_amid_many_new_figures_is_measured_by_all_that_the_file_has_seen(ours: Catalog) -> None:
    before = calm("2025-06-30", "3") + series([("2025-07-01", "9"), ("2025-07-02", "3")])
    new = series([("2025-07-03", "3"), ("2025-07-07", "8"), ("2025-07-08", "3.1"), ("2025-07-09", "3.1")])
    door = Door(ours, "eia", {"eia:RNGWHHD": before}, today=date(2025, 7, 15))
    assert door.held(RNGWHHD=new) == []
    assert door.held(RNGWHHD=new[:2]) == [("RNGWHHD", "2025-07-07", "jump")]


def test_a_long_gap_allows_a_longer_move(ours: Catalog) -> None:
    door = Door(ours, "eia", {"eia:RNGWHHD": calm("2025-11-17", "3")})
    for day in "2025-11-18", "2026-01-02":  # by the root of how often the usual gap goes four times into it
        assert door.held(RNGWHHD=series([(day, "3.6")])) == [("RNGWHHD", day, "jump")]
    for day in "2026-01-05", "2026-03-16":
        assert door.held(RNGWHHD=series([(day, "3.6")])) == []


def test_a_revision_that_jumps_is_held_and_one_that_returns_to_the_level_is_not(ours: Catalog) -> None:
    there = calm("2026-03-12", "90") + series([("2026-03-13", "90.5"), ("2026-03-16", "91")])
    door = Door(ours, "eia", {"eia:RWTC": there})
    assert door.held(RWTC=series([("2026-03-13", "90.5"), ("2026-03-16", "131")])) == [("RWTC", "2026-03-16", "jump")]
    wrong = there[:-1] + series([("2026-03-16", "131")])
    assert Door(ours, "eia", {"eia:RWTC": wrong}).held(RWTC=there[-2:]) == []


@pytest.mark.parametrize("where", ["record", "witnesses"])
def test_a_jump_that_another_publisher_has_too_is_believed(ours: Catalog, where: str) -> None:
    groups = [g for g in ours.groups if g.key == "currencies"]
    pound = groups[0].instruments[0]
    both = tuple(dict.fromkeys((*pound.chain, type(pound.chain[0]).parse("other: GBPUSD"))))
    catalog = Catalog((replace(groups[0], instruments=(replace(pound, chain=both),)),), ours.series_bounds)
    record = {"ecb:GBP": calm("2026-03-17", "0.86"), "ecb:USD": calm("2026-03-17", "1.15")}
    new = {"GBP": series([("2026-03-18", "0.99")]), "USD": series([("2026-03-18", "1.15")])}
    assert Door(catalog, "ecb", record).held(**new) == [("GBP", "2026-03-18", "jump")]
    for said, held in ("1.1650", []), ("1.3300", [("GBP", "2026-03-18", "jump")]):
        other = {"other:GBPUSD": series([("2026-03-18", said)])}
        if where == "record":
            assert Door(catalog, "ecb", record | other).held(**new) == held
        else:
            assert Door(catalog, "ecb", record, other).held(**new) == held


# --- a holiday ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "before", "holiday", "after"),
    [
        ("RWTC", "2025-10-10", "2025-10-13", "2025-10-14"),  # Columbus Day
        ("RWTC", "2022-12-23", "2022-12-26", "2022-12-27"),
        ("RWTC", "2024-11-08", "2024-11-11", "2024-11-12"),
        ("RBRTE", "2024-12-24", "2024-12-25", "2024-12-27"),
        ("RBRTE", "2022-09-16", "2022-09-19", "2022-09-20"),  # the Queen's funeral
        ("RBRTE", "2023-04-07", "2023-04-10", "2023-04-11"),
    ],
)
def test_trap_03_the_figure_of_the_day_before_again_on_a_holiday_is_held(
    ours: Catalog, code: str, before: str, holiday: str, after: str
) -> None:
    door = Door(ours, "eia", {f"eia:{code}": calm(before, "70.00")}, today=date.fromisoformat(holiday) + timedelta(5))
    assert door.held(**{code: series([(holiday, "70.00")])}) == [(code, holiday, "holiday")]
    assert door.held(**{code: series([(holiday, "70.01")])}) == []
    assert door.held(**{code: series([(after, "70.00")])}) == []


def test_gasoline_is_surveyed_on_holidays(ours: Catalog) -> None:
    weekly = tuple(Observation(date(2025, 10, 6) - timedelta(weeks=n), Decimal("3.1")) for n in range(60, -1, -1))
    door = Door(ours, "eia", {"eia:EMM_EPMR_PTE_NUS_DPG": weekly}, today=date(2025, 10, 15))
    assert door.held(EMM_EPMR_PTE_NUS_DPG=series([("2025-10-13", "3.1")])) == []


# --- a file as a whole ----------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "days"), [("RNGWHHD", 31), ("RNGWHHD", 7), ("EMM_EPMR_PTE_NUS_DPG", 1)])
def test_trap_15_a_file_of_another_cadence_is_refused(ours: Catalog, code: str, days: int) -> None:
    rows = tuple(Observation(date(2020, 1, 6) + timedelta(days * n), Decimal(3)) for n in range(5))
    with pytest.raises(Malformed, match=f"{days} days apart"):
        Door(ours, "eia").held(**{code: rows})


def test_trap_15_daily_and_weekly_files_have_their_cadence(ours: Catalog) -> None:
    weekly = tuple(Observation(date(2025, 1, 6) + timedelta(7 * n), Decimal(3)) for n in range(50))
    assert Door(ours, "eia").held(EMM_EPMR_PTE_NUS_DPG=weekly, RNGWHHD=calm("2026-03-16", "3")) == []


def test_trap_05_a_newest_day_that_went_back_is_flagged(ours: Catalog) -> None:
    there = weekdays("2025-11-24", "4", "4.1", "4.2")
    door = Door(ours, "eia", {"eia:RNGWHHD": there}, today=date(2025, 11, 29))
    assert door.held(RNGWHHD=there[:-1]) == [("RNGWHHD", "2025-11-24", "backwards")]
    assert door.held(RNGWHHD=there) == []


def test_an_early_page_is_older_than_the_record_and_no_flag(ours: Catalog) -> None:
    door = Door(ours, "eia", {"eia:RWTC": weekdays("2026-03-16", "90", "91")})
    assert door.held(RWTC=series([("2026-03-13", "90")], Standing.EARLY)) == []


def change(kind: str, day: date, was: Standing | None = Standing.FINAL) -> Change:
    return Change(kind, "eia:RWTC", day, Decimal(1), Standing.FINAL, was)  # type: ignore[arg-type]


def test_trap_04_changes_of_days_long_past_wait(ours: Catalog) -> None:
    recent, old = date(2026, 1, 18), date(2026, 1, 17)
    changes = [change("revised", recent), change("revised", old), change("withdrawn", old), change("added", old, None)]
    assert {c.kind: rule.key for c, rule in second_look(changes, TODAY).items()} == {
        "revised": "late",
        "withdrawn": "late",
    }


def test_many_changes_at_once_wait_whatever_their_days() -> None:
    changes = [change("revised", TODAY - timedelta(n)) for n in range(31)]
    assert [rule.key for rule in second_look(changes, TODAY).values()] == ["many"] * 31
    assert second_look(changes[:30], TODAY) == {}


def test_a_file_that_lost_many_days_is_believed_in_the_rest_only() -> None:
    lost = [change("withdrawn", TODAY - timedelta(n)) for n in range(31)]
    revised = change("revised", TODAY - timedelta(40))
    rules = second_look([*lost, revised], TODAY)
    assert [rules[c].key for c in lost] == ["shrunk"] * 31
    assert rules[revised].key == "many"
    assert all(rules[c].confirmed_after is None for c in lost)


def test_the_seed_and_early_figures_may_change_freely() -> None:
    changes = [change("revised", date(2020, 1, 1), was) for was in (Standing.SEED, Standing.EARLY)] * 40
    assert second_look(changes, TODAY) == {}


def test_trap_32_a_currency_that_loses_its_zeros_is_another_unit() -> None:
    assert is_other_unit(Decimal("1836200"), Decimal("1.8150"), 0.05)
    assert not is_other_unit(Decimal("1836200"), Decimal("1815000"), 0.05)
