"""`/corrections`: what figures were before, in words, with every string ready."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID, uuid5

from ticker.market.correction import Correction
from ticker.market.instrument import Instrument
from ticker.render.document import moment
from ticker.render.language import Dated, Language

MOST = 50
"""Corrections on a page, and in a feed."""

_OURS = UUID("c1ff7a0e-4a43-4c63-9b0c-3f0f6d3c2b53")  # drawn once; changing it would make every entry new to readers
_ALWAYS = 0  # the year that goes without saying: none; an entry outlives its year


@dataclass(frozen=True)
class Entry:
    """One correction. `seen` is the day on which we saw it, `instruments` are keys and names of those concerned."""

    id: str
    title: str
    name: str
    said: str
    day: Dated
    source: str
    seen: Dated
    seen_at: str
    instruments: tuple[tuple[str, str], ...]


def entries(found: Iterable[Correction], instruments: Sequence[Instrument], words: Language) -> tuple[Entry, ...]:
    """The entries of corrections, in their order; `instruments` are those that they may concern."""
    return tuple(_entry(c, [i for i in instruments if c.concerns(i)], words) for c in found)


def query(keys: Sequence[str], tag: str, page: int = 1) -> str:
    """The canonical query string, with its question mark: what differs from the default."""
    said = ({"i": ",".join(keys)} if keys else {}) | ({"lang": tag} if tag != "en" else {})
    said |= {"page": str(page)} if page > 1 else {}
    return f"?{urlencode(said, safe=',')}" if said else ""


def feed_id(keys: Sequence[str], tag: str) -> str:
    """The id of the feed of these instruments, the same on every host."""
    return _urn(tag, *keys)


def _entry(c: Correction, concerned: Sequence[Instrument], words: Language) -> Entry:
    alone = [i for i in concerned if any(link.series == (c.series,) for link in i.chain)]
    name = words.name(alone[0]) if alone else c.code
    day = words.dated("", c.day, _ALWAYS)
    figures = {"was": _figure(c.was, words)} | ({} if c.became is None else {"became": _figure(c.became, words)})
    said = words.say("corrections", "withdrawn" if c.became is None else "became", **figures)
    return Entry(
        id=_urn(words.tag, c.series, c.day.isoformat(), c.seen_at.isoformat()),
        title=f"{name}, {day.day}: {said}",
        name=name,
        said=said,
        day=day,
        source=f"{c.publisher.short}, {c.code}",
        seen=words.dated("", c.seen_at.astimezone(UTC).date(), _ALWAYS),
        seen_at=moment(c.seen_at),
        instruments=tuple((i.key, words.name(i)) for i in concerned),
    )


def _figure(value: Decimal, words: Language) -> str:
    exponent = value.as_tuple().exponent
    return words.number(value, max(-exponent, 0) if isinstance(exponent, int) else 0)


def _urn(*names: str) -> str:
    return uuid5(_OURS, "/".join(names)).urn
