"""False alarms: all real figures, each arriving on its own day, and how many of them would be held back."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from tests.ingest.door import Door
from tests.market.history import EIA_CODES, observations, worlds
from ticker.market.instrument import Catalog
from ticker.market.observation import Series

pytestmark = [pytest.mark.replay, pytest.mark.slow]

_KNOWN = 400  # figures on record before each, as the guards read them
MOST = {"RWTC": 5, "RBRTE": 6, "RNGWHHD": 13, "EMM_EPMR_PTE_NUS_DPG": 1, "GBP": 0, "USD": 1, "BRL": 1, "INR": 0}


def real(code: str) -> Series:
    if code in EIA_CODES:
        rows = [(str(day), value) for day, value in sorted(worlds().series(code).items()) if value]
    else:
        rows = [(str(day), row[code]) for day, row in worlds()._ecb()[1] if row.get(code, "N/A") not in ("", "N/A")]
    return observations(*rows)


@pytest.mark.parametrize("code", MOST)
def test_trap_02_all_history_holds_few_figures_and_none_for_good(
    ours: Catalog, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, source = real(code), "eia" if code in EIA_CODES else "ecb"
    held: Counter[str] = Counter()
    years: Counter[int] = Counter()
    for at in range(60, len(figures)):
        o, known = figures[at], figures[max(0, at - _KNOWN) : at]
        for _, day, rule in Door(ours, source, {f"{source}:{code}": known}, today=o.day).held(**{code: (o,)}):
            held[rule] += 1
            years[int(day[:4])] += rule == "jump"
    with capsys.disabled():
        sys.stdout.write(f"\n{code}: of {len(figures)} figures since {figures[0].day} held {dict(held)} ")
    assert set(held) <= {"jump", "holiday"}  # what is out of range or in another unit is never a true figure
    assert held["jump"] <= MOST[code]
    assert max(years.values(), default=0) <= 4
