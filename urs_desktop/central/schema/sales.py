"""Tables of sales and refunds, as their counters signed them.

Written by central.sales and central.refunds alone. Must never be updated: what becomes of a sale later is an entry or
a refund of its own.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import at_commit, integer, ledger_table, text
from urs_desktop.database.columns import BYTES


def _receipt() -> tuple[sa.schema.SchemaItem, ...]:
    """Return what a sale and a refund have alike: the operation, who made it and when."""
    return (
        sa.Column("op_id", BYTES, at_commit("operations.op_id"), primary_key=True),
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
        text("policy_id", nullable=True),
        integer("policy_version", nullable=True),
        integer("engine"),
        text("operator", nullable=True),
        text("journal", nullable=True),
        text("invoice", nullable=True),
        sa.UniqueConstraint("device_id", "epoch", "receipt"),
        sa.Index(None, "vendor_id", "happened_at"),
    )


transactions: Final = ledger_table(
    "transactions",
    *_receipt(),
    integer("points_paid"),
    integer("points_promised"),
    integer("points_posted"),
)
"""The sales as on the receipt: amounts in minor units, `points_promised` on it, `points_posted` in the ledger.

`happened_at` and `recorded_at` are the counter's times, `received_at` the centre's, all in milliseconds.
"""

transaction_lines: Final = ledger_table(
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

tenders: Final = ledger_table(
    "tenders",
    sa.Column("op_id", BYTES, sa.ForeignKey("transactions.op_id"), primary_key=True),
    integer("n", primary_key=True),
    text("kind"),
    integer("amount"),
    integer("tendered"),
)
"""The payment lines of a sale in minor units."""

refunds: Final = ledger_table(
    "refunds",
    *_receipt(),
    sa.Column("sale_op_id", BYTES, nullable=True, index=True),
    integer("cash_back"),
    integer("points_back"),
    integer("clawed"),
    text("override_operator", nullable=True),
    text("override_reason", nullable=True),
)
"""The refunds as on the customer's receipt; what they moved in the ledger are the entries of their operation.

`sale_op_id` names the sale, which may arrive later, or is null for a refund without a receipt.
"""

refund_lines: Final = ledger_table(
    "refund_lines",
    sa.Column("op_id", BYTES, sa.ForeignKey("refunds.op_id"), primary_key=True),
    integer("n", primary_key=True),
    integer("line"),
    text("sku"),
    text("description"),
    integer("quantity"),
    integer("total"),
)
"""What came back in its order: `quantity` pieces of the sale's `line`, 0 where no receipt names one."""

refund_tenders: Final = ledger_table(
    "refund_tenders",
    sa.Column("op_id", BYTES, sa.ForeignKey("refunds.op_id"), primary_key=True),
    integer("n", primary_key=True),
    text("kind"),
    integer("amount"),
    integer("tendered"),
)
"""How a refund went back, in minor units."""
