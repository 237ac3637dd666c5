"""The catalog: ours, an operator's own over it, and one sentence for whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ticker import catalog
from ticker.errors import ConfigError
from ticker.market.instrument import Bounds, Catalog
from ticker.sources import SOURCES

KNOWN = {key: source.known for key, source in SOURCES.items()}
GOOD = {
    "group": '"currencies"', "name": '"Euro in pounds"', "label": '"Euro"', "detail": '"EUR/GBP"',
    "kind": '"reference"', "unit": '"GBP"', "decimals": "4", "cadence": '"daily"',
    "range": '["0.5", "1.2"]', "chain": '["ecb: GBP"]',
}  # fmt: skip


def stanza(head: str = "instruments.eurgbp", **changed: str | None) -> str:
    """A good stanza, but for what a test changes or (None) leaves out."""
    fields = GOOD | changed
    return f"[{head}]\n" + "".join(f"{field} = {value}\n" for field, value in fields.items() if value is not None)


def own(folder: Path, text: str) -> Path:
    file = folder / "own.toml"
    file.write_text(text, "utf-8")
    return file


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as found:
        catalog.load(own(folder, text))
    said = str(found.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_ours_has_the_ten_of_a_newspaper_in_their_order(ours: Catalog) -> None:
    default = [i.key for group in ours.groups if group.default for i in group.instruments]
    assert default == ["wti", "brent", "gasoline", "natgas", "gbpusd", "audusd", "usdcad", "usdbrl", "usdmxn", "usdinr"]
    assert [group.key for group in ours.groups] == ["energy", "currencies", "world"]
    labels = {i.label for i in ours.instruments}
    assert labels >= {
        "Crude Oil", "US Gasoline Prices", "Natural Gas", "UK Pound", "Australia Dollar", "Canada Dollar",
        "Brazil Real", "Mexico Peso", "India Rupee",
    }  # fmt: skip


def test_ours_has_eight_or_more_of_the_world_that_are_off_by_default(ours: Catalog) -> None:
    world = next(group for group in ours.groups if group.key == "world")
    assert not world.default
    assert len(world.instruments) >= 8


def test_the_series_that_stand_beside_one() -> None:
    ours = catalog.load()
    assert ours.beside("ecb:GBP") == ("frankfurter:GBP", "boc:FXGBPCAD")
    assert ours.beside("ecb:USD") == ("frankfurter:USD", "boc:FXUSDCAD")
    assert "eia:RBRTE" in ours.beside("fred:DCOILBRENTEU")
    assert ours.beside("ecb:XXX") == ()


def test_decimals_are_those_of_the_rules(ours: Catalog) -> None:
    found = {i.key: i.decimals for group in ours.groups if group.default for i in group.instruments}
    assert found.pop("gasoline") == 3
    assert {key for key, decimals in found.items() if decimals == 2} == {"wti", "brent", "natgas"}
    assert set(found.values()) == {2, 4}


def test_every_chain_of_ours_can_be_read(ours: Catalog) -> None:
    ours.require_sources(KNOWN)


def test_every_series_of_the_ten_has_its_possible_values(ours: Catalog) -> None:
    needed = {key for g in ours.groups if g.default for i in g.instruments for link in i.chain for key in link.series}
    assert needed <= set(ours.series_bounds)
    assert Decimal("-36.98") in ours.series_bounds["eia:RWTC"]
    assert Decimal("108.56") not in ours.series_bounds["ecb:USD"]


def test_an_instrument_is_found_by_its_key(ours: Catalog) -> None:
    found = ours.get("gbpusd")
    assert found is not None
    assert found.chain[0].series == ("ecb:USD", "ecb:GBP")
    assert ours.get("nothing") is None
    assert ours.codes("eia") == {"RWTC", "RBRTE", "RNGWHHD", "EMM_EPMR_PTE_NUS_DPG"}


def test_a_stanza_of_their_own_is_one_more_instrument(tmp_path: Path) -> None:
    ours, theirs = catalog.load(), catalog.load(own(tmp_path, stanza()))
    assert [i.key for i in theirs.instruments if i not in ours.instruments] == ["eurgbp"]
    assert len(theirs.instruments) == len(ours.instruments) + 1
    theirs.require_sources(KNOWN)


def test_a_stanza_of_the_same_key_replaces_ours_in_its_place(tmp_path: Path, ours: Catalog) -> None:
    text = stanza("instruments.gbpusd", label='"Sterling"', chain='["ecb: USD / GBP"]', unit='"USD"')
    theirs = catalog.load(own(tmp_path, text))
    assert [i.key for i in theirs.instruments] == [i.key for i in ours.instruments]
    found = theirs.get("gbpusd")
    assert found is not None
    assert (found.label, found.name) == ("Sterling", "Euro in pounds")


def test_hide_takes_an_instrument_away(tmp_path: Path, ours: Catalog) -> None:
    theirs = catalog.load(own(tmp_path, "[instruments.brent]\nhide = true\n"))
    assert {i.key for i in ours.instruments} - {i.key for i in theirs.instruments} == {"brent"}


def test_a_group_of_their_own_and_one_of_ours_off(tmp_path: Path) -> None:
    text = '[groups.mine]\nlabel = "Mine"\n[groups.energy]\nlabel = "Fuel"\ndefault = false\n' + stanza(group='"mine"')
    theirs = {group.key: group for group in catalog.load(own(tmp_path, text)).groups}
    assert [i.key for i in theirs["mine"].instruments] == ["eurgbp"]
    assert (theirs["energy"].label, theirs["energy"].default) == ("Fuel", False)
    assert theirs["mine"].default


def test_ranges_of_series_are_laid_over_ours(tmp_path: Path, ours: Catalog) -> None:
    theirs = catalog.load(own(tmp_path, '[series.ecb]\nUSD = ["0.5", "3"]\n[series.boc]\nFXUSDCAD = ["1", "2"]\n'))
    assert theirs.series_bounds["ecb:USD"] == Bounds(Decimal("0.5"), Decimal(3))
    assert theirs.series_bounds["boc:FXUSDCAD"] == Bounds(Decimal(1), Decimal(2))
    assert theirs.series_bounds["ecb:GBP"] == ours.series_bounds["ecb:GBP"]


def test_their_words_in_other_languages_come_along(tmp_path: Path) -> None:
    theirs = catalog.load(own(tmp_path, stanza(es='{ label = "Euro", detail = "EUR/GBP" }')))
    found = theirs.get("eurgbp")
    assert found is not None
    assert found.translations["es"]["label"] == "Euro"


def test_a_subject_and_an_explanation_are_theirs_to_give(tmp_path: Path, ours: Catalog) -> None:
    said = stanza(subject='"the euro"', about='"It is the euro."', es='{ subject = "el euro", about = "Es el euro." }')
    found = catalog.load(own(tmp_path, said)).get("eurgbp")
    assert found is not None
    assert (found.subject, found.about) == ("the euro", "It is the euro.")
    assert found.translations["es"] == {"subject": "el euro", "about": "Es el euro."}
    without = catalog.load(own(tmp_path, stanza())).get("eurgbp")
    assert without is not None
    assert (without.subject, without.about) == ("", "")
    assert all(i.subject for i in ours.instruments)
    assert {i.key for i in ours.instruments if i.about} == {"wti", "brent", "gasoline", "natgas"}


@pytest.mark.parametrize("field", list(GOOD))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    left_out: dict[str, str | None] = {field: None}
    said = wrong(tmp_path, stanza("instruments.eurgbp", **left_out))
    assert said.startswith(f"{tmp_path / 'own.toml'}: [instruments.eurgbp]: {field} ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("group", '"nowhere"'), ("group", "3"), ("name", '""'), ("name", '"  "'), ("name", f'"{"x" * 81}"'),
        ("name", "1"), ("label", f'"{"x" * 41}"'), ("label", "true"), ("detail", "[]"), ("kind", '"futures"'),
        ("kind", '["spot"]'), ("unit", '"a unit that is too long"'), ("unit", "{ a = 1 }"), ("decimals", '"2"'),
        ("decimals", "2.0"), ("decimals", "-1"), ("decimals", "9"), ("decimals", "true"), ("cadence", '"hourly"'),
        ("range", "[0.5, 2.0]"), ("range", "[1, 2]"), ("range", "[true, 5]"), ("range", '["2", "1"]'),
        ("range", '["1", "1"]'), ("range", '["1"]'), ("range", '["1", "2", "3"]'), ("range", '["a", "b"]'),
        ("range", '["nan", "1"]'),
        ("range", '["0", "inf"]'), ("range", '["sNaN", "1"]'), ("range", '"0 to 1"'),
        ("range", '[["0"], "1"]'), ("range", "[]"), ("range", '{ low = "1", high = "2" }'), ("range", '["0,5", "1,2"]'),
        ("chain", "[]"), ("chain", '"ecb: GBP"'), ("chain", "[1]"), ("chain", '["GBP"]'),
        ("chain", '["ecb: USD / GBP / INR"]'), ("chain", '["ECB: GBP"]'), ("chain", '["ecb: "]'),
        ("subject", '""'), ("subject", f'"{"x" * 81}"'), ("subject", "1"), ("about", '" "'),
        ("about", f'"{"x" * 601}"'), ("about", "[]"), ("colour", '"red"'), ("hide", "true"), ("hide", "false"),
        ("es", '"Euro"'),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_its_file_and_stanza(tmp_path: Path, field: str, value: str) -> None:
    said = wrong(tmp_path, stanza(**{field: value}))
    assert said.startswith(f"{tmp_path / 'own.toml'}: [instruments.eurgbp]: {field} ")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (stanza("instruments.EURGBP"), "[instruments.EURGBP]: key must be"),
        (stanza("instruments.1eur"), "[instruments.1eur]: key must be"),
        (stanza(f"instruments.{'x' * 33}"), f"[instruments.{'x' * 33}]: key must be"),
        (stanza("instruments.eur-gbp"), "[instruments.eur-gbp]: key must be"),
        (stanza("instruments.energy"), "[instruments.energy]: key is the key of a group too"),
        (stanza(es='{ label = "" }'), "[instruments.eurgbp]: es.label must be a text"),
        (stanza(es='{ unit = "x" }'), "[instruments.eurgbp]: es.unit must be a text"),
        ("[groups.mine]\ndefault = true\n", "[groups.mine]: label is missing"),
        ('[groups.mine]\nlabel = "M"\ndefault = "no"\n', "[groups.mine]: default must be true or false"),
        ('[groups.mine]\nlabel = "M"\ncolour = "red"\n', "[groups.mine]: colour is not a field"),
        ('[groups.MINE]\nlabel = "M"\n', "[groups.MINE]: key must be"),
        ('[groups.wti]\nlabel = "M"\n', "key is the key of a group too"),
        ('[series.ecb]\nUSD = ["2", "1"]\n', "[series.ecb]: USD must be two numbers"),
        ("[series.mine]\nABC = 7\n", "[series.mine]: ABC must be two numbers"),
        ("[instrument.wti]\n", "[instrument] is not a table of the catalog"),
        ("hide = true\n", "[hide] is not a table of the catalog"),
        ("instruments = 3\n", "[instruments] must hold stanzas"),
        ("[instruments]\nwti = 3\n", "[instruments] must hold stanzas"),
        ("[[instruments]]\nkey = 'wti'\n", "[instruments] must hold stanzas"),
        ("[instruments.wti\n", "the catalog is not TOML"),
        (stanza() + stanza(), "the catalog is not TOML"),
    ],
)
def test_other_mistakes_are_one_sentence(tmp_path: Path, text: str, start: str) -> None:
    said = wrong(tmp_path, text)
    assert start in said
    assert said.startswith((f"{tmp_path / 'own.toml'}: ", f"{catalog.OURS}: ")), said


def test_a_range_of_ours_is_not_blamed_on_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tmp_path / "ours.toml"
    text = catalog.OURS.read_text("utf-8").replace('GBP = ["0.5", "1.2"]', 'GBP = ["5", "1.2"]')
    ours.write_text(text, "utf-8")
    monkeypatch.setattr(catalog, "OURS", ours)
    assert wrong(tmp_path, '[series.ecb]\nUSD = ["0.5", "3"]\n').startswith(f"{ours}: [series.ecb]: GBP ")


@pytest.mark.parametrize("make", [lambda file: None, lambda file: file.mkdir()], ids=["absent", "a folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, make: Callable[[Path], None]) -> None:
    file = tmp_path / "own.toml"
    make(file)
    with pytest.raises(ConfigError, match="the catalog cannot be read") as found:
        catalog.load(file)
    assert str(file) in str(found.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes('[groups.x]\nlabel = "\xe9"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match="is not TOML"):
        catalog.load(file)


def test_a_catalog_with_everything_hidden_is_refused(tmp_path: Path, ours: Catalog) -> None:
    text = "".join(f"[instruments.{i.key}]\nhide = true\n" for i in ours.instruments)
    assert "the catalog has no instruments" in wrong(tmp_path, text)


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        ('["nope: GBP"]', "'nope'; there are boc, ecb, eia, eiaapi,"),
        ('["eia: NOPE"]', "'NOPE', which eia does not have"),
        ('["ecb: USD / pound"]', "'pound', which ecb does not have"),
        ('["ecb: GBP", "eia: RWTCD"]', "'RWTCD', which eia does not have"),
    ],
)
def test_a_chain_that_nobody_can_read_stops_the_start(tmp_path: Path, chain: str, said: str) -> None:
    theirs = catalog.load(own(tmp_path, stanza(chain=chain)))
    with pytest.raises(ConfigError) as alone:
        theirs.require_sources(KNOWN)
    assert str(alone.value).startswith("[instruments.eurgbp]: chain ")
    assert said in str(alone.value)
    with pytest.raises(ConfigError, match=r"^own\.toml: \[instruments\.eurgbp\]: chain "):
        theirs.require_sources(KNOWN, "own.toml")


def test_trap_10_no_chain_has_spot_beside_futures_and_the_label_says_which() -> None:
    """The sources that we have print spot prices and a retail survey; none prints futures or wholesale gasoline."""
    spot = {"RWTC", "RBRTE", "RNGWHHD", "DCOILWTICO", "DCOILBRENTEU", "DHHNGSP"}
    retail = {"EMM_EPMR_PTE_NUS_DPG", "GASREGW"}
    for i in catalog.load().instruments:
        codes = {code for link in i.chain for code in link.codes}
        if i.group == "energy":
            assert codes <= (spot if i.kind == "spot" else retail)
            assert i.kind in i.detail
