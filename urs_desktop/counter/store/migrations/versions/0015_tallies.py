"""Sums of what was sold, over quarters of an hour and of products over days, with triggers that keep them in step.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0015_tallies"
down_revision = "0014_people"

TRIGGERS = (
    """
CREATE TRIGGER sales_tally AFTER INSERT ON sales BEGIN
    INSERT INTO slot_tallies (slot, sales, refunds, revenue, issued, redeemed)
    VALUES (
        (new.happened_at - ((new.happened_at % 900000) + 900000) % 900000) / 900000,
        1, 0, new.total, new.earned, new.points_paid
    )
    ON CONFLICT (slot) DO UPDATE SET sales = sales + excluded.sales, refunds = refunds + excluded.refunds,
        revenue = revenue + excluded.revenue, issued = issued + excluded.issued,
        redeemed = redeemed + excluded.redeemed;
END
""",
    """
CREATE TRIGGER refunds_tally AFTER INSERT ON refunds BEGIN
    INSERT INTO slot_tallies (slot, sales, refunds, revenue, issued, redeemed)
    VALUES (
        (new.happened_at - ((new.happened_at % 900000) + 900000) % 900000) / 900000,
        0, 1, -new.total, -new.clawed, -new.points_back
    )
    ON CONFLICT (slot) DO UPDATE SET sales = sales + excluded.sales, refunds = refunds + excluded.refunds,
        revenue = revenue + excluded.revenue, issued = issued + excluded.issued,
        redeemed = redeemed + excluded.redeemed;
END
""",
    """
CREATE TRIGGER sale_lines_tally AFTER INSERT ON sale_lines BEGIN
    INSERT INTO product_tallies (day, sku, pieces, revenue)
    SELECT (happened_at - ((happened_at % 86400000) + 86400000) % 86400000) / 86400000,
        new.sku, new.quantity, new.total FROM sales WHERE receipt = new.receipt
    ON CONFLICT (day, sku) DO UPDATE SET pieces = pieces + excluded.pieces, revenue = revenue + excluded.revenue;
END
""",
    """
CREATE TRIGGER refund_lines_tally AFTER INSERT ON refund_lines BEGIN
    INSERT INTO product_tallies (day, sku, pieces, revenue)
    SELECT (happened_at - ((happened_at % 86400000) + 86400000) % 86400000) / 86400000,
        new.sku, -new.quantity, -new.total FROM refunds WHERE receipt = new.receipt
    ON CONFLICT (day, sku) DO UPDATE SET pieces = pieces + excluded.pieces, revenue = revenue + excluded.revenue;
END
""",
)

_SLOT = "(happened_at - ((happened_at % 900000) + 900000) % 900000) / 900000"
_DAY = "(happened_at - ((happened_at % 86400000) + 86400000) % 86400000) / 86400000"


def upgrade() -> None:
    """Make the sums of what was sold until now, and the triggers that go on with them."""
    op.create_table(
        "slot_tallies",
        sa.Column("slot", INTEGER, nullable=False),
        sa.Column("sales", INTEGER, nullable=False),
        sa.Column("refunds", INTEGER, nullable=False),
        sa.Column("revenue", INTEGER, nullable=False),
        sa.Column("issued", INTEGER, nullable=False),
        sa.Column("redeemed", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_slot_tallies")),
        sqlite_strict=True,
    )
    op.create_table(
        "product_tallies",
        sa.Column("day", INTEGER, nullable=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("pieces", INTEGER, nullable=False),
        sa.Column("revenue", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("day", "sku", name=op.f("pk_product_tallies")),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO slot_tallies (slot, sales, refunds, revenue, issued, redeemed) "  # noqa: S608 - names from here
        "SELECT slot, sum(sale), sum(1 - sale), sum(total), sum(earned), sum(paid) FROM ("
        f"SELECT {_SLOT} AS slot, 1 AS sale, total, earned, points_paid AS paid FROM sales UNION ALL "
        f"SELECT {_SLOT}, 0, -total, -clawed, -points_back FROM refunds) GROUP BY slot"
    )
    op.execute(
        "INSERT INTO product_tallies (day, sku, pieces, revenue) "  # noqa: S608 - names from here
        "SELECT day, sku, sum(pieces), sum(revenue) FROM ("
        f"SELECT {_DAY} AS day, sku, quantity AS pieces, sale_lines.total AS revenue "
        "FROM sale_lines JOIN sales USING (receipt) UNION ALL "
        f"SELECT {_DAY}, sku, -quantity, -refund_lines.total FROM refund_lines JOIN refunds USING (receipt)) "
        "GROUP BY day, sku"
    )
    for statement in TRIGGERS:
        op.execute(statement)
