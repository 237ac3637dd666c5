"""docs/recipes/nginx-front.conf in a real nginx before the real `ticker serve`."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import free_port
from tests.recipes.conftest import FIGURE, RECIPES, eventually, get, recipe
from tests.recipes.nginx import Nginx, nginx_with
from tests.recipes.origin import Origin, as_sent, origin_in, require_codings
from ticker.render.variant import CHOICES
from ticker.web.pictures import _PARAMETERS

pytestmark = pytest.mark.slow

LIST = "/w/list?i=energy"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    with origin_in(tmp_path / "ticker") as found:
        yield found


@pytest.fixture
def nginx(tmp_path: Path, origin: Origin) -> Iterator[Nginx]:
    port = free_port()
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text(recipe("page-ssi.html"))
    changes = ("127.0.0.1:8000", f"127.0.0.1:{origin.port}"), ("listen 80;", f"listen 127.0.0.1:{port};")
    front = recipe("nginx-front.conf", *changes, ("/var/cache/nginx", str(tmp_path)))
    included = recipe(
        "nginx-ssi.conf", *changes, ("/var/cache/nginx", str(tmp_path)), ("/var/www/news", f"{tmp_path}/www")
    )
    found = Nginx(f"http://127.0.0.1:{port}", tmp_path)
    with nginx_with(f"{front}\n{included}", tmp_path, found):
        yield found


def kept(nginx: Nginx, path: str = LIST, **headers: str) -> requests.Response:
    """What nginx keeps of an address: it is kept from the second request on."""
    get(nginx.url + path, **headers)
    return get(nginx.url + path, **headers)


def seconds_kept(answer: requests.Response) -> int:
    found = re.search(r"s-maxage=(\d+)", answer.headers["Cache-Control"])
    assert found
    return int(found[1])


def test_a_hit_does_not_reach_ticker_and_a_browser_that_has_it_gets_a_304(nginx: Nginx, origin: Origin) -> None:
    answer = kept(nginx)
    before = origin.answered()
    assert get(nginx.url + LIST).content == answer.content
    assert FIGURE in answer.text
    own = origin.get(LIST).headers
    for name in ("ETag", "Vary", "Access-Control-Allow-Origin", "X-Robots-Tag", "X-Content-Type-Options"):
        assert answer.headers[name] == own[name], name
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers
    again = get(nginx.url + LIST, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
    with requests.Session() as session:
        session.trust_env = False
        head = session.head(nginx.url + LIST, timeout=20)
    assert (head.status_code, head.content) == (200, b"")
    assert origin.answered() == before + 1  # this test's own look at its headers


def test_what_browsers_accept_comes_down_to_three_copies(nginx: Nginx, origin: Origin) -> None:
    coded = {
        "br": ("br", "gzip, deflate, br, zstd", "br;q=1.0, *;q=0.1", "x-br, br"),
        "gzip": ("gzip", "gzip, deflate", "br;q=0, gzip", "gzip;q=0.5, br; q=0.0"),
        "": ("identity", "*;q=0", "deflate", "brotli", "gzip;q=0"),
    }
    for accepted in coded.values():
        for _ in range(2):
            as_sent(nginx.url + LIST, accepted[0])
    before = origin.answered()
    require_codings(nginx.url + LIST, coded)
    assert origin.answered() == before


def test_a_new_figure_is_seen_once_the_old_one_has_had_its_time(nginx: Nginx, origin: Origin) -> None:
    seconds = seconds_kept(kept(nginx))
    assert 15 <= seconds <= 300
    origin.publish("101.50")
    nginx.pass_time(seconds - 5)
    assert FIGURE in get(nginx.url + LIST).text
    nginx.pass_time(10)
    assert FIGURE in get(nginx.url + LIST).text  # this reader does not wait ...
    eventually(lambda: "101.50" in get(nginx.url + LIST).text, "the new figure")  # ... and the next ones have it


def test_what_nobody_asked_for_in_a_while_is_not_shown_old(nginx: Nginx, origin: Origin) -> None:
    kept(nginx)
    origin.publish("101.50")
    nginx.pass_time(300 + 600 + 10)
    assert "101.50" in get(nginx.url + LIST).text


def test_what_an_operator_hides_is_gone_once_its_copy_has_had_its_time(nginx: Nginx, origin: Origin) -> None:
    gone = {"/v1/quotes/wti": 404, "/v1/history/wti": 404, "/i/wti": 404, "/feeds/wti.atom": 404, "/w/list?i=wti": 400}
    for path in gone:
        assert kept(nginx, path).status_code == 200, path
    origin.hide("wti")
    nginx.pass_time(300 + 600 + 10)
    for path, status in gone.items():
        assert get(nginx.url + path).status_code == status, path
    assert get(f"{nginx.url}/w/list?i=energy").status_code == 200


def test_with_ticker_dead_all_goes_on_and_it_recovers_by_itself(nginx: Nginx, origin: Origin) -> None:
    paths = (LIST, "/embed/list?i=energy", "/v1/quotes", "/i/wti", "/img/card.svg?i=wti", "/embed.js", "/")
    for path in paths:
        assert kept(nginx, path).status_code == 200, path
    tag = get(nginx.url + LIST).headers["ETag"]
    origin.stop()
    for _ in range(3):
        nginx.pass_time(86_400)
        for path in paths:
            assert get(nginx.url + path).status_code == 200, path
        assert FIGURE in get(nginx.url + LIST).text
        assert get(nginx.url + LIST, **{"If-None-Match": tag}).status_code == 304
    assert get(nginx.url + "/w/list?i=world").status_code == 502  # what was never kept
    origin.start()
    origin.publish("101.50")
    nginx.pass_time(11)  # the time for which nginx leaves a server alone that failed
    assert "101.50" in get(nginx.url + LIST).text
    assert get(nginx.url + "/w/list?i=world").status_code == 200


def test_a_flood_of_nonsense_makes_no_copies_and_pushes_nothing_out(nginx: Nginx, origin: Origin) -> None:
    paths = (LIST, "/embed/list?i=energy", "/img/card.svg?i=wti", "/ticker.css")
    for path in paths:
        kept(nginx, path)
    before = origin.answered()
    for path in paths:
        glue = "&" if "?" in path else "?"
        for n in range(100):
            assert get(f"{nginx.url}{path}{glue}utm_source={n}&fbclid=x{n}").status_code == 200
    assert FIGURE in get(f"{nginx.url}/w/list?b=7&i=energy").text
    assert origin.answered() == before
    files = {file for file in (nginx.folder / "ticker-front").rglob("*") if file.is_file()}
    for n in range(100):
        assert get(f"{nginx.url}/w/list?i=wti&lang=x{n}").status_code == 400  # Ticker's own word
        get(f"{nginx.url}/?utm_source={n}")  # pages keep their query, and are kept from the second time on
        get(f"{nginx.url}/w/{n}")
    assert files == {file for file in (nginx.folder / "ticker-front").rglob("*") if file.is_file()}
    before = origin.answered()
    for path in paths:
        assert get(nginx.url + path).status_code == 200
    assert origin.answered() == before


def test_parameters_are_put_in_order_and_keep_their_meaning(nginx: Nginx, origin: Origin) -> None:
    asked = "/w/list?theme=dark&i=wti,brent&lang=es&style=0&spark=0&link=1&up=red"
    assert kept(nginx, asked).text == origin.get(asked).text
    before = origin.answered()
    get(f"{nginx.url}/w/list?up=red&link=1&spark=0&x&style=0&lang=es&i=wti,brent&theme=dark")
    assert origin.answered() == before
    for path in ("/w/chart?i=wti&range=5y", "/img/card.png?i=wti&size=300&scale=2", "/mail/list?show=text&view=code"):
        assert get(nginx.url + path).content == origin.get(path).content, path
    for path in ("/v1/quotes?x=1", "/v1/history/wti?range=1y&from=2026-01-01", "/i/wti?vs=brent&vs=gbpusd"):
        assert get(nginx.url + path).status_code == origin.get(path).status_code, path


def test_every_parameter_of_widgets_and_pictures_is_in_the_recipe() -> None:
    named = set(re.findall(r"^map \$arg_(\w+)", (RECIPES / "nginx-front.conf").read_text(), re.MULTILINE))
    assert named == {"i", "lang", *CHOICES, *_PARAMETERS, "show", "view"}


def test_many_who_ask_at_once_for_what_is_not_there_are_one_request_to_ticker(nginx: Nginx, origin: Origin) -> None:
    get(nginx.url + "/w/chart?i=brent")
    before, answers = origin.answered(), list[int]()

    def ask() -> None:
        answers.append(get(nginx.url + "/w/chart?i=brent").status_code)

    readers = [threading.Thread(target=ask) for _ in range(20)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert answers == [200] * 20
    assert origin.answered() == before + 1


def test_how_ticker_stands_is_told_inside_the_house_only(nginx: Nginx) -> None:
    port = int(nginx.url.rpartition(":")[2])
    for path in ("/metrics", "/status", "/livez", "/readyz", "/v1/sources"):
        assert get(nginx.url + path).status_code == 200, path
        for spelt in (
            path,
            f"/{path}",
            f"/%{ord(path[1]):x}{path[2:]}",
            f"/x/..{path}",
            f"{path}#x",
            f"/markets{path}",
        ):
            outside = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=("127.0.0.2", 0))
            outside.request("GET", spelt)
            assert outside.getresponse().status == 403, spelt
            outside.close()
    assert get(nginx.url + "/v1/instruments").status_code == 200


def test_the_builder_works_and_is_not_kept(nginx: Nginx) -> None:
    for name in ("card", "strip"):
        answer = get(f"{nginx.url}/builder?widget={name}", **{"HX-Request": "true"})
        assert answer.headers["HX-Push-Url"] == f"/?widget={name}"
        assert answer.headers["Cache-Control"] == "no-store"
    assert get(f"{nginx.url}/builder?widget=card").status_code == 303


def test_includes_go_on_beside_it_in_plain_text(nginx: Nginx, origin: Origin) -> None:
    page = get(nginx.url + "/", Host="news.example", **{"Accept-Encoding": "br"})
    assert FIGURE in page.text
    assert "The end of the page" in page.text
    assert "br" not in page.headers.get("Content-Encoding", "")


def test_all_our_recipes_may_stand_in_one_nginx() -> None:
    """nginx takes the last of two variables of one name, and says nothing."""
    named = r"^map [^{]*(\$\w+) *\{|^(upstream \w+)|(keys_zone=\w+)"
    texts = [file.read_text("utf-8") for file in sorted(RECIPES.glob("nginx-*.conf"))]
    names = [name for text in texts for name in {"".join(found) for found in re.findall(named, text, re.MULTILINE)}]
    assert len(names) > 20
    assert sorted(set(names)) == sorted(names)
