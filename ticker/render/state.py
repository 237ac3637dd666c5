"""`/v1/sources`: how every source, feed and instrument stands, as a document. Moments are UTC, null where unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from ticker.market.freshness import Standing
from ticker.market.report import Condition, FeedReport, Held, Report, entry_of
from ticker.render.document import moment, source


def sources(c: Condition) -> dict[str, Any]:
    """The whole document. What was read last is told with the moment it was read, also while the store is out."""
    store = c.report.store if c.report else None
    return {
        "at": moment(c.now),
        "store": {
            "readable": c.readable,
            "writable": c.writable,
            "read_at": _moment(c.report.at if c.report else None),
            "revision": store.revision if store else None,
            "committed_at": _moment(store.committed_at if store else None),
            "refresher": _refresher(c.report),
        },
        "sources": list(_sources(c)),
        "instruments": list(_instruments(c)),
        "held": [_held(h) for h in store.held] if store else [],
    }


def _refresher(report: Report | None) -> dict[str, Any] | None:
    if report is None or report.store.holder is None:
        return None
    return {"holder": report.store.holder, "until": _moment(report.store.lease_until)}


def _sources(c: Condition) -> Iterator[dict[str, Any]]:
    for _, group in groupby(c.report.feeds if c.report else (), key=lambda f: f.source):
        feeds = list(group)
        yield source(feeds[0].publisher) | {"feeds": [_feed(f, c) for f in feeds]}


def _feed(f: FeedReport, c: Condition) -> dict[str, Any]:
    return {
        "key": f.feed,
        "series": list(f.series),
        "instruments": [i.key for i in c.instruments_of(f)],
        "as_of": f.newest.isoformat() if f.newest else None,
        **_standing(f.standing),
        "next_look": moment(f.next_look),
        "last_attempt": _moment(f.checked_at),
        "last_success": _moment(f.accepted_at),
        "failures": f.failures,
        "failing_since": _moment(f.failing_since),
        "error": f.label,
        "wait_until": _moment(f.wait_until),
        "missing_series": list(f.missing),
        "held": f.held,
    }


def _standing(s: Standing) -> dict[str, Any]:
    return {
        "freshness": s.freshness,
        "late_since": _moment(s.since),
        "missed": None if s.freshness == "empty" else s.overdue,
        "next_due": _moment(s.next_due),
    }


def _instruments(c: Condition) -> Iterator[dict[str, Any]]:
    if c.snapshot is None:
        return
    for q in c.quotes:
        at, of = entry_of(q, c.snapshot.catalog)
        yield {
            "key": q.instrument.key,
            "as_of": q.latest.day.isoformat() if q.latest else None,
            **_standing(q.standing),
            "in_use": {"source": q.link.source, "series": list(q.link.codes), "entry": at, "of": of},
        }


def _held(h: Held) -> dict[str, Any]:
    return {
        "series": h.series,
        "day": h.day.isoformat(),
        "value": None if h.value is None else str(h.value),
        "before": None if h.before is None else str(h.before),
        "rule": h.rule.key,
        "reason": h.rule.sentence,
        "seen_at": moment(h.seen_at),
    }


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
