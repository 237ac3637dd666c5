"""`/openapi.json` is a true description: it is valid, complete, and every answer of the API is as it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from tests.conftest import Replay, at
from tests.web.conftest import FRESH, Site, app_of, site_at
from ticker.ingest.refresher import Refresher
from ticker.start import Parts
from ticker.store.feeds import FeedState, record
from ticker.web.live import Live


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("openapi")), FRESH)
    yield found
    found.parts.store.close()


def described(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site.get("/openapi.json").text)
    return found


def strict(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(part) for name, part in schema.items()}
    return closed | {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def complaints(site: Site, address: str, path: str) -> list[str]:
    """What a validator has against an answer, by the description of its path and status."""
    answer, whole = site.get(address), strict(described(site))
    said = whole["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]
    ((media, content),) = said.items()
    assert answer.mimetype == media
    body = answer.text if media == "text/csv" else json.loads(answer.text)
    schema = {**deepcopy(content["schema"]), "components": whole["components"]}
    return [e.message for e in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(body)]


ANSWERS = [
    ("/v1/quotes", "/v1/quotes"),
    ("/v1/quotes?i=world,wti", "/v1/quotes"),
    ("/v1/quotes?i=gold", "/v1/quotes"),
    ("/v1/quotes/wti", "/v1/quotes/{instrument}"),
    ("/v1/quotes/usdjpy", "/v1/quotes/{instrument}"),
    ("/v1/quotes/gold", "/v1/quotes/{instrument}"),
    ("/v1/history/gbpusd?range=1m", "/v1/history/{instrument}"),
    ("/v1/history/wti", "/v1/history/{instrument}"),
    ("/v1/history/usdjpy", "/v1/history/{instrument}"),
    ("/v1/history/wti?from=2026-01-01&range=1y", "/v1/history/{instrument}"),
    ("/v1/history/wti.csv?from=2026-01-01&to=2026-02-01", "/v1/history/{instrument}.csv"),
    ("/v1/instruments", "/v1/instruments"),
    ("/v1/instruments?x=1", "/v1/instruments"),
    ("/v1/sources", "/v1/sources"),
    ("/v1/pictures/list", "/v1/pictures/{widget}"),
    ("/v1/pictures/card?i=gbpusd&lang=pt-BR&theme=dark&size=300&scale=2&on=2026-03-17", "/v1/pictures/{widget}"),
    ("/v1/pictures/inline", "/v1/pictures/{widget}"),
    (f"/v1/quotes?i={'x' * 1000}", "/v1/quotes"),
]


def test_it_is_a_valid_description(shared: Site) -> None:
    validate(described(shared), cls=OpenAPIV31SpecValidator)


def test_it_describes_every_address_of_the_api_and_no_other(shared: Site) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)) for rule in shared.app.url_map.iter_rules()}
    told = set(described(shared)["paths"])
    assert {rule for rule in rules if rule.startswith("/v1/")} == {path.removesuffix(".csv") for path in told}


@pytest.mark.parametrize(("address", "path"), ANSWERS)
def test_every_answer_is_as_described(shared: Site, address: str, path: str) -> None:
    assert complaints(shared, address, path) == []


def test_its_examples_are_as_described(shared: Site) -> None:
    whole = strict(described(shared))
    for path, methods in whole["paths"].items():
        for answer in methods["get"]["responses"].values():
            for media in answer["content"].values():
                if "example" in media:
                    schema = {**media["schema"], "components": whole["components"]}
                    assert list(Draft202012Validator(schema).iter_errors(media["example"])) == [], path


@pytest.mark.parametrize(("address", "path"), ANSWERS)
def test_so_it_is_without_any_figure(empty: Site, address: str, path: str) -> None:
    if "2026" not in address:  # a day is allowed only where there are figures
        assert complaints(empty, address, path) == []


def test_so_it_is_when_sources_fail_and_figures_are_late(site: Site) -> None:
    record(site.parts.store, FeedState("ecb", "rates").failed(site.now, "source not answering: x", site.now))
    site.pass_time(days=3)
    for address, path in ANSWERS:
        assert complaints(site, address, path) == [], address


@pytest.mark.replay
def test_so_it_is_with_all_figures_of_the_replay(filled: Refresher, replay: Replay, site: Site) -> None:
    parts = Parts(site.parts.settings, site.parts.catalog, filled.store)
    now = replay.now
    live = Live(parts.revision, parts.holding, parts.snapshot_of, lambda: now)
    full = Site(parts, app_of("https://ticker.example", live, parts), live, now)
    for address, path in ANSWERS:
        assert complaints(full, address, path) == [], address
    assert json.loads(full.get("/v1/quotes/wti").text)["value"] is not None
    now = at("2026-03-19T14:00") + timedelta(days=8)
    for address, path in ANSWERS:
        assert complaints(full, address, path) == [], address


def test_what_it_allows_is_what_the_code_allows(shared: Site) -> None:
    for path, methods in described(shared)["paths"].items():
        for parameter in methods["get"]["parameters"]:
            for word in parameter["schema"].get("enum", ())[:3]:
                name = parameter["name"]
                address = (
                    path.replace("{" + name + "}", word).replace("{instrument}", "wti").replace("{widget}", "list")
                )
                query = f"?{name}={word}" if parameter["in"] == "query" else ""
                assert shared.get(address + query).status_code == 200, address + query


def test_it_may_be_fetched_from_anywhere_and_kept(shared: Site) -> None:
    answer = shared.get("/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "s-maxage" in answer.headers["Cache-Control"]
    assert shared.get("/openapi.json?x=1").mimetype == "application/problem+json"
