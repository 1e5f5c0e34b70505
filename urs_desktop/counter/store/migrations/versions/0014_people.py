"""Persons enrolled at this counter, until the central store has them.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0014_people"
down_revision = "0013_shifts"


def upgrade() -> None:
    """Make the table of persons."""
    op.create_table(
        "people",
        sa.Column("op_id", BYTES, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("card", TEXT, nullable=False),
        sa.Column("salt", BYTES, nullable=False),
        sa.Column("phone", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("agreed", INTEGER, nullable=False),
        sa.Column("wording", TEXT, nullable=False),
        sa.Column("asked_at", INTEGER, nullable=False),
        sa.Column("refused", TEXT, nullable=False),
        sa.CheckConstraint("agreed IN (0, 1)", name=op.f("ck_people_agreed")),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_people_seq")),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_people")),
        sa.UniqueConstraint("seq", name=op.f("uq_people_seq")),
        sqlite_strict=True,
    )
