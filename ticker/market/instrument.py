"""What we show: instruments, their groups, and the chain of sources each one is drawn from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Literal

from ticker.errors import ConfigError

Kind = Literal["spot", "retail", "reference"]
Cadence = Literal["daily", "weekly"]
KINDS: tuple[Kind, ...] = ("spot", "retail", "reference")
CADENCES: tuple[Cadence, ...] = ("daily", "weekly")

_LINK = re.compile(r"\s*([a-z][a-z0-9]*)\s*:\s*(\w+)\s*(?:/\s*(\w+)\s*)?(?:,\s*([0-8])\s+decimals?\s*)?", re.ASCII)


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

    Written `eia: RWTC` or `ecb: USD / GBP`; `boc: FXUSDCAD / FXINRCAD, 1 decimal` where the source prints so few
    digits that the instrument's own decimals would be made up.
    """

    source: str
    codes: tuple[str, ...]
    decimals: int | None = None

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read the written form; ValueError where it is not one."""
        found = _LINK.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not 'source: CODE' or 'source: CODE / CODE', with or without ', 2 decimals'")
        source, *codes, decimals = found.groups()
        if codes[0] == codes[1]:
            raise ValueError(f"{text!r} divides a series by itself")
        return cls(source, tuple(code for code in codes if code), None if decimals is None else int(decimals))

    @property
    def entry(self) -> str:
        """The source and series as they are written in a chain: `ecb: USD / GBP`."""
        return f"{self.source}: {' / '.join(self.codes)}"

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

    def drawn_from(self, link: Link) -> Instrument:
        """The instrument as one entry of its chain shows it: with that entry's decimals, where they are fewer."""
        return self if link.decimals is None else replace(self, decimals=min(link.decimals, self.decimals))

    def only(self, sources: Collection[str]) -> Instrument:
        """The instrument without the entries of other sources."""
        return replace(self, chain=tuple(link for link in self.chain if link.source in sources))


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

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Every instrument, in catalog order."""
        return tuple(i for group in self.groups for i in group.instruments)

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of the instruments that a name stands for: those of a group, or that of the instrument itself."""
        groups = {group.key: tuple(i.key for i in group.instruments) for group in self.groups}
        return groups | {i.key: (i.key,) for i in self.instruments}

    @cached_property
    def _by_key(self) -> Mapping[str, Instrument]:
        return {i.key: i for i in self.instruments}

    @cached_property
    def series(self) -> tuple[str, ...]:
        """The keys of every series that some chain wants, in alphabetical order."""
        return tuple(sorted({key for i in self.instruments for link in i.chain for key in link.series}))

    def beside(self, series: str) -> tuple[str, ...]:
        """For each other source of the instruments drawn from a series: its series for the same, if it has one.

        Of a cross's two it is the one that the fewest other instruments need.
        """
        drawn = [i for i in self.instruments if any(series in link.series for link in i.chain)]
        uses = Counter(key for i in self.instruments for link in i.chain for key in link.series)
        links = [link for i in drawn for link in i.chain if series not in link.series]
        found = []
        for source in dict.fromkeys(link.source for link in links):
            shared = set.intersection(*(set(link.series) for link in links if link.source == source))
            found += sorted(shared, key=lambda key: (uses[key], key))[:1]
        return tuple(found)

    def get(self, key: str) -> Instrument | None:
        """The instrument of that key, if there is one."""
        return self._by_key.get(key)

    def only(self, sources: Collection[str]) -> Catalog:
        """The catalog without the entries of other sources; an instrument that had no others keeps none."""
        groups = (replace(g, instruments=tuple(i.only(sources) for i in g.instruments)) for g in self.groups)
        return replace(self, groups=tuple(groups))

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
