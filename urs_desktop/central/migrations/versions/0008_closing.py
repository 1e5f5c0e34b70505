"""What counters tell of their receipts, and what became of parked operations in the end.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0008_closing"
down_revision = "0007_recovery"
branch_labels = None
depends_on = None

_SQLITE = (
    """
CREATE TRIGGER parked_resolutions_no_update BEFORE UPDATE ON parked_resolutions
BEGIN SELECT RAISE(ABORT, 'parked_resolutions is append-only'); END
    """,
    """
CREATE TRIGGER parked_resolutions_no_delete BEFORE DELETE ON parked_resolutions
BEGIN SELECT RAISE(ABORT, 'parked_resolutions is append-only'); END
    """,
    """
CREATE TRIGGER parked_resolutions_no_replace BEFORE INSERT ON parked_resolutions
WHEN EXISTS (SELECT 1 FROM parked_resolutions WHERE rowid = NEW.rowid)
   OR EXISTS (SELECT 1 FROM parked_resolutions WHERE op_id = NEW.op_id)
BEGIN SELECT RAISE(ABORT, 'parked_resolutions is append-only and the key of the row is not unique'); END
    """,
)
_POSTGRESQL = (
    """
CREATE TRIGGER parked_resolutions_append_only BEFORE DELETE OR UPDATE ON parked_resolutions
FOR EACH ROW EXECUTE FUNCTION urs_append_only()
    """,
    "ALTER TABLE parked_resolutions ENABLE ALWAYS TRIGGER parked_resolutions_append_only",
    """
CREATE TRIGGER parked_resolutions_no_truncate BEFORE TRUNCATE ON parked_resolutions
FOR EACH STATEMENT EXECUTE FUNCTION urs_append_only()
    """,
    "ALTER TABLE parked_resolutions ENABLE ALWAYS TRIGGER parked_resolutions_no_truncate",
)


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
    op.create_table(
        "parked_resolutions",
        sa.Column("op_id", BYTES, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("by_op_id", BYTES, nullable=True),
        sa.Column("operator", TEXT, nullable=True),
        sa.Column("override_operator", TEXT, nullable=True),
        sa.Column("override_reason", TEXT, nullable=True),
        sa.Column("resolved_at", INTEGER, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("op_id", name="pk_parked_resolutions"),
        sa.ForeignKeyConstraint(
            ["op_id"],
            ["operations.op_id"],
            name="fk_parked_resolutions_op_id_operations",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["by_op_id"],
            ["operations.op_id"],
            name="fk_parked_resolutions_by_op_id_operations",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint("action IN ('retry', 'repair', 'write_off')", name="ck_parked_resolutions_action"),
        sa.CheckConstraint("result IN ('applied', 'adjusted', 'written_off')", name="ck_parked_resolutions_result"),
        sqlite_strict=True,
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
