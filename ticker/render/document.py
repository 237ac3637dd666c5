"""JSON documents of `/v1`, which the command line prints too. Figures are strings with the instrument's decimals."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from ticker.market.history import History
from ticker.market.instrument import Catalog, Instrument, Link
from ticker.market.observation import Observation
from ticker.market.quote import Publisher, Quote
from ticker.market.snapshot import Snapshot

_PIECE = 1000  # rows of a history that are written at once


def quotes(snapshot: Snapshot, keys: Collection[str] | None = None) -> dict[str, Any]:
    """`/v1/quotes`: the quotes of these instruments in catalog order, by default of the groups shown by default."""
    if keys is None:
        keys = {i.key for group in snapshot.catalog.groups if group.default for i in group.instruments}
    return {
        "revision": snapshot.revision,
        "valid_until": moment(snapshot.valid_until),
        "quotes": [quote(q) for q in snapshot.quotes if q.instrument.key in keys],
    }


def quote(q: Quote) -> dict[str, Any]:
    """One quote, as DESIGN.md section 4 has it."""
    i = q.instrument
    return {
        "key": i.key,
        "name": i.name,
        "label": i.label,
        "group": i.group,
        "kind": i.kind,
        "unit": i.unit,
        "value": str(q.latest.value) if q.latest else None,
        "as_of": q.latest.day.isoformat() if q.latest else None,
        "previous": _figure(q.previous),
        "change": None if q.change is None else str(q.change),
        "change_percent": None if q.change_percent is None else str(q.change_percent),
        "direction": q.direction,
        "freshness": q.freshness,
        "next_due": moment(q.standing.next_due) if q.standing.next_due else None,
        "source": _source(q.publisher) | {"series": list(q.link.codes)},
        "derived": q.link.formula,
    }


def history(h: History) -> Iterator[str]:
    """`/v1/history/<instrument>` in pieces: every day and figure of a span, as the quotes show them."""
    about = {
        "key": h.instrument.key,
        "unit": h.instrument.unit,
        "source": _source(h.publisher) | {"series": list(h.codes)},
        "from": h.line[0].day.isoformat() if h.line else None,
        "to": h.line[-1].day.isoformat() if h.line else None,
    }
    yield packed(about).removesuffix("}") + ',"observations":['
    for n in range(0, len(h.line), _PIECE):
        rows = ([o.day.isoformat(), str(o.value)] for o in h.line[n : n + _PIECE])
        yield ("," if n else "") + ",".join(map(packed, rows))
    yield "]}\n"


def history_csv(h: History) -> Iterator[str]:
    """The same as CSV: `day,value,source`."""
    yield "day,value,source\n"
    for n in range(0, len(h.line), _PIECE):
        yield "".join(f"{o.day.isoformat()},{o.value},{h.publisher.key}\n" for o in h.line[n : n + _PIECE])


def packed(body: object) -> str:
    """A document as JSON without needless space."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def instruments(catalog: Catalog) -> dict[str, Any]:
    """`/v1/instruments`: the catalog, group by group."""
    return {
        "groups": [
            {
                "key": group.key,
                "label": group.label,
                "default": group.default,
                "instruments": [_instrument(i) for i in group.instruments],
            }
            for group in catalog.groups
        ]
    }


def moment(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _figure(o: Observation | None) -> dict[str, str] | None:
    return {"value": str(o.value), "as_of": o.day.isoformat()} if o else None


def _source(publisher: Publisher) -> dict[str, Any]:
    return {"key": publisher.key, "name": publisher.name, "url": publisher.url, "terms": publisher.terms}


def _entry(i: Instrument, link: Link) -> dict[str, Any]:
    decimals = i.drawn_from(link).decimals
    return {"source": link.source, "series": list(link.codes), "derived": link.formula, "decimals": decimals}


def _instrument(i: Instrument) -> dict[str, Any]:
    return {
        "key": i.key,
        "name": i.name,
        "label": i.label,
        "detail": i.detail,
        "kind": i.kind,
        "unit": i.unit,
        "decimals": i.decimals,
        "cadence": i.cadence,
        "chain": [_entry(i, link) for link in i.chain],
    }
