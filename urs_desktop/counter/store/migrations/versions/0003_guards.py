"""Triggers that keep what the counter wrote for ever as it was written.

Frozen: must never change once released; a later schema is a later migration. One that changes rows or columns of these
tables takes their triggers down first and puts them up again.
"""

from alembic import op

revision = "0003_guards"
down_revision = "0002_refunds"

TABLES = {
    "operations": (
        "op_id",
        "seq",
    ),
    "parked_operations": ("seq",),
    "point_entries": ("receipt, kind",),
    "policies": ("policy_id, version",),
    "refund_lines": ("receipt, n",),
    "refund_tenders": ("receipt, n",),
    "refunds": (
        "receipt",
        "seq",
    ),
    "refunds_elsewhere": ("receipt, op_id, line",),
    "replayed_returns": ("journal, invoice",),
    "sale_lines": ("receipt, n",),
    "sales": (
        "journal, invoice",
        "receipt",
        "seq",
    ),
    "tenders": ("receipt, n",),
}
"""Every append-only table with its keys, of which a second row would replace the first."""

REPEATS_IGNORED = ("parked_operations", "policies")
"""Those whose rows may be offered again: one that is there already is passed over."""


def upgrade() -> None:
    """Put the triggers up."""
    for table, keys in TABLES.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}")
        there = "\n   OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key.split(', '))})"  # noqa: S608
            for key in ("rowid", *keys)
        )
        replace = f"RAISE(ABORT, '{table} is append-only and the key of the row is not unique')"
        outcome = "RAISE(IGNORE)" if table in REPEATS_IGNORED else replace
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {there}\nBEGIN SELECT {outcome}; END"
        )
