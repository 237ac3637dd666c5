"""Feeds, as a feed reader reads them: feedparser, which shares nothing with what wrote them."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.web.conftest import FRESH, Site, app_of, site_at
from ticker.market.calendar import Timetable
from ticker.market.observation import Observation, Series, Standing
from ticker.market.quote import on
from ticker.render.language import language
from ticker.render.newsfeed import MOST
from ticker.render.words import latest
from ticker.start import PUBLISHERS
from ticker.store.commit import Arrival, commit
from ticker.store.feeds import FeedState, Validators

ATOM = "{http://www.w3.org/2005/Atom}"
WTI = "eia:RWTC"
LANGUAGES = ("en", "es", "pt-BR")
TEN = ("wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = site_at(Path(tmp_path_factory.mktemp("feeds")), FRESH)
    yield found
    found.parts.store.close()


def read(site: Site, address: str) -> Any:
    answer = site.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    fromstring(answer.data)  # well-formed, which feedparser would forgive
    found = feedparser.parse(answer.data)
    assert (found.version, found.bozo) == ("atom10", False)
    return found


def history(site: Site, key: str) -> Series:
    rows = json.loads(site.get(f"/v1/history/{key}").text)["observations"]
    return tuple(Observation(date.fromisoformat(day), Decimal(value)) for day, value in rows)


def moment(parsed: Any) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def timetable(site: Site, key: str) -> Timetable:
    link = site.live.snapshot().by_key[key].link
    return PUBLISHERS[link.source].timetable(link.codes[0])


def withdraw(site: Site, key: str, *kept: tuple[date, str]) -> None:
    """Commit a document that no longer has the days between those it has."""
    source, code = key.split(":")
    arrival = Arrival({key: tuple(Observation(day, Decimal(value), Standing.FINAL) for day, value in kept)})
    commit(
        site.parts.store, arrival, lambda changes: [], site.now, FeedState(source, code), ("https://x/", Validators())
    )


# --- publications -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_instruments_titles_are_the_sentences_of_their_days(shared: Site, lang: str) -> None:
    ids: set[str] = set()
    for key in TEN:
        found, line = read(shared, f"/feeds/{key}.atom?lang={lang}"), history(shared, key)
        newest = line[-MOST:][::-1]
        q, words = shared.live.snapshot().by_key[key], language(lang)
        then = [on(q, line, o.day) for o in newest]
        assert [e.title for e in found.entries] == [latest(q.instrument, t.line, t.since, words, 0) for t in then]
        for entry, o in zip(found.entries, newest, strict=True):
            assert moment(entry.published_parsed) == timetable(shared, key).published(o.day)
            assert entry.updated == entry.published
            assert entry.content[0].value.startswith(entry.title)
            assert entry.link == found.feed.link
        assert found.feed.updated == max(e.updated for e in found.entries)
        new = {found.feed.id, *(e.id for e in found.entries)}
        assert len(new) == len(newest) + 1
        assert not ids & new
        ids |= new


def test_a_feed_says_whose_figures_these_are_and_where_it_stands(shared: Site) -> None:
    found = read(shared, "/feeds/gbpusd.atom?lang=es-VE")
    feed, publisher = found.feed, PUBLISHERS["ecb"]
    assert feed.title == "Libra esterlina en dólares"
    assert (feed.author_detail.name, feed.author_detail.href) == (publisher.name, publisher.url)
    assert publisher.terms in feed.rights
    links = {link.rel: link for link in feed.links}
    assert links["self"].href == "https://ticker.example/feeds/gbpusd.atom?lang=es-VE"
    assert links["self"].type == "application/atom+xml"
    assert links["alternate"].href == "https://ticker.example/i/gbpusd?lang=es-VE"
    assert links["via"].href == publisher.url
    assert links["license"].href == publisher.terms
    assert (
        fromstring(shared.get("/feeds/gbpusd.atom?lang=es-VE").data).get("{http://www.w3.org/XML/1998/namespace}lang")
        == "es-VE"
    )
    assert all("tipos cruzados de cálculo propio" in e.content[0].value for e in found.entries)
    assert "Fuente: European Central Bank" in found.entries[0].content[0].value


def test_a_first_entry_in_full(shared: Site) -> None:
    entry = read(shared, "/feeds/wti.atom").entries[0]
    assert entry.id.startswith("urn:uuid:")
    assert entry.title == (
        "WTI crude oil closed at $98.34 on 10 April 2026, down 13.74% since 6 April 2026, "
        "its lowest since 26 March 2026."
    )
    assert entry.published == "2026-04-13T13:00:00Z"  # the EIA's next morning, 9 in Washington
    assert "Over one year it rose" in entry.content[0].value


def test_an_id_is_the_same_at_another_address_and_in_another_process(site: Site) -> None:
    before = read(site, "/feeds/wti.atom")
    site.app = app_of("https://elsewhere.example/markets", site.live, site.parts)
    after = read(site, "/feeds/wti.atom")
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert after.feed.id == before.feed.id == "urn:uuid:27340fb2-a890-577d-bd09-efe8667651d6"
    assert before.entries[0].id == "urn:uuid:99dc3965-4c83-5f5c-ab31-78cc9f16a4b8"
    assert after.entries[0].link == "https://elsewhere.example/markets/i/wti"


def test_a_new_figure_is_a_new_entry_and_touches_no_other(site: Site) -> None:
    before = read(site, "/feeds/wti.atom")
    site.publish(WTI, date(2026, 4, 13), "101.50")
    site.pass_time(days=1)
    after = read(site, "/feeds/wti.atom")
    assert [(e.id, e.title, e.updated) for e in after.entries[1:]] == [
        (e.id, e.title, e.updated) for e in before.entries[:-1]
    ]
    assert after.entries[0].title.startswith("WTI crude oil closed at $101.50 on 13 April 2026, up 3.21%")
    assert after.feed.updated > before.feed.updated


# --- corrections ------------------------------------------------------------------------------------


def corrected(site: Site) -> tuple[Any, Any]:
    """The feed before and after the figure of 13 April was corrected on the 17th."""
    for day, value in ((10, "98.34"), (13, "101.50"), (14, "102.00"), (15, "103.00")):
        site.publish(WTI, date(2026, 4, day), value)
    site.pass_time(days=4)
    before = read(site, "/feeds/wti.atom")
    site.publish(WTI, date(2026, 4, 13), "99.50")
    site.pass_time(minutes=1)
    return before, read(site, "/feeds/wti.atom")


def test_a_correction_updates_the_entries_that_tell_of_the_figure(site: Site) -> None:
    before, after = corrected(site)
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert [e.published for e in after.entries] == [e.published for e in before.entries]
    moved = [n for n, (a, b) in enumerate(zip(after.entries, before.entries, strict=True)) if a.updated != b.updated]
    assert moved == [1, 2]  # the 14th, which is told since the 13th, and the 13th
    for n in moved:
        assert after.entries[n].updated == "2026-04-17T18:00:00Z"
        assert "A figure that this entry is about was corrected on 17 April 2026." in after.entries[n].content[0].value
    assert "closed at $99.50 on 13 April 2026, up 1.18%" in after.entries[2].title
    assert "up 2.51%" in after.entries[1].title
    assert "corrected" not in str(before)
    assert after.feed.updated == "2026-04-17T18:00:00Z"


def test_a_second_correction_moves_the_entry_again(site: Site) -> None:
    corrected(site)
    site.publish(WTI, date(2026, 4, 13), "99.60")
    site.pass_time(minutes=1)
    assert read(site, "/feeds/wti.atom").entries[2].updated == "2026-04-17T18:01:00Z"


@pytest.mark.parametrize(
    ("lang", "title", "note"),
    [
        ("en", "WTI crude oil: the figure for 13 April 2026 was withdrawn.", "was corrected on 17 April 2026."),
        ("es", "Petróleo WTI: se retiró el dato del 13 de abril de 2026.", "se corrigió el 17 de abril de 2026."),
        (
            "pt",
            "Petróleo WTI: o dado do dia 13 de abril de 2026 foi retirado.",
            "foi corrigido no dia 17 de abril de 2026.",
        ),
    ],
)
def test_the_entry_of_a_withdrawn_figure_stays_and_says_so(site: Site, lang: str, title: str, note: str) -> None:
    address = f"/feeds/wti.atom?lang={lang}"
    for day, value in ((10, "98.34"), (13, "101.50"), (14, "102.00")):
        site.publish(WTI, date(2026, 4, day), value)
    site.pass_time(days=4)
    before = read(site, address)
    withdraw(site, WTI, (date(2026, 4, 10), "98.34"), (date(2026, 4, 14), "102.00"))
    site.pass_time(minutes=1)
    after = read(site, address)
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    gone = after.entries[1]
    assert (gone.title, gone.published) == (title, before.entries[1].published)
    assert gone.updated == after.entries[0].updated == "2026-04-17T18:00:00Z"
    assert note in after.entries[0].content[0].value
    assert "101" not in str(gone)


# --- crossings --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_crossings_are_those_of_the_published_figures(shared: Site, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(TEN))
    line = history(shared, key)
    levels = st.none() | st.sampled_from([o.value for o in line])
    asked = {name: data.draw(levels) for name in ("above", "below")}
    said = {name: value for name, value in asked.items() if value is not None}
    assume(said)
    found = read(shared, f"/feeds/{key}.atom?{urlencode(said)}")
    days = []
    for before, after in pairwise(line):
        up = "above" in said and after.value > said["above"] and not before.value > said["above"]
        down = "below" in said and after.value < said["below"] and not before.value < said["below"]
        if up or down:
            days.append((after, up))
    newest = days[-MOST:][::-1]
    words = language("en")
    assert len(found.entries) == len(newest)
    for entry, (o, up) in zip(found.entries, newest, strict=True):
        assert (" rose above " if up else " fell below ") in entry.title
        assert f" on {words.long_day(o.day, 0)}, to " in entry.title
        assert moment(entry.published_parsed) == timetable(shared, key).published(o.day)
    assert len({e.id for e in found.entries}) == len(newest)
    assert not {e.id for e in found.entries} & {e.id for e in read(shared, f"/feeds/{key}.atom").entries}


@pytest.mark.parametrize(
    ("lang", "title", "entry"),
    [
        ("en", "WTI crude oil: below $0.00", "WTI crude oil fell below $0.00 on 20 April 2020, to −$36.98."),
        (
            "es",
            "Petróleo WTI: por debajo de 0,00 US$",
            "El petróleo WTI bajó de los 0,00 US$ el 20 de abril de 2020: −36,98 US$.",
        ),
        (
            "pt",
            "Petróleo WTI: abaixo de US$ 0,00",
            "O petróleo WTI ficou abaixo de US$ 0,00 no dia 20 de abril de 2020: −US$ 36,98.",
        ),
    ],
)
def test_a_crossing_in_words(shared: Site, lang: str, title: str, entry: str) -> None:
    found = read(shared, f"/feeds/wti.atom?below=0&lang={lang}")
    assert found.feed.title.replace("\u00a0", " ") == title
    assert [e.title.replace("\u00a0", " ") for e in found.entries] == [entry]


def test_a_level_is_the_same_however_it_is_written(shared: Site) -> None:
    one, other = (read(shared, f"/feeds/wti.atom?above={said}") for said in ("100", "100.0"))
    assert one == other
    assert one.feed.links[0].href == "https://ticker.example/feeds/wti.atom?above=100"
    assert read(shared, "/feeds/wti.atom?below=-0") == read(shared, "/feeds/wti.atom?below=0.00")


def test_a_feed_without_entries_is_a_feed(shared: Site, empty: Site) -> None:
    never = read(shared, "/feeds/wti.atom?above=299.5&below=-99")
    assert never.feed.title == "WTI crude oil: above $299.50 or below −$99.00"
    for found in (never, read(empty, "/feeds/wti.atom"), read(empty, "/feeds/wti.atom?above=1")):
        assert found.entries == []
        assert found.feed.updated == "1970-01-01T00:00:00Z"


# --- as an answer -----------------------------------------------------------------------------------


NO_LEVELS = ("", "abc", "1e1", "NaN", "Infinity", "1_0", "\u0661", "301", "-101", "1.234", "1,5", "9" * 900, "<b>")


@pytest.mark.parametrize("level", NO_LEVELS)
@pytest.mark.parametrize("name", ["above", "below"])
def test_a_wrong_level_is_refused_with_what_is_allowed(shared: Site, name: str, level: str) -> None:
    answer = shared.get(f"/feeds/wti.atom?{urlencode({name: level})}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Allowed: a number from -100 to 300 with at most 2 decimals." in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/feeds/wti.atom?abov=100", 400),  # a typing mistake is no feed of everything
        ("/feeds/wti.atom?above=1&above=2", 400),
        ("/feeds/wti.atom?lang=xx", 400),
        ("/feeds/wti", 404),
        ("/feeds/wti.rss", 404),
        ("/feeds/gold.atom", 404),
        ("/feeds/.atom", 404),
    ],
)
def test_what_is_no_feed_says_so(shared: Site, address: str, status: int) -> None:
    answer = shared.get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")


def test_a_feed_is_kept_and_answered_with_304(shared: Site) -> None:
    answers = [shared.get("/feeds/brent.atom") for _ in range(3)]
    assert len({(a.headers["ETag"], a.data) for a in answers}) == 1
    again = shared.get("/feeds/brent.atom", If_None_Match=answers[0].headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert answers[0].headers["Access-Control-Allow-Origin"] == "*"
    assert "s-maxage" in answers[0].headers["Cache-Control"]
    assert shared.get("/feeds/brent.atom", "HEAD").headers["ETag"] == answers[0].headers["ETag"]
    assert shared.get("/feeds/brent.atom", "OPTIONS").status_code == 204


@pytest.mark.parametrize(("lang", "feed"), [("en", "/feeds/wti.atom"), ("es-VE", "/feeds/wti.atom?lang=es-VE")])
def test_the_page_leads_to_its_feed(shared: Site, lang: str, feed: str) -> None:
    page = shared.get(f"/i/wti?lang={lang}").text
    name = language(lang).name(shared.live.snapshot().by_key["wti"].instrument)
    assert f'type="application/atom+xml" title="{name}" href="{feed}"' in page
    assert f'<a href="{feed}">Atom</a>' in page
    assert read(shared, feed).feed.links[0].href == f"https://ticker.example{feed}"


def test_the_calendar_says_when_a_figure_came_out(shared: Site) -> None:
    """A Good Friday without the ECB, a survey on a holiday's morrow, and the EIA's page of the next morning."""
    assert timetable(shared, "gbpusd").published(date(2026, 4, 2)) == datetime(2026, 4, 2, 14, tzinfo=UTC)
    assert timetable(shared, "gasoline").published(date(2022, 2, 21)) == datetime(2022, 2, 22, 22, tzinfo=UTC)
    assert timetable(shared, "wti").published(date(2026, 4, 10)) == datetime(2026, 4, 13, 13, tzinfo=UTC)
    for key in TEN:
        for o in history(shared, key)[-40:]:
            out = timetable(shared, key).published(o.day)
            assert timedelta(0) < out - datetime.combine(o.day, datetime.min.time(), UTC) < timedelta(days=13), (key, o)
