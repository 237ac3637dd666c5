"""A million readers over a day of real publications: `python -m bench.long.readers [READERS SEED]`.

With its defaults it writes docs/long/readers.md. The refresher, the store and the application are the real ones, asked
in this process with a clock handed in; the sources are the replay's; readers, browsers and shared caches are simulated
by the headers that the application really sends, and open elements by the rule of static/embed.js.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.long.caches import TOPOLOGIES
from bench.long.installation import moment
from bench.long.ledger import Event
from bench.long.newsday import Outage
from bench.long.page import write
from bench.long.reading import Seen, day
from bench.report import Table, shown

MIDNIGHT = moment("2026-03-18T04:00")
"""A Wednesday's in New York: EIA's morning page, the ECB's rates, and EIA's workbooks half a minute after them."""
READERS, SEED = 1_000_000, 20260318
LATE: Outage = ("www.ecb.europa.eu", 10.9 * 3600, 11.5 * 3600)
"""The ECB is down when its rates are due, and for half an hour after it."""
_ABOUT = (
    "Readers come as a news site's do over a day, 5 % of them in a quarter of an hour after noon; they look at "
    "two and a half pages, for a minute by the median; 6 % leave the last one open for hours, half of these "
    "behind other tabs. Twelve addresses in three languages, brotli and a little gzip. Refresher, SQLite store, "
    "response cache and application are the real ones with a clock handed in, and every request at the origin was "
    "really answered. Readers, browsers and shared caches are simulated: they go by the headers of those answers, "
    "and open elements ask again by the rule and the numbers of `static/embed.js`. No time passes between a "
    "request and its answer. CPU seconds are those of the application in one process; what the server takes for "
    "HTTP, some 40 µs a request (docs/bench.md), comes on top."
)
_SEEN = (
    "Open pages: those that stood open and in sight when the figure was stored, or were shown the one before "
    "later; how long after it was stored they showed it. Time behind another tab does not count. Left before: "
    "pages that were closed first. Shown the one before: what was put before a reader when the new figure was "
    "stored already, by the browser from its own copy or by a shared cache; by how much the oldest of it was out "
    "of date; and how often that was more than five minutes and a browser's one (one minute without a shared "
    "cache, two where it is purged): see [scale.md](../scale.md#in-front-nginx-varnish) for what takes longer."
)
_DOWN = (
    "The ECB answers 503 from 10:54 to 11:30 in New York: its rates are awaited from 11:00, and stored when the "
    "refresher looks again. Open elements look again every minute or so meanwhile."
)
_LOOKS = 24 * 60 * 60 * 5  # at the revision, in a day, by the thread of one web process


def measure(folder: Path) -> Table:
    """Measure what a day of a million readers costs, and when the last of them has each new figure."""
    del folder  # each of the processes has one of its own
    with ProcessPoolExecutor(2) as pool:
        return costs([*pool.map(partial(day, MIDNIGHT, READERS, SEED), TOPOLOGIES)])


def costs(days: Sequence[Seen]) -> Table:
    """What each topology costs the origin, and when open pages have each new figure."""
    first = days[0]
    rows: list[tuple[str, Callable[[Seen], str]]] = [
        ("requests that left browsers", lambda s: f"{s.requests:,}"),
        ("of them answered 304", lambda s: f"{s.unchanged:,}"),
        ("of them renewals by open elements", lambda s: f"{s.renewals:,}"),
        ("most in one second", lambda s: f"{max(s.seconds):,}"),
        ("**requests at the origin**", lambda s: f"{s.spent.requests:,}"),
        ("of a page view", lambda s: shown(s.spent.requests / s.views)),
        ("of them answered 304", lambda s: f"{s.spent.unchanged:,}"),
        ("most in one second", lambda s: f"{max(s.spent.seconds):,}"),
        ("**bytes out of the origin**, heads and all", lambda s: f"{s.spent.bytes / 1e6:,.1f} MB"),
        ("**CPU seconds of the application**", lambda s: f"{s.spent.cpu:,.2f}"),
        ("for a request", lambda s: f"{s.spent.cpu / s.spent.requests * 1e6:,.1f} µs"),
        ("and to make answers ahead", lambda s: f"{s.spent.ahead:,.2f}"),
        ("and to look for a new revision five times a second", lambda s: f"{s.looking * _LOOKS:,.0f}"),
        ("and to refresh: CPU seconds, requests to publishers", lambda s: f"{s.refreshing:,.2f}, {s.publishers}"),
    ]
    remark = (
        f"{first.readers:,} readers over Wednesday 18 March 2026, midnight to midnight in New York: {first.views:,} "
        f"page views, at most {first.most_open:,} pages open at once. {_ABOUT}"
    )
    rows += [(_named(first, n), partial(_had, n=n)) for n in range(1, len(first.ledger.events))]
    named = [(what, *map(say, days)) for what, say in rows]
    return Table("Readers over a day of publications", ("what", *(s.topology.name for s in days)), named, remark)


def _named(seen: Seen, n: int) -> str:
    event = seen.ledger.events[n]
    stored = MIDNIGHT + timedelta(seconds=event.stored)
    return f"open pages have what came from {', '.join(event.what)} at {stored:%H:%M} after (half, 99 in 100, the last)"


def _had(seen: Seen, n: int) -> str:
    return ", ".join(_after(sorted(seen.ledger.events[n].waits)))


def _after(waits: Sequence[float]) -> list[str]:
    """How long half of them, 99 in 100 and the last took."""
    return [f"{waits[min(len(waits) - 1, int(len(waits) * part))]:,.0f} s" if waits else "" for part in (0.5, 0.99, 1)]


def figures(days: Sequence[Seen], title: str, remark: str) -> Table:
    """When readers had each new figure."""
    head = (
        "stored (UTC), by", "behind", "shown first after", "open pages: half", "99 in 100", "the last", "left before",
        "shown the one before: times", "the oldest by", "by more than promised",
    )  # fmt: skip
    rows = [_row(seen, seen.ledger.events[n]) for n in range(1, len(days[0].ledger.events)) for seen in days]
    return Table(title, head, rows, remark)


def _row(seen: Seen, event: Event) -> tuple[str, ...]:
    parts, old = _after(sorted(event.waits)), [*event.old_browser, *event.old_cache]
    late = sum(age > seen.topology.promised for age in old)
    stored = MIDNIGHT + timedelta(seconds=event.stored)
    return (
        f"{stored:%H:%M:%S} {', '.join(event.what)}", seen.topology.name, f"{event.first:,.1f} s", *parts,
        f"{event.left:,}", f"{len(old):,}", f"{max(old, default=0):,.0f} s", f"{late:,}",
    )  # fmt: skip


def main() -> None:
    """Run it, and write the page."""
    given = [int(text) for text in sys.argv[1:3]]
    readers, seed = (*given, *(READERS, SEED)[len(given) :])
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        plain = [pool.submit(day, MIDNIGHT, readers, seed, topology) for topology in TOPOLOGIES]
        late = [pool.submit(day, MIDNIGHT, readers, seed, topology, LATE) for topology in TOPOLOGIES[:3]]
        days, outages = ([one.result() for one in them] for them in (plain, late))
    when = figures(days, "When readers had each new figure", _SEEN)
    tables = [costs(days), when, figures(outages, "The same with the ECB down for half an hour", _DOWN)]
    for table in tables:
        print(table.text())
    wrong = [what for seen in (*days, *outages) for what in seen.ledger.wrong]
    print(*wrong, sep="\n")
    if not given:
        write("readers", tables[0], "python -m bench.long.readers", time.perf_counter() - began, *tables[1:])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
