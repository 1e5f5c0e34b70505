"""The tables of the counter's store.

Every amount is an integer, every table STRICT. Must never change without a migration: a test compares the two.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from urs_desktop.counter.store import search, tallies
from urs_desktop.database.columns import BYTES, INTEGER, TEXT
from urs_desktop.database.guards import APPEND_ONLY, REPEATS_IGNORED, sqlite_guards

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *parts: sa.schema.SchemaItem) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True)


def _kept(name: str, *parts: sa.schema.SchemaItem, repeats_ignored: bool = False) -> Table:
    """Return a table whose rows are written once and for ever; `repeats_ignored` where one may be offered again."""
    info = {APPEND_ONLY: True, REPEATS_IGNORED: repeats_ignored}
    return Table(name, metadata, *parts, sqlite_strict=True, info=info)


identity = _table(
    "identity",
    Column("id", INTEGER, primary_key=True),
    CheckConstraint("id = 1", name="single"),
    Column("device_id", BYTES, nullable=False),
    Column("number", INTEGER, nullable=False),
    Column("epoch", INTEGER, nullable=False),
    Column("nonce", BYTES, nullable=False),
    Column("vendor_id", TEXT, nullable=False),
    Column("vendor_name", TEXT, nullable=False),
    Column("category", TEXT, nullable=False),
    Column("currency", TEXT, nullable=False),
    Column("location", TEXT, nullable=False),
    Column("central_url", TEXT, nullable=False),
    Column("central_key", BYTES, nullable=False),
    Column("ca_certificate", BYTES, nullable=False),
)

chain = _table(
    "chain",
    Column("id", INTEGER, primary_key=True),
    CheckConstraint("id = 1", name="single"),
    Column("seq", INTEGER, nullable=False),
    Column("head", BYTES, nullable=False),
    Column("hlc", INTEGER, nullable=False),
    Column("receipt", INTEGER, nullable=False),
    Column("acknowledged", INTEGER, nullable=False),
    Column("state", TEXT, nullable=False),
    CheckConstraint("acknowledged <= seq", name="acknowledged"),
)

operations = _kept(
    "operations",
    Column("seq", INTEGER, primary_key=True),
    Column("op_id", BYTES, nullable=False, unique=True),
    Column("kind", TEXT, nullable=False),
    Column("schema", INTEGER, nullable=False),
    Column("body", BYTES, nullable=False),
    Column("prev", BYTES, nullable=False),
    Column("hash", BYTES, nullable=False),
    Column("sig", BYTES, nullable=False),
)

epochs = _kept(
    "epochs",
    Column("epoch", INTEGER, primary_key=True),
    Column("nonce", BYTES, nullable=False),
    Column("first_seq", INTEGER, nullable=False),
    Column("began_at", INTEGER, nullable=False),
)

links = _kept(
    "links",
    Column("epoch", INTEGER, ForeignKey("epochs.epoch"), primary_key=True),
    Column("seq", INTEGER, ForeignKey("operations.seq"), primary_key=True),
    Column("prev", BYTES, nullable=False),
    Column("hash", BYTES, nullable=False),
    Column("sig", BYTES, nullable=False),
)

skipped_receipts = _kept(
    "skipped_receipts",
    Column("receipt", INTEGER, primary_key=True),
    Column("after_seq", INTEGER, nullable=False),
)

parked_operations = _kept(
    "parked_operations",
    Column("seq", INTEGER, ForeignKey("operations.seq"), primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("code", TEXT, nullable=False),
    repeats_ignored=True,
)

resolved_operations = _kept(
    "resolved_operations",
    Column("seq", INTEGER, ForeignKey("parked_operations.seq"), primary_key=True),
    Column("result", TEXT, nullable=False),
    Column("code", TEXT, nullable=False),
    repeats_ignored=True,
)

products = _table(
    "products",
    Column("product_id", INTEGER, primary_key=True),
    Column("sku", TEXT, nullable=False, unique=True),
    Column("sku_folded", TEXT, nullable=False, index=True),
    Column("description", TEXT, nullable=False),
    Column("price", INTEGER, nullable=False),
    Column("scale", INTEGER, nullable=False),
    Column("barcode", TEXT, nullable=False, index=True),
    Column("category", TEXT, nullable=False),
    Column("hlc", INTEGER, nullable=False),
    Column("tax_rate", INTEGER, nullable=False, server_default="0"),
    Column("tax_included", INTEGER, nullable=False, server_default="1"),
    Index("ix_products_category", "category", "description"),
)

customers = _table(
    "customers",
    Column("customer_id", INTEGER, primary_key=True),
    Column("card", TEXT, nullable=False, unique=True),
    Column("name", TEXT, nullable=False),
    Column("phone", TEXT, nullable=False, index=True),
    Column("email", TEXT, nullable=False),
    Column("available", INTEGER),
    Column("as_of", INTEGER),
    Column("blocked", INTEGER, nullable=False),
    Column("mark", TEXT, nullable=False, index=True),
    CheckConstraint("blocked IN (0, 1)", name="blocked"),
)

policies = _kept(
    "policies",
    Column("policy_id", TEXT, primary_key=True),
    Column("version", INTEGER, primary_key=True),
    Column("category", TEXT, nullable=False),
    Column("vendor_id", TEXT),
    Column("currency", TEXT, nullable=False),
    Column("threshold", INTEGER, nullable=False),
    Column("reward_bp", INTEGER, nullable=False),
    Column("redeemable_bp", INTEGER, nullable=False),
    Column("valid_from", INTEGER, nullable=False),
    Column("valid_until", INTEGER),
    Column("vests_after", INTEGER, nullable=False),
    Column("expires_after", INTEGER, nullable=False),
    Column("digest", BYTES, nullable=False),
    repeats_ignored=True,
)

sales = _kept(
    "sales",
    Column("receipt", INTEGER, primary_key=True),
    Column("seq", INTEGER, ForeignKey("operations.seq"), nullable=False, unique=True),
    Column("happened_at", INTEGER, nullable=False, index=True),
    Column("recorded_at", INTEGER, nullable=False),
    Column("card", TEXT, index=True),
    Column("total", INTEGER, nullable=False),
    Column("points_paid", INTEGER, nullable=False),
    Column("earned", INTEGER, nullable=False),
    Column("journal", TEXT),
    Column("invoice", TEXT),
    Index(None, "journal", "invoice", unique=True),
)

sale_lines = _kept(
    "sale_lines",
    Column("receipt", INTEGER, ForeignKey("sales.receipt"), primary_key=True),
    Column("n", INTEGER, primary_key=True),
    Column("sku", TEXT, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("quantity", INTEGER, nullable=False),
    Column("price", INTEGER, nullable=False),
    Column("scale", INTEGER, nullable=False),
    Column("total", INTEGER, nullable=False),
    Column("earned", INTEGER, nullable=False),
    Index(None, "sku", "receipt"),
)

tenders = _kept(
    "tenders",
    Column("receipt", INTEGER, ForeignKey("sales.receipt"), primary_key=True),
    Column("n", INTEGER, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("amount", INTEGER, nullable=False),
    Column("tendered", INTEGER, nullable=False),
)

point_entries = _kept(
    "point_entries",
    Column("receipt", INTEGER, ForeignKey("sales.receipt"), primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("card", TEXT, nullable=False),
    Column("points", INTEGER, nullable=False),
    CheckConstraint("points > 0", name="positive"),
)

refunds = _kept(
    "refunds",
    Column("receipt", INTEGER, primary_key=True),
    Column("seq", INTEGER, ForeignKey("operations.seq"), nullable=False, unique=True),
    Column("happened_at", INTEGER, nullable=False, index=True),
    Column("recorded_at", INTEGER, nullable=False),
    Column("sale_op_id", BYTES, index=True),
    Column("card", TEXT, index=True),
    Column("total", INTEGER, nullable=False),
    Column("cash_back", INTEGER, nullable=False),
    Column("points_back", INTEGER, nullable=False),
    Column("clawed", INTEGER, nullable=False),
    Column("override_operator", TEXT),
    Column("override_reason", TEXT),
    Column("journal", TEXT),
    Column("invoice", TEXT),
    Index(None, "journal", "invoice"),
)

refund_lines = _kept(
    "refund_lines",
    Column("receipt", INTEGER, ForeignKey("refunds.receipt"), primary_key=True),
    Column("n", INTEGER, primary_key=True),
    Column("line", INTEGER, nullable=False),
    Column("sku", TEXT, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("quantity", INTEGER, nullable=False),
    Column("total", INTEGER, nullable=False),
)

refund_tenders = _kept(
    "refund_tenders",
    Column("receipt", INTEGER, ForeignKey("refunds.receipt"), primary_key=True),
    Column("n", INTEGER, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("amount", INTEGER, nullable=False),
    Column("tendered", INTEGER, nullable=False),
)

refunds_elsewhere = _kept(
    "refunds_elsewhere",
    Column("receipt", INTEGER, ForeignKey("refunds.receipt"), primary_key=True),
    Column("op_id", BYTES, primary_key=True),
    Column("line", INTEGER, primary_key=True),
    Column("quantity", INTEGER, nullable=False),
)

replayed_returns = _kept(
    "replayed_returns",
    Column("journal", TEXT, primary_key=True),
    Column("invoice", TEXT, primary_key=True),
    Column("digest", TEXT, nullable=False),
    Column("stored", INTEGER, nullable=False),
    Column("without_sale", INTEGER, nullable=False),
    Column("exceeding", INTEGER, nullable=False),
)

adjusted_receipts = _kept(
    "adjusted_receipts",
    Column("receipt", INTEGER, primary_key=True),
    Column("seq", INTEGER, ForeignKey("operations.seq"), nullable=False),
    Column("card", TEXT, index=True),
    Column("code", TEXT, nullable=False),
    Column("earned", INTEGER, nullable=False),
    Column("late", INTEGER, nullable=False),
    Column("back", INTEGER, nullable=False),
    Column("clawed", INTEGER, nullable=False),
    repeats_ignored=True,
)

adjustment_notes = _kept(
    "adjustment_notes",
    Column("receipt", INTEGER, ForeignKey("adjusted_receipts.receipt"), primary_key=True),
    Column("told_on", INTEGER, ForeignKey("sales.receipt"), nullable=False, index=True),
)

held_sales = _table(
    "held_sales",
    Column("number", INTEGER, primary_key=True),
    Column("held_at", INTEGER, nullable=False),
    Column("card", TEXT),
    Column("taken", INTEGER, nullable=False),
    Column("discount", TEXT, nullable=False, server_default=""),
    CheckConstraint("taken IN (0, 1)", name="taken"),
)

held_lines = _table(
    "held_lines",
    Column("number", INTEGER, ForeignKey("held_sales.number", ondelete="CASCADE"), primary_key=True),
    Column("n", INTEGER, primary_key=True),
    Column("sku", TEXT, nullable=False),
    Column("description", TEXT, nullable=False),
    Column("quantity", INTEGER, nullable=False),
    Column("price", INTEGER, nullable=False),
    Column("scale", INTEGER, nullable=False),
    Column("worked_on", TEXT, nullable=False, server_default=""),
)

leases = _table(
    "leases",
    Column("lease_id", TEXT, primary_key=True),
    Column("card", TEXT, nullable=False),
    Column("epoch", INTEGER, nullable=False),
    Column("granted", INTEGER, nullable=False),
    Column("spent", INTEGER, nullable=False),
    Column("returned", INTEGER, nullable=False),
    Column("spend_until", INTEGER, nullable=False),
    Column("finished", INTEGER, nullable=False),
    Column("standing", INTEGER, nullable=False),
    Column("in_payment", INTEGER, nullable=False),
    Column("recalled", INTEGER, nullable=False),
    Column("renew_at", INTEGER, nullable=False),
    Index(None, "finished", "card"),
    CheckConstraint("spent >= 0 AND returned >= 0 AND spent + returned <= granted", name="covered"),
)

line_requests = _table(
    "line_requests",
    Column("card", TEXT, primary_key=True),
    Column("asked_at", INTEGER, nullable=False),
)

settings = _table(
    "settings",
    Column("name", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
)

staff = _table(
    "staff",
    Column("code", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("sealed", BYTES, nullable=False),
    Column("badge", BYTES, unique=True),
    Column("active", INTEGER, nullable=False),
    Column("failures", INTEGER, nullable=False),
    Column("failed_at", INTEGER, nullable=False),
    CheckConstraint("active IN (0, 1)", name="active"),
)

slot_tallies = _table(
    "slot_tallies",
    Column("slot", INTEGER, primary_key=True),
    Column("sales", INTEGER, nullable=False),
    Column("refunds", INTEGER, nullable=False),
    Column("revenue", INTEGER, nullable=False),
    Column("issued", INTEGER, nullable=False),
    Column("redeemed", INTEGER, nullable=False),
)

product_tallies = _table(
    "product_tallies",
    Column("day", INTEGER, primary_key=True),
    Column("sku", TEXT, primary_key=True),
    Column("pieces", INTEGER, nullable=False),
    Column("revenue", INTEGER, nullable=False),
)


def create_all(connection: sa.Connection) -> None:
    """Make every table and trigger in an empty database, as the migrations do; for tests and simulations."""
    metadata.create_all(connection)
    for statement in (*search.INDEXES, *search.SETTINGS, *search.TRIGGERS, *tallies.TRIGGERS, *sqlite_guards(metadata)):
        connection.exec_driver_sql(statement)
