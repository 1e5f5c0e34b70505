"""Shifts of this counter.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0013_shifts"
down_revision = "0012_customer_search"


def upgrade() -> None:
    """Make the table of shifts."""
    op.create_table(
        "shifts",
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("opened_seq", INTEGER, nullable=False),
        sa.Column("opened_at", INTEGER, nullable=False),
        sa.Column("opened_by", TEXT, nullable=False),
        sa.Column("opening", INTEGER, nullable=False),
        sa.Column("closed_seq", INTEGER, nullable=True),
        sa.Column("closed_at", INTEGER, nullable=True),
        sa.Column("closed_by", TEXT, nullable=False),
        sa.Column("expected", INTEGER, nullable=False),
        sa.Column("counted", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shifts")),
        sqlite_strict=True,
    )
