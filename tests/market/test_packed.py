"""Series kept as text: the same figures, to the digit; and the newest of a line without working out the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ticker import catalog
from ticker.market.figures import drawn, newest
from ticker.market.instrument import Bounds
from ticker.market.observation import Observation, Packed, Series, Standing

_VALUES = st.decimals(-1000, 1000, places=4, allow_nan=False) | st.sampled_from(
    [Decimal("0.85620"), Decimal(0), Decimal("0E-9"), Decimal("1E+3"), Decimal(1) / 7]
)
_SERIES = st.dictionaries(
    st.dates(date(2026, 1, 1), date(2026, 2, 28)), st.tuples(_VALUES, st.sampled_from(Standing)), max_size=40
).map(lambda found: tuple(Observation(day, *found[day]) for day in sorted(found)))


@given(series=_SERIES, at=st.slices(40))
def test_a_packed_series_is_the_series_to_the_digit(series: Series, at: slice) -> None:
    found = Packed.of(series)
    assert [str(o) for o in found] == [str(o) for o in series]
    assert (len(found), bool(found), found[at]) == (len(series), bool(series), series[at])
    assert found == series == found
    assert found == Packed.of(series)
    assert hash(found) == hash(Packed.of(series))
    assert [found[n] for n in range(len(series))] == list(series)


def test_series_that_differ_are_not_equal_and_a_zero_more_is_no_difference() -> None:
    one = Packed.of((Observation(date(2026, 3, 17), Decimal("1.10")),))
    assert one == Packed.of((Observation(date(2026, 3, 17), Decimal("1.1")),))
    assert one != Packed.of((Observation(date(2026, 3, 18), Decimal("1.10")),))
    assert one != Packed.of((Observation(date(2026, 3, 17), Decimal("1.10"), Standing.EARLY),))
    assert one != [Observation(date(2026, 3, 17), Decimal("1.10"))]
    assert one != Packed.of(())


@given(first=_SERIES, second=st.none() | _SERIES, most=st.integers(1, 3))
def test_the_newest_of_a_line_are_its_last_whether_or_not_the_rest_is_worked_out(
    first: Series, second: Series | None, most: int
) -> None:
    instrument = replace(catalog.load().instruments[0], bounds=Bounds(Decimal("-0.5"), Decimal(500)))
    series = [Packed.of(one) for one in (first, second) if one is not None]
    assert newest(instrument, series, most) == drawn(instrument, series)[-most:]
