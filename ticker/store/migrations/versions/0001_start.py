"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("committed_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "observation",
        sa.Column("series", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.String(32), nullable=False),
        sa.Column("standing", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "held",
        sa.Column("series", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.String(32)),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed",
        sa.Column("source", sa.String(32), primary_key=True),
        sa.Column("feed", sa.String(64), primary_key=True),
        sa.Column("checked_at", sa.DateTime),
        sa.Column("accepted_at", sa.DateTime),
        sa.Column("whole_at", sa.DateTime),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("retry_at", sa.DateTime),
        sa.Column("next_release", sa.Date),
    )
    op.create_table(
        "validator",
        sa.Column("url", sa.String(400), primary_key=True),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
    )
