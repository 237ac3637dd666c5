"""Observations: published figures, as their source printed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import overload


class Standing(IntEnum):
    """How firm a figure is. A firmer document replaces a less firm one, never the other way."""

    SEED = 0  # from the release's own seed, until the source has been read once
    EARLY = 1  # printed ahead of the source's own record, such as EIA's morning page
    FINAL = 2  # the source's record; may still be revised by that source


_STANDINGS = tuple(Standing)


@dataclass(frozen=True, slots=True)
class Observation:
    """One figure of a series: the day it is for, and its value with the digits as published."""

    day: date
    value: Decimal
    standing: Standing = Standing.FINAL


Series = tuple[Observation, ...]  # ascending by day, one for a day
Figures = Mapping[str, Sequence[Observation]]  # such series, by their keys: `ecb:GBP`


class Packed(Sequence[Observation]):
    """A series in a tenth of the room: a line of text an observation, which is read when somebody looks at it.

    A slice is a tuple. It equals the same series, packed or not.
    """

    __slots__ = ("_text",)

    def __init__(self, rows: Iterable[tuple[object, object, int]]) -> None:
        """Of days, values and standings, ascending by day; days and values as they read in ISO and in digits."""
        self._text = "\n".join([f"{day} {value} {standing}" for day, value, standing in rows])

    @classmethod
    def of(cls, series: Iterable[Observation]) -> Packed:
        """The same series, packed."""
        return cls((o.day, o.value, o.standing.value) for o in series)

    def __len__(self) -> int:
        return self._text.count("\n") + 1 if self._text else 0

    def __iter__(self) -> Iterator[Observation]:
        return map(_unpacked, self._text.splitlines())

    @overload
    def __getitem__(self, at: int) -> Observation: ...
    @overload
    def __getitem__(self, at: slice) -> Series: ...
    def __getitem__(self, at: int | slice) -> Observation | Series:
        found = self._text.splitlines()[at]
        return _unpacked(found) if isinstance(found, str) else tuple(map(_unpacked, found))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Packed) and self._text == other._text:
            return True
        return tuple(self) == tuple(other) if isinstance(other, (Packed, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))


def _unpacked(row: str) -> Observation:
    day, value, standing = row.split(" ")
    return Observation(date.fromisoformat(day), Decimal(value), _STANDINGS[int(standing)])
