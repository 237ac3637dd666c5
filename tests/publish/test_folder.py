"""Publishing to a folder: what is there, what is written again, and what is left after a publish that was cut off."""

from __future__ import annotations

import gzip
import json
import os
import re
from datetime import date
from html import unescape
from pathlib import Path

import brotli
import pytest

from tests.publish.conftest import FEW, FIGURES, URL, Press
from tests.web.conftest import FRESH, site_at
from ticker.errors import ConfigError, PublishError
from ticker.publish.folder import Folder
from ticker.publish.site import site_of
from ticker.publish.wanted import EVERYTHING, completed, listed
from ticker.render.files import file_of

_ADDRESSES = re.compile(r'\b(?:href|src|content|data-figure)="((?:https://figures\.example)?/[^"/][^"]*)"')


def test_what_is_published_is_what_the_application_answers(press: Press) -> None:
    press.publish()
    for address in ("/w/list?i=energy&lang=es", "/w/list?i=energy&lang=es&link=1", "/v1/quotes"):
        assert press.text(file_of(address)) == press.told(address).text, address
    assert (press.folder / "img/list.png").read_bytes() == press.told("/img/list.png").data
    assert json.loads(press.text("w/chart_i=wti_range=5y.json"))["figure"]


def test_all_that_a_plain_publish_lists_has_an_answer(press: Press) -> None:
    """In English and in lines: the other languages and pictures in dots are the same addresses."""
    site = site_of(press.site.parts, press.site.live.snapshot(), press.site.now)
    asked = [address for address in site.wanted if "lang=" not in address and ".png" not in address]
    assert "/w/list?i=energy,currencies" in asked
    assert [address for address in asked if site.ask(address).status != 200] == []


def test_compressed_files_stand_beside_the_others_and_hold_the_same(press: Press) -> None:
    press.publish()
    whole = (press.folder / "w/list_i=energy_lang=es.html").read_bytes()
    assert brotli.decompress((press.folder / "w/list_i=energy_lang=es.html.br").read_bytes()) == whole
    assert gzip.decompress((press.folder / "w/list_i=energy_lang=es.html.gz").read_bytes()) == whole
    assert not (press.folder / "img/list.png.gz").exists()


def test_every_address_of_ours_in_a_published_page_is_that_of_a_file(press: Press) -> None:
    press.publish(("/i/wti", "/i/wti?lang=es", "/i/wti?lang=pt", "/embed/list?theme=dark"))
    for name in ("i/wti.html", "i/wti_lang=es.html", "embed/list.html", "embed/chart_i=wti_range=5y.html"):
        found = [unescape(a).removeprefix(URL) for a in _ADDRESSES.findall(press.text(name))]
        assert found
        for address in found:
            if address.startswith("/i/") and not address.endswith(".html"):  # pages lead on from any query
                asked = address[1:].partition("?")[0]
                assert (press.folder / asked / "index.html").is_file() or asked != "i/wti", (name, address)
            elif address.startswith("/w/") and not address.endswith(".html"):  # scripts find the file
                assert (press.folder / file_of(address)).is_file(), (name, address)
            else:
                assert (press.folder / address[1:]).is_file(), (name, address)


def test_a_second_publish_without_anything_new_writes_nothing(press: Press) -> None:
    first = press.publish(FIGURES)
    assert first.written == first.files
    before = press.seen()
    second = press.publish(FIGURES)
    assert (second.written, second.removed) == (0, 0)
    assert press.seen() == before


def test_a_new_figure_rewrites_what_shows_it_and_nothing_else(press: Press) -> None:
    press.publish((*FEW, "/img/card.png?i=gbpusd"))
    before = press.seen()
    press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    done = press.publish((*FEW, "/img/card.png?i=gbpusd"))
    after = press.seen()
    changed = {name for name in after if after[name] != before.get(name)}
    assert len(changed) == done.written
    assert "97.77" in press.text("v1/quotes.json")
    assert {"v1/quotes.json", "i/wti.html", "w/list_i=energy_lang=es.html", "img/list.png"} <= changed
    assert not any(name.startswith(("static/", "img/card")) for name in changed)


def test_time_alone_is_published_too(press: Press) -> None:
    press.publish(("/w/list",))
    press.site.pass_time(days=30)
    press.publish(("/w/list",))
    assert press.text("w/list.html") == press.told("/w/list").text


def test_what_is_not_wanted_any_more_is_removed_and_other_peoples_files_stay(press: Press) -> None:
    press.publish(("/w/list", "/v1/quotes"))
    (press.folder / "robots.txt").write_text("User-agent: *\n")
    done = press.publish(("/w/list",))
    assert done.removed == 3
    assert not (press.folder / "v1").exists()
    assert (press.folder / "robots.txt").exists()


def test_a_script_of_before_stays_for_a_week(press: Press) -> None:
    press.publish(("/w/list",))
    manifest = json.loads(press.text(".ticker.json"))
    manifest["files"]["static/chart.0123456789.js"] = ["digest", 5]
    (press.folder / ".ticker.json").write_text(json.dumps(manifest))
    (press.folder / "static/chart.0123456789.js").write_text("older")
    press.publish(("/w/list",))
    press.site.pass_time(days=6)
    press.publish(("/w/list",))
    assert (press.folder / "static/chart.0123456789.js").exists()
    press.site.pass_time(days=2)
    press.publish(("/w/list",))
    assert not (press.folder / "static/chart.0123456789.js").exists()


@pytest.mark.parametrize("after", [1, 2, 9])
def test_a_publish_that_was_cut_off_is_made_good_by_the_next(
    press: Press, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.publish(FIGURES)
    press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    renamed, rename = 0, Path.replace

    def dying(self: Path, target: Path) -> Path:
        nonlocal renamed
        renamed += 1
        if renamed > after:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        with pytest.raises(KeyboardInterrupt):
            press.publish(FIGURES)
    press.publish(FIGURES)
    assert press.text("v1/quotes.json") == press.told("/v1/quotes").text
    assert press.text("w/list_i=energy_lang=es.html") == press.told("/w/list?i=energy&lang=es").text
    assert press.publish(FIGURES).written == 0
    assert not list((press.folder / ".ticker-work").glob("*.new"))


def test_what_the_first_publish_left_when_it_was_cut_off_is_ours(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(self: Folder, names: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "remove", dying)
        with pytest.raises(KeyboardInterrupt):
            press.publish(("/w/list", "/v1/quotes"))
    press.publish(("/w/list",))
    assert not (press.folder / "v1/quotes.json").exists()
    assert press.publish(("/w/list",)).written == 0


def test_a_file_that_was_lost_or_cut_short_is_written_again(press: Press) -> None:
    press.publish(FIGURES)
    whole = press.text("w/list_i=energy_lang=es.html")
    (press.folder / "w/list_i=energy_lang=es.html").write_text(whole[:100])
    (press.folder / "v1/quotes.json.br").unlink()
    assert press.publish(FIGURES).written == 2
    assert press.text("w/list_i=energy_lang=es.html") == whole


def test_what_names_others_is_written_after_them(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    rename = Path.replace

    def noted(self: Path, target: Path) -> Path:
        order.append(target.relative_to(press.folder).as_posix())
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    press.publish()
    rooms = [name.partition("/")[0] for name in order if name != ".ticker.json"]
    assert order[0] == order[-1] == ".ticker.json"
    last = {room: len(rooms) - rooms[::-1].index(room) for room in set(rooms)}
    assert last["static"] <= rooms.index("w")
    assert last["w"] <= min(rooms.index("i"), rooms.index("embed"), rooms.index("embed.js"))


def test_somebody_elses_file_is_never_written_over(press: Press) -> None:
    press.folder.mkdir()
    (press.folder / "embed.js").write_text("mine")
    with pytest.raises(PublishError, match=r"the file embed\.js there is not ours\. Nothing was written"):
        press.publish(FIGURES)
    assert press.text("embed.js") == "mine"
    assert set(press.seen()) == {"embed.js"}


def test_days_have_their_years_for_a_file_may_outlive_its_year(press: Press) -> None:
    press.publish(("/w/list", "/w/card?i=wti&lang=es"))
    assert "10 Apr" in press.site.get("/w/list").text
    days = re.findall(r"<time[^>]*>([^<]+)</time>", press.text("w/list.html") + press.text("w/card_i=wti_lang=es.html"))
    assert days
    assert all(re.search(r"\b20\d\d\b", day) for day in days)


def test_a_place_that_lost_its_list_is_ours_again_by_its_content_or_on_request(press: Press) -> None:
    press.publish(FIGURES)
    (press.folder / "robots.txt").write_text("mine")
    listed = press.folder / ".ticker.json"
    listed.unlink()
    assert press.publish(FIGURES).written > 0  # nothing there is anything else than what we would write
    press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")
    for lost in (listed.unlink, lambda: listed.write_text(listed.read_text()[:300])):
        lost()
        with pytest.raises(PublishError, match=r"Nothing was written; .* say --adopt"):
            press.publish(FIGURES)
        press.publisher(FIGURES).once(adopt=True)
        assert press.text("v1/quotes.json") == press.told("/v1/quotes").text
        assert press.publish(FIGURES).written == 0
        press.site.publish("eia:RWTC", date(2026, 4, 10), "97.78")
    assert press.text("robots.txt") == "mine"


@pytest.mark.parametrize("adopt", [False, True])
def test_what_stands_where_a_folder_of_ours_belongs_is_left_alone(press: Press, tmp_path: Path, adopt: bool) -> None:
    outside = tmp_path / "outside"
    for folder in (outside, press.folder):
        folder.mkdir()
    (press.folder / "w").symlink_to(outside)
    with pytest.raises(PublishError, match=r"w there is no folder of ours\. Nothing was written"):
        press.publisher(FIGURES).once(adopt=adopt)
    assert not list(outside.iterdir())
    assert set(press.seen()) == set()


def test_whoever_serves_a_folder_may_read_it(press: Press) -> None:
    before = os.umask(0o077)
    try:
        press.publish(FIGURES)
    finally:
        os.umask(before)
    assert {f.stat().st_mode & 0o777 for f in press.folder.rglob("*") if f.is_file() and f.name != "lock"} == {0o644}
    assert (press.folder / "w").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 99, "files": {}}', '{"format": 1, "files": {"a": 1}}'])
def test_a_manifest_that_is_not_ours_stops_it(press: Press, text: str) -> None:
    press.folder.mkdir()
    (press.folder / ".ticker.json").write_text(text)
    with pytest.raises(PublishError, match=r"\.ticker\.json is no list of ours"):
        press.publish(FIGURES)
    assert not press.seen()


def test_without_figures_nothing_is_published(tmp_path: Path) -> None:
    site = site_at(tmp_path, FRESH, URL, TICKER_PUBLIC_URL=URL, TICKER_SEED="none")
    with pytest.raises(PublishError, match="There are no figures to publish yet"):
        Press(site, Folder(tmp_path / "out"), tmp_path / "out").publish()
    assert not (tmp_path / "out/w").exists()
    site.parts.store.close()


def test_an_address_that_has_no_answer_stops_it_before_anything_is_written(press: Press) -> None:
    with pytest.raises(PublishError, match=r"/w/list\?i=gold.* cannot be published: .*gold.*Nothing was written"):
        press.publish(("/w/strip", "/w/list?i=gold"))
    assert not press.seen()


def test_two_at_once_do_not_mix(press: Press) -> None:
    with press.place.alone(), pytest.raises(PublishError, match="another process is publishing there"):
        press.publish(FIGURES)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/proc/ticker", r"cannot be written: [A-Z][a-z ]+\.$"),
        ("/dev/null", "is a file; name a folder, or one that is to be made."),
        ("/dev/null/out", r"cannot be written: [A-Z][a-z ]+\.$"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_sentence(press: Press, place: str, said: str) -> None:
    press.place = Folder(Path(place))
    with pytest.raises(PublishError, match=rf"^{place} {said}"):
        press.publish(FIGURES)


def test_a_disk_that_fills_leaves_whole_files(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    press.publish(FIGURES)
    before = press.text("v1/quotes.json")
    press.site.publish("eia:RWTC", date(2026, 4, 10), "97.77")

    def full(self: Path, body: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(PublishError, match="No space left on device"):
            press.publish(FIGURES)
    assert press.text("v1/quotes.json") == before


def test_a_list_may_have_everything_and_more(press: Press) -> None:
    catalog = press.site.live.snapshot().catalog
    whole, pair = (completed([line], catalog) for line in (EVERYTHING, "/w/list?i=wti,brent"))
    assert completed([EVERYTHING, "/w/list?i=wti,brent", "/v1/quotes"], catalog) == [*whole, *pair]


def test_a_list_of_addresses_is_read_and_bounded(tmp_path: Path) -> None:
    file = tmp_path / "variants.txt"
    file.write_text("\ufeff# sidebar\n/w/list?i=energy&lang=es  # the main one\n\neverything\n/v1/quotes\n")
    assert listed(file) == ["/w/list?i=energy&lang=es", EVERYTHING, "/v1/quotes"]
    for text, said in (
        ("", "lists 0 addresses"),
        ("/w/list\n" * 2001, "lists 2001 addresses"),
        ("/metrics\n", "cannot be published; a line is 'everything', or begins with one of /w/, "),
        ("/w/../metrics\n", "cannot be published"),
        ("https://figures.example/w/list\n", "cannot be published"),
        ("# one\n\n/w/list\n/w/list?langs=es\n", "variants.txt, line 4: .*'langs' is no parameter, those are i, "),
        ("/w/list?i=wti&foo\n", "line 1: .*'foo' is no parameter"),
    ):
        file.write_text(text)
        with pytest.raises(ConfigError, match=said):
            listed(file)
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory"):
        listed(tmp_path / "none")
