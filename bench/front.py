"""Behind the shipped nginx configuration: what readers get from it, beside a file of the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import named, rate
from bench.program import BROTLI, ROOT, Served, environment, free_port, served, ticker_served
from bench.report import COLUMNS, Table, row

_ROUNDS, _SECONDS = 5, 1.2
_TITLE = "Behind nginx"
_MAIN = """{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr error;
events {{}}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {recipe}
    server {{ listen 127.0.0.1:{file}; root {folder}/www; default_type text/html; }}
}}
"""


def measure(folder: Path) -> Table:
    """Measure it; where there is no nginx, the table says so."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        return Table(_TITLE, COLUMNS, [], "Left out: no nginx on this machine.")
    with ticker_served(environment(folder)) as ours:
        body = [ours.ask("/w/list").body for _ in range(2)][1]  # the second is compressed thoroughly
        (folder / "www" / "w").mkdir(parents=True)
        (folder / "www" / "w" / "list").write_bytes(body)
        with _nginx(program, folder, ours) as (front, file):
            tag = {name.lower(): value for name, value in front.ask("/w/list").headers}["etag"]
            assert front.ask("/w/list").body == body
            found = _rates({"front": front, "file": file})
            held = [rate(front, "/w/list", {**BROTLI, "If-None-Match": tag}, 304, _SECONDS) for _ in range(_ROUNDS)]
            asked = _answered(ours)
            for pid in (*ours.children(), ours.parent):
                os.kill(pid, signal.SIGKILL)
            dead = _rates({"front": front, "file": file})
    assert asked < 20, asked  # nginx answered the rest
    fast = {name: [one[0] for one in rates] for name, rates in found.items()}
    spent = {name: [one[1] for one in rates] for name, rates in found.items()}
    rows = [
        row("`/w/list` behind nginx-front.conf", fast["front"], "a file of the same bytes", fast["file"], "/s",
            "what is kept is a file too, with more headers"),
        row("the same, with Ticker dead", [one[0] for one in dead["front"]], "a file of the same bytes",
            [one[0] for one in dead["file"]], "/s", "nobody notices"),
        row("`/w/list`, answered 304", [one[0] for one in held], "a file of the same bytes", fast["file"], "/s",
            "a reader's second look, without a body"),
        row("processor time of nginx for one `/w/list`", spent["front"], "a file of the same bytes", spent["file"], "s",
            "the same without the load generator's share of the machine"),
    ]  # fmt: skip
    remark = (
        f"Load from {named()}; brotli; {_ROUNDS} rounds of {_SECONDS} seconds each; one nginx with one worker process, "
        "the file served as nginx does by itself (with the recipe's open_file_cache it costs less). "
        f"Of all these requests {asked} reached Ticker."
    )
    return Table(_TITLE, COLUMNS, rows, remark)


def _rates(servers: dict[str, Served]) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for _ in range(_ROUNDS):
        for name, server in servers.items():
            found[name].append(rate(server, "/w/list", BROTLI, 200, _SECONDS))
    return found


@contextmanager
def _nginx(program: str, folder: Path, ours: Served) -> Iterator[tuple[Served, Served]]:
    """The recipe before Ticker, and a plain server of files, in one nginx."""
    front, file = free_port(), free_port()
    recipe = (ROOT / "docs" / "recipes" / "nginx-front.conf").read_text("utf-8")
    changes = {"127.0.0.1:8000": f"127.0.0.1:{ours.port}", "listen 80;": f"listen 127.0.0.1:{front};"}
    for old, new in {**changes, "/var/cache/nginx": str(folder)}.items():
        recipe = recipe.replace(old, new)
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker could not read the folder
    conf = folder / "nginx.conf"
    conf.write_text(_MAIN.format(user=user, folder=folder, recipe=recipe, file=file), "utf-8")
    with served([program, "-e", "stderr", "-p", str(folder), "-c", str(conf)], front, os.environ) as found:
        yield found, Served(file, found.parent, found.first)


def _answered(ours: Served) -> int:
    """How many requests for widgets Ticker has answered."""
    text = ours.ask("/metrics").body.decode()
    rows = [line for line in text.splitlines() if line.startswith("ticker_http_requests_total") and 'widget"' in line]
    return sum(int(float(line.split()[-1])) for line in rows)
