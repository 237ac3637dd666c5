"""docs/recipes/nginx-publish.conf in a real nginx: a published folder at the addresses of a running Ticker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.publish.conftest import URL, Press
from tests.recipes.conftest import get, program, recipe, running
from tests.web.conftest import FRESH, site_at
from ticker.publish.folder import Folder

pytestmark = pytest.mark.slow
WANTED = (
    "/w/list?i=energy,currencies&lang=es",
    "/w/list?i=energy&spark=0&theme=dark&up=red",
    "/w/inline",
    "/i/wti",
    "/i/wti?lang=es",
    "/img/list.png?i=energy&theme=dark",
    "/v1/quotes",
    "/v1/quotes/wti",
)
_MAIN = """{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr warn;
events {{}}
http {{ access_log off; {folders}
{recipe}
}}"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    folder = tmp_path_factory.mktemp("published")
    site = site_at(folder, FRESH, URL, TICKER_PUBLIC_URL=URL)
    found = Press(site, Folder(folder / "out"), folder / "out")
    found.publish(WANTED)
    yield found
    site.parts.store.close()


@pytest.fixture(scope="module")
def nginx(press: Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command, port, folder = program("nginx", "nginx-light"), free_port(), tmp_path_factory.mktemp("nginx")
    changes = (("listen 80;", f"listen 127.0.0.1:{port};"), ("/var/www/figures", str(press.folder)))
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    file: Path = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read the test's folder
    config = recipe("nginx-publish.conf", *changes)
    file.write_text(_MAIN.format(user=user, folder=folder, folders=temporary, recipe=config))
    with running(
        [command, "-e", "stderr", "-p", str(folder), "-c", str(file)], f"http://127.0.0.1:{port}/", folder / "log"
    ):
        assert "[warn]" not in (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "address",
    [
        "/w/list?i=energy,currencies&lang=es",
        "/w/list?lang=es&utm_source=x&i=energy,currencies&spark=1&theme=auto",
        "/w/list?i=energy,currencies&lang=es&link=1",
        "/w/list?up=red&i=energy&theme=dark&spark=0",
        "/w/chart?i=wti&range=5y&style=0",
        "/w/chart?i=wti&range=1y",
        "/w/inline",
        "/img/list.png?i=energy&theme=dark",
        "/img/chart.svg?i=wti&size=1200",
        "/feeds/wti.atom?lang=es",
        "/v1/quotes",
        "/v1/quotes/wti",
        "/v1/history/wti",
        "/v1/history/wti.csv?range=1y",
        "/ticker.css",
        "/frame.js",
    ],
)
def test_it_answers_as_a_running_ticker_does(press: Press, nginx: str, address: str) -> None:
    found, live = get(nginx + address, Accept_Encoding="identity"), press.told(address)
    assert found.status_code == live.status_code == 200
    assert found.content == live.data
    plain = found.headers["Content-Type"].replace(" ", "").removesuffix(";charset=utf-8")
    assert plain == live.headers["Content-Type"].replace(" ", "").removesuffix(";charset=utf-8")
    for name in ("Access-Control-Allow-Origin", "X-Content-Type-Options", "X-Robots-Tag", "Referrer-Policy"):
        assert found.headers.get(name) == live.headers.get(name), name
    assert found.headers["Cache-Control"] == live.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/embed/chart?i=wti&range=5y&theme=dark", "/i/wti?lang=es&range=5y"])
def test_pages_come_at_once_with_their_policy(press: Press, nginx: str, address: str) -> None:
    found, live = get(nginx + address), press.told(address)
    assert found.status_code == 200
    assert "asked" not in found.text
    assert found.headers["Content-Security-Policy"] == live.headers["Content-Security-Policy"]


def test_what_is_compressed_beside_a_file_is_sent(press: Press, nginx: str) -> None:
    found = get(f"{nginx}/w/list?i=energy,currencies&lang=es", **{"Accept-Encoding": "gzip"})
    assert found.headers["Content-Encoding"] == "gzip"
    assert found.text == press.told("/w/list?i=energy,currencies&lang=es").text


def test_hashed_files_are_kept_for_ever(press: Press, nginx: str) -> None:
    name = next(file.name for file in (press.folder / "static").glob("chart.*.js"))
    assert get(f"{nginx}/static/{name}").headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "address",
    [
        "/w/list?i=gbpusd",
        "/w/list?i=../../../../etc/passwd",
        "/w/list?i=wti&theme=pink",
        "/img/list.png?i=energy&theme=dark&on=2026-03-01",
        "/v1/history/wti?from=2026-01-01",
        "/v1/quotes?i=brent",
        "/w/list?i=energy%2Ccurrencies&lang=es",  # nginx knows queries as they were written
        "/.ticker.json",
        "/.ticker-work/lock",
        "/status",
    ],
)
def test_what_was_not_published_is_never_something_else(nginx: str, address: str) -> None:
    found = get(nginx + address)
    assert found.status_code == 404
    assert found.headers["Access-Control-Allow-Origin"] == "*"  # else a browser says CORS instead of 404
    assert "Cache-Control" not in found.headers
