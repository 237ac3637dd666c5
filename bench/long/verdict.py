"""Hold what a reader is shown against what was published: is it right, is it all, and if not, is a reason said?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from bench.long.truth import Published, published
from ticker.market.instrument import Link
from ticker.market.quote import Quote

_GRACE = {"ecb": timedelta(minutes=90), "boc": timedelta(minutes=90), "frankfurter": timedelta(minutes=90)}
_SURVEY, _WEEKLY, _SLACK = timedelta(hours=18), timedelta(hours=24), timedelta(minutes=10)
_SURVEYS = ("EMM_EPMR_PTE_NUS_DPG", "GASREGW")
SOON = timedelta(hours=5)
"""For so long after a publication a figure may be on its way: the pauses between two looks grow to four hours."""


@dataclass(frozen=True)
class Kept:
    """What the store says beside its figures: what it holds back, as series and day, and the sources that fail."""

    held: Mapping[tuple[str, date], str] = field(default_factory=dict)
    failing: Collection[str] = ()


@dataclass(frozen=True)
class Verdict:
    """`reason` is why the newest is not shown, empty where all is as published. `wrong` says what must never be."""

    reason: str = ""
    wrong: tuple[str, ...] = ()
    figures: int = 0
    false_alarm: bool = False


def verdict(q: Quote, kept: Kept, begins: date, since: datetime, now: datetime) -> Verdict:
    """What is to be said of a quote at a moment. The sources have been watched `since`."""
    if q.latest is None or q.previous is None:
        return Verdict("", (f"{q.instrument.key} is blank",))
    truth = _truth(q, q.link, begins)
    wrong = [*_wrong_figures(q, truth, now), *_wrong_sums(q, truth, now)]
    reason, silent = _reason(q, kept, begins, since, now)
    if silent:
        wrong.append(f"{q.instrument.key}: {silent}")
    alarm = q.freshness != "current" and not _overdue(q, truth, now, slack=timedelta(0))
    return Verdict(reason, tuple(wrong), len(q.line) + 3, alarm)


def _truth(q: Quote, link: Link, begins: date) -> Published:
    return published(link.source, link.codes, q.instrument.decimals, begins)


def _wrong_figures(q: Quote, truth: Published, now: datetime) -> list[str]:
    found = [o for o in q.line if truth.values.get(o.day) != Fraction(o.value)]
    ahead = [o for o in q.line[-3:] if o.day in truth.values and truth.out_at(o.day) > now]
    name = f"{q.instrument.key} from {q.link.source}"
    return [f"{name}: {o.day} {o.value}, published {truth.values.get(o.day)}" for o in found[:3]] + [
        f"{name}: {o.day} {o.value} was not out yet" for o in ahead
    ]


def _wrong_sums(q: Quote, truth: Published, now: datetime) -> list[str]:
    assert q.latest
    assert q.previous
    value, before = Fraction(q.latest.value), Fraction(q.previous.value)
    percent = Fraction(round((value - before) / before * 10_000), 100) if value > 0 and before > 0 else None
    way = "up" if value > before else "down" if value < before else "flat"
    given = None if q.change_percent is None else Fraction(q.change_percent)
    sums = (q.change is not None and Fraction(q.change) == value - before, given == percent, q.direction == way)
    said = f"{q.instrument.key}: {before} to {value} is said to be {q.change}, {q.change_percent} %, {q.direction}"
    found = [] if all(sums) else [said]
    missing = truth.between(q.previous.day, q.latest.day, now)
    # A holiday's repeated figure that is held back: the change is the same with and without it.
    if q.since is None and any(truth.values[day] != truth.values[q.previous.day] for day in missing):
        found.append(f"{q.instrument.key}: the change is since {q.previous.day}, and nothing says so")
    return found


def _reason(q: Quote, kept: Kept, begins: date, since: datetime, now: datetime) -> tuple[str, str]:
    """Why the quote is not what an undisturbed one would be; and what is wrong if nothing says why."""
    assert q.latest
    assert q.previous
    first = q.instrument.chain[0]
    truth = _truth(q, first, begins)
    shown = (_close_at(truth, since), _close_at(truth, now))
    closes = {day for moment, day in truth.early if since <= moment <= now or day in shown}
    record = truth.out(now)
    days = sorted({*record, *(day for day in closes if not record or day > record[-1])})
    if q.link == first and [q.previous.day, q.latest.day] == days[-2:]:
        return "", ""
    missing = [day for day in days[-2:] if day not in (q.previous.day, q.latest.day)]
    if q.link != first:
        return f"from {q.link.source}", ""
    if held := [reason for (key, day), reason in kept.held.items() if key in first.series and day >= q.previous.day]:
        return f"held back: {sorted(held)[0]}", ""
    if q.freshness in ("late", "stale"):
        return q.freshness, ""
    if late := _overdue(q, truth, now, _SLACK):
        return "", f"{late} is overdue, {q.latest.day} is shown, and it is called {q.freshness}"
    if first.source in kept.failing:
        return "the source fails", ""
    if all(day not in record for day in missing):
        return "a morning's close is missing", ""
    out = truth.out_at(max(missing))
    if q.standing.awaited or now - out <= SOON:
        return "on its way", ""
    return "", f"{missing} is out since {out}, {q.latest.day} is shown, and nothing says why"


def _close_at(truth: Published, now: datetime) -> date | None:
    """The close that the morning's page shows."""
    return next((day for moment, day in reversed(truth.early) if moment <= now), None)


def _overdue(q: Quote, truth: Published, now: datetime, slack: timedelta) -> date | None:
    """The oldest day on record that is not shown although its publication's grace has passed."""
    assert q.latest
    grace = _GRACE.get(q.link.source, _SURVEY if q.link.codes[0] in _SURVEYS else _WEEKLY)
    overdue = now - grace - slack
    ready = [day for day in truth.out(overdue) if day > q.latest.day and truth.counts_from(day) <= overdue]
    return ready[0] if ready else None
