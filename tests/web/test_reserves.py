"""An instrument drawn from a reserve: every answer shows that source's figures, with its decimals and its name."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import at
from tests.web.conftest import Site, site_at

VALUES = ("1.8258", "1.8301", "1.8299", "1.8344")
SHOWN = ("1.332", "1.335", "1.335", "1.338")
"""Those, divided by 1.3706."""


@pytest.fixture
def reserve(tmp_path: Path) -> Site:
    site = site_at(tmp_path, at("2026-03-19T22:00"), TICKER_SEED="none")
    for back, value in enumerate(reversed(VALUES)):
        day = date(2026, 3, 19) - timedelta(days=back)
        site.publish("boc:FXGBPCAD", day, value)
        site.publish("boc:FXUSDCAD", day, "1.3706")
    site.look_again()
    return site


ADDRESSES = (
    "/w/list?i=gbpusd", "/w/card?i=gbpusd", "/w/strip?i=gbpusd", "/w/chart?i=gbpusd", "/w/inline?i=gbpusd",
    "/i/gbpusd", "/embed/chart?i=gbpusd", "/v1/quotes/gbpusd", "/v1/quotes?i=gbpusd", "/v1/history/gbpusd",
    "/v1/history/gbpusd.csv", "/feeds/gbpusd.atom", "/mail/list?i=gbpusd", "/w/chart.json?i=gbpusd",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_the_reserves_figures_with_its_decimals(reserve: Site, address: str) -> None:
    answer = reserve.get(address)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert SHOWN[-1] in text
    assert SHOWN[-1] + "0" not in text
    assert "1.3384" not in text  # what a fourth decimal would be
    if "inline" not in address and "chart.json" not in address:
        assert "Bank of Canada" in text or "boc" in text


def test_the_catalog_says_what_an_entry_shows(reserve: Site) -> None:
    found = reserve.get("/v1/instruments").get_json()
    [pound] = [i for group in found["groups"] for i in group["instruments"] if i["key"] == "gbpusd"]
    assert pound["decimals"] == 4
    assert [(entry["source"], entry["decimals"]) for entry in pound["chain"]] == [
        ("ecb", 4),
        ("frankfurter", 4),
        ("boc", 3),
    ]
