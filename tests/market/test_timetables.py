"""When publishers publish: against what they did publish, 2016 to 2026."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import at
from tests.market.history import EIA_CODES, PUBLISHERS, worlds
from ticker.market.calendar import Timetable, is_open
from ticker.market.freshness import judge
from ticker.sources.eia import PAGE_SCHEDULE

STEP = timedelta(hours=6)
GRACE = {code: timedelta(hours=18 if code.startswith("EMM_") else 24) for code in EIA_CODES}


def timetable(series: str) -> Timetable:
    source, _, code = series.partition(":")
    return PUBLISHERS[source].timetable(code)


def ecb_days() -> list[date]:
    return [day for day, _ in worlds()._ecb()[1] if day >= date(2016, 1, 1)]


def workbook(code: str, now: datetime) -> tuple[datetime, date]:
    """The last release of a workbook and the newest day in it."""
    out, last = worlds().eia_release(code, now)
    days = list(worlds().series(code))
    return out.astimezone(UTC), days[bisect_right(days, last) - 1]


def releases(code: str, first: str, last: str) -> list[tuple[datetime, date]]:
    """All releases of a workbook between two days, and the newest day in each."""
    found, now = [], at(last)
    while now > at(first):
        found.append(workbook(code, now))
        now = found[-1][0] - timedelta(seconds=1)
    return found[::-1]


@pytest.mark.replay
def test_target_days_are_the_days_of_the_ecbs_file() -> None:
    days = [date(2016, 1, 1) + timedelta(n) for n in range((date(2026, 4, 13) - date(2016, 1, 1)).days + 1)]
    assert [day for day in days if is_open(day, "XECB")] == ecb_days()


@pytest.mark.replay
def test_the_ecb_carries_each_of_its_days_at_four_in_the_afternoon_in_frankfurt() -> None:
    schedule = timetable("ecb:USD").schedules[0]
    found = list(islice(schedule.after(at("2016-01-01T00:00")), len(ecb_days())))
    assert [release.carries for release in found] == ecb_days()
    frankfurt = ZoneInfo("Europe/Berlin")
    assert {release.moment.astimezone(frankfurt).time().hour for release in found} == {16}
    assert {release.moment.hour for release in found} == {14, 15}


@pytest.mark.parametrize(
    ("series", "next_due"),
    [
        ("eia:RWTC", "2026-03-20T13:00"),
        ("eia:RBRTE", "2026-03-20T13:00"),
        ("eia:RNGWHHD", "2026-03-25T15:00"),
        ("eia:EMM_EPMR_PTE_NUS_DPG", "2026-03-23T21:00"),
        ("ecb:USD", "2026-03-19T15:00"),
    ],
)
def test_what_is_due_next_on_19_march_2026(series: str, next_due: str) -> None:
    newest = date(2026, 3, 16)
    assert judge(newest, timetable(series).schedules, at("2026-03-19T14:00")).next_due == at(next_due)


@pytest.mark.parametrize(
    ("series", "now", "next_due"),
    [
        ("ecb:USD", "2026-03-19T14:59:59", "2026-03-19T15:00"),
        ("ecb:USD", "2026-03-19T15:00", "2026-03-20T15:00"),
        ("ecb:USD", "2026-03-20T15:00", "2026-03-23T15:00"),
        ("ecb:USD", "2026-03-27T15:00", "2026-03-30T14:00"),  # Europe's clocks go forward
        ("ecb:USD", "2026-04-02T14:00", "2026-04-07T14:00"),  # Easter
        ("ecb:USD", "2025-10-24T14:00", "2025-10-27T15:00"),  # and back
        ("ecb:USD", "2025-12-24T15:00", "2025-12-29T15:00"),
        ("ecb:USD", "2026-04-30T14:00", "2026-05-04T14:00"),
        ("eia:RNGWHHD", "2026-03-04T16:00", "2026-03-11T15:00"),  # America's clocks go forward three weeks earlier
        ("eia:RNGWHHD", "2026-02-18T17:00", "2026-02-19T16:00"),  # Thursday, after Presidents' Day
        ("eia:RNGWHHD", "2025-10-29T15:00", "2025-11-05T16:00"),  # and back a week later
        ("eia:RNGWHHD", "2026-05-20T15:00", "2026-05-28T15:00"),
        ("eia:EMM_EPMR_PTE_NUS_DPG", "2026-03-02T22:00", "2026-03-09T21:00"),
        ("eia:EMM_EPMR_PTE_NUS_DPG", "2026-05-18T21:00", "2026-05-26T21:00"),
        ("eia:RWTC", "2026-03-06T14:00", "2026-03-09T13:00"),
        ("eia:RWTC", "2025-11-26T17:00", "2025-11-28T14:00"),  # nothing on Thanksgiving
        ("eia:RWTC", "2025-11-26T15:00", "2025-11-26T16:00"),
    ],
)
def test_what_is_due_next_across_summer_time_and_holidays(series: str, now: str, next_due: str) -> None:
    assert judge(None, timetable(series).schedules, at(now)).next_due == at(next_due)


FIRST, LAST = at("2018-01-01T00:00").replace(tzinfo=None), at("2030-01-01T00:00").replace(tzinfo=None)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
lines = st.sampled_from(["ecb:USD", *(f"eia:{code}" for code in EIA_CODES)])


@settings(deadline=None)
@given(lines, moments)
def test_next_due_is_the_first_publication_strictly_after_now(series: str, now: datetime) -> None:
    schedules = timetable(series).schedules
    due = judge(None, schedules, now).next_due
    assert due is not None
    assert now < due < now + timedelta(days=10)
    for schedule in schedules:
        assert next(schedule.until(now)).moment <= now
        assert next(schedule.after(now)).moment >= due
    assert judge(None, schedules, due - timedelta(microseconds=1)).next_due == due
    after = judge(None, schedules, due).next_due
    assert after is not None
    assert after > due


@settings(deadline=None)
@given(lines, moments)
def test_publications_forwards_and_backwards_are_the_same(series: str, now: datetime) -> None:
    for schedule in timetable(series).schedules:
        forwards = list(islice(schedule.after(now), 12))
        assert all(a.moment < b.moment and a.carries <= b.carries for a, b in pairwise(forwards))
        end = forwards[-1].moment
        backwards = [r for r in islice(schedule.until(end), 12) if r.moment > now]
        assert backwards[::-1] == forwards


@pytest.mark.replay
@pytest.mark.parametrize("code", EIA_CODES)
def test_no_release_of_ten_years_is_ever_called_late_while_it_is_the_newest(code: str) -> None:
    """Walked from each moment at which something may change to the next, which misses none.

    In the replay three weeks of 2017 and 2018 follow holidays of oil traders that were none of the government's.
    """
    schedules = timetable(f"eia:{code}").schedules
    last = "2026-08-10T21:00" if code.startswith("EMM_") else "2026-08-26T15:00"  # where the series end
    alarms = set()
    known = [*releases(code, "2016-01-14T00:00", last), (at(last), date.max)]
    for (out, newest), (following, _) in pairwise(known):
        now = out
        while now < following:
            found = judge(newest, schedules, now)
            if found.freshness != "current":
                alarms.add(newest)
            assert found.until > now
            now = found.until
    odd = {"RWTC": {"2017-06-30"}, "EMM_EPMR_PTE_NUS_DPG": {"2017-06-26", "2018-12-17", "2018-12-24"}}
    assert {str(newest) for newest in alarms} <= odd.get(code, set())


@pytest.mark.replay
@pytest.mark.slow
@pytest.mark.parametrize("code", EIA_CODES)
def test_every_six_hours_of_a_year_and_a_half_what_is_held_is_current(code: str) -> None:
    """With EIA's own word for its next release, and without."""
    zone = ZoneInfo("America/New_York")
    schedules = timetable(f"eia:{code}").schedules
    now, end = at("2025-03-01T16:00"), at("2026-08-10T20:00")
    alarms = []
    while now < end:
        out, newest = workbook(code, now)
        stated = datetime.combine(out.astimezone(zone).date() + timedelta(7), out.astimezone(zone).timetz())
        seen = {judge(newest, schedules, now, said).freshness for said in (None, stated.astimezone(UTC))}
        if seen != {"current"}:
            alarms.append((str(now), str(newest)))
        now += STEP
    assert alarms == []


@pytest.mark.replay
@pytest.mark.parametrize("code", EIA_CODES)
def test_figures_that_stop_turn_late_and_then_stale_to_the_second(code: str) -> None:
    """From each release of 2023 to 2026 on which figures might have stopped."""
    schedules = tuple(s for s in timetable(f"eia:{code}").schedules if s.grace is not None)
    known = releases(code, "2023-01-01T00:00", "2026-08-05T20:00")
    second = timedelta(seconds=1)
    assert len(known) > 180
    for (_, newest), (following, _), (after, _) in zip(known, known[1:], known[2:], strict=False):
        late, stale = following + GRACE[code], after + GRACE[code]
        seen = [judge(newest, schedules, m).freshness for m in (late - second, late, stale - second, stale)]
        assert seen == ["current", "late", "late", "stale"], (newest, late, stale)


@pytest.mark.replay
def test_the_ecb_turns_late_and_stale_ninety_minutes_after_its_publications() -> None:
    schedules, days = timetable("ecb:USD").schedules, [day for day in ecb_days() if day.year >= 2021]
    second, zone = timedelta(seconds=1), ZoneInfo("Europe/Berlin")
    for newest, following, after in zip(days, days[1:], days[2:], strict=False):
        late, stale = (
            datetime(d.year, d.month, d.day, 17, 30, tzinfo=zone).astimezone(UTC) for d in (following, after)
        )
        seen = [judge(newest, schedules, m).freshness for m in (late - second, late, stale - second, stale)]
        assert seen == ["current", "late", "late", "stale"], newest


@pytest.mark.parametrize(
    ("series", "newest", "late", "stale"),
    [
        ("ecb:USD", "2026-03-26", "2026-03-27T16:30", "2026-03-30T15:30"),  # across Europe's change
        ("ecb:USD", "2026-04-02", "2026-04-07T15:30", "2026-04-08T15:30"),  # across Easter
        ("eia:RNGWHHD", "2026-03-02", "2026-03-12T15:00", "2026-03-19T15:00"),
        ("eia:RNGWHHD", "2026-05-18", "2026-05-29T15:00", "2026-06-04T15:00"),
        ("eia:EMM_EPMR_PTE_NUS_DPG", "2026-05-18", "2026-05-27T15:00", "2026-06-02T15:00"),
        ("eia:RWTC", "2026-03-16", "2026-03-26T15:00", "2026-04-02T15:00"),  # the morning page is never missed
    ],
)
def test_the_moments_of_turning_late_and_stale(series: str, newest: str, late: str, stale: str) -> None:
    schedules, held, second = timetable(series).schedules, date.fromisoformat(newest), timedelta(seconds=1)
    moments = [m for end in (late, stale) for m in (at(end) - second, at(end))]
    assert [judge(held, schedules, m).freshness for m in moments] == ["current", "late", "late", "stale"]


def test_the_publishers_own_word_puts_off_the_alarm_but_not_the_date() -> None:
    schedules, held = timetable("eia:RNGWHHD").schedules, date(2026, 3, 16)
    word = at("2026-03-26T15:00")  # Thursday, where the calendar says Wednesday
    assert judge(held, schedules, at("2026-03-19T14:00"), word).next_due == at("2026-03-25T15:00")
    assert judge(held, schedules, at("2026-03-27T14:59:59"), word).freshness == "current"
    assert judge(held, schedules, at("2026-03-27T15:00"), word).freshness == "late"
    assert judge(held, schedules, at("2026-03-26T15:00"), None).freshness == "late"


@pytest.mark.parametrize("word", ["2025-09-04T15:00", "2026-03-18T15:00", "2026-04-15T15:00", "2099-01-01T16:00"])
def test_a_word_that_cannot_be_right_puts_nothing_off(word: str) -> None:
    """EIA's date once fell back, and one far ahead must not silence the alarm."""
    schedules, held = timetable("eia:RNGWHHD").schedules, date(2026, 3, 16)
    assert judge(held, schedules, at("2026-03-26T15:00"), at(word)).freshness == "late"
    assert judge(held, schedules, at("2026-04-02T15:00"), at(word)).freshness == "stale"


def test_awaited_from_the_moment_of_publication_until_it_is_here() -> None:
    schedules, held = timetable("ecb:USD").schedules, date(2026, 3, 18)
    assert not judge(held, schedules, at("2026-03-19T14:59:59")).awaited
    assert judge(held, schedules, at("2026-03-19T15:00")).awaited is True
    assert not judge(date(2026, 3, 19), schedules, at("2026-03-19T15:00")).awaited


def test_the_morning_page_is_awaited_but_never_overdue() -> None:
    schedules = (PAGE_SCHEDULE,)
    found = judge(date(2026, 1, 5), schedules, at("2026-03-19T14:00"))
    assert (found.freshness, found.awaited) == ("current", True)


@pytest.mark.replay
@pytest.mark.parametrize("series", ["eia:RWTC", "eia:RBRTE", "eia:RNGWHHD", "eia:EMM_EPMR_PTE_NUS_DPG"])
def test_no_holiday_and_no_bridge_is_ever_called_a_gap(series: str) -> None:
    """Ten years of EIA. Henry Hub's blank of 5 January 2018 is a gap indeed."""
    days = [d for d, value in worlds().series(series.partition(":")[2]).items() if value]
    before = timetable(series).before
    gaps = {before(b) for a, b in pairwise(days) if b.year >= 2016 and a < before(b)}
    assert gaps == ({date(2018, 1, 5)} if series == "eia:RNGWHHD" else set())


@pytest.mark.replay
def test_ten_years_of_the_ecb_have_no_gap() -> None:
    before = timetable("ecb:USD").before
    assert [b for a, b in pairwise(ecb_days()) if a != before(b)] == []
