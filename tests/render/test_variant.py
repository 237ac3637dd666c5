from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticker import catalog
from ticker.errors import BadParameter
from ticker.market.instrument import Catalog
from ticker.render.variant import CHOICES, WIDGETS, Variant, parse_variant

OURS = catalog.load()
ENERGY = ("wti", "brent", "gasoline", "natgas")
NAMES = [i.key for i in OURS.instruments] + [group.key for group in OURS.groups]


def parsed(widget: str = "list", args: Mapping[str, str] | None = None) -> Variant:
    return parse_variant(widget, args or {}, OURS)


def test_the_defaults() -> None:
    currencies = ("gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr")
    assert parsed() == Variant("list", ENERGY + currencies)
    assert parsed("strip").instruments == ENERGY + currencies
    assert parsed("card").instruments == ("wti",)


def test_groups_are_expanded_order_is_kept_and_duplicates_are_dropped() -> None:
    assert parsed(args={"i": "natgas,energy,usdmxn, wti"}).instruments == (
        "natgas",
        "wti",
        "brent",
        "gasoline",
        "usdmxn",
    )


def test_unknown_parameters_and_those_a_widget_has_no_use_for_make_no_new_variant() -> None:
    assert parsed(args={"utm_source": "x", "scale": "9"}) == parsed()
    assert parsed("strip", {"spark": "0"}) == parsed("strip")
    assert parsed("list", {"spark": "0"}) != parsed("list")


@pytest.mark.parametrize(
    ("args", "allowed"),
    [
        ({"i": "gold"}, "groups energy, currencies, world; instruments wti, brent"),
        ({"i": ""}, "groups energy"),
        ({"i": "wti,"}, "groups energy"),
        ({"i": "WTI"}, "groups energy"),
        ({"i": "<script>"}, "groups energy"),
        ({"lang": "xx"}, "en, es, pt"),
        ({"theme": "blue"}, "auto, light, dark"),
        ({"up": "GREEN"}, "green, red"),
        ({"spark": "yes"}, "1, 0"),
        ({"style": ""}, "1, 0"),
    ],
)
@pytest.mark.parametrize("widget", WIDGETS)
def test_a_wrong_value_is_refused_by_every_widget_and_what_is_allowed_is_said(
    widget: str, args: dict[str, str], allowed: str
) -> None:
    with pytest.raises(BadParameter, match=allowed) as wrong:
        parsed(widget, args)
    assert wrong.value.name in args


def test_an_unknown_widget_is_refused_by_that_name() -> None:
    with pytest.raises(BadParameter, match="strip, list, card") as wrong:
        parsed("marquee")
    assert wrong.value.name == "widget"


def test_at_most_twenty_instruments() -> None:
    many = replace(OURS.groups[0], instruments=tuple(replace(OURS.instruments[0], key=f"i{n}") for n in range(21)))
    large = Catalog((many,), {})
    with pytest.raises(BadParameter, match="1 to 20 instruments, and these are 21"):
        parse_variant("list", {"i": "energy"}, large)
    assert len(parse_variant("list", {}, large).instruments) == 20
    assert parse_variant("card", {}, large).instruments == ("i0",)


@given(
    st.sampled_from(sorted(WIDGETS)),
    st.fixed_dictionaries(
        {},
        optional={name: st.sampled_from(allowed) for name, allowed in CHOICES.items()}
        | {"i": st.lists(st.sampled_from(NAMES), min_size=1).map(",".join)}
        | {"lang": st.sampled_from(["EN", "es-ve", "pt-BR"])},
    ),
)
def test_the_canonical_query_means_the_same_and_is_its_own_canonical_form(widget: str, args: dict[str, str]) -> None:
    named = parsed("list", {"i": args["i"]} if "i" in args else {}).instruments
    if "i" in args and len(named) > WIDGETS[widget].most:
        with pytest.raises(BadParameter, match=r"1 to 3 instruments|one instrument"):
            parsed(widget, args)
        return
    variant = parsed(widget, args)
    again = parsed(widget, dict(parse_qsl(variant.query(), strict_parsing=True)))
    assert again == variant
    assert again.query() == variant.query()
    assert hash(again) == hash(variant)


def test_the_canonical_query_is_short() -> None:
    assert parsed("card", {"theme": "auto", "lang": "en"}).query() == "i=wti"
    said = {"i": "wti,brent", "lang": "ES-ve", "theme": "dark", "style": "0"}
    assert parsed("list", said).query() == "i=wti,brent&lang=es-VE&theme=dark&style=0"
