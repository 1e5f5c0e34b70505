"""What the central store posted for receipts that promised something else, and what became of operations it parked.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_closing"
down_revision = "0005_recovery"

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()

TABLES = {"adjusted_receipts": "receipt", "adjustment_notes": "receipt", "resolved_operations": "seq"}
"""The tables of this step, all append-only, each with its key."""

REPEATS_IGNORED = ("adjusted_receipts", "resolved_operations")
"""Those whose rows may be offered again: one that is there already is passed over."""


def upgrade() -> None:
    """Add the tables and put their triggers up."""
    op.create_table(
        "adjusted_receipts",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("card", TEXT, nullable=True),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("earned", INTEGER, nullable=False),
        sa.Column("late", INTEGER, nullable=False),
        sa.Column("back", INTEGER, nullable=False),
        sa.Column("clawed", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_adjusted_receipts")),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_adjusted_receipts_seq")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_adjusted_receipts_card"), "adjusted_receipts", ["card"], unique=False)
    op.create_table(
        "adjustment_notes",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("told_on", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_adjustment_notes")),
        sa.ForeignKeyConstraint(["receipt"], ["adjusted_receipts.receipt"], name=op.f("fk_adjustment_notes_receipt")),
        sa.ForeignKeyConstraint(["told_on"], ["sales.receipt"], name=op.f("fk_adjustment_notes_told_on")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_adjustment_notes_told_on"), "adjustment_notes", ["told_on"], unique=False)
    op.create_table(
        "resolved_operations",
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_resolved_operations")),
        sa.ForeignKeyConstraint(["seq"], ["parked_operations.seq"], name=op.f("fk_resolved_operations_seq")),
        sqlite_strict=True,
    )
    for table, key in TABLES.items():
        _keep(table, key)


def _keep(table: str, key: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}")
    there = "\n   OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {name} = NEW.{name})" for name in ("rowid", key))  # noqa: S608
    replace = f"RAISE(ABORT, '{table} is append-only and the key of the row is not unique')"
    outcome = "RAISE(IGNORE)" if table in REPEATS_IGNORED else replace
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {there}\nBEGIN SELECT {outcome}; END")
