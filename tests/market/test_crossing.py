from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from ticker.market.crossing import Levels, crossings
from ticker.market.observation import Observation, Series

DAY = date(2026, 3, 2)
cents = st.integers(-30, 30).map(lambda n: Decimal(n) / 10)  # few values: figures often equal a level


def line(*values: Decimal) -> Series:
    return tuple(Observation(DAY + timedelta(days=n), value) for n, value in enumerate(values))


def starts(sides: list[bool]) -> list[int]:
    """Where a run of true begins that is not the line's own beginning."""
    found, at = [], 0
    for side, run in groupby(sides):
        if side and at:
            found.append(at)
        at += len(list(run))
    return found


@given(st.lists(cents, max_size=40), cents, cents)
def test_crossings_are_where_the_line_begins_to_be_beyond_a_level(
    values: list[Decimal], above: Decimal, below: Decimal
) -> None:
    over, under = starts([v > above for v in values]), starts([v < below for v in values])
    assert crossings(line(*values), Levels(above=above)) == [(n, "above", above) for n in over]
    assert crossings(line(*values), Levels(below=below)) == [(n, "below", below) for n in under]
    both = crossings(line(*values), Levels(above, below))
    assert both == sorted([(n, "above", above) for n in over] + [(n, "below", below) for n in under])
    assert len({n for n, _, _ in both}) == len(both)


def test_a_figure_that_equals_the_level_is_on_neither_side() -> None:
    level = Decimal(100)
    found = line(*map(Decimal, ("99", "100", "101", "100", "99", "100.00", "99")))
    assert [(n, way) for n, way, _ in crossings(found, Levels(level, level))] == [
        (2, "above"),
        (4, "below"),
        (6, "below"),
    ]


def test_the_first_figure_crosses_nothing_and_no_level_is_never_crossed() -> None:
    assert crossings(line(Decimal(5)), Levels(above=Decimal(1))) == []
    assert crossings(line(Decimal(1), Decimal(5)), Levels()) == []
    assert not Levels()
    assert Levels(below=Decimal(0))
