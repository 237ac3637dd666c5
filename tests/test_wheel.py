"""The wheel: built from the checkout, it is the same program anywhere else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port
from tests.test_serve import TICKER, get, running, said

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_templates_styles_browser_files_and_data_travel_in_it(wheel: Path) -> None:
    there = set(zipfile.ZipFile(wheel).namelist())
    expected = [
        "ticker/catalog.toml",
        "ticker/seed.csv",
        "ticker/static/vendor/htmx.min.js",
        "ticker/static/vendor/plotly-basic.min.js",
        "ticker/static/vendor/plex-sans-400.woff2",
        "ticker/static/ticker.css",
    ]
    expected += [f"ticker/templates/widgets/{name}.html" for name in ("strip", "list", "card")]
    expected += [f"ticker/render/messages/{name}.toml" for name in ("en", "es", "pt")]
    expected += ["ticker/store/migrations/env.py", "ticker/templates/pages/home.html", "ticker/py.typed"]
    assert set(expected) <= there
    assert not [name for name in there if name.startswith(("tests/", "bench/", "docs/"))]


def test_it_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    port = free_port()
    more = {"PYTHONPATH": str(target), "TICKER_REFRESH": "0"}
    where = subprocess.run(
        [sys.executable, "-c", "import ticker; print(ticker.__file__)"],
        cwd=folder, env=more, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(target))
    with running([*TICKER, "serve", "--port", str(port)], folder, **more) as process:
        said(process)
        assert "98.34" in get(f"http://127.0.0.1:{port}/w/list?lang=pt").text.replace(",", ".")
        page = get(f"http://127.0.0.1:{port}/").text
        script = next(part for part in page.split('"') if part.startswith("/static/vendor/htmx"))
        assert get(f"http://127.0.0.1:{port}{script}").status_code == 200
