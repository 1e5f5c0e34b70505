"""The counter's first schema.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()

SEARCH_INDEX = """
CREATE VIRTUAL TABLE products_search USING fts5(
    sku, description, content='products', content_rowid='product_id',
    tokenize='unicode61 remove_diacritics 2', prefix='2 3')
"""

SEARCH_INSERT = """
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_search(rowid, sku, description) VALUES (new.product_id, new.sku, new.description);
END
"""

SEARCH_UPDATE = """
CREATE TRIGGER products_search_update AFTER UPDATE OF sku, description ON products BEGIN
    INSERT INTO products_search(products_search, rowid, sku, description)
    VALUES ('delete', old.product_id, old.sku, old.description);
    INSERT INTO products_search(rowid, sku, description) VALUES (new.product_id, new.sku, new.description);
END
"""


def upgrade() -> None:
    """Make every table of the first version."""
    op.create_table(
        "chain",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("head", BYTES, nullable=False),
        sa.Column("hlc", INTEGER, nullable=False),
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("acknowledged", INTEGER, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.CheckConstraint("acknowledged <= seq", name=op.f("ck_chain_acknowledged")),
        sa.CheckConstraint("id = 1", name=op.f("ck_chain_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain")),
        sqlite_strict=True,
    )
    op.create_table(
        "customers",
        sa.Column("card", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("phone", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("available", INTEGER, nullable=True),
        sa.Column("as_of", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_customers")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"], unique=False)
    op.create_table(
        "identity",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", BYTES, nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("nonce", BYTES, nullable=False),
        sa.Column("vendor_id", TEXT, nullable=False),
        sa.Column("vendor_name", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("location", TEXT, nullable=False),
        sa.Column("central_url", TEXT, nullable=False),
        sa.Column("central_key", BYTES, nullable=False),
        sa.Column("ca_certificate", BYTES, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_identity_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sqlite_strict=True,
    )
    op.create_table(
        "leases",
        sa.Column("lease_id", TEXT, nullable=False),
        sa.Column("card", TEXT, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("granted", INTEGER, nullable=False),
        sa.Column("spent", INTEGER, nullable=False),
        sa.Column("returned", INTEGER, nullable=False),
        sa.Column("spend_until", INTEGER, nullable=False),
        sa.Column("finished", INTEGER, nullable=False),
        sa.CheckConstraint(
            "spent >= 0 AND returned >= 0 AND spent + returned <= granted", name=op.f("ck_leases_covered")
        ),
        sa.PrimaryKeyConstraint("lease_id", name=op.f("pk_leases")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_leases_finished"), "leases", ["finished"], unique=False)
    op.create_table(
        "operations",
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("op_id", BYTES, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("schema", INTEGER, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("prev", BYTES, nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.Column("sig", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_operations")),
        sa.UniqueConstraint("op_id", name=op.f("uq_operations_op_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "policies",
        sa.Column("policy_id", TEXT, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("vendor_id", TEXT, nullable=True),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("threshold", INTEGER, nullable=False),
        sa.Column("reward_bp", INTEGER, nullable=False),
        sa.Column("redeemable_bp", INTEGER, nullable=False),
        sa.Column("valid_from", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policies")),
        sqlite_strict=True,
    )
    op.create_table(
        "products",
        sa.Column("product_id", INTEGER, nullable=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("sku_folded", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("price", INTEGER, nullable=False),
        sa.Column("scale", INTEGER, nullable=False),
        sa.Column("barcode", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("hlc", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_products_barcode"), "products", ["barcode"], unique=False)
    op.create_index(op.f("ix_products_sku_folded"), "products", ["sku_folded"], unique=False)
    op.create_table(
        "settings",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
        sqlite_strict=True,
    )
    op.create_table(
        "parked_operations",
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_parked_operations_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_parked_operations")),
        sqlite_strict=True,
    )
    op.create_table(
        "sales",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("happened_at", INTEGER, nullable=False),
        sa.Column("recorded_at", INTEGER, nullable=False),
        sa.Column("card", TEXT, nullable=True),
        sa.Column("total", INTEGER, nullable=False),
        sa.Column("points_paid", INTEGER, nullable=False),
        sa.Column("earned", INTEGER, nullable=False),
        sa.Column("journal", TEXT, nullable=True),
        sa.Column("invoice", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_sales_seq")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_sales")),
        sa.UniqueConstraint("seq", name=op.f("uq_sales_seq")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_sales_card"), "sales", ["card"], unique=False)
    op.create_index(op.f("ix_sales_happened_at"), "sales", ["happened_at"], unique=False)
    op.create_index(op.f("ix_sales_journal_invoice"), "sales", ["journal", "invoice"], unique=True)
    op.create_table(
        "point_entries",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("card", TEXT, nullable=False),
        sa.Column("points", INTEGER, nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_point_entries_positive")),
        sa.ForeignKeyConstraint(["receipt"], ["sales.receipt"], name=op.f("fk_point_entries_receipt")),
        sa.PrimaryKeyConstraint("receipt", "kind", name=op.f("pk_point_entries")),
        sqlite_strict=True,
    )
    op.create_table(
        "sale_lines",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("quantity", INTEGER, nullable=False),
        sa.Column("price", INTEGER, nullable=False),
        sa.Column("scale", INTEGER, nullable=False),
        sa.Column("total", INTEGER, nullable=False),
        sa.Column("earned", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["sales.receipt"], name=op.f("fk_sale_lines_receipt")),
        sa.PrimaryKeyConstraint("receipt", "n", name=op.f("pk_sale_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "tenders",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("amount", INTEGER, nullable=False),
        sa.Column("tendered", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["sales.receipt"], name=op.f("fk_tenders_receipt")),
        sa.PrimaryKeyConstraint("receipt", "n", name=op.f("pk_tenders")),
        sqlite_strict=True,
    )
    for statement in (SEARCH_INDEX, SEARCH_INSERT, SEARCH_UPDATE):
        op.execute(sa.text(statement))
