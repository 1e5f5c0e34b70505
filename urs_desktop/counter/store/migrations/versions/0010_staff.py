"""The people of a counter.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0010_staff"
down_revision = "0009_pricing"


def upgrade() -> None:
    """Make the table of the people."""
    op.create_table(
        "staff",
        sa.Column("code", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("sealed", BYTES, nullable=False),
        sa.Column("badge", BYTES, nullable=True),
        sa.Column("active", INTEGER, nullable=False),
        sa.Column("failures", INTEGER, nullable=False),
        sa.Column("failed_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_staff")),
        sa.UniqueConstraint("badge", name=op.f("uq_staff_badge")),
        sa.CheckConstraint("active IN (0, 1)", name=op.f("ck_staff_active")),
        sqlite_strict=True,
    )
