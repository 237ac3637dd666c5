"""Figures a reader can add up: rounding, crosses, change and percent. Exact decimal arithmetic throughout."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from ticker.market.instrument import Instrument, Link
from ticker.market.observation import Figures, Observation, Series

_LAST = 8
Direction = Literal["up", "down", "flat"]

_EXACT = Context(prec=60)
_STEPS = tuple(Decimal(1).scaleb(-decimals) for decimals in range(16))


def rounded(value: Decimal, decimals: int) -> Decimal:
    """The value with exactly that many decimals, half-even; a zero carries no sign."""
    shown = value.quantize(_STEPS[decimals], ROUND_HALF_EVEN, _EXACT)
    return abs(shown) if shown == 0 else shown


def quotient(numerator: Decimal, denominator: Decimal, decimals: int) -> Decimal:
    """Divide, rounded half-even to that many decimals.

    Sixty digits are as good as exact here: two figures of at most fifteen digits cannot come nearer to a tie.
    """
    return rounded(_EXACT.divide(numerator, denominator), decimals)


def percent(value: Decimal, previous: Decimal) -> Decimal | None:
    """Change in percent of `previous`, two decimals; None where either is zero or less."""
    if value <= 0 or previous <= 0:
        return None
    return quotient((value - previous) * 100, previous, 2)


def direction(change: Decimal) -> Direction:
    """The word for a change."""
    return "up" if change > 0 else "down" if change < 0 else "flat"


def line(instrument: Instrument, link: Link, figures: Figures) -> Series:
    """The instrument's own series, as shown, drawn from one link of its chain.

    A cross has the days that both of its series have. What lies outside the instrument's possible values is left out.
    """
    return drawn(instrument.drawn_from(link), [figures.get(key, ()) for key in link.series])


def drawn(instrument: Instrument, series: Sequence[Sequence[Observation]]) -> Series:
    """The same of the one series, or of the two of a cross, as they stand; with the instrument's own decimals."""
    first, *rest = series
    shown = _crossed(first, rest[0], instrument.decimals) if rest else _rounded(first, instrument.decimals)
    return tuple(o for o in shown if o.value in instrument.bounds)


def newest(instrument: Instrument, series: Sequence[Sequence[Observation]], most: int) -> Series:
    """The last observations of what is `drawn` of these series, `most` of them.

    They mostly come from the last figures, and the others are then not worked out.
    """
    found = drawn(instrument, [one[-_LAST:] for one in series])
    return (found if len(found) >= most else drawn(instrument, series))[-most:]


def _rounded(series: Sequence[Observation], decimals: int) -> Series:
    return tuple(Observation(o.day, rounded(o.value, decimals), o.standing) for o in series)


def _crossed(numerator: Sequence[Observation], denominator: Sequence[Observation], decimals: int) -> Series:
    below = {o.day: o for o in denominator if o.value}
    return tuple(
        Observation(o.day, quotient(o.value, d.value, decimals), min(o.standing, d.standing))
        for o in numerator
        if (d := below.get(o.day))
    )
