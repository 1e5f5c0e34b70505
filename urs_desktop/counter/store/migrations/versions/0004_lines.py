"""Standing leases, which serve many sales, and when each customer's were asked for.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0004_lines"
down_revision = "0003_guards"

_BEFORE = ("lease_id", "card", "epoch", "granted", "spent", "returned", "spend_until", "finished")


def upgrade() -> None:
    op.drop_index("ix_leases_finished", "leases")
    op.rename_table("leases", "leases_before")
    op.create_table(
        "leases",
        sa.Column("lease_id", TEXT, nullable=False),
        sa.Column("card", TEXT, nullable=False),
        *(sa.Column(name, INTEGER, nullable=False) for name in _BEFORE[2:]),
        *(sa.Column(name, INTEGER, nullable=False) for name in ("standing", "in_payment", "recalled", "renew_at")),
        sa.CheckConstraint("spent >= 0 AND returned >= 0 AND spent + returned <= granted", name="ck_leases_covered"),
        sa.PrimaryKeyConstraint("lease_id", name="pk_leases"),
        sqlite_strict=True,
    )
    names = ", ".join(_BEFORE)
    op.execute(f"INSERT INTO leases SELECT {names}, 0, 0, 0, 0 FROM leases_before")  # noqa: S608 - names of this file's
    op.drop_table("leases_before")
    op.create_index("ix_leases_finished_card", "leases", ["finished", "card"])
    op.create_table(
        "line_requests",
        sa.Column("card", TEXT, nullable=False),
        sa.Column("asked_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("card", name="pk_line_requests"),
        sqlite_strict=True,
    )
