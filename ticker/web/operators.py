"""For operators: `/livez` does no I/O; `/readyz` is 503 only where there is nothing to show; `/metrics` never is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ticker.errors import StoreError
from ticker.render.document import moment
from ticker.web.live import Live
from ticker.web.metrics import Metrics


def operators(live: Live, metrics: Metrics) -> Blueprint:
    """The blueprint."""
    registry = CollectorRegistry()
    registry.register(metrics)
    blueprint = Blueprint("operators", __name__)

    @blueprint.get("/livez")
    def livez() -> dict[str, Any]:
        return {"alive": True}

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, Any], int]:
        try:
            snapshot = live.snapshot()
        except StoreError as wrong:
            return {"ready": False, "store": str(wrong)}, 503
        counts: dict[str, int] = {}
        for q in snapshot.quotes:
            counts[q.freshness] = counts.get(q.freshness, 0) + 1
        writing = live.writing()
        about = {
            "ready": snapshot.has_data,
            "revision": snapshot.revision,
            "valid_until": moment(snapshot.valid_until),
            "quotes": counts,
            "store": live.trouble or "ok",
            "refresher": "in charge" if writing.in_charge else "none in charge",
            "written_at": moment(writing.last) if writing.last else None,
        }
        return about, 200 if snapshot.has_data else 503

    @blueprint.get("/metrics")
    def measured() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint
