"""The readers of a news site on one day, drawn with a seed: when they come, what they see, how long they stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from random import Random

DAY = 86_400.0
HOURS = (15, 10, 7, 6, 8, 16, 32, 50, 62, 66, 65, 63, 66, 63, 58, 55, 53, 52, 50, 49, 50, 50, 40, 26)
"""How many come in each hour of the day where the site is read, among themselves."""
ALERT, ALERTED, ALERT_LASTS = 12 * 60, 0.05, 15
"""At noon a message goes to telephones: so many of all readers come within as many minutes, fewer in each."""
ELEMENT, CHART = ("/embed.js", ""), ("/chart.js", "")
SHOWN = (
    ("/w/list", "link=1", 38), ("/w/list", "lang=es-VE&link=1", 14), ("/w/list", "lang=pt-BR&link=1", 9),
    ("/w/strip", "link=1", 14), ("/w/strip", "lang=es-VE&link=1", 5), ("/w/strip", "lang=pt-BR&link=1", 3),
    ("/w/chart", "i=wti&link=1", 6), ("/w/chart", "i=gbpusd&link=1", 2), ("/w/chart", "i=wti&lang=es-VE&link=1", 2),
    ("/w/card", "i=usdbrl&lang=pt-BR&link=1", 2), ("/w/list", "i=currencies&link=1", 4),
    ("/w/list", "i=natgas&link=1", 1),
)  # fmt: skip
"""What the site's pages show, as embed.js asks for it, with how often."""
GZIP, KNOWN, AGAIN, LEFT_OPEN, BEHIND = 0.02, 0.4, 0.6, 0.06, 0.5
"""Shares: readers without brotli; who have the scripts of another day; who look at one more page, each time; who leave
the last page open for hours; of those, who have it behind other tabs until they come back to it for a moment."""
VIEW, OPEN = (4.1, 1.0), (8.6, 0.8)  # of ln(seconds): a page's median is a minute, one left open has 90
_BACK = 120.0  # seconds at a page before it is left for another tab, and after coming back


@dataclass(slots=True, eq=False)
class Reader:
    """Who came: what is shown to this reader (an index of `SHOWN`), in which coding, and for how long each page.

    `hidden` says that the last page is behind other tabs but for its first and last minutes.
    """

    shown: int
    coding: str
    place: float
    known: bool
    views: list[float]
    hidden: bool = False


def crowd(readers: int, seed: int) -> Iterator[tuple[float, Reader]]:
    """So many readers, each with the second of the day at which they come, in that order."""
    random = Random(seed)  # noqa: S311 - chance, not a secret
    weights = list(accumulate(weight for _, _, weight in SHOWN))
    for minute, coming in enumerate(_by_minute(readers)):
        for second in sorted(random.random() for _ in range(coming)):
            shown = random.choices(range(len(SHOWN)), cum_weights=weights)[0]
            yield 60 * (minute + second), _reader(random, shown)


def _by_minute(readers: int) -> Iterator[int]:
    """How many come in each minute; they are `readers` in all."""
    curve = [_between(minute) for minute in range(24 * 60)]
    steady = (1 - ALERTED) / sum(curve)
    falling = ALERT_LASTS * (ALERT_LASTS + 1) / 2
    shares = [weight * steady for weight in curve]
    for n in range(ALERT_LASTS):
        shares[ALERT + n] += ALERTED * (ALERT_LASTS - n) / falling
    so_far, ends = 0, [round(readers * share) for share in accumulate(shares)]
    for end in ends[:-1]:
        yield end - so_far
        so_far = end
    yield readers - so_far


def _between(minute: int) -> float:
    """The curve at a minute, straight from the middle of an hour to that of the next."""
    hour, part = divmod((minute - 30) / 60, 1)
    before, after = HOURS[int(hour) % 24], HOURS[int(hour + 1) % 24]
    return before + (after - before) * part


def _reader(random: Random, shown: int) -> Reader:
    views = [random.lognormvariate(*VIEW)]
    for _ in count():
        if random.random() > AGAIN:
            break
        views.append(random.lognormvariate(*VIEW))
    hidden = False
    if random.random() < LEFT_OPEN:
        views[-1] = min(2 * _BACK + random.lognormvariate(*OPEN), 12 * 3600.0)
        hidden = random.random() < BEHIND
    coding = "gzip" if random.random() < GZIP else "br"
    return Reader(shown, coding, random.random(), random.random() < KNOWN, views, hidden)


def away(began: float, ends: float) -> tuple[float, float]:
    """From when to when a hidden page is behind other tabs."""
    return began + _BACK, ends - _BACK
