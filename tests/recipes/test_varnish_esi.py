"""docs/recipes/varnish-esi.vcl in a real Varnish. Answers that say how old they are stand in for passing time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

from tests.conftest import free_port
from tests.recipes.conftest import (
    EDITORS_WORDS,
    FIGURE,
    FOREIGN,
    Fault,
    Upstream,
    eventually,
    get,
    on_a_port,
    program,
    recipe,
    running,
)

pytestmark = pytest.mark.slow

FAULTS = [Fault(status) for status in ("200 OK", "302 Found", "400 Bad", "404 Not Found", "500 Oh")]
FAULTS += [Fault("200 OK", cut=True)]
YOUNG, OLD, OLDER, A_WEEK = 290, 310, 1000, 700_000
"""Seconds: less than s-maxage; more; more than stale-while-revalidate allows, and stale-if-error."""


@dataclass
class Varnish:
    """A host's Varnish."""

    url: str
    upstream: Upstream
    pages: dict[str, str] = field(default_factory=dict)

    def page(self, name: str = "/", **headers: str) -> str:
        """A page with the include; it is always whole and there."""
        answer = get(self.url + name, **headers)
        assert answer.status_code == 200
        assert "The end of the page" in answer.text
        assert "esi:" not in answer.text
        assert "Guru" not in answer.text
        assert FOREIGN not in answer.text
        return answer.text

    def put(self, name: str) -> None:
        """A page with an include of its own."""
        self.pages[name] = recipe("page-esi.html", ("i=energy", f"i=energy&case={name[1:]}"))

    def aged(self, name: str, seconds: int) -> str:
        """The same, whose include Varnish keeps, and that is so many seconds old."""
        self.put(name)
        self.upstream.gate.age = seconds
        page = self.page(name)
        assert FIGURE in page
        self.upstream.gate.age = None
        self.upstream.gate.asked.clear()
        return page


@pytest.fixture
def varnish(tmp_path: Path, upstream: Upstream) -> Iterator[Varnish]:
    command, port = program("varnishd", "varnish"), free_port()
    found = Varnish(f"http://127.0.0.1:{port}", upstream, {"/": recipe("page-esi.html")})

    @Request.application
    def origin(request: Request) -> Response:
        return Response(found.pages[request.path], content_type="text/html", headers={"Cache-Control": "no-store"})

    with on_a_port(origin) as pages:
        changes = ('.port = "8000"', f'.port = "{upstream.port}"'), ('.port = "8080"', f'.port = "{pages}"')
        file = tmp_path / "ticker.vcl"
        file.write_text(recipe("varnish-esi.vcl", *changes))
        line = [command, "-F", "-n", str(tmp_path / "varnish"), "-a", f"127.0.0.1:{port}", "-f", str(file)]
        line += ["-j", "none", "-s", "malloc,16m"]
        with running(line, f"{found.url}/w/", tmp_path / "varnish.log"):
            yield found


def test_the_figures_are_in_the_page_and_every_browser_gets_the_same_copy(varnish: Varnish) -> None:
    page = varnish.page()
    assert FIGURE in page
    assert EDITORS_WORDS not in page
    for accepted in ("gzip, br", "br", "identity"):
        assert varnish.page(**{"Accept-Encoding": accepted}) == page
    (asked,) = varnish.upstream.gate.headers()
    assert not {"cookie", "user_agent", "referer", "x_forwarded_for"} & set(asked)
    assert asked["accept_encoding"] == "gzip"  # between Ticker and Varnish it is compressed
    assert get(varnish.url + "/w/list").status_code == 404  # for includes alone


def test_it_is_kept_for_as_long_as_ticker_says_and_then_renewed_behind_the_reader(varnish: Varnish) -> None:
    gate = varnish.upstream.gate
    for name in ("/young", "/old", "/older"):
        varnish.aged(name, {"/young": YOUNG, "/old": OLD, "/older": OLDER}[name])
    varnish.upstream.publish("101.50")
    assert FIGURE in varnish.page("/young")  # s-maxage counts, not max-age
    assert gate.asked == []
    assert FIGURE in varnish.page("/old")  # stale-while-revalidate: this reader does not wait ...
    eventually(lambda: "101.50" in varnish.page("/old"), "the new figure")  # ... and the next has the new figure
    assert "101.50" in varnish.page("/older")  # this one is worth waiting for


def test_an_answer_that_did_not_change_is_not_sent_again(varnish: Varnish) -> None:
    page = varnish.aged("/old", OLD)
    assert varnish.page("/old") == page
    eventually(lambda: len(varnish.upstream.gate.asked) == 1, "the renewal")
    tag = get(varnish.upstream.served.url + "/w/list?i=energy").headers["ETag"]
    assert varnish.upstream.gate.headers()[0]["if_none_match"] == tag
    for _ in range(3):
        assert varnish.page("/old") == page
    assert len(varnish.upstream.gate.asked) == 2  # the renewal, and this test's own: the 304 made it good again


def test_without_ticker_the_last_figures_stay_and_it_recovers_by_itself(varnish: Varnish) -> None:
    varnish.aged("/old", OLD)
    varnish.aged("/older", OLDER)
    varnish.aged("/week", A_WEEK)
    varnish.put("/new")
    varnish.upstream.served.stop()
    for _ in range(2):
        assert FIGURE in varnish.page("/old")
        assert FIGURE in varnish.page("/older")
        assert EDITORS_WORDS in varnish.page("/week")
        assert EDITORS_WORDS in varnish.page("/new")
    varnish.upstream.publish("101.50")
    varnish.upstream.served.start()
    for name in ("/old", "/older", "/new"):
        eventually(lambda name=name: "101.50" in varnish.page(name), "the new figure")  # type: ignore[misc]


def test_an_error_never_gets_into_the_page(varnish: Varnish) -> None:
    gate = varnish.upstream.gate
    for number, fault in enumerate(FAULTS):
        varnish.put(f"/new{number}")
        varnish.aged(f"/old{number}", OLD)
        varnish.aged(f"/older{number}", OLDER)
        gate.fault = fault
        for _ in range(2):
            assert FIGURE in varnish.page(f"/old{number}")
            assert FIGURE in varnish.page(f"/older{number}")
        assert EDITORS_WORDS in varnish.page(f"/new{number}")
        gate.fault = None
        assert FIGURE in varnish.page(f"/new{number}")  # the failure was not kept
