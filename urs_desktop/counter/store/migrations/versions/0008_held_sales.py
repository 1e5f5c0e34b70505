"""Sales that are put aside and gone on with later, also after a crash.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0008_held_sales"
down_revision = "0007_customers"


def upgrade() -> None:
    """Make the tables of held sales and of their lines."""
    op.create_table(
        "held_sales",
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("held_at", INTEGER, nullable=False),
        sa.Column("card", TEXT, nullable=True),
        sa.Column("taken", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_held_sales")),
        sa.CheckConstraint("taken IN (0, 1)", name=op.f("ck_held_sales_taken")),
        sqlite_strict=True,
    )
    op.create_table(
        "held_lines",
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("quantity", INTEGER, nullable=False),
        sa.Column("price", INTEGER, nullable=False),
        sa.Column("scale", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("number", "n", name=op.f("pk_held_lines")),
        sa.ForeignKeyConstraint(
            ["number"], ["held_sales.number"], name=op.f("fk_held_lines_number"), ondelete="CASCADE"
        ),
        sqlite_strict=True,
    )
