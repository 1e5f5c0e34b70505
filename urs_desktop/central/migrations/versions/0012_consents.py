"""What customers who were enrolled in person answered, whether the vendor's counters may know them.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0012_consents"
down_revision = "0011_taxes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("op_id", BYTES, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("agreed", INTEGER, nullable=False),
        sa.Column("wording", TEXT, nullable=False),
        sa.Column("asked_at", INTEGER, nullable=False),
        sa.Column("received_at", INTEGER, nullable=False),
        sa.Column("phone_of", TEXT, nullable=True),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("op_id", name="pk_consents"),
        sa.ForeignKeyConstraint(["op_id"], ["operations.op_id"], name="fk_consents_op_id_operations"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer_records.customer_id"], name="fk_consents_customer_id_customer_records"
        ),
        sa.ForeignKeyConstraint(
            ["phone_of"], ["customer_records.customer_id"], name="fk_consents_phone_of_customer_records"
        ),
        sa.CheckConstraint("agreed IN (0, 1)", name="ck_consents_agreed"),
        sqlite_strict=True,
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id"])
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'consents is append-only'); END"
        taken = "\n   OR ".join(
            f"EXISTS (SELECT 1 FROM consents WHERE {name} = NEW.{name})"  # noqa: S608 - names from here
            for name in ("rowid", "op_id")
        )
        again = "RAISE(ABORT, 'consents is append-only and the key of the row is not unique')"
        return [
            f"CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents\n{refuse}",
            f"CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents\n{refuse}",
            f"CREATE TRIGGER consents_no_replace BEFORE INSERT ON consents\nWHEN {taken}\nBEGIN SELECT {again}; END",
        ]
    each = "BEFORE DELETE OR UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION urs_append_only()"
    whole = "BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION urs_append_only()"
    return [
        f"CREATE TRIGGER consents_append_only {each}",
        "ALTER TABLE consents ENABLE ALWAYS TRIGGER consents_append_only",
        f"CREATE TRIGGER consents_no_truncate {whole}",
        "ALTER TABLE consents ENABLE ALWAYS TRIGGER consents_no_truncate",
    ]
