"""What the documents of `/v1` are made of, as JSON Schema: words from the code's own closed lists."""

from __future__ import annotations

from typing import Any, get_args

from ticker.market.figures import Direction
from ticker.market.freshness import Freshness
from ticker.market.instrument import CADENCES, KINDS
from ticker.render.variant import PICTURED

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_ADDRESS: Schema = {"type": "string", "format": "uri"}
_DAY: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time", "description": "UTC, to the second."}
_FIGURE: Schema = {
    "type": "string",
    "pattern": r"^-?\d+(\.\d+)?$",
    "description": "A decimal number as text, with exactly the decimals it is shown with; no plus sign.",
}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(about: str, **properties: Schema) -> Schema:
    return {"type": "object", "description": about, "properties": properties, "required": list(properties)}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def _or_null(schema: Schema) -> Schema:
    if "$ref" in schema or "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _enum(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


_SOURCE = {"key": _TEXT, "name": _TEXT, "url": _ADDRESS, "terms": _ADDRESS}
_STANDING = {
    "as_of": _or_null(_DAY),
    "freshness": _enum(*get_args(Freshness)),
    "late_since": _or_null(_MOMENT),
    "missed": _or_null(_COUNT),
    "next_due": _or_null(_MOMENT),
}
_LINK = {"source": _TEXT, "series": _list(_TEXT, minItems=1, maxItems=2)}

SCHEMAS: dict[str, Schema] = {
    "Quotes": _object(
        "Quotes in catalog order, true until `valid_until` unless a figure arrives.",
        revision=_COUNT,
        valid_until=_MOMENT,
        quotes=_list(ref("Quote")),
    ),
    "Quote": _object(
        "An instrument's newest figure; nulls and freshness `empty` where there is none.",
        key=_TEXT,
        name=_TEXT,
        label=_TEXT,
        group=_TEXT,
        kind=_enum(*KINDS),
        unit=_TEXT,
        value=_or_null(_FIGURE),
        as_of=_or_null(_DAY),
        previous=_or_null(ref("Figure")),
        change=_or_null(_FIGURE),
        change_percent=_or_null(_FIGURE),
        direction=_or_null(_enum(*get_args(Direction))),
        freshness=_enum(*get_args(Freshness)),
        next_due=_or_null(_MOMENT),
        source=ref("SeriesSource"),
        derived=_or_null(_TEXT),
    ),
    "Figure": _object("A figure and the day it is for.", value=_FIGURE, as_of=_DAY),
    "Source": _object("Who publishes.", **_SOURCE),
    "SeriesSource": _object("Who publishes, and under which codes.", **_SOURCE, series=_list(_TEXT)),
    "History": _object(
        "Days and figures, ascending, all from one source.",
        **{"key": _TEXT, "unit": _TEXT, "source": ref("SeriesSource"), "from": _or_null(_DAY), "to": _or_null(_DAY)},
        observations=_list({"type": "array", "prefixItems": [_DAY, _FIGURE], "minItems": 2, "maxItems": 2}),
    ),
    "Instruments": _object("The catalog, group by group.", groups=_list(ref("Group"))),
    "Group": _object(
        "Instruments under one title. One that is not `default` shows only where it is asked for.",
        key=_TEXT,
        label=_TEXT,
        default=_FLAG,
        instruments=_list(ref("Instrument")),
    ),
    "Instrument": _object(
        "What is shown, and its sources in order of preference.",
        key=_TEXT,
        name=_TEXT,
        label=_TEXT,
        detail=_TEXT,
        kind=_enum(*KINDS),
        unit=_TEXT,
        decimals=_COUNT,
        cadence=_enum(*CADENCES),
        chain=_list(_object("One entry.", **_LINK, derived=_or_null(_TEXT), decimals=_COUNT), minItems=1),
    ),
    "Sources": _object(
        "How the store, every source and every instrument stand. Without a store: as it was at `store.read_at`.",
        at=_MOMENT,
        store=_object(
            "The database.",
            readable=_FLAG,
            writable=_FLAG,
            read_at=_or_null(_MOMENT),
            revision=_or_null(_COUNT),
            committed_at=_or_null(_MOMENT),
            refresher=_or_null(ref("Refresher")),
        ),
        sources=_list(_object("A publisher and its feeds.", **_SOURCE, feeds=_list(ref("Feed")))),
        instruments=_list(
            _object(
                "An instrument and the entry of its chain it is drawn from, counted from one.",
                key=_TEXT,
                **_STANDING,
                in_use=_object("The entry.", **_LINK, entry=_COUNT, of=_COUNT),
            )
        ),
        held=_list(ref("Held")),
    ),
    "Refresher": _object("Who is in charge of refreshing, and until when.", holder=_TEXT, until=_MOMENT),
    "Feed": _object(
        "A document that its source publishes again and again.",
        key=_TEXT,
        series=_list(_TEXT),
        instruments=_list(_TEXT),
        **_STANDING,
        next_look=_MOMENT,
        last_attempt=_or_null(_MOMENT),
        last_success=_or_null(_MOMENT),
        failures=_COUNT,
        failing_since=_or_null(_MOMENT),
        error=_or_null(_TEXT),
        wait_until=_or_null(_MOMENT),
        missing_series=_list(_TEXT),
        held=_COUNT,
    ),
    "Held": _object(
        "A figure that is held back; without a value its withdrawal is.",
        series=_TEXT,
        day=_DAY,
        value=_or_null(_FIGURE),
        before=_or_null(_FIGURE),
        rule=_TEXT,
        reason=_TEXT,
        seen_at=_MOMENT,
    ),
    "Picture": _object(
        "What a picture shows, in words, and where it is.",
        widget=_enum(*PICTURED),
        title=_TEXT,
        alt=_TEXT,
        on=_or_null(_DAY),
        png=_ADDRESS,
        svg=_ADDRESS,
        width=_COUNT,
        height=_COUNT,
    ),
    "Problem": _object(
        "What was wrong, and what is allowed (RFC 9457).",
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
    ),
}
"""Every schema by its name."""
