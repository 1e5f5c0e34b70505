"""Positions of the feed that were never given: whoever was there read the history of a database that is no more.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0010_feed_gaps"
down_revision = "0009_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_gaps",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("after", INTEGER, nullable=False),
        sa.Column("upto", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("stream", "after", name="pk_feed_gaps"),
        sa.ForeignKeyConstraint(["stream"], ["streams.stream"], name="fk_feed_gaps_stream_streams"),
        sa.CheckConstraint("after < upto", name="ck_feed_gaps_gap"),
        sqlite_strict=True,
    )
