"""When a publisher publishes, and which day each publication should carry.

A schedule is a cron line in the publisher's own time zone, so that summer time is right on both sides of the ocean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from itertools import islice
from zoneinfo import ZoneInfo

import holidays
from cronsim import CronSim

from ticker.market.observation import Observation, Standing

_LOOK_BACK = 30  # publications looked at before a gap is simply "long ago"


@dataclass(frozen=True)
class Release:
    """One publication: the moment it comes out (UTC) and the newest day it should carry."""

    moment: datetime
    carries: date


@dataclass(frozen=True)
class Schedule:
    """A publisher's calendar for one document.

    `cron` is five fields in `zone`, and names the ordinary moments. `release` turns such a moment's day into the day
    on which it really comes out and the newest day it carries, or None where nothing is published. `grace` is how long
    after its moment a publication counts as overdue; None for one that is never missed (EIA's morning page).
    """

    cron: str
    zone: str
    release: Callable[[date], tuple[date, date] | None]
    grace: timedelta | None

    def after(self, moment: datetime) -> Iterator[Release]:
        """Publications strictly after a moment, soonest first, without end."""
        start = (moment - timedelta(days=8)).astimezone(ZoneInfo(self.zone))
        return (r for r in self._releases(CronSim(self.cron, start)) if r.moment > moment)

    def until(self, moment: datetime) -> Iterator[Release]:
        """Publications at or before a moment, newest first, without end."""
        start = (moment + timedelta(days=8)).astimezone(ZoneInfo(self.zone))
        return (r for r in self._releases(CronSim(self.cron, start, reverse=True)) if r.moment <= moment)

    def missing(self, newest: date | None, moment: datetime) -> list[Release]:
        """Publications out by `moment` that carry a later day than `newest`, newest first; at most 30."""
        found: list[Release] = []
        for release in islice(self.until(moment), _LOOK_BACK):
            if newest is not None and release.carries <= newest:
                break
            found.append(release)
        return found

    def on(self, day: date) -> datetime:
        """That day at the hour at which it usually comes out (UTC): a publisher's word for a day, as a moment."""
        zone = ZoneInfo(self.zone)
        usual = next(self.after(datetime.combine(day, time(0), zone)))
        return datetime.combine(day, usual.moment.astimezone(zone).time(), zone).astimezone(UTC)

    def _releases(self, moments: Iterator[datetime]) -> Iterator[Release]:
        for usual in moments:
            out = self.release(usual.date())
            if out is not None:
                day, carries = out
                moment = usual + timedelta(days=(day - usual.date()).days)  # wall clock: the zone stays on it
                yield Release(moment.astimezone(UTC), carries)


@dataclass(frozen=True)
class Timetable:
    """How a series is published: its documents' schedules, the one of record first, and its days.

    `before` gives the day that the figure before a given day's should be for; `perhaps` the day that it may be for,
    where a holiday by one calendar has a figure in some years.
    """

    schedules: tuple[Schedule, ...]
    before: Callable[[date], date]
    perhaps: Callable[[date], date] | None = None

    def gap(self, earlier: Observation, later: Observation) -> bool:
        """Whether a publication between two neighbours of a line is missing, or may be.

        It may be as long as the later one is ahead of the record, which alone tells whether a holiday had a figure.
        """
        ahead = later.standing is Standing.EARLY
        before = (ahead and self.perhaps) or self.before
        return earlier.day < before(later.day)

    def published(self, day: date) -> datetime:
        """When the figure for a day comes out by the calendar (UTC): with the first document that should carry it."""
        start = datetime.combine(day, time(0), UTC) - timedelta(days=1)
        return min(next(r.moment for r in s.after(start) if r.carries >= day) for s in self.schedules)


_CALENDARS: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "US": ("countries/united_states", "UnitedStates", {}),
    "ENG": ("countries/united_kingdom", "UnitedKingdom", {"subdiv": "ENG"}),
    "CA": ("countries/canada", "Canada", {"subdiv": "ON", "categories": ("public", "government", "optional")}),
    "NYSE": ("financial/ny_stock_exchange", "NewYorkStockExchange", {}),
    "XECB": ("financial/european_central_bank", "EuropeanCentralBank", {}),
}


@lru_cache(maxsize=512)
def _closed(calendar: str, year: int) -> frozenset[date]:
    file, name, wanted = _CALENDARS[calendar]
    return frozenset(_read(file, name)(years=year, **wanted))


@cache
def _read(file: str, name: str) -> Callable[..., holidays.HolidayBase]:
    """A calendar from its file alone: by itself the library reads 250 first, 8 MB and a good part of a start."""
    loader = SourceFileLoader(f"{__name__}.{name}", f"{holidays.__path__[0]}/{file}.py")
    module = module_from_spec(ModuleSpec(loader.name, loader))
    loader.exec_module(module)
    found: Callable[..., holidays.HolidayBase] = getattr(module, name)
    return found


def is_open(day: date, *calendars: str) -> bool:
    """Whether a day is a weekday and no holiday of any calendar named.

    Calendars: `US` (federal), `ENG` (England), `CA` (any that Canada's government or Ontario keeps), `NYSE`, `XECB`
    (TARGET).
    """
    return day.weekday() < 5 and not any(day in _closed(calendar, day.year) for calendar in calendars)


def open_before(day: date, *calendars: str) -> date:
    """The newest open day before `day`."""
    return last_open(day - timedelta(days=1), *calendars)


def last_open(day: date, *calendars: str) -> date:
    """The newest open day that is not after `day`."""
    while not is_open(day, *calendars):
        day -= timedelta(days=1)
    return day
