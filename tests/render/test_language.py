from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.render.world import fragment, snapshot
from ticker.errors import BadParameter
from ticker.market.instrument import Catalog
from ticker.render.language import FOLDER, canonical, language, languages

OF_ITS_OWN = ("groups", "instruments", "instruments_about", "symbols")


def messages(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def keys(table: Mapping[str, Any], before: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        found |= keys(value, f"{before}{key}.") if isinstance(value, dict) else {before + key}
    return found


@pytest.mark.parametrize("name", languages())
def test_every_language_has_every_key_and_every_blank(name: str) -> None:
    english, own = messages("en"), messages(name)
    needed, said = (
        keys({table: words for table, words in each.items() if table not in OF_ITS_OWN}) for each in (english, own)
    )
    assert said == needed
    for key, phrase in english["words"].items():
        blank = phrase[phrase.index("{") :] if "{" in phrase else ""
        assert blank in own["words"][key]
        assert own["words"][key].count("{") == phrase.count("{")


@pytest.mark.parametrize("name", [name for name in languages() if name != "en"])
def test_every_language_has_words_for_the_whole_catalog(name: str, ours: Catalog) -> None:
    own = messages(name)
    assert set(own["groups"]) == {group.key for group in ours.groups}
    assert {key: set(words) for key, words in own["instruments"].items()} == {
        i.key: {"label", "detail", "name", "subject"} for i in ours.instruments
    }
    assert set(own["instruments_about"]) == {i.key for i in ours.instruments if i.about}
    assert {i.unit for i in ours.instruments if "/" in i.unit} <= set(own["units"])


def test_the_three_promised_languages_are_there() -> None:
    assert set(languages()) >= {"en", "es", "pt"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("en", "en"),
        ("EN-gb", "en-GB"),
        ("es-ve", "es-VE"),
        ("es-419", "es-419"),
        ("pt-br", "pt-BR"),
        ("PT-PT", "pt-PT"),
    ],
)
def test_a_tag_has_one_form(said: str, meant: str) -> None:
    assert canonical(said) == meant
    assert language(meant).tag == meant


@pytest.mark.parametrize(
    "tag",
    ["", "xx", "de", "es_VE", "en-XX", "en-Latn", "en-US-POSIX", "es-VE-x-a", "../en", "e n", "en\x00", "\uff25\uff2e"],
)
def test_any_other_tag_is_refused_and_the_languages_named(tag: str) -> None:
    with pytest.raises(BadParameter, match="Allowed: en, es, pt"):
        canonical(tag)


@pytest.mark.parametrize(
    ("tag", "this_year", "another"),
    [
        ("en", "18 Mar", "18 Mar 2026"),
        ("en-US", "Mar 18", "Mar 18, 2026"),
        ("es", "18 mar", "18 mar 2026"),
        ("pt-BR", "18 de mar.", "18 de mar. de 2026"),
    ],
)
def test_days_have_the_languages_own_form(tag: str, this_year: str, another: str) -> None:
    day = date(2026, 3, 18)
    assert language(tag).dated("", day, 2026).day == this_year
    assert language(tag).dated("", day, 2027).day == another


def test_words_come_from_the_stanza_then_the_file_then_the_catalog(ours: Catalog) -> None:
    wti = ours.instruments[0]
    spanish = language("es-VE")
    assert spanish.label(wti) == "Petróleo"
    assert spanish.label(replace(wti, translations={"es": {"label": "Crudo"}})) == "Crudo"
    assert spanish.label(replace(wti, key="other", label="Tin")) == "Tin"
    assert language("en").label(replace(wti, label="Oil")) == "Oil"
    assert spanish.group(ours.groups[0]) == "Energía"


def test_a_sentence_has_a_subject_and_an_explanation_of_the_stanza_the_file_or_the_catalog(ours: Catalog) -> None:
    wti = ours.instruments[0]
    tin = replace(wti, key="tin", name="Tin", subject="", about="")
    spanish = language("es-VE")
    assert spanish.subject(wti) == "el petróleo WTI"
    assert spanish.subject(replace(wti, translations={"es": {"subject": "el crudo"}})) == "el crudo"
    assert spanish.subject(replace(tin, subject="the tin", translations={"es": {"name": "Estaño"}})) == "Estaño"
    assert spanish.subject(replace(tin, subject="the tin")) == "the tin"
    assert spanish.subject(tin) == "Tin"
    assert language("en").subject(replace(wti, subject="oil")) == "oil"
    assert spanish.about(wti).startswith("Es el precio al contado")
    assert spanish.about(replace(wti, translations={"es": {"about": "Es crudo."}})) == "Es crudo."
    assert spanish.about(replace(tin, about="It is tin.")) == "It is tin."
    assert spanish.about(tin) == ""


@pytest.mark.parametrize(
    ("tag", "usd", "cad"),
    [
        ("en", "$1.50", "CA$1.50"),
        ("en-US", "$1.50", "CA$1.50"),
        ("en-AU", "USD\u00a01.50", "CAD\u00a01.50"),  # a plain $ is their own
        ("en-CA", "US$1.50", "CA$1.50"),
        ("es", "1,50\u00a0US$", "1,50\u00a0CAD"),
        ("es-VE", "USD\u00a01,50", "CAD\u00a01,50"),
        ("pt", "US$\u00a01,50", "CA$\u00a01,50"),
        ("pt-PT", "1,50\u00a0US$", "1,50\u00a0CA$"),
    ],
)
def test_a_dollar_is_never_another_dollar(tag: str, usd: str, cad: str) -> None:
    assert language(tag).money(Decimal("1.5"), "USD/bbl", 2) == usd
    assert language(tag).money(Decimal("1.5"), "CAD", 2) == cad


def test_a_unit_of_no_currency_follows_its_number() -> None:
    assert language("es").money(Decimal("1.5"), "puntos", 1) == "1,5\u00a0puntos"


def test_names_of_currencies_fit_into_a_sentence() -> None:
    assert [language(tag).currency("USD", 2) for tag in ("en", "es", "pt", "pt-PT")] == [
        "US dollars", "dólares estadounidenses", "dólares americanos", "dólares dos Estados Unidos",
    ]  # fmt: skip


def test_units_are_short_to_see_and_whole_to_hear() -> None:
    assert language("es").unit("USD/bbl") == "USD/barril"
    assert language("en").spoken("USD/bbl") == "US dollars per barrel"
    assert language("es").spoken("MXN") == "pesos mexicanos"
    assert language("en").spoken("USD/t") == "USD/t"


@pytest.mark.parametrize("widget", ["list", "strip", "card"])
def test_every_widget_speaks_every_language(widget: str) -> None:
    shown = snapshot()
    for tag in ("en-GB", "es-VE", "pt-PT", "pt-BR"):
        html = fragment(widget, shown, lang=tag)
        assert f'lang="{tag}"' in html
        assert ("Crude Oil" in html) == tag.startswith("en")
