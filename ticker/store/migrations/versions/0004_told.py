"""What was told of changes is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "told",
        sa.Column("teller", sa.String(16), primary_key=True),
        sa.Column("subject", sa.String(120), primary_key=True),
        sa.Column("state", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
