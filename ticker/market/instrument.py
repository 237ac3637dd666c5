"""What we show: instruments, their groups, and the chain of sources each one is drawn from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ticker.errors import ConfigError

Kind = Literal["spot", "retail", "reference"]
Cadence = Literal["daily", "weekly"]
KINDS: tuple[Kind, ...] = ("spot", "retail", "reference")
CADENCES: tuple[Cadence, ...] = ("daily", "weekly")

_LINK = re.compile(r"\s*([a-z][a-z0-9]*)\s*:\s*([A-Za-z0-9_]+)\s*(?:/\s*([A-Za-z0-9_]+)\s*)?")


@dataclass(frozen=True)
class Bounds:
    """The values that are possible, both ends included."""

    low: Decimal
    high: Decimal

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"


@dataclass(frozen=True)
class Link:
    """One entry of a chain: a source and the series, or the quotient of two series, that it gives.

    Written `eia: RWTC` or `ecb: USD / GBP`.
    """

    source: str
    codes: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read the written form; ValueError where it is not one."""
        found = _LINK.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not 'source: CODE' or 'source: CODE / CODE'")
        source, *codes = found.groups()
        if codes[0] == codes[1]:
            raise ValueError(f"{text!r} divides a series by itself")
        return cls(source, tuple(code for code in codes if code))

    @property
    def formula(self) -> str | None:
        """`USD / GBP` for a cross that we calculate, None for a published figure."""
        return " / ".join(self.codes) if len(self.codes) > 1 else None

    @property
    def series(self) -> tuple[str, ...]:
        """The keys of its series, such as `ecb:USD`."""
        return tuple(f"{self.source}:{code}" for code in self.codes)


@dataclass(frozen=True)
class Instrument:
    """One line that we show. `unit` is a price unit (USD/bbl) or the currency the figure is in.

    `subject` is what a sentence calls it (`the British pound`), `about` says what the figure is; both may be empty.
    """

    key: str
    group: str
    name: str
    label: str
    detail: str
    kind: Kind
    unit: str
    decimals: int
    cadence: Cadence
    bounds: Bounds
    chain: tuple[Link, ...]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    subject: str = ""
    about: str = ""


@dataclass(frozen=True)
class Group:
    """A titled set of instruments. One that is not `default` shows only where it is asked for."""

    key: str
    label: str
    default: bool
    instruments: tuple[Instrument, ...]
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalog:
    """All groups in order, and the possible values of single series where they are known."""

    groups: tuple[Group, ...]
    series_bounds: Mapping[str, Bounds]

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument, in catalog order."""
        return tuple(i for group in self.groups for i in group.instruments)

    def get(self, key: str) -> Instrument | None:
        """The instrument of that key, if there is one."""
        return next((i for i in self.instruments if i.key == key), None)

    def codes(self, source: str) -> frozenset[str]:
        """The codes that some chain wants of a source."""
        links = (link for i in self.instruments for link in i.chain if link.source == source)
        return frozenset(code for link in links for code in link.codes)

    def require_sources(self, known: Mapping[str, Callable[[str], bool]], file: str = "") -> None:
        """ConfigError if a chain names a source that we cannot read, or a code that the source does not have.

        `known` has, for each source, whether it has a code.
        """
        where = f"{file}: " if file else ""
        for key in self.series_bounds:
            source, _, code = key.partition(":")
            if source not in known or not known[source](code):
                raise ConfigError(f"{where}[series.{source}]: {code} is of no series that we know.")
        for i in self.instruments:
            for link in i.chain:
                if link.source not in known:
                    raise ConfigError(
                        f"{where}[instruments.{i.key}]: chain names no source we know, {link.source!r}; "
                        f"there are {', '.join(sorted(known))}."
                    )
                for code in link.codes:
                    if not known[link.source](code):
                        raise ConfigError(
                            f"{where}[instruments.{i.key}]: chain names {code!r}, which {link.source} does not have."
                        )
