"""`/corrections` and its feed: what a figure was, what it became, when we saw it."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import feedparser
import pytest
from defusedxml.ElementTree import fromstring

from tests.conftest import at
from tests.web.conftest import Site
from ticker.market.observation import Observation, Series
from ticker.render.corrections import MOST
from ticker.store.commit import Arrival, commit
from ticker.store.feeds import FeedState, Validators

WTI = "eia:RWTC"
DAYS = (date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 8))


def publish(site: Site, key: str, *rows: tuple[date, str]) -> None:
    series: Series = tuple(Observation(day, Decimal(value)) for day, value in rows)
    source, code = key.split(":")
    state = FeedState(source, code)
    commit(site.parts.store, Arrival({key: series}), lambda changes: [], site.now, state, ("https://x/", Validators()))
    site.pass_time(minutes=1)


@pytest.fixture
def corrected(site: Site) -> Site:
    """WTI for the 7th was 97.00, then 97.10, then withdrawn; the pound for the 7th was 0.8702, then 0.87100."""
    publish(site, WTI, (DAYS[0], "96"), (DAYS[1], "97.00"), (DAYS[2], "98"))
    publish(site, WTI, (DAYS[1], "97.10"))
    publish(site, "ecb:GBP", (DAYS[1], "0.8702"))
    publish(site, "ecb:GBP", (DAYS[1], "0.87100"))
    publish(site, WTI, (DAYS[0], "96"), (DAYS[2], "98"))
    return site


def entries(site: Site, address: str) -> list[str]:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    found = re.findall(r"<li>\n(<p>.*?)</li>", answer.text, re.DOTALL)
    shown = (html.unescape(re.sub(r"<[^>]+>", "", text)).replace(" 2026", "") for text in found)
    return [re.sub(r"\s+", " ", text).strip() for text in shown]


def test_the_newest_stand_first_with_what_they_were_and_became(corrected: Site) -> None:
    assert entries(corrected, "/corrections") == [
        "WTI crude oil, 7 Apr Was 97.10, withdrawn. U.S. EIA, RWTC. Seen on 13 Apr, 18:04 UTC. WTI crude oil",
        "GBP, 7 Apr Was 0.8702, became 0.87100. ECB, GBP. Seen on 13 Apr, 18:03 UTC. British pound in US dollars",
        "WTI crude oil, 7 Apr Was 97.00, became 97.10. U.S. EIA, RWTC. Seen on 13 Apr, 18:01 UTC. WTI crude oil",
    ]
    assert 'href="/i/gbpusd"' in corrected.get("/corrections").text


def test_the_instruments_asked_for_are_those_that_are_told(corrected: Site) -> None:
    assert len(entries(corrected, "/corrections?i=wti")) == 2
    assert len(entries(corrected, "/corrections?i=gbpusd")) == 1
    assert len(entries(corrected, "/corrections?i=energy,gbpusd")) == 3
    assert entries(corrected, "/corrections?i=brent") == []
    assert "No corrections yet." in corrected.get("/corrections?i=brent").text
    assert len(entries(corrected, "/corrections?i=")) == 3  # what the form sends for all


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("es", "Era 97,00, pasó a ser 97,10."),
        ("pt-BR", "Era 97,00, passou a ser 97,10."),
        ("en", "Was 97.00, became 97.10."),
    ],
)
def test_it_speaks_every_language(corrected: Site, lang: str, said: str) -> None:
    answer = corrected.get(f"/corrections?lang={lang}")
    assert said in answer.text
    assert f'<html lang="{lang}">' in answer.text
    assert said in corrected.get(f"/corrections.atom?lang={lang}").text


def test_pages_are_bounded_and_lead_to_one_another(site: Site) -> None:
    publish(site, WTI, (DAYS[0], "96"))
    for n in range(MOST + 1):
        publish(site, WTI, (DAYS[0], f"{97 + n}"))
    first = site.get("/corrections?i=wti")
    assert len(entries(site, "/corrections?i=wti")) == MOST
    assert '<a href="/corrections?i=wti&amp;page=2" rel="next">' in first.text
    assert 'rel="prev"' not in first.text
    assert len(entries(site, "/corrections?i=wti&page=2")) == 1
    second = site.get("/corrections?i=wti&page=2")
    assert '<a href="/corrections?i=wti" rel="prev">' in second.text
    assert 'rel="next"' not in second.text
    assert entries(site, "/corrections?page=200") == []


@pytest.mark.parametrize("address", ["page=0", "page=201", "page=x", "page=-1", "page=\u0661", "i=gold", "lang=xx"])
def test_a_wrong_parameter_is_a_400_that_says_what_is_allowed(site: Site, address: str) -> None:
    answer = site.get(f"/corrections?{address}")
    assert answer.status_code == 400
    assert "Allowed:" in answer.text


def test_the_feed_has_an_entry_for_each_with_an_id_that_stays(corrected: Site) -> None:
    answer = corrected.get("/corrections.atom?i=wti")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    fromstring(answer.data)
    found = feedparser.parse(answer.data)
    assert (found.version, found.bozo) == ("atom10", False)
    assert [e.title for e in found.entries] == [
        "WTI crude oil, 7 Apr 2026: Was 97.10, withdrawn.",
        "WTI crude oil, 7 Apr 2026: Was 97.00, became 97.10.",
    ]
    assert found.feed.updated == "2026-04-13T18:04:00Z"
    assert found.entries[0].link == "https://ticker.example/corrections?i=wti"
    ids = [e.id for e in found.entries]
    publish(corrected, WTI, (DAYS[2], "98.50"))
    assert [e.id for e in feedparser.parse(corrected.get("/corrections.atom?i=wti").data).entries][1:] == ids
    assert len({e.id for e in feedparser.parse(corrected.get("/corrections.atom").data).entries}) == 4


def test_a_feed_without_entries_is_one(site: Site) -> None:
    found = feedparser.parse(site.get("/corrections.atom").data)
    assert (found.version, found.bozo, found.entries) == ("atom10", False, [])


def test_the_page_of_an_instrument_leads_to_its_corrections(site: Site) -> None:
    assert '<a href="/corrections?i=wti">Its corrections</a>' in site.get("/i/wti").text
    assert '<a href="/corrections?i=wti&amp;lang=es">Sus correcciones</a>' in site.get("/i/wti?lang=es").text


def test_a_kept_page_gives_way_to_the_next_revision(corrected: Site) -> None:
    for _ in range(3):
        assert len(entries(corrected, "/corrections?i=wti")) == 2
    assert "max-age" in corrected.get("/corrections?i=wti").headers["Cache-Control"]
    corrected.now = at("2026-04-13T19:00") + timedelta(minutes=1)
    publish(corrected, WTI, (DAYS[2], "98.50"))
    assert len(entries(corrected, "/corrections?i=wti")) == 3
