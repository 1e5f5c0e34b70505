"""Epochs that a rejoin ended, and every change of a counter's state with its reason.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0007_recovery"
down_revision = "0006_lines"
branch_labels = None
depends_on = None

_KEYS = {
    "ended_epochs": ("device_id, asked", "device_id, epoch"),
    "counter_changes": ("device_id, n",),
}
"""The new tables, which are append-only, with their keys, of which a second row would replace the first."""


def upgrade() -> None:
    op.create_table(
        "ended_epochs",
        sa.Column("device_id", BYTES, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("nonce", BYTES, nullable=False),
        sa.Column("last_seq", INTEGER, nullable=False),
        sa.Column("head", BYTES, nullable=False),
        sa.Column("ended_at", INTEGER, nullable=False),
        sa.Column("next_epoch", INTEGER, nullable=False),
        sa.Column("seen_epoch", INTEGER, nullable=False),
        sa.Column("asked", BYTES, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("device_id", "epoch", name="pk_ended_epochs"),
        sa.UniqueConstraint("device_id", "asked", name="uq_ended_epochs_device_id_asked"),
        sa.ForeignKeyConstraint(["device_id"], ["counters.device_id"], name="fk_ended_epochs_device_id_counters"),
        sqlite_strict=True,
    )
    op.create_table(
        "counter_changes",
        sa.Column("device_id", BYTES, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("changed_at", INTEGER, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("device_id", "n", name="pk_counter_changes"),
        sa.ForeignKeyConstraint(["device_id"], ["counters.device_id"], name="fk_counter_changes_device_id_counters"),
        sa.CheckConstraint("state IN ('active', 'quarantined', 'revoked')", name="ck_counter_changes_state"),
        sqlite_strict=True,
    )
    guards = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for table, keys in _KEYS.items():
        for statement in guards(table, keys):
            op.execute(statement)


def _sqlite(table: str, keys: tuple[str, ...]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    there = "\n   OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key.split(', '))})"  # noqa: S608
        for key in ("rowid", *keys)
    )
    replace = f"RAISE(ABORT, '{table} is append-only and the key of the row is not unique')"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {there}\nBEGIN SELECT {replace}; END",
    ]


def _postgresql(table: str, _: tuple[str, ...]) -> list[str]:
    statements = []
    for name, what in (
        ("append_only", "BEFORE DELETE OR UPDATE ON {} FOR EACH ROW"),
        ("no_truncate", "BEFORE TRUNCATE ON {} FOR EACH STATEMENT"),
    ):
        statements.append(f"CREATE TRIGGER {table}_{name} {what.format(table)} EXECUTE FUNCTION urs_append_only()")
        statements.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")
    return statements
