"""Editions: every change of the figures has a number, and says in which series it was; no others are read again."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from itertools import pairwise

from sqlalchemy import Connection, delete, func, insert, select

from ticker.market.snapshot import Edition, Holding
from ticker.store.tables import edition

_KEPT = 100  # editions; who has not looked for longer than that reads everything


def keep_edition(connection: Connection, series: Collection[str], revision: int) -> None:
    """Remember that figures of these series change in this transaction, and the revision after it."""
    number = (connection.execute(select(func.max(edition.c.number))).scalar() or 0) + 1
    connection.execute(
        insert(edition).values(
            number=number, mark=secrets.token_hex(8), revision=revision, series=" ".join(sorted(series))
        )
    )
    connection.execute(delete(edition).where(edition.c.number <= number - _KEPT))


def newest_edition(connection: Connection) -> Edition | None:
    """The newest one; None while figures were never changed."""
    row = connection.execute(
        select(edition.c.number, edition.c.mark).order_by(edition.c.number.desc()).limit(1)
    ).first()
    return Edition(row.number, row.mark) if row else None


def changed_since(connection: Connection, before: Holding, revision: int) -> frozenset[str] | None:
    """The series in which figures changed between what was held before and `revision`, the store's; None: any may have.

    So it is where the edition that was held is of another history than the store's (a copy was restored, commits were
    lost with a server), where it is too long ago, and where somebody changes figures without an edition (an older
    release on another host): revisions then do not go along with editions.
    """
    if before.edition is None:
        return None
    wanted = select(edition).where(edition.c.number >= before.edition.number).order_by(edition.c.number)
    rows = connection.execute(wanted).all()
    if not rows or (rows[0].number, rows[0].mark) != before.edition:
        return None
    revisions = [row.revision for row in rows]
    steps = (later - earlier for earlier, later in pairwise(revisions))
    if (revisions[0], revisions[-1]) != (before.revision, revision) or not {0, 1}.issuperset(steps):
        return None
    return frozenset(key for row in rows[1:] for key in row.series.split())
