from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticker import catalog
from ticker.errors import BadParameter
from ticker.render.choice import EDITS, GROUNDS, WIDTHS, Choice, edited, expanded, parse_choice
from ticker.render.forms import FORMS, forms_of
from ticker.render.offers import items_of, offers_of, options_of, plain
from ticker.render.variant import CHOICES, WIDGETS, parse_variant

OURS = catalog.load()
NAMES = [i.key for i in OURS.instruments] + [group.key for group in OURS.groups]
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "widget": st.sampled_from(sorted(WIDGETS)),
        "form": st.sampled_from(sorted(FORMS)),
        "i": st.lists(st.sampled_from(NAMES), max_size=4).map(",".join),
        "lang": st.sampled_from(["en", "es-VE", "pt-BR"]),
        "width": st.sampled_from(WIDTHS),
        "ground": st.sampled_from(GROUNDS),
        **{name: st.sampled_from(allowed) for name, allowed in CHOICES.items()},
    },
)
EDITED = st.tuples(st.sampled_from(EDITS), st.sampled_from(NAMES)).map(":".join)


def chosen(**args: str) -> Choice:
    return parse_choice(args, OURS)


def after(edit: str, **args: str) -> tuple[str, ...]:
    return edited({**args, "edit": edit}, OURS).items


@given(QUERIES)
def test_a_choice_is_its_address(args: dict[str, str]) -> None:
    choice = edited(args, OURS)
    assert parse_choice(dict(parse_qsl(choice.query())), OURS) == choice
    assert parse_variant(choice.variant.widget, dict(parse_qsl(choice.widget_query())), OURS) == choice.variant
    assert choice.form in forms_of(choice.variant.widget)


@given(QUERIES, EDITED)
def test_whatever_is_edited_can_be_shown(args: dict[str, str], edit: str) -> None:
    before = edited(args, OURS)
    verb, _, key = edit.partition(":")
    said = dict(parse_qsl(before.query())) | {"edit": edit}
    if verb != "add" and key not in before.items:
        with pytest.raises(BadParameter):
            edited(said, OURS)
        return
    now = edited(said, OURS)
    assert 1 <= len(now.variant.instruments) <= WIDGETS[now.variant.widget].most
    assert expanded(now.items, OURS) == now.variant.instruments
    if verb in ("earlier", "later"):
        assert sorted(now.items) == sorted(before.items)


def test_what_is_shown_first_has_the_shortest_address() -> None:
    assert chosen().query() == ""
    assert chosen(i="", form="element", theme="auto").query() == ""
    assert chosen(i="energy,currencies").query() == ""
    assert chosen().items == ("energy", "currencies")
    assert chosen(widget="card").query() == "widget=card"
    assert chosen(i="energy, gbpusd", lang="ES").query() == "i=energy,gbpusd&lang=es"


def test_items_are_moved_opened_added_and_removed() -> None:
    assert after("later:energy") == ("currencies", "energy")
    assert after("earlier:energy") == ("energy", "currencies")
    assert after("later:currencies") == ("energy", "currencies")
    assert after("open:energy", i="gbpusd,energy") == ("gbpusd", "wti", "brent", "gasoline", "natgas")
    assert after("add:eurusd", i="wti") == ("wti", "eurusd")
    assert after("remove:wti", i="wti,energy") == ("energy",)
    assert after("remove:wti", i="wti") == ("wti",)  # the last one stays
    assert after("add:brent", widget="inline") == ("brent",)  # where there is one, another takes its place


def test_another_widget_keeps_as_many_as_it_takes_and_a_form_it_comes_in() -> None:
    assert edited({"widget": "chart", "i": "energy,currencies"}, OURS).items == ("wti", "brent", "gasoline")
    assert edited({"widget": "chart", "i": ""}, OURS).items == ("wti",)
    assert edited({"widget": "inline", "form": "frame"}, OURS).form == "element"


def test_a_theme_has_its_own_ground_and_a_form_takes_what_it_can_use() -> None:
    assert chosen(theme="dark").ground == "dark"
    assert chosen(theme="dark", ground="light").query() == "theme=dark"
    assert chosen(style="0", spark="0").parameters() == {"i": "energy,currencies", "spark": "0"}
    assert chosen(style="0", form="ssi").parameters() == {"i": "energy,currencies", "style": "0"}


@pytest.mark.parametrize(
    ("args", "allowed"),
    [
        ({"widget": "tape"}, "strip, list, card, chart, inline"),
        ({"form": "applet"}, "element, frame"),
        ({"width": "301"}, "300, 360, 640"),
        ({"ground": "grey"}, "light, dark"),
        ({"style": "2"}, "1, 0"),  # though the element has no use for it
        ({"i": "gold"}, "instruments wti"),
        ({"edit": "paint:wti"}, "add, remove"),
        ({"edit": "remove:wti"}, "that is chosen"),
        ({"edit": "add:gold"}, "instruments wti"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(args: dict[str, str], allowed: str) -> None:
    with pytest.raises(BadParameter, match=allowed):
        edited(args, OURS)


def test_an_address_with_a_form_that_the_widget_does_not_come_in_is_refused() -> None:
    with pytest.raises(BadParameter, match="Allowed: element, feed, json"):
        chosen(widget="inline", form="frame")


def test_what_is_offered_is_what_is_not_there_and_has_room() -> None:
    offered = {item.key for item in offers_of(chosen(), OURS)}
    assert "world" in offered
    assert not offered & {"energy", "wti", "currencies"}
    assert [item.key for item in items_of(chosen(i="usdinr,world"), OURS)] == ["usdinr", "world"]
    assert not {"energy", "currencies"} & {item.key for item in offers_of(chosen(widget="chart"), OURS)}
    assert offers_of(chosen(widget="chart", i="wti,brent,natgas"), OURS) == []
    assert "brent" in {item.key for item in offers_of(chosen(widget="inline"), OURS)}


def test_a_search_forgives_accents_and_capitals() -> None:
    found = {item.key for item in offers_of(chosen(i="wti"), OURS, plain("  GÁS ")) if item.found}
    assert {"gasoline", "natgas"} <= found
    assert "usdinr" not in found


def test_options_are_those_that_widget_and_form_heed() -> None:
    variant = chosen(lang="es-BO").variant
    options = {option.name: option for option in options_of(variant, {"theme", "spark"})}
    assert list(options) == ["lang", "theme", "spark"]
    assert dict(options["lang"].values)["es-BO"] == "español (Bolivia)"
    assert options["spark"].value == "1"
