"""`/openapi.json`: the description of `/v1`, OpenAPI 3.1. Its words are the code's, its examples what is served now."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

import ticker
from ticker.market.history import RANGES
from ticker.market.instrument import Catalog
from ticker.market.snapshot import Snapshot
from ticker.render import document
from ticker.render.language import tags
from ticker.render.picture import SIZES
from ticker.render.schemas import SCHEMAS, ref
from ticker.render.variant import CHOICES, DEFAULTS, MOST, PICTURED
from ticker.web.api import as_json, only
from ticker.web.live import Live
from ticker.web.pictures import SCALES

_PROBLEMS = {"400": "A parameter is not allowed.", "404": "There is no such instrument or address.",
             "414": "The query is too long.",
             "503": "The figures cannot be read just now; `Retry-After` says when."}  # fmt: skip
_DAY = {"type": "string", "format": "date"}


def openapi(live: Live, public_url: str) -> Blueprint:
    """The blueprint. The API is at `public_url`."""
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/openapi.json")
    def described() -> Response:
        only()
        return as_json(description(live.snapshot(), public_url))

    return blueprint


def description(snapshot: Snapshot, public_url: str) -> dict[str, Any]:
    """The whole document."""
    catalog = snapshot.catalog
    keys = [i.key for i in catalog.instruments]
    instrument = _in("path", "instrument", "An instrument's key.", {"type": "string", "enum": keys})
    example = snapshot.quotes[0]
    quote, quotes = document.quote(example), document.quotes(snapshot, [example.instrument.key])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ticker",
            "version": ticker.__version__,
            "description": "Market and currency figures from public sources: each with its day, its source, and when "
            "the next is due. Unknown parameters are refused.",
        },
        "servers": [{"url": public_url or "/"}],
        "paths": {
            "/v1/quotes": _get("quotes", "Quotes of many instruments", "Quotes", [_instruments(catalog)], quotes),
            "/v1/quotes/{instrument}": _get("quote", "One quote", "Quote", [instrument], quote),
            "/v1/history/{instrument}": _get("history", "All figures of one", "History", [instrument, *_SPAN]),
            "/v1/history/{instrument}.csv": _get("historyCsv", "The same as CSV", "", [instrument, *_SPAN]),
            "/v1/instruments": _get("instruments", "The catalog", "Instruments", []),
            "/v1/sources": _get("sources", "How sources and figures stand", "Sources", []),
            "/v1/pictures/{widget}": _get("picture", "A picture in words", "Picture", _picture(catalog)),
        },
        "components": {"schemas": SCHEMAS},
    }


def _in(place: str, name: str, about: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": about, "schema": schema, **required, **more}


_SPAN = [
    _in("query", "from", "The first day; not together with range.", _DAY),
    _in("query", "to", "The last day; not together with range.", _DAY),
    _in("query", "range", "Counted back from the newest figure.", {"type": "string", "enum": list(RANGES)}),
]


def _instruments(catalog: Catalog) -> dict[str, Any]:
    names = [g.key for g in catalog.groups if g.instruments] + [i.key for i in catalog.instruments]
    several = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"type": "string", "enum": names}}
    about = f"Instruments and groups, comma separated, at most {MOST} instruments; by default those shown by default."
    return _in("query", "i", about, several, style="form", explode=False)


def _picture(catalog: Catalog) -> list[dict[str, Any]]:
    def one_of(name: str, about: str, allowed: list[str], default: str) -> dict[str, Any]:
        return _in("query", name, about, {"type": "string", "enum": allowed, "default": default})

    choices = {"theme": "Its colours.", "up": "The colour of a rise.", "range": "Of a chart."}
    return [
        _in("path", "widget", "What is pictured.", {"type": "string", "enum": list(PICTURED)}),
        _instruments(catalog),
        one_of("lang", "A language, also with a region.", list(tags()), "en"),
        *(one_of(name, about, list(CHOICES[name]), DEFAULTS[name]) for name, about in choices.items()),
        one_of("size", "Its width in pixels.", [str(size) for size in SIZES], "600"),
        one_of("scale", "Pixels for each of those.", list(SCALES), "1"),
        _in("query", "on", "As of a day; by default of now.", _DAY),
    ]


def _get(name: str, about: str, schema: str, parameters: list[dict[str, Any]], example: Any = None) -> dict[str, Any]:
    """One address; without a schema it answers CSV."""
    media: dict[str, Any] = {"schema": ref(schema)} if schema else {"schema": {"type": "string"}}
    if example is not None:
        media["example"] = example
    good = {"description": about + ".", "content": {"application/json" if schema else "text/csv": media}}
    responses = {"200": good, **{status: _problem(status, text) for status, text in _PROBLEMS.items()}}
    return {"get": {"operationId": name, "summary": about, "parameters": parameters, "responses": responses}}


def _problem(status: str, text: str) -> dict[str, Any]:
    example = {"type": "about:blank", "title": HTTPStatus(int(status)).phrase, "status": int(status), "detail": text}
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": ref("Problem"), "example": example}},
    }
