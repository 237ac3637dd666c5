"""Every source's calendar against what the replay publishes, 2020 to 2026: no alarm for nothing, no calm when it stops.

While the newest day stays, freshness only worsens: so it is looked at in the last second before the next publication.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest

from tests.conftest import at
from tests.market.history import PUBLISHERS, worlds
from ticker import catalog
from ticker.market.calendar import Schedule, is_open
from ticker.market.freshness import judge
from ticker.sources import SOURCES

FIRST, LAST = date(2020, 1, 1), date(2026, 4, 13)
SECOND = timedelta(seconds=1)
BERLIN, TORONTO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Toronto")
_AS_EIA = {
    "DCOILWTICO": "RWTC", "DCOILBRENTEU": "RBRTE", "DHHNGSP": "RNGWHHD", "GASREGW": "EMM_EPMR_PTE_NUS_DPG",
}  # fmt: skip


def series() -> list[str]:
    """One series of each timetable that some chain uses."""
    ours = catalog.load()
    found: dict[tuple[Schedule, ...], str] = {}
    for key in SOURCES:
        for code in sorted(ours.codes(key)):
            found.setdefault(PUBLISHERS[key].timetable(code).schedules, f"{key}:{code}")
    return list(found.values())


def published(key: str) -> list[tuple[datetime, date]]:
    """When the replay published, and the newest day it then had."""
    source, _, code = key.partition(":")
    if source in ("ecb", "frankfurter", "boc"):
        days = [day for day, _ in worlds()._ecb()[1] if FIRST <= day <= LAST]
        hour, zone = (time(16, 30), TORONTO) if source == "boc" else (time(15, 57), BERLIN)
        return [(datetime.combine(day, hour, zone).astimezone(UTC), day) for day in days]
    found, now, own = [], datetime.combine(LAST, time(12), UTC), _AS_EIA.get(code, code)
    days = [day for day, value in worlds().series(own).items() if value]
    while now.date() >= FIRST:
        out, last = worlds().eia_release(own, now)
        found.append((out.astimezone(UTC), max(day for day in days[-400 - (LAST - now.date()).days :] if day <= last)))
        now = found[-1][0] - SECOND
    return found[::-1]


def record(key: str) -> Schedule:
    """The schedule by which its series is late."""
    source, _, code = key.partition(":")
    return next(s for s in PUBLISHERS[source].timetable(code).schedules if s.grace is not None)


def the_replay_differs(key: str, newest: date, until: datetime) -> bool:
    """The replayed Bank of Canada keeps the ECB's holidays, and not Canada's."""
    days = [newest + timedelta(n) for n in range(1, (until.date() - newest).days + 1)]
    return key.startswith("boc:") and any(is_open(day, "XECB") != is_open(day, "CA") for day in [newest, *days])


@pytest.mark.replay
@pytest.mark.parametrize("key", series())
def test_trap_17_no_weekend_and_no_holiday_alarms_while_a_source_publishes(key: str) -> None:
    known, schedule = published(key), record(key)
    assert len(known) > 300
    alarms = [
        (str(newest), str(following))
        for (_, newest), (following, _) in pairwise(known)
        if judge(newest, (schedule,), following - SECOND).freshness != "current"
        and not the_replay_differs(key, newest, following)
    ]
    assert alarms == []


@pytest.mark.replay
@pytest.mark.parametrize("key", series())
def test_trap_18_a_source_that_stops_is_late_after_one_publication_and_stale_after_two(key: str) -> None:
    known, schedule = published(key), record(key)
    assert schedule.grace is not None
    daily = key.startswith(("ecb:", "frankfurter:", "boc:"))
    slack = timedelta(minutes=20) if daily else timedelta(days=1)  # the replay is early: on a Columbus Day, by a day
    for (_, newest), (following, _), (after, _) in zip(known, known[1:], known[2:], strict=False):
        if the_replay_differs(key, newest, after):
            continue
        late, stale = following + schedule.grace, after + schedule.grace
        seen = [judge(newest, (schedule,), m).freshness for m in (late - SECOND, late + slack, stale + slack)]
        assert seen == ["current", "late", "stale"], (newest, late, stale)


@pytest.mark.parametrize(
    ("key", "now", "next_due"),
    [
        ("ecb:USD", "2026-03-06T16:00", "2026-03-09T15:00"),  # America's clocks went forward on the 8th, not Europe's
        ("eia:RNGWHHD", "2026-03-06T16:00", "2026-03-11T15:00"),
        ("boc:FXUSDCAD", "2026-03-06T22:00", "2026-03-09T20:30"),
        ("ecb:USD", "2026-03-27T16:00", "2026-03-30T14:00"),  # now Europe's
        ("boc:FXUSDCAD", "2026-03-27T22:00", "2026-03-30T20:30"),
        ("ecb:USD", "2025-10-24T16:00", "2025-10-27T15:00"),  # and back, a week apart
        ("boc:FXUSDCAD", "2025-10-31T22:00", "2025-11-03T21:30"),
    ],
)
def test_trap_19_summer_time_begins_and_ends_on_different_sundays(key: str, now: str, next_due: str) -> None:
    source, _, code = key.partition(":")
    assert judge(None, PUBLISHERS[source].timetable(code).schedules[:1], at(now)).next_due == at(next_due)


@pytest.mark.parametrize(
    ("calendar", "closed", "open_"),
    [
        ("XECB", "2025-12-25 2025-12-26 2026-01-01 2026-04-03 2026-04-06 2026-05-01", "2025-12-24 2026-05-14"),
        ("US", "2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-10-12 2026-11-11", "2026-04-03"),
        ("CA", "2026-04-03 2026-05-18 2026-07-01 2026-09-07 2026-09-30 2026-10-12 2026-11-11 2026-12-28", "2026-07-03"),
    ],
)
def test_trap_18_calendars_differ(calendar: str, closed: str, open_: str) -> None:
    assert [day for day in closed.split() if is_open(date.fromisoformat(day), calendar)] == []
    assert [day for day in open_.split() if not is_open(date.fromisoformat(day), calendar)] == []


@pytest.mark.parametrize("year", range(2000, 2036, 5))
def test_a_calendar_read_by_itself_keeps_the_days_that_the_library_says(year: int) -> None:
    library = {
        "US": holidays.country_holidays("US", None, year),
        "ENG": holidays.country_holidays("GB", "ENG", year),
        "CA": holidays.country_holidays("CA", "ON", year, categories=("public", "government", "optional")),
        "NYSE": holidays.financial_holidays("NYSE", years=year),
        "XECB": holidays.financial_holidays("XECB", years=year),
    }
    for calendar, closed in library.items():
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        assert [d for d in days if not is_open(d, calendar)] == [d for d in days if d.weekday() > 4 or d in closed]


def test_trap_16_gasoline_is_of_a_monday_and_not_stale_for_a_week() -> None:
    schedules = (record("eia:EMM_EPMR_PTE_NUS_DPG"),)
    newest = date(2026, 5, 18)
    seen = [judge(newest, schedules, at(m)) for m in ("2026-05-25T23:00", "2026-05-26T20:59", "2026-05-27T15:00")]
    assert [s.freshness for s in seen] == ["current", "current", "late"]  # Memorial Day: Tuesday, and 18 hours of grace
    assert seen[2].since == at("2026-05-27T15:00")
