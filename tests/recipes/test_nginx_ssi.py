"""docs/recipes/nginx-ssi.conf in a real nginx: figures in the page's HTML, as long as true."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.recipes.conftest import (
    EDITORS_WORDS,
    FIGURE,
    FOREIGN,
    Fault,
    Upstream,
    eventually,
    get,
    recipe,
)
from tests.recipes.nginx import Nginx, nginx_with

pytestmark = pytest.mark.slow


class Host(Nginx):
    """A host's nginx, with pages."""

    def page(self, path: str = "/", **headers: str) -> str:
        """The page with the include; it is always whole and there."""
        answer = get(self.url + path, **headers)
        assert answer.status_code == 200
        assert "The end of the page" in answer.text
        assert "an error occurred" not in answer.text
        return answer.text


@pytest.fixture
def nginx(tmp_path: Path, upstream: Upstream) -> Iterator[Host]:
    with started(tmp_path, upstream) as found:
        yield found


@contextmanager
def started(tmp_path: Path, upstream: Upstream, *changes: tuple[str, str]) -> Iterator[Host]:
    port = free_port()
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text(recipe("page-ssi.html"))
    config = recipe(
        "nginx-ssi.conf",
        ("127.0.0.1:8000", f"127.0.0.1:{upstream.port}"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/www/news", f"{tmp_path}/www"),
        ("/var/cache/nginx/ticker", f"{tmp_path}/cache"),
        *changes,
    )
    found = Host(f"http://127.0.0.1:{port}", tmp_path)
    with nginx_with(config, tmp_path, found):
        yield found


def test_the_figures_are_in_the_page_and_every_browser_gets_the_same_copy(nginx: Host, upstream: Upstream) -> None:
    page = nginx.page()
    assert FIGURE in page
    assert EDITORS_WORDS not in page
    assert "<style>" in page  # it brings its own style
    assert nginx.page(**{"Accept-Encoding": "br"}) == page
    assert nginx.page(**{"Accept-Encoding": "identity"}) == page
    (asked,) = upstream.gate.headers()
    assert set(asked) <= {"host", "connection"}  # nothing of the reader: no cookie, no browser, no address
    assert get(nginx.url + "/w/list").text == ""  # for includes alone


def test_it_is_kept_for_as_long_as_ticker_says_and_then_renewed_behind_the_reader(
    nginx: Host, upstream: Upstream
) -> None:
    said = get(upstream.served.url + "/w/list?i=energy").headers["Cache-Control"]
    assert "max-age=60, s-maxage=300" in said
    nginx.page()
    upstream.gate.asked.clear()
    upstream.publish("101.50")
    nginx.pass_time(295)  # s-maxage counts here, not max-age
    assert FIGURE in nginx.page()
    assert upstream.gate.asked == []
    nginx.pass_time(10)
    assert FIGURE in nginx.page()  # stale-while-revalidate: this reader does not wait ...
    eventually(lambda: "101.50" in nginx.page(), "the new figure")  # ... and the next has the new figure
    nginx.pass_time(300 + 600 + 10)
    upstream.publish("102.25")
    assert "102.25" in nginx.page()  # after ten minutes more, it is worth waiting for


def test_an_answer_that_did_not_change_is_not_sent_again(nginx: Host, upstream: Upstream) -> None:
    page = nginx.page()
    tag = get(upstream.served.url + "/w/list?i=energy").headers["ETag"]
    nginx.pass_time(2000)
    assert nginx.page() == page
    assert upstream.gate.headers()[-1]["if_none_match"] == tag
    asked = len(upstream.gate.asked)
    nginx.pass_time(200)
    assert nginx.page() == page
    assert len(upstream.gate.asked) == asked  # the 304 made it good for another five minutes


def test_without_ticker_the_last_figures_stay_and_it_recovers_by_itself(nginx: Host, upstream: Upstream) -> None:
    nginx.page()
    upstream.served.stop()
    for _ in range(3):
        nginx.pass_time(86_400)
        assert FIGURE in nginx.page()
    upstream.publish("101.50")
    upstream.served.start()
    nginx.pass_time(11)  # the time for which nginx leaves a server alone that failed
    assert "101.50" in nginx.page()


def test_before_the_first_answer_the_editors_words_are_shown(nginx: Host, upstream: Upstream) -> None:
    upstream.served.stop()
    for _ in range(3):
        assert EDITORS_WORDS in nginx.page()
    upstream.served.start()
    nginx.pass_time(11)
    assert FIGURE in nginx.page()


def test_an_error_never_gets_into_the_page(nginx: Host, upstream: Upstream) -> None:
    for status in (
        "302 Found",
        "400 Bad",
        "403 Forbidden",
        "404 Not Found",
        "429 Slowly",
        "500 Oh",
        "503 No",
        "402 Pay",
        "520 Hm",
    ):
        page = f"/{status[:3]}.html"
        include = ("/w/list?i=energy", f"/w/list?i=energy&case={status[:3]}")  # an address that nginx has not kept
        (nginx.folder / "www" / page[1:]).write_text(recipe("page-ssi.html", include))
        upstream.gate.fault = Fault(status)
        shown = nginx.page(page)
        assert EDITORS_WORDS in shown
        assert FOREIGN not in shown
        upstream.gate.fault = None
        assert FIGURE in nginx.page(page)  # the failure was not kept
        nginx.pass_time(2000)
        upstream.gate.fault = Fault(status)
        shown = nginx.page(page)
        assert FOREIGN not in shown
        # For the others nginx has no use_stale; at an address that was good Ticker answers none of them.
        assert (FIGURE if status[:3] in ("403", "404", "429", "500", "503") else EDITORS_WORDS) in shown
        upstream.gate.fault = None
        assert FIGURE in nginx.page(page)


def test_half_an_answer_is_shown_to_one_reader_and_not_kept(nginx: Host, upstream: Upstream) -> None:
    nginx.page()
    nginx.pass_time(2000)
    upstream.gate.fault = Fault("200 OK", cut=True)
    assert FOREIGN in nginx.page()  # nginx passes on what it has; the documents say so
    upstream.gate.fault = None
    assert FIGURE in nginx.page()


def test_a_ticker_that_only_hangs_up_is_left_alone(nginx: Host, upstream: Upstream) -> None:
    nginx.page()
    nginx.pass_time(2000)
    upstream.served.stop()
    calls: list[object] = []

    class HangsUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            calls.append(self.client_address)

    class Server(socketserver.TCPServer):
        allow_reuse_address = True  # the port was ours a moment ago

    def listening() -> Server:
        for _ in range(100):
            with suppress(OSError):
                return Server(("127.0.0.1", upstream.served.port), HangsUp)
            time.sleep(0.05)  # on a busy machine the port may be taken for a moment longer
        pytest.fail("the port stays taken")

    with listening() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for _ in range(8):
            assert FIGURE in nginx.page()
        server.shutdown()
    assert len(calls) == 2  # once for each time that the recipe names it


def test_an_include_without_a_stub_or_an_address_leaves_a_gap(nginx: Host, upstream: Upstream) -> None:
    upstream.gate.fault = Fault("500 Oh")
    page = recipe("page-ssi.html", (' stub="markets"', ""), ("<h1>", "<!--# include --><h1>"))
    (nginx.folder / "www" / "bare.html").write_text(page)
    shown = nginx.page("/bare.html")
    assert "nginx" not in shown
    assert FOREIGN not in shown


def test_somebody_elses_page_with_status_200_is_shown_but_not_kept(nginx: Host, upstream: Upstream) -> None:
    """Nginx cannot tell it apart. The documents say so."""
    upstream.gate.fault = Fault("200 OK")
    assert FOREIGN in nginx.page()
    upstream.gate.fault = None
    assert FIGURE in nginx.page()


def test_the_prefix_may_be_another(tmp_path: Path, upstream: Upstream) -> None:
    to = ("location /w/", "location /markets/"), ("proxy_pass http://ticker;", "proxy_pass http://ticker/w/;")
    with started(tmp_path, upstream, *to) as nginx:
        (tmp_path / "www" / "index.html").write_text(recipe("page-ssi.html", ("/w/list", "/markets/list")))
        assert FIGURE in nginx.page()
        assert FIGURE in nginx.page()
        assert len(upstream.gate.asked) == 1
