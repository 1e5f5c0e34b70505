"""Print jobs, which survive a restart and are sent once.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0011_print_jobs"
down_revision = "0010_staff"


def upgrade() -> None:
    """Make the table of print jobs."""
    op.create_table(
        "print_jobs",
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("job_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("made_at", INTEGER, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("kick", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("trouble", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_print_jobs")),
        sa.UniqueConstraint("job_id", name=op.f("uq_print_jobs_job_id")),
        sa.CheckConstraint("kick IN (0, 1)", name=op.f("ck_print_jobs_kick")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_print_jobs_subject"), "print_jobs", ["subject"])
    op.create_index(op.f("ix_print_jobs_state"), "print_jobs", ["state"])
