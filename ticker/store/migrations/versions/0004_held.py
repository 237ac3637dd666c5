"""Of a figure that is held back it is known by which rule, since when, until when, and what was there before."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_RULES = {
    "out of range": "range",
    "future day": "future",
    "changed after 60 days": "late",
    "many changes at once": "many",
}


def upgrade() -> None:
    """Add to the table; what it held keeps its moment."""
    op.execute("ALTER TABLE held RENAME COLUMN reason TO rule")
    op.execute("ALTER TABLE held RENAME COLUMN seen_at TO first_seen")
    op.add_column("held", sa.Column("last_seen", sa.DateTime))
    op.add_column("held", sa.Column("before", sa.String(32)))
    op.add_column("held", sa.Column("standing", sa.Integer, nullable=False, server_default="2"))
    op.add_column("held", sa.Column("decision", sa.String(16)))
    op.add_column("held", sa.Column("decided_at", sa.DateTime))
    held = sa.table("held", sa.column("rule", sa.String), sa.column("first_seen"), sa.column("last_seen"))
    op.execute(held.update().values(last_seen=held.c.first_seen))
    for said, key in _RULES.items():
        op.execute(held.update().where(held.c.rule == said).values(rule=key))
