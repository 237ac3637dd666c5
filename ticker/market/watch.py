"""What changed between two moments that somebody should hear of. The log and the webhook tell of the same changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ticker.market.instrument import Instrument
from ticker.market.quote import Quote
from ticker.market.snapshot import Snapshot

States = Mapping[str, str]
"""By aspect and subject: `freshness/wti` is late, `source/wti` is `0 eia` (its place in the chain, and its key)."""

Fields = Mapping[str, str | None]

FAILING, ANSWERING = "failing", "answering"


@dataclass(frozen=True)
class Change:
    """An aspect of a subject that is another than it was; `was` is None where it was never told of."""

    aspect: str
    subject: str
    was: str | None
    now: str

    @property
    def event(self) -> str:
        """Its stable name, such as `instrument.late`."""
        if self.aspect == "freshness":
            return "instrument.recovered" if self.now == "current" else f"instrument.{self.now}"
        if self.aspect == "source":
            return "chain.returned" if self.now.startswith("0 ") else "chain.moved"
        return "source.failing_long" if self.now == FAILING else "source.recovered"

    @property
    def is_good(self) -> bool:
        """Whether it is for the better."""
        return self.event in ("instrument.recovered", "chain.returned", "source.recovered")


def states(snapshot: Snapshot, feeds: Mapping[str, str | None]) -> dict[str, str]:
    """How everything stands. `feeds` names every feed, and says of those that have failed for long what is wrong."""
    found: dict[str, str] = {}
    for q in snapshot.quotes:
        shown = _in_catalog(snapshot, q)
        place = next((n for n, link in enumerate(shown.chain) if link.entry == q.link.entry), 0)
        found[f"freshness/{shown.key}"] = q.freshness
        found[f"source/{shown.key}"] = f"{place} {q.link.source}"
    return found | {f"feed/{name}": FAILING if wrong else ANSWERING for name, wrong in feeds.items()}


def changes(before: States, after: States) -> tuple[Change, ...]:
    """What is otherwise after than it was before. What was never told of is a change only where it is for the worse."""
    found = []
    for key, now in after.items():
        aspect, _, subject = key.partition("/")
        change = Change(aspect, subject, before.get(key), now)
        first = change.was is None and (change.is_good or now == "empty")
        if change.was != now and not first:
            found.append(change)
    return tuple(found)


def about(change: Change, snapshot: Snapshot, feeds: Mapping[str, str | None]) -> dict[str, str | None]:
    """The change as fields, for machines; `text` is a sentence for people."""
    if change.aspect == "feed":
        source, _, feed = change.subject.partition(":")
        wrong = feeds.get(change.subject)
        text = f"{change.subject}: {wrong}, for hours" if wrong else f"{change.subject} answers again"
        return {"event": change.event, "source": source, "feed": feed, "error": wrong, "text": f"{text}."}
    q = snapshot.by_key[change.subject]
    fields: dict[str, str | None] = {
        "event": change.event,
        "instrument": change.subject,
        "name": _in_catalog(snapshot, q).name,
        "source": q.link.source,
        "freshness": q.freshness,
        "was": change.was if change.aspect == "freshness" else (change.was or "").partition(" ")[2] or None,
        "as_of": q.latest.day.isoformat() if q.latest else None,
        "since": _moment(q.standing.since),
        "next_due": _moment(q.standing.next_due),
    }
    return fields | {"text": _sentence(change, q, fields)}


def _sentence(change: Change, q: Quote, fields: Fields) -> str:
    of = f"the newest figure is for {fields['as_of']} ({q.publisher.short})" if q.latest else "there is no figure"
    if change.aspect == "source":
        return f"{fields['name']} is now drawn from {q.publisher.name}; {of}."
    if change.now == "current":
        return f"{fields['name']} is current again: {of}."
    since = f", a newer one overdue since {fields['since']}" if fields["since"] else ""
    return f"{fields['name']} is {change.now}: {of}{since}."


def _in_catalog(snapshot: Snapshot, q: Quote) -> Instrument:
    return snapshot.catalog.get(q.instrument.key) or q.instrument


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
