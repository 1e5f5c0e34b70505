"""Standing leases: each vendor's limits, what its counters hold found by an index, and recalls in the feed.

Must never change after its release: what changes is the next script.
"""

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import INTEGER, TEXT

revision = "0006_lines"
down_revision = "0005_former_categories"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('policy', 'product', 'customer', 'recall', 'gone')"
_LIMITS = ("lease_cap", "floor_customer", "floor_counter")


def upgrade() -> None:
    op.create_table(
        "vendor_limits",
        sa.Column("vendor_id", TEXT, nullable=False),
        *(sa.Column(name, INTEGER, nullable=False) for name in _LIMITS),
        sa.PrimaryKeyConstraint("vendor_id", name="pk_vendor_limits"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.vendor_id"], name="fk_vendor_limits_vendor_id_vendors"),
        *(sa.CheckConstraint(f"{name} >= 0", name=f"ck_vendor_limits_{name}") for name in _LIMITS),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_leases_of_vendor",
        "leases",
        ["vendor_id"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_feed_items_kind", "feed_items", type_="check")
        op.create_check_constraint("ck_feed_items_kind", "feed_items", _KINDS)
    else:
        _rebuild_feed_items()


def _rebuild_feed_items() -> None:
    """Put the items into a table with the new check: SQLite cannot change one."""
    op.rename_table("feed_items", "feed_items_before")
    op.create_table(
        "feed_items",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("stream", "kind", "key", name="pk_feed_items"),
        sa.ForeignKeyConstraint(["stream"], ["streams.stream"], name="fk_feed_items_stream_streams"),
        sa.UniqueConstraint("stream", "position", name="uq_feed_items_stream_position"),
        sa.CheckConstraint(_KINDS, name="ck_feed_items_kind"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO feed_items SELECT stream, kind, key, position FROM feed_items_before")
    op.drop_table("feed_items_before")
