"""Which entry of its chain each instrument is drawn from is remembered. Until now it was always worked out anew."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "turn",
        sa.Column("instrument", sa.String(32), primary_key=True),
        sa.Column("entry", sa.String(160), nullable=False),
        sa.Column("left", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
