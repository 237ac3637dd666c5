"""When to look at a feed: a pure rule over its schedule, its state and the newest day held."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ticker.market.calendar import Schedule
from ticker.store.feeds import FeedState

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=10), timedelta(hours=4)
CLOCKS_DIFFER = timedelta(minutes=10)
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = timedelta(minutes=5), timedelta(hours=2)


def next_look(
    schedule: Schedule,
    state: FeedState,
    newest: date | None,
    wanted: frozenset[str],
    now: datetime,
    jitter: timedelta,
    rest: timedelta | None = None,
    confirm: datetime | None = None,
) -> datetime:
    """The next moment at which this feed is to be looked at; now or earlier means at once.

    A feed is looked at when a publication comes out (after `jitter`, so that many installations do not ask at the
    same second), then again at growing distances until its figures have arrived, and once when they turn overdue.
    Failures back off, by `rest` at least where a feed has one; a source that said when to come back is left alone until
    then. History that is missing is fetched at once. At `confirm` a second look can confirm a figure that is held back.
    """
    checked = state.checked_at
    if checked is not None and checked > now + CLOCKS_DIFFER:
        checked = None  # a clock was set back
    if checked is not None and state.failures:
        doubled = int(2 ** min(state.failures - 1, 16))
        again = checked + max(min(_FIRST_BACK_OFF * doubled, _LONGEST_BACK_OFF), rest or timedelta(0))
        return max(again, state.retry_at) if state.retry_at else again
    if checked is None or not wanted <= state.codes:
        return now
    looks = [next(schedule.after(now)).moment + jitter]
    missing = schedule.missing(newest, now)
    if missing:
        looks.append(_again(missing[0].moment, checked, jitter))
        overdue = missing[0].moment + schedule.grace if schedule.grace else None
        if overdue and checked < overdue:  # one that says 304 for ever is then asked without validators
            looks.append(overdue + jitter)
    if confirm is not None:
        looks.append(max(confirm, checked + _FIRST_PAUSE))
    if state.next_release is not None:  # the publisher's own word adds a look, and cancels none
        stated = schedule.on(state.next_release) + jitter
        looks += [stated] if checked < stated else []
    return min(looks)


def _again(out: datetime, checked: datetime, jitter: timedelta) -> datetime:
    """The first look after a publication's moment; then pauses of half the time that has passed since."""
    if checked < out + jitter:
        return out + jitter
    return checked + min(max((checked - out) / 2, _FIRST_PAUSE), _LONGEST_PAUSE)
