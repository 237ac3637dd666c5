"""Read what was corrected, the newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from ticker.market.correction import Correction
from ticker.market.quote import Publisher
from ticker.store.engine import Store
from ticker.store.tables import correction


def read_corrections(
    store: Store, publishers: Mapping[str, Publisher], keys: Collection[str], skip: int, most: int
) -> tuple[Correction, ...]:
    """Corrections of these series from the one after `skip` on, `most` of them; those seen last come first."""
    c = correction.c
    wanted = select(correction).where(c.series.in_(keys)).order_by(c.seen_at.desc(), c.day.desc(), c.series)
    with store.read() as connection:
        rows = connection.execute(wanted.offset(skip).limit(most)).all()
    found = ((r, *r.series.partition(":")[::2]) for r in rows)
    return tuple(
        Correction(publishers[source], code, r.day, r.seen_at, r.was, r.became)
        for r, source, code in found
        if source in publishers
    )
