"""Customers who are blocked, and which of them a vendor's counters may hold.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0009_customers"
down_revision = "0005_former_categories"
branch_labels = None
depends_on = None

_SEEN = """
SELECT COALESCE(MAX(t.received_at), v.since) FROM transactions AS t
WHERE t.vendor_id = v.vendor_id AND t.customer_id = v.customer_id AND t.received_at > v.since
"""
"""When a customer was last seen at a vendor: at the newest sale, or when first linked."""

_SHOWN = """
SELECT COUNT(*) FROM feed_items AS i
WHERE i.stream = 'vendor:' || v.vendor_id AND i.kind = 'customer' AND i.key = v.customer_id
"""
"""Whether the vendor's counters were sent the customer: 1, or 0."""


def upgrade() -> None:
    op.add_column("customer_records", sa.Column("blocked_at", INTEGER, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _links_of_sqlite()
    else:
        _links_of_postgresql()
    only = sa.text("shown = 1")
    op.create_index(
        "ix_customer_vendors_shown", "customer_vendors", ["seen_at"], sqlite_where=only, postgresql_where=only
    )
    # Those who never agreed to it were sent until now: the next fan-out takes them back.
    op.execute(
        "INSERT INTO dirty_customers (customer_id, changes) "
        "SELECT DISTINCT v.customer_id, 1 FROM customer_vendors AS v "
        "JOIN customer_records AS r ON r.customer_id = v.customer_id "
        "WHERE v.shown = 1 AND r.consent_at IS NULL ON CONFLICT (customer_id) DO NOTHING"
    )


def _links_of_sqlite() -> None:
    op.execute(
        f"CREATE TABLE links_before AS SELECT v.customer_id, v.vendor_id, v.since, ({_SEEN}) AS seen_at, "  # noqa: S608
        f"({_SHOWN}) AS shown FROM customer_vendors AS v"
    )
    op.drop_table("customer_vendors")
    op.create_table(
        "customer_vendors",
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("vendor_id", TEXT, nullable=False),
        sa.Column("since", INTEGER, nullable=False),
        sa.Column("seen_at", INTEGER, nullable=False),
        sa.Column("shown", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "vendor_id", name="pk_customer_vendors"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer_records.customer_id"], name="fk_customer_vendors_customer_id_customer_records"
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.vendor_id"], name="fk_customer_vendors_vendor_id_vendors"),
        sa.CheckConstraint("shown IN (0, 1, 2)", name="ck_customer_vendors_shown"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_vendors_vendor_id", "customer_vendors", ["vendor_id"])
    op.execute("INSERT INTO customer_vendors SELECT * FROM links_before")
    op.drop_table("links_before")


def _links_of_postgresql() -> None:
    for name in ("seen_at", "shown"):
        op.add_column("customer_vendors", sa.Column(name, INTEGER, nullable=True))
    op.execute(f"UPDATE customer_vendors AS v SET seen_at = ({_SEEN}), shown = ({_SHOWN})")  # noqa: S608
    for name in ("seen_at", "shown"):
        op.alter_column("customer_vendors", name, nullable=False)
    op.create_check_constraint("ck_customer_vendors_shown", "customer_vendors", "shown IN (0, 1, 2)")
