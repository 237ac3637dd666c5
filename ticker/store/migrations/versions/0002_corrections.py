"""Corrections are remembered. Those made before are not known."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "correction",
        sa.Column("series", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("seen_at", sa.DateTime, primary_key=True),
        sa.Column("was", sa.String(32), nullable=False),
        sa.Column("became", sa.String(32)),
        sqlite_with_rowid=False,
    )
