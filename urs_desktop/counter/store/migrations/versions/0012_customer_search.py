"""An index over every part of what is known of customers, who get a number of their own for it.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0012_customer_search"
down_revision = "0011_print_jobs"

TRIGGERS = (
    """
CREATE TRIGGER customers_search_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_search(rowid, card, name, phone, email)
    VALUES (new.customer_id, new.card, new.name, new.phone, new.email);
END
""",
    """
CREATE TRIGGER customers_search_update AFTER UPDATE OF card, name, phone, email ON customers
WHEN (old.card, old.name, old.phone, old.email) IS NOT (new.card, new.name, new.phone, new.email) BEGIN
    INSERT INTO customers_search(customers_search, rowid, card, name, phone, email)
    VALUES ('delete', old.customer_id, old.card, old.name, old.phone, old.email);
    INSERT INTO customers_search(rowid, card, name, phone, email)
    VALUES (new.customer_id, new.card, new.name, new.phone, new.email);
END
""",
    """
CREATE TRIGGER customers_search_delete AFTER DELETE ON customers BEGIN
    INSERT INTO customers_search(customers_search, rowid, card, name, phone, email)
    VALUES ('delete', old.customer_id, old.card, old.name, old.phone, old.email);
END
""",
)


def upgrade() -> None:
    """Make the table of customers anew with the number, the index over it, and what keeps the two in step."""
    op.drop_index(op.f("ix_customers_phone"), "customers")
    op.drop_index(op.f("ix_customers_mark"), "customers")
    op.rename_table("customers", "customers_before")
    op.create_table(
        "customers",
        sa.Column("customer_id", INTEGER, nullable=False),
        sa.Column("card", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("phone", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("available", INTEGER, nullable=True),
        sa.Column("as_of", INTEGER, nullable=True),
        sa.Column("blocked", INTEGER, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customers")),
        sa.UniqueConstraint("card", name=op.f("uq_customers_card")),
        sa.CheckConstraint("blocked IN (0, 1)", name=op.f("ck_customers_blocked")),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO customers (card, name, phone, email, available, as_of, blocked, mark) "
        "SELECT card, name, phone, email, available, as_of, blocked, mark FROM customers_before ORDER BY card"
    )
    op.drop_table("customers_before")
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"], unique=False)
    op.create_index(op.f("ix_customers_mark"), "customers", ["mark"], unique=False)
    op.execute(
        "CREATE VIRTUAL TABLE customers_search USING fts5("
        "card, name, phone, email, content='customers', content_rowid='customer_id', tokenize='trigram')"
    )
    op.execute("INSERT INTO customers_search(customers_search, rank) VALUES ('secure-delete', 1)")
    op.execute("INSERT INTO customers_search(customers_search) VALUES ('rebuild')")
    for statement in TRIGGERS:
        op.execute(statement)
