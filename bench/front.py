"""Behind the shipped nginx configuration: what readers get from it, beside a file of the same bytes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from bench import nginx
from bench.load import named, rate
from bench.program import BROTLI, ROOT, Served, environment, free_port, ticker_served
from bench.report import COLUMNS, Claim, Table, ratios, row

_ROUNDS, _DEAD, _SECONDS = 15, 9, 1.0
_TITLE = "Behind nginx"
_Rates = dict[str, list[tuple[float, float]]]


def measure(folder: Path) -> Table:
    """Measure it; where there is no nginx, the table says so."""
    program = nginx.program()
    if program is None:
        return Table(_TITLE, COLUMNS, [], "Left out: no nginx on this machine.")
    with ticker_served(environment(folder)) as ours:
        body = [ours.ask("/w/list").body for _ in range(2)][1]  # the second is compressed thoroughly
        port = free_port()
        with nginx.nginx_served(program, folder, body, _recipe(folder, ours.port, port)) as (plain, opened):
            front = Served(port, opened.parent, opened.first)
            tag = [{n.lower(): v for n, v in front.ask("/w/list").headers} for _ in range(3)][-1]["etag"]
            assert front.ask("/w/list").body == body
            live = _rates({"front": front, "opened": opened, "plain": plain}, _ROUNDS)
            held = [rate(front, "/w/list", {**BROTLI, "If-None-Match": tag}, 304, _SECONDS) for _ in range(_ROUNDS)]
            asked = _answered(ours)
            for pid in (*ours.children(), ours.parent):
                os.kill(pid, signal.SIGKILL)
            dead = _rates({"front": front, "opened": opened, "plain": plain}, _DEAD)
            assert front.ask("/w/list").body == body
    assert asked < 20, asked  # nginx answered the rest
    remark = (
        f"Load from {named()}; brotli; {_ROUNDS} rounds of a second each, all in turn, each round the other way round "
        f"({_DEAD} with Ticker dead). One nginx with one worker process serves all: the recipe, and files beside "
        "it with the recipe's `open_file_cache` or as nginx does by itself. "
        f"Of all these requests {asked} reached Ticker."
    )
    return Table(_TITLE, COLUMNS, _rows(live, dead, [one[0] for one in held]), remark, _claims(live, dead))


def _rows(live: _Rates, dead: _Rates, held: list[float]) -> list[tuple[str, ...]]:
    fast, spent = ({name: [one[n] for one in rates] for name, rates in live.items()} for n in (0, 1))
    file = "a file of the same bytes"
    return [
        row("`/w/list` behind nginx-front.conf", fast["front"], f"{file}, same `open_file_cache`", fast["opened"], "/s",
            "what is kept is a file too, with more headers"),
        row("the same", fast["front"], f"{file}, no `open_file_cache`", fast["plain"], "/s",
            "nginx's files as it is installed"),
        row("the same, with Ticker dead", [one[0] for one in dead["front"]], f"{file}, no `open_file_cache`",
            [one[0] for one in dead["plain"]], "/s", "nobody notices"),
        row("`/w/list`, answered 304", held, f"{file}, same `open_file_cache`", fast["opened"], "/s",
            "a reader's second look, without a body"),
        row("processor time of nginx for one `/w/list`", spent["front"], f"{file}, same `open_file_cache`",
            spent["opened"], "s", "the same without what else the machine does"),
        row("the same", spent["front"], f"{file}, no `open_file_cache`", spent["plain"], "s", ""),
    ]  # fmt: skip


def _claims(live: _Rates, dead: _Rates) -> list[Claim]:
    def fast(rates: _Rates, name: str) -> list[float]:
        return [one[0] for one in rates[name]]

    return [
        Claim("behind the shipped nginx configuration ÷ nginx, a static file", "at least", 0.9,
              ratios(fast(live, "front"), fast(live, "plain")),
              "the same bytes as a file from the same nginx process, configured as nginx is by itself (the recipe has "
              "`open_file_cache`; a file that has it too is in the table below)",
              "What is kept is a file too. On top of a file's, each answer costs a read of its own head from that "
              "file, the coding by a regular expression, the query put in order, and twelve more headers; "
              "`open_file_cache` and `sendfile off` (two calls of the kernel less for a small body) pay for that. "
              "Without normal forms it would be faster, and every spelling of an address would be a copy of its "
              "own. Copies in memory instead of files would move it: Varnish has them."),
        Claim("the same with Ticker dead", "at least", 0.9, ratios(fast(dead, "front"), fast(dead, "plain")),
              "the same file",
              "It keeps answering: Ticker was killed before these rounds, and every answer was a 200 with its bytes. "
              "Within the time that an answer is true nginx does not even notice; after that one request in ten "
              "seconds is spent on finding out."),
    ]  # fmt: skip


def _rates(servers: dict[str, Served], rounds: int) -> _Rates:
    found: _Rates = {name: [] for name in servers}
    for n in range(rounds):
        for name, server in list(servers.items())[:: -1 if n % 2 else 1]:
            found[name].append(rate(server, "/w/list", BROTLI, 200, _SECONDS))
    return found


def _recipe(folder: Path, ours: int, front: int) -> str:
    """The recipe, with the addresses of here."""
    recipe = (ROOT / "docs" / "recipes" / "nginx-front.conf").read_text("utf-8")
    changes = {"127.0.0.1:8000": f"127.0.0.1:{ours}", "listen 80;": f"listen 127.0.0.1:{front};"}
    for old, new in {**changes, "/var/cache/nginx": str(folder)}.items():
        assert old in recipe, old
        recipe = recipe.replace(old, new)
    return recipe


def _answered(ours: Served) -> int:
    """How many requests for widgets Ticker has answered."""
    text = ours.ask("/metrics").body.decode()
    rows = [line for line in text.splitlines() if line.startswith("ticker_http_requests_total") and 'widget"' in line]
    return sum(int(float(line.split()[-1])) for line in rows)
