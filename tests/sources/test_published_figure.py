"""A published figure: its digits exactly, or none, or a refusal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticker.errors import Malformed
from ticker.sources.source import MISSING, figure, series

FIGURE = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")


@settings(deadline=None)
@given(st.from_regex(r"\A-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,7})?\Z"), st.sampled_from(["", " ", "\n", "\t "]))
def test_the_digits_are_those_that_were_published(text: str, around: str) -> None:
    found = figure(around + text + around)
    assert found is not None
    assert f"{found:f}" == text


@settings(deadline=None)
@given(st.text(alphabet="0123456789.-+,eE_ xN/A\u0663\uff11\u2212\u00a0%", max_size=18) | st.text(max_size=12))
def test_anything_else_is_refused_or_none(text: str) -> None:
    bare = text.strip()
    if bare in MISSING:
        assert figure(text) is None
    elif FIGURE.fullmatch(bare) and len(re.sub(r"\D", "", bare)) <= 15:
        assert figure(text) == Decimal(bare)
    else:
        with pytest.raises(Malformed):
            figure(text)


@pytest.mark.parametrize(
    "text",
    [
        "1,234.56", "1.234,56", "1,2", "1e5", "1E-7", "+1.5", "--1", "1-", "1.2.3", "5.", "-.", "Infinity", "-inf",
        "0x10", "1_000", "1 000", "\u0661", "\u22121.5", "1.5%", "$1.5", "1" * 16, "nan", "sNaN", "true", "=1+1",
    ],
)  # fmt: skip
def test_what_is_no_figure(text: str) -> None:
    with pytest.raises(Malformed):
        figure(text)


@pytest.mark.parametrize("word", sorted(MISSING))
def test_trap_28_words_for_none_are_never_zero(word: str) -> None:
    assert figure(f" {word} ") is None


def test_trap_22_and_28_a_series_is_ascending_and_lacks_the_days_without_a_figure() -> None:
    rows = {date(2026, 1, 3): Decimal(3), date(2026, 1, 2): None, date(2026, 1, 1): Decimal(0)}
    assert [(o.day.day, o.value) for o in series(rows)] == [(1, Decimal(0)), (3, Decimal(3))]
