"""Tables of sales and points: transactions, double entry, lots and leases.

Written by central.sales, central.ledger and central.leases alone. Must never be updated but for `lots.remaining` and
the numbers of a lease.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import integer, never_negative, one_of, table, text
from urs_desktop.database.columns import BYTES


def _operation(*, key: bool = False, nullable: bool = False) -> sa.Column[bytes]:
    reference = sa.ForeignKey("operations.op_id", deferrable=True, initially="DEFERRED")
    return sa.Column("op_id", BYTES, reference, primary_key=key, nullable=nullable)


transactions: Final = table(
    "transactions",
    _operation(key=True),
    sa.Column("device_id", BYTES, sa.ForeignKey("counters.device_id"), nullable=False),
    integer("epoch"),
    integer("receipt"),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), nullable=True, index=True),
    integer("happened_at"),
    integer("recorded_at"),
    integer("received_at"),
    text("currency"),
    integer("total"),
    integer("points_paid"),
    integer("points_promised"),
    integer("points_posted"),
    text("policy_id", nullable=True),
    integer("policy_version", nullable=True),
    integer("engine"),
    text("operator", nullable=True),
    text("journal", nullable=True),
    text("invoice", nullable=True),
    sa.UniqueConstraint("device_id", "epoch", "receipt"),
    sa.Index(None, "vendor_id", "happened_at"),
)
"""The sales as on the receipt: amounts in minor units, `points_promised` on it, `points_posted` in the ledger.

`happened_at` and `recorded_at` are the counter's times, `received_at` the centre's, all in milliseconds.
"""

transaction_lines: Final = table(
    "transaction_lines",
    sa.Column("op_id", BYTES, sa.ForeignKey("transactions.op_id"), primary_key=True),
    integer("n", primary_key=True),
    text("sku"),
    text("description"),
    integer("quantity"),
    integer("price"),
    integer("scale"),
    integer("total"),
    integer("earned"),
)
"""The lines of a sale in their order; `earned` is the line's share of the points promised."""

tenders: Final = table(
    "tenders",
    sa.Column("op_id", BYTES, sa.ForeignKey("transactions.op_id"), primary_key=True),
    integer("n", primary_key=True),
    text("kind"),
    integer("amount"),
    integer("tendered"),
)
"""The payment lines of a sale in minor units."""

entries: Final = table(
    "entries",
    sa.Column("entry_id", BYTES, primary_key=True),
    text("kind"),
    integer("points"),
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), nullable=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("lease_id", nullable=True),
    _operation(nullable=True),
    integer("created_at"),
    sa.Index(None, "customer_id", "created_at"),
    sa.Index(None, "op_id"),
    sa.CheckConstraint("points > 0", name="points"),
)
"""What happened to points. `entry_id` follows from its cause (see central.ledger), so no cause can be booked twice."""

postings: Final = table(
    "postings",
    sa.Column("entry_id", BYTES, sa.ForeignKey("entries.entry_id"), primary_key=True),
    integer("n", primary_key=True),
    text("account"),
    text("owner"),
    text("lease_id"),
    text("unit"),
    integer("amount"),
    one_of("unit", "points", "money"),
)
"""The amounts of an entry, summing to zero in points and in money."""

lots: Final = table(
    "lots",
    sa.Column("lot_id", BYTES, sa.ForeignKey("entries.entry_id"), primary_key=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("customer_id", sa.ForeignKey("customer_records.customer_id")),
    sa.Column("op_id", BYTES, sa.ForeignKey("transactions.op_id"), nullable=True),
    integer("granted"),
    integer("remaining"),
    integer("vests_at", nullable=True),
    integer("expires_at", nullable=True),
    integer("created_at"),
    sa.Index(None, "customer_id", "created_at"),
    sa.CheckConstraint("remaining >= 0 AND remaining <= granted", name="remaining"),
)
"""Points by where they came from: the lot of an earning has its entry's id."""

lot_uses: Final = table(
    "lot_uses",
    sa.Column("entry_id", BYTES, sa.ForeignKey("entries.entry_id"), primary_key=True),
    sa.Column("lot_id", BYTES, sa.ForeignKey("lots.lot_id"), primary_key=True),
    integer("points"),
    sa.CheckConstraint("points > 0", name="points"),
)
"""Which lots an entry took its points from: granted - these = remaining."""

leases: Final = table(
    "leases",
    text("lease_id", primary_key=True),
    sa.Column("device_id", BYTES, sa.ForeignKey("counters.device_id"), nullable=False),
    integer("epoch"),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), nullable=True),
    integer("granted"),
    integer("settled"),
    integer("returned"),
    text("state"),
    integer("spend_until"),
    integer("settle_by"),
    integer("total"),
    text("policy_id", nullable=True),
    integer("policy_version", nullable=True),
    integer("created_at"),
    one_of("state", "open", "closed"),
    *never_negative("granted", "settled", "returned"),
    sa.CheckConstraint("settled + returned <= granted", name="rest"),
    sa.Index(
        "ix_leases_open",
        "customer_id",
        "settle_by",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)
"""Leases by the id their counter minted: while open one holds granted - settled - returned points of the wallet.

A closed lease without customer is the mark a return leaves whose grant never came: a later grant is refused.
"""
