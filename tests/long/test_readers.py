"""A slice of the million readers in docs/long/readers.md, the same code with a seed; and the rules that they go by."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from itertools import pairwise, product

import pytest

from bench.long.caches import TOPOLOGIES, Shared, Topology
from bench.long.crowd import DAY, crowd
from bench.long.newsday import SERVED
from bench.long.origin import Address, Reply, Version
from bench.long.readers import MIDNIGHT, costs, figures
from bench.long.reading import Seen, day
from bench.long.renewal import SCRIPT, in_vain, rule
from tests.conftest import UPSTREAMS, absent

ALONE, NGINX = TOPOLOGIES[:2]
A_COPY = 60 + 600  # seconds for which a browser may show its own: max-age, and stale-while-revalidate


def lived(topology: Topology) -> Seen:
    if not (UPSTREAMS / "replay.py").is_file():
        absent("the replayed sources are not in ../shared/upstreams")
    return day(MIDNIGHT, 6000, 7, topology)


@pytest.mark.replay
@pytest.mark.slow
def test_readers_of_a_day_see_what_is_stored_and_the_same_seed_gives_the_same_day() -> None:
    seen, again = lived(ALONE), lived(ALONE)
    assert seen.ledger.wrong == []
    assert seen.readers == 6000
    assert [event.what for event in seen.ledger.events] == [[], ["eia"], ["ecb"], ["eia"]]
    assert seen.requests == seen.spent.requests == sum(seen.seconds)
    for event in seen.ledger.events[1:]:
        assert all(age <= SERVED + 0.01 for age in event.old_cache)
        assert all(age <= A_COPY for age in event.old_browser)
        assert 0 < max(event.waits) < 300
    counted = [(s.views, s.requests, s.unchanged, s.renewals, s.spent.bytes, s.ledger.events) for s in (seen, again)]
    assert counted[0] == counted[1]


@pytest.mark.replay
@pytest.mark.slow
def test_behind_a_shared_cache_open_pages_have_a_figure_soon_and_the_origin_hears_little() -> None:
    seen = lived(NGINX)
    assert seen.ledger.wrong == []
    assert seen.spent.requests < seen.requests / 5
    for event in seen.ledger.events[1:]:
        waits = sorted(event.waits)
        assert waits[len(waits) // 2] < 120
        assert all(age <= 300 + 600 + SERVED for age in event.old_cache)
    assert len(figures([seen], "", "").rows) == 3
    assert costs([seen]).rows


def test_an_element_asks_again_exactly_when_the_script_would() -> None:
    node = shutil.which("node")
    if node is None:
        absent("no Node on this machine")
    text = SCRIPT.read_text("utf-8")
    numbers = re.search(r"const NAME = [^;]*;", text)
    body = re.search(r"\n    #wait\(\) \{\n(.*?)\n    \}\n", text, re.DOTALL)
    assert numbers
    assert body
    count = re.search(r"\n( *const older = [^;]*;\n *this\.#quiet = [^;]*;)", text)
    assert count
    cases = list(product((-400, -1.5, 0, 0.5, 20, 5000), (False, True), (0, 1, 2, 59, 60), (False, True), (0, 0.25, 1)))
    answers = list(product((-400, -1.5, 20), (-400, -1.5, 20), (False, True), (0, 3)))
    script = f"""
        {numbers[0]}
        const wait = function () {{ {body[1].replace("this.#", "this.")} }};
        const count = function (until) {{ {count[1].replace("this.#", "this.")} return this.quiet; }};
        const cases = {json.dumps(cases)}, answers = {json.dumps(answers)}, waits = [];
        Date.now = () => 1e12;
        for (const [rest, awaited, quiet, opened, chance] of cases) {{
          Math.random = () => chance;
          waits.push(wait.call({{ failures: 0, until: 1e12 + rest * 1000, awaited, quiet, opened }}) / 1000);
        }}
        const counts = answers.map(([until, before, awaited, quiet]) =>
          count.call({{ until: 1e12 + before * 1000, awaited, quiet }}, 1e12 + until * 1000));
        console.log(JSON.stringify([waits, counts]));
    """
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    ours = [rule().wait(rest, awaited, quiet, opened, 0, chance) for rest, awaited, quiet, opened, chance in cases]
    waits, counts = json.loads(done.stdout)
    assert waits == pytest.approx(ours)
    assert counts == [in_vain(quiet, until, (before, awaited), 0) for until, before, awaited, quiet in answers]


def test_readers_come_in_the_order_of_time_as_many_as_were_asked_for() -> None:
    came = [second for second, _ in crowd(5000, 1)]
    assert len(came) == 5000
    assert all(a <= b for a, b in pairwise(came))
    assert came[0] >= 0
    assert came[-1] < DAY
    assert [(second, reader.views) for second, reader in crowd(50, 2)] == [(s, r.views) for s, r in crowd(50, 2)]


class Told:
    """An origin that counts, and has a new content when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, str | None]] = []
        self.version = Version(("/w/list", ""), "a", ("1",))

    def ask(self, second: float, address: Address, coding: str, etag: str | None) -> Reply:
        self.asked.append((second, etag))
        return Reply(self.version, 60, 300, 600, unchanged=etag == self.version.etag)


def test_a_shared_cache_keeps_an_answer_as_long_as_it_says_and_gives_the_old_one_once_more() -> None:
    told = Told()
    cache = Shared(told.ask)

    def given(second: float, etag: str | None = None) -> tuple[str, float, bool]:
        reply = cache.ask(second, told.version.address, "br", etag)
        return reply.version.etag, reply.age, reply.unchanged

    assert given(0) == ("a", 0, False)
    told.version = Version(told.version.address, "b", ("2",))
    assert given(299, "a") == ("a", 299, True)
    assert given(301) == ("a", 301, False)  # the first after it gets the old one
    assert given(302, "a") == ("b", 1, False)
    told.version = Version(told.version.address, "c", ("3",))
    assert given(1300) == ("c", 0, False)  # too old to be shown
    assert told.asked == [(0, None), (301, "a"), (1300, "b")]
    cache.purge()
    assert given(1301) == ("c", 0, False)
    assert told.asked[-1] == (1301, None)


def test_a_cache_as_the_nginx_recipe_sets_it_up_keeps_nothing_at_first_and_tells_no_age() -> None:
    told = Told()
    cache = Shared(told.ask, uses=2, aged=False)
    ages = [cache.ask(second, told.version.address, "br", None).age for second in (0, 1, 100)]
    assert ages == [0, 0, 0]
    assert [second for second, _ in told.asked] == [0, 1]
