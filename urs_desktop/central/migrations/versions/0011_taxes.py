"""Products have a tax, which their price includes or which is added to it.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER

revision = "0011_taxes"
down_revision = "0010_feed_gaps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("tax_rate", INTEGER, nullable=False, server_default="0"))
    op.add_column("products", sa.Column("tax_included", INTEGER, nullable=False, server_default="1"))
