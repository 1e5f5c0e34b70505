"""Customers whom the office blocked, and the mark by which the central store names one that is to be forgotten.

Frozen: must never change once released; a later schema is a later migration.
"""

from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0007_customers"
down_revision = "0006_closing"

_BEFORE = ("card", "name", "phone", "email", "available", "as_of")


def upgrade() -> None:
    """Make the table of customers anew with the two columns."""
    connection = op.get_bind()
    names: list[sa.ColumnClause[object]] = [sa.column(name) for name in _BEFORE]
    rows = [dict(row) for row in connection.execute(sa.select(*names).select_from(sa.table("customers"))).mappings()]
    op.drop_table("customers")
    customers = op.create_table(
        "customers",
        sa.Column("card", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("phone", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("available", INTEGER, nullable=True),
        sa.Column("as_of", INTEGER, nullable=True),
        sa.Column("blocked", INTEGER, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_customers")),
        sa.CheckConstraint("blocked IN (0, 1)", name=op.f("ck_customers_blocked")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"], unique=False)
    op.create_index(op.f("ix_customers_mark"), "customers", ["mark"], unique=False)
    if rows:
        op.bulk_insert(customers, [{**row, "blocked": 0, "mark": _mark(row["card"])} for row in rows])


def _mark(card: str) -> str:
    return blake2b(card.encode("utf-8", "surrogatepass"), digest_size=16, person=b"URS card mark 1").hexdigest()
