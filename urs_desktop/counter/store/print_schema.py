"""The table of print jobs, in the metadata of the counter's store.

Must never change without a migration: a test compares the two.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table

from urs_desktop.counter.store.schema import metadata
from urs_desktop.database.columns import INTEGER, TEXT

print_jobs: Final = Table(
    "print_jobs",
    metadata,
    Column("n", INTEGER, primary_key=True),
    Column("job_id", TEXT, nullable=False, unique=True),
    Column("kind", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False, index=True),
    Column("made_at", INTEGER, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("kick", INTEGER, nullable=False),
    Column("state", TEXT, nullable=False, index=True),
    Column("trouble", TEXT),
    CheckConstraint("kick IN (0, 1)", name="kick"),
    sqlite_strict=True,
)
"""The jobs in the order of `n`."""
