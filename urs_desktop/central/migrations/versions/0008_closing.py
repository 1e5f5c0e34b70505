"""What counters tell of their receipts, so that it is known which are missing while a counter is silent.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER

revision = "0008_closing"
down_revision = "0005_former_categories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_receipts",
        sa.Column("device_id", BYTES, nullable=False),
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("told_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("device_id", name="pk_told_receipts"),
        sa.ForeignKeyConstraint(["device_id"], ["counters.device_id"], name="fk_told_receipts_device_id_counters"),
        sqlite_strict=True,
    )
