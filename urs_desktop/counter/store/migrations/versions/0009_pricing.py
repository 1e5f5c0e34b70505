"""Taxes of products, and what was done to the prices of a sale that is held.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0009_pricing"
down_revision = "0008_held_sales"


def upgrade() -> None:
    """Add the columns; products so far have no tax, held sales nothing done to them."""
    op.add_column("products", sa.Column("tax_rate", INTEGER, nullable=False, server_default="0"))
    op.add_column("products", sa.Column("tax_included", INTEGER, nullable=False, server_default="1"))
    op.create_index("ix_products_category", "products", ["category", "description"])
    op.add_column("held_sales", sa.Column("discount", TEXT, nullable=False, server_default=""))
    op.add_column("held_lines", sa.Column("worked_on", TEXT, nullable=False, server_default=""))
