"""Tables of points: entries in double entry, lots and what moved them, leases, adjustments.

Written by central.ledger, central.leases and central.adjustments alone. Must never be updated but for the three
balances of a lot and the numbers of a lease.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import (
    at_commit,
    integer,
    ledger_table,
    never_negative,
    one_of,
    sealed_table,
    table,
    text,
)
from urs_desktop.database.columns import BYTES
from urs_desktop.domain.ledger import AccountKind, EntryKind, Unit

_IN_MONEY: Final = ", ".join(f"'{kind.value}'" for kind in AccountKind if kind.unit is Unit.MONEY)

entries: Final = ledger_table(
    "entries",
    sa.Column("entry_id", BYTES, primary_key=True),
    text("kind"),
    integer("points"),
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), nullable=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), nullable=True),
    text("lease_id", nullable=True, index=True),
    sa.Column("op_id", BYTES, at_commit("operations.op_id"), nullable=True, index=True),
    sa.Column("debt_id", BYTES, sa.ForeignKey("entries.entry_id"), nullable=True, index=True),
    text("policy_id", nullable=True),
    integer("policy_version", nullable=True),
    sa.Column("policy_digest", BYTES, nullable=True),
    integer("created_at"),
    sa.Index(None, "customer_id", "created_at"),
    sa.CheckConstraint("points > 0", name="points"),
    one_of("kind", *(kind.value for kind in EntryKind)),
)
"""What happened to points. `entry_id` follows from its cause (see central.ledger), so no cause can be booked twice.

`policy_*` is the version it was reckoned with, where there is one; `debt_id` the debt a RECOVER repays; without
`vendor_id` it is the programme's own.
"""

postings: Final = ledger_table(
    "postings",
    sa.Column("entry_id", BYTES, at_commit("entries.entry_id"), primary_key=True),
    integer("n", primary_key=True),
    text("account"),
    text("owner"),
    text("lease_id"),
    text("unit"),
    integer("amount"),
    one_of("unit", "points", "money"),
    one_of("account", *(kind.value for kind in AccountKind)),
    sa.CheckConstraint(f"(unit = 'money') = (account IN ({_IN_MONEY}))", name="fits"),
    sa.CheckConstraint("amount <> 0", name="amount"),
)
"""The amounts of an entry, summing to zero in points and in money; written before the entry, which closes them."""

lots: Final = table(
    "lots",
    sa.Column("lot_id", BYTES, at_commit("entries.entry_id"), primary_key=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), nullable=True),
    text("customer_id", sa.ForeignKey("customer_records.customer_id")),
    sa.Column("op_id", BYTES, sa.ForeignKey("transactions.op_id"), nullable=True, index=True),
    integer("granted"),
    integer("pending"),
    integer("available"),
    integer("held"),
    integer("vests_at", nullable=True),
    integer("expires_at", nullable=True),
    integer("created_at"),
    sa.Index(None, "customer_id", "created_at"),
    sa.Index(
        "ix_lots_expiring",
        "expires_at",
        sqlite_where=sa.text("available > 0"),
        postgresql_where=sa.text("available > 0"),
    ),
    sa.Index(
        "ix_lots_vesting", "vests_at", sqlite_where=sa.text("pending > 0"), postgresql_where=sa.text("pending > 0")
    ),
    *never_negative("pending", "available", "held"),
    sa.CheckConstraint("pending + available + held <= granted", name="granted"),
)
"""Points by where they came from: the lot of an earning has the id of its entry, what remains is in three balances.

`vendor_id` issued them, null the programme; `op_id` is the sale that earned them.
"""

lot_moves: Final = ledger_table(
    "lot_moves",
    sa.Column("entry_id", BYTES, at_commit("entries.entry_id"), primary_key=True),
    sa.Column("lot_id", BYTES, sa.ForeignKey("lots.lot_id"), primary_key=True, index=True),
    integer("pending"),
    integer("available"),
    integer("held"),
    sa.CheckConstraint("pending <> 0 OR available <> 0 OR held <> 0", name="moves"),
)
"""What an entry added to each balance of a lot: their sum is the lot, and over an entry they are its postings."""

leases: Final = sealed_table(
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
    sa.CheckConstraint("(state = 'open') = (settled + returned < granted)", name="open"),
    sa.Index(
        "ix_leases_open",
        "customer_id",
        "settle_by",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
    sa.Index(
        "ix_leases_of_vendor",
        "vendor_id",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
    fixed=(
        *("lease_id", "device_id", "epoch", "vendor_id", "customer_id", "granted", "spend_until", "settle_by"),
        *("total", "policy_id", "policy_version", "created_at"),
    ),
)
"""Leases by the id their counter minted: while open one holds granted - settled - returned points of the wallet.

One for a single sale names its `total` and policy; a standing one has the total 0.

A closed lease without customer is the mark a return leaves whose grant never came: a later grant is refused.
"""

adjustments: Final = ledger_table(
    "adjustments",
    text("adjustment_id", primary_key=True),
    text("customer_id", sa.ForeignKey("customer_records.customer_id")),
    integer("points"),
    text("reason"),
    text("made_by", sa.ForeignKey("operators.operator_id")),
    integer("made_at"),
    sa.UniqueConstraint("adjustment_id", "made_by"),
    sa.CheckConstraint("points <> 0", name="points"),
)
"""Points one person wants to give (more than 0) or take (less); nothing moves before another one agrees."""

adjustment_decisions: Final = ledger_table(
    "adjustment_decisions",
    text("adjustment_id", primary_key=True),
    text("made_by"),
    text("decision"),
    text("checked_by", sa.ForeignKey("operators.operator_id")),
    integer("checked_at"),
    sa.ForeignKeyConstraint(
        ["adjustment_id", "made_by"],
        ["adjustments.adjustment_id", "adjustments.made_by"],
        name="fk_adjustment_decisions_adjustments",
    ),
    one_of("decision", "approved", "rejected"),
    sa.CheckConstraint("made_by <> checked_by", name="two_people"),
)
"""What another person decided on an adjustment, once; `made_by` is repeated so that the database sees two people."""
