"""Caches between readers and an origin: by RFC 9111 and 5861, and as docs/recipes/nginx-front.conf sets one up.

An answer takes no time here: what many ask for at once is one request by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.long.origin import Address, Reply, Version

Ask = Callable[[float, Address, str, str | None], Reply]
"""Asks at a second for an address in a coding, with the ETag of what is held."""


@dataclass(slots=True, eq=False)
class Copy:
    """What a cache holds of an address, and since when: counted from when the origin said it."""

    reply: Reply
    since: float

    @property
    def version(self) -> Version:
        """What is held."""
        return self.reply.version


def taken(reply: Reply, second: float) -> Copy:
    """A copy of an answer that has just come. One that says its age has been kept for so long already."""
    return Copy(reply, second - reply.age)


@dataclass
class Shared:
    """A shared cache: fresh for `s-maxage`; then for `stale-while-revalidate` one reader more gets the old answer.

    It asks whether what it has is still so. `uses` is how often an address is asked for before it is kept, `aged`
    whether the cache says how old its copy is (nginx does not).
    """

    origin: Ask
    uses: int = 1
    aged: bool = True
    _kept: dict[tuple[Address, str], Copy] = field(default_factory=dict)
    _used: dict[tuple[Address, str], int] = field(default_factory=dict)

    def ask(self, second: float, address: Address, coding: str, etag: str | None) -> Reply:
        """Answer a reader; 304 where the reader has it."""
        key = address, coding
        copy = self._kept.get(key)
        if copy is None:
            used = self._used[key] = self._used.get(key, 0) + 1
            reply = self.origin(second, address, coding, None)
            if used >= self.uses:
                self._kept[key] = taken(reply, second)
            return reply._replace(unchanged=reply.version.etag == etag)
        reply, age = copy.reply, second - copy.since
        if age >= reply.shared:
            new = self.origin(second, address, coding, reply.version.etag)
            self._kept[key] = taken(new, second)
            if age >= reply.shared + reply.stale:
                reply, age = new, 0.0
        return Reply(*reply[:4], age if self.aged else 0.0, reply.version.etag == etag)

    def purge(self) -> None:
        """Forget all answers with figures, as a purge by our tag does."""
        for key in [key for key, copy in self._kept.items() if copy.version.figures]:
            del self._kept[key]


@dataclass(frozen=True)
class Topology:
    """What stands between readers and the origin: so many shared caches, of which each reader has one.

    `promised` is the seconds, after it was stored, from which on nobody gets an answer without a new figure.
    """

    name: str
    caches: int
    uses: int = 1
    aged: bool = True
    purged: bool = False
    promised: float = 360.0

    def doors(self, origin: Ask) -> Sequence[Shared]:
        """The caches; none where readers ask the origin itself."""
        return [Shared(origin, self.uses, self.aged) for _ in range(self.caches)]


TOPOLOGIES = (
    Topology("no shared cache", 0, promised=61.0),
    Topology("one nginx", 1, uses=2, aged=False),
    Topology("a CDN of 50", 50),
    Topology("the same, purged", 50, purged=True, promised=120.0),
)
"""Promised (docs/scale.md): five minutes and a browser's one; two minutes in all where a purge is set up."""
