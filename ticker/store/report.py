"""What the store says of itself: its revision, what it holds back, and who has the refresher's lease."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ticker.market.report import Held, StoreReport
from ticker.store.engine import Store
from ticker.store.held import rule_of
from ticker.store.lease import REFRESHER
from ticker.store.tables import held, lease, revision

MOST = 500
"""Figures held back that are listed, the newest days first: a source may send ten thousand wrong rows."""


def read_report(store: Store, now: datetime) -> StoreReport:
    """The store at one revision. StoreError where it cannot be read."""
    with store.read() as connection:
        at = connection.execute(select(revision.c.number, revision.c.committed_at)).first()
        charge = connection.execute(
            select(lease.c.holder, lease.c.until).where(lease.c.name == REFRESHER, lease.c.until > now)
        ).first()
        rows = connection.execute(
            select(held).where(held.c.decision.is_(None)).order_by(held.c.day.desc(), held.c.series).limit(MOST)
        ).all()
    return StoreReport(
        revision=at.number if at else 0,
        committed_at=at.committed_at if at else None,
        holder=charge.holder if charge else None,
        lease_until=charge.until if charge else None,
        held=tuple(Held(r.series, r.day, r.value, rule_of(r.rule), r.before, r.first_seen) for r in rows),
    )
