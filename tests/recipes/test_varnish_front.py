"""docs/recipes/varnish-front.vcl in a real Varnish before the real `ticker serve`.

Varnish's clock cannot be moved: where a test wants an answer that has been kept for a while, Varnish asks Ticker by way
of a cache that says so (`Age`).
"""

from __future__ import annotations

import http.client
import re
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from werkzeug.wrappers import Request, Response

from tests.conftest import free_port
from tests.recipes.conftest import FIGURE, RECIPES, eventually, get, on_a_port, program, recipe, running
from tests.recipes.origin import Origin, as_sent, origin_in, require_codings
from ticker.render.variant import CHOICES
from ticker.web.app import folder
from ticker.web.assets import Assets
from ticker.web.pictures import _PARAMETERS

pytestmark = pytest.mark.slow

LIST = "/w/list?i=energy"
AGED = """import std;
backend aged { .host = "127.0.0.1"; .port = "{port}"; }
sub vcl_backend_fetch {
    if (bereq.http.X-Aged) { set bereq.backend = aged; }
}
"""


@dataclass
class Varnish:
    """A host's Varnish."""

    port: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask it, as a browser does that has a cookie."""
        return get(self.url + path, **headers)

    def aged(self, path: str, seconds: int) -> requests.Response:
        """An answer that Varnish keeps, from then on so many seconds old."""
        answer = self.get(path, **{"X-Aged": str(seconds)})
        assert answer.status_code == 200
        return answer


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    with origin_in(tmp_path / "ticker") as found:
        yield found


@pytest.fixture
def varnish(tmp_path: Path, origin: Origin) -> Iterator[Varnish]:
    command, found = program("varnishd", "varnish"), Varnish(free_port())

    @Request.application
    def other_cache(request: Request) -> Response:
        url, accepted = origin.url + request.full_path, request.headers["Accept-Encoding"]
        asked = urllib.request.Request(url, headers={"Accept-Encoding": accepted})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=20) as said:
            kept = [(name, value) for name, value in said.headers.items() if name.lower() not in ("server", "date")]
            return Response(said.read(), headers=[*kept, ("Age", request.headers["X-Aged"])])

    with on_a_port(other_cache) as port:
        file = tmp_path / "front.vcl"
        changes = ('"8000"', f'"{origin.port}"'), ("import std;\n", AGED.replace("{port}", port))
        file.write_text(recipe("varnish-front.vcl", *changes))
        line = [command, "-F", "-n", str(tmp_path / "varnish"), "-a", f"127.0.0.1:{found.port}", "-f", str(file)]
        with running([*line, "-j", "none", "-s", "malloc,16m"], f"{found.url}/nothing", tmp_path / "varnish.log"):
            yield found


def test_a_hit_does_not_reach_ticker_and_a_browser_that_has_it_gets_a_304(varnish: Varnish, origin: Origin) -> None:
    answer, own = varnish.get(LIST), origin.get(LIST).headers
    before = origin.answered()
    assert FIGURE in answer.text
    assert varnish.get(LIST).content == answer.content
    for name in ("ETag", "Vary", "Access-Control-Allow-Origin", "X-Robots-Tag", "X-Content-Type-Options"):
        assert answer.headers[name] == own[name], name
    assert not {"Set-Cookie", "X-Varnish", "Via"} & set(answer.headers)
    assert "Age" in answer.headers  # a CDN behind it counts on from there
    again = varnish.get(LIST, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert origin.answered() == before


def test_what_browsers_accept_comes_down_to_two_copies(varnish: Varnish, origin: Origin) -> None:
    coded = {
        "br": ("br", "gzip, deflate, br, zstd", "br;q=1.0, *;q=0.1", "x-br, br"),
        "gzip": ("gzip", "gzip, deflate", "br;q=0, gzip", "gzip;q=0.5, br; q=0.0"),
        "": ("identity", "deflate", "brotli", "br;q=0"),
    }
    as_sent(varnish.url + LIST, "identity")
    as_sent(varnish.url + LIST, "br")
    before = origin.answered()
    require_codings(varnish.url + LIST, coded)
    assert origin.answered() == before


def test_a_new_figure_is_seen_once_the_old_one_has_had_its_time(varnish: Varnish, origin: Origin) -> None:
    varnish.get("/w/list?i=wti")
    varnish.aged(LIST, 301)
    varnish.aged("/w/card?i=wti", 300 + 601)
    origin.publish("101.50")
    assert FIGURE in varnish.get("/w/list?i=wti").text  # it is true for some time yet
    assert FIGURE in varnish.get(LIST).text  # this reader does not wait ...
    eventually(lambda: "101.50" in varnish.get(LIST).text, "the new figure")  # ... and the next ones have it
    assert "101.50" in varnish.get("/w/card?i=wti").text  # after ten minutes more, it is worth waiting for


def test_a_ban_shows_a_new_figure_at_once(varnish: Varnish, origin: Origin) -> None:
    varnish.get(LIST)
    varnish.get("/embed.js")
    origin.publish("101.50")
    assert FIGURE in varnish.get(LIST).text
    assert _asked_from(varnish, "127.0.0.2", "BAN", "/") == 403
    assert FIGURE in varnish.get(LIST).text
    assert _asked_from(varnish, "127.0.0.1", "BAN", "/") == 200
    before = origin.answered()
    assert "101.50" in varnish.get(LIST).text
    varnish.get("/embed.js")  # a file, kept for an hour: it has no figures
    assert origin.answered() == before + 1
    origin.stop()
    assert "101.50" in varnish.get(LIST).text
    assert _asked_from(varnish, "127.0.0.1", "BAN", "/") == 200
    assert varnish.get(LIST).status_code == 503  # nothing is left that could stand in


def test_an_answer_that_did_not_change_is_not_sent_again(varnish: Varnish, origin: Origin) -> None:
    varnish.get(LIST)
    text = varnish.aged("/w/card?i=wti", 301).text
    assert varnish.get("/w/card?i=wti").text == text
    eventually(lambda: _answers(origin, "304") == 1, "the renewal")
    assert varnish.get("/w/card?i=wti").text == text


def test_what_an_operator_hides_is_gone_once_its_copy_has_had_its_time(varnish: Varnish, origin: Origin) -> None:
    paths = ("/v1/quotes/wti", "/v1/history/wti", "/i/wti", "/feeds/wti.atom")
    for path in paths:
        varnish.aged(path, 300 + 601)
    origin.hide("wti")
    for path in paths:
        eventually(lambda path=path: varnish.get(path).status_code == 404, "what is hidden is gone")  # type: ignore[misc]


def test_with_ticker_dead_all_goes_on_and_it_recovers_by_itself(varnish: Varnish, origin: Origin) -> None:
    paths = (LIST, "/embed/list?i=energy", "/v1/quotes", "/i/wti", "/img/card.svg?i=wti", "/embed.js", "/")
    for path in paths:
        varnish.aged(path, 100_000 if path == LIST else 301)
    origin.stop()
    for _ in range(3):
        for path in paths:
            assert varnish.get(path).status_code == 200, path
        assert FIGURE in varnish.get(LIST).text
    assert varnish.get("/w/list?i=world").status_code == 503  # what was never kept
    origin.start()
    origin.publish("101.50")
    eventually(lambda: "101.50" in varnish.get(LIST).text, "the new figure")
    assert varnish.get("/w/list?i=world").status_code == 200


def test_a_flood_of_nonsense_makes_no_copies_and_pushes_nothing_out(varnish: Varnish, origin: Origin) -> None:
    paths = (LIST, "/embed/list?i=energy", "/img/card.svg?i=wti", "/ticker.css")
    for path in paths:
        varnish.get(path)
    before = origin.answered()
    for path in paths:
        glue = "&" if "?" in path else "?"
        for n in range(100):
            assert varnish.get(f"{path}{glue}utm_source={n}&fbclid=x{n}").status_code == 200
    for path in ("/w/list?b=7&i=energy", "/w/list?&&i=energy&", "/w/list?i=energy&a?b", "/w/list?xi=1&i=energy&ii=2"):
        assert FIGURE in varnish.get(path).text
    assert origin.answered() == before
    for n in range(100):
        assert varnish.get(f"/w/list?i=wti&lang=x{n}").status_code == 400  # Ticker's own word
        assert varnish.get(f"/w/{n}").status_code == 404
    before = origin.answered()
    for path in paths:
        assert varnish.get(path).status_code == 200
    assert origin.answered() == before


def test_parameters_are_put_in_order_and_keep_their_meaning(varnish: Varnish, origin: Origin) -> None:
    asked = "/w/list?theme=dark&i=wti,brent&lang=es&style=0&spark=0&link=1&up=red"
    assert varnish.get(asked).text == origin.get(asked).text
    before = origin.answered()
    varnish.get("/w/list?up=red&link=1&spark=0&x&style=0&lang=es&i=wti,brent&theme=dark")
    assert origin.answered() == before
    twice = "/w/card?i=wti&i=brent"
    for path in (
        "/w/chart?i=wti&range=5y",
        "/img/card.png?i=wti&size=300&scale=2",
        "/mail/list?show=text&view=code",
        twice,
    ):
        assert varnish.get(path).content == origin.get(path).content, path
    for path in ("/v1/quotes?x=1", "/v1/history/wti?range=1y&from=2026-01-01", "/i/wti?vs=brent&vs=gbpusd"):
        assert varnish.get(path).status_code == origin.get(path).status_code, path


def test_every_address_of_ours_is_let_through(varnish: Varnish, origin: Origin) -> None:
    for name in Assets.read(folder("static")).by_address:
        assert varnish.get(f"/static/{name}").status_code == origin.get(f"/static/{name}").status_code, name
    for path in ("/", "/i/wti", "/i/wti/", "/oembed?url=http%3A%2F%2Fx%2Fi%2Fwti", "/?i=%77ti", "/v1/quotes?i=a//b"):
        assert varnish.get(path).status_code == origin.get(path).status_code, path


def test_every_parameter_of_widgets_and_pictures_is_in_the_recipe() -> None:
    widgets, pictures = re.findall(r"\(\?!\(\?:([a-z|]+)\)=\)", (RECIPES / "varnish-front.vcl").read_text())
    assert set(widgets.split("|")) == {"i", "lang", *CHOICES}
    assert set(pictures.split("|")) == {*_PARAMETERS, "show", "view"}


def test_many_who_ask_at_once_for_what_is_not_there_are_one_request_to_ticker(varnish: Varnish, origin: Origin) -> None:
    before, answers = origin.answered(), list[int]()

    def ask() -> None:
        answers.append(varnish.get("/w/chart?i=brent").status_code)

    readers = [threading.Thread(target=ask) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert answers == [200] * 20
    assert origin.answered() == before + 1


def test_how_ticker_stands_is_told_inside_the_house_only(varnish: Varnish) -> None:
    for path in ("/metrics", "/status", "/livez", "/readyz", "/v1/sources"):
        assert varnish.get(path).status_code == 200, path
        for inside in (path, f"{path}?x", f"http://x.example{path}", f"/markets{path}"):
            assert _asked_from(varnish, "127.0.0.2", "GET", inside) == 403, inside
        for spelt in (
            f"/{path}",
            f"/%{ord(path[1]):x}{path[2:]}",
            f"/x/.%2e{path}",
            f"{path}#x",
            f"{path}%3fx",
            f"/;{path}",
        ):
            assert _asked_from(varnish, "127.0.0.2", "GET", spelt) == 404, spelt
    assert _asked_from(varnish, "127.0.0.2", "GET", "/v1/instruments") == 200


def test_the_builder_and_preflights_work_and_are_not_kept(varnish: Varnish) -> None:
    for name in ("card", "strip"):
        answer = varnish.get(f"/builder?widget={name}", **{"HX-Request": "true"})
        assert answer.headers["HX-Push-Url"] == f"/?widget={name}"
    assert _asked_from(varnish, "127.0.0.1", "OPTIONS", "/w/list") == 204


def _asked_from(varnish: Varnish, address: str, method: str, path: str) -> int:
    outside = http.client.HTTPConnection("127.0.0.1", varnish.port, timeout=20, source_address=(address, 0))
    outside.request(method, path)
    status = outside.getresponse().status
    outside.close()
    return status


def _answers(origin: Origin, status: str) -> int:
    said = re.findall(
        rf'^ticker_http_requests_total\{{.*status="{status}".*\}} (\S+)$', origin.get("/metrics").text, re.M
    )
    return sum(int(float(count)) for count in said)
