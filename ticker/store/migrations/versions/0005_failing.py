"""Since when a feed fails is remembered. Of those that fail now it is not known until they have answered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("feed", sa.Column("failing_since", sa.DateTime))
