"""Some of the hundred thousand bad requests of docs/long/visitors.md, the same code with a seed; and what is tried on
purpose: hypothesis over every route, schemathesis over the API's own description."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from bench.long.visitors import kept, run, site
from bench.long.visits import CANARY, MARKUP, Visit, ask, wrong

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return site(Path(tmp_path_factory.mktemp("visitors")))


def test_bad_visitors_get_an_answer_and_leave_nothing_behind(app: Flask) -> None:
    found = run(app, 7, 2000)
    assert found.faults == []
    assert found.full == []
    assert {200, 400, 404, 405} <= set(found.statuses)


def test_what_is_refused_is_kept_nowhere(app: Flask) -> None:
    run(app, 11, 200)  # what is made once for all is made
    before = kept(app)
    for n in range(100):
        for path, query in (
            (f"/w/{CANARY}{n}", ""),
            ("/w/list", f"lang={n}"),
            ("/w/chart", f"i={n}&range={n}"),
            (f"/i/{n}", ""),
            (f"/img/list.{n}", ""),
            ("/v1/quotes", f"i={n}"),
            (f"/v1/history/{n}", ""),
            ("/v1/history/wti", f"from={n}"),
            (f"/feeds/{n}.atom", ""),
            ("/corrections", f"page={n + 1000}"),
            (f"/static/{n}.js", ""),
            ("/oembed", f"url={n}"),
        ):
            for _ in range(2):
                assert ask(app, Visit("GET", path, query)).status in (400, 404)
    assert kept(app) == before


_TEXT = st.one_of(st.text(max_size=40), st.sampled_from(MARKUP), st.text(string.printable, max_size=40))
_NAMES = ("i", "lang", "theme", "range", "on", "from", "url", "above", "page", "vs")
_HEADERS = ("Accept-Encoding", "HX-Request", "If-None-Match", "Host")
_HEADER = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_text_anywhere_in_a_request_gets_the_better_of_any_route(app: Flask, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(sorted(map(str, app.url_map.iter_rules()))))
    segments = [data.draw(_TEXT) if "<" in part else part for part in rule.split("/")]
    names = st.one_of(
        _TEXT, st.sampled_from(("i", "lang", "theme", "range", "on", "from", "url", "above", "page", "vs"))
    )
    pairs = data.draw(st.lists(st.tuples(names, _TEXT), max_size=4))
    asked = Visit(
        data.draw(st.sampled_from(("GET", "HEAD", "OPTIONS", "POST"))),
        "/".join(segments).encode("utf-8", "replace").decode(),
        "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs),
        data.draw(
            st.dictionaries(st.sampled_from(("Accept-Encoding", "HX-Request", "If-None-Match", "Host")), _HEADER)
        ),
        data.draw(st.binary(max_size=20)),
    )
    assert wrong(asked, ask(app, asked)) == []


def test_the_api_keeps_its_own_description(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == 7

    @settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    @given(case=st.one_of([operation.as_strategy() for operation in operations]))
    def asked(case: Any) -> None:
        response = case.call(headers={"Accept-Encoding": "identity"})
        case.validate_response(response, excluded_checks=[checks.positive_data_acceptance])

    asked()
