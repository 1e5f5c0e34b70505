"""The categories vendors were of before: receipts reckoned under their policies shortly after the change still count.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0005_former_categories"
down_revision = "0004_guards"
branch_labels = None
depends_on = None

_SQLITE = (
    """
CREATE TRIGGER former_categories_no_update BEFORE UPDATE ON former_categories
BEGIN SELECT RAISE(ABORT, 'former_categories is append-only'); END
    """,
    """
CREATE TRIGGER former_categories_no_delete BEFORE DELETE ON former_categories
BEGIN SELECT RAISE(ABORT, 'former_categories is append-only'); END
    """,
    """
CREATE TRIGGER former_categories_no_replace BEFORE INSERT ON former_categories
WHEN EXISTS (SELECT 1 FROM former_categories WHERE rowid = NEW.rowid)
   OR EXISTS (SELECT 1 FROM former_categories WHERE vendor_id = NEW.vendor_id AND left_at = NEW.left_at)
BEGIN SELECT RAISE(ABORT, 'former_categories is append-only and the key of the row is not unique'); END
    """,
)
_POSTGRESQL = (
    """
CREATE TRIGGER former_categories_append_only BEFORE DELETE OR UPDATE ON former_categories
FOR EACH ROW EXECUTE FUNCTION urs_append_only()
    """,
    "ALTER TABLE former_categories ENABLE ALWAYS TRIGGER former_categories_append_only",
    """
CREATE TRIGGER former_categories_no_truncate BEFORE TRUNCATE ON former_categories
FOR EACH STATEMENT EXECUTE FUNCTION urs_append_only()
    """,
    "ALTER TABLE former_categories ENABLE ALWAYS TRIGGER former_categories_no_truncate",
)


def upgrade() -> None:
    op.create_table(
        "former_categories",
        sa.Column("vendor_id", TEXT, nullable=False),
        sa.Column("left_at", INTEGER, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("vendor_id", "left_at", name="pk_former_categories"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.vendor_id"], name="fk_former_categories_vendor_id_vendors"),
        sa.CheckConstraint("category IN ('small', 'medium', 'large')", name="ck_former_categories_category"),
        sqlite_strict=True,
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
