"""Tables of the counters and what they sent: identities, codes, sessions, and every operation as it was signed.

Must never hold a secret in clear: codes and tokens are stored as SHA-256.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import integer, ledger_table, one_of, sealed_table, table, text
from urs_desktop.database.columns import BYTES


def _bytes(name: str, *items: sa.schema.SchemaItem, nullable: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, BYTES, *items, nullable=nullable, primary_key=key)


counters: Final = sealed_table(
    "counters",
    _bytes("device_id", key=True),
    integer("number"),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("name"),
    _bytes("public_key"),
    integer("epoch"),
    _bytes("nonce"),
    integer("last_seq"),
    _bytes("head"),
    integer("checked_seq"),
    text("state"),
    integer("enrolled_at"),
    integer("last_seen", nullable=True),
    sa.UniqueConstraint("vendor_id", "number"),
    one_of("state", "active", "quarantined", "revoked"),
    fixed=("device_id", "number", "vendor_id", "name", "public_key", "enrolled_at"),
)
"""One till each: `number` counts within its vendor; the chain of `epoch` stands at `last_seq` with hash `head`.

Of the operations up to `checked_seq` every signature has been verified by itself; of later ones only that of the last
in each push, which covers those before it.
"""

ended_epochs: Final = ledger_table(
    "ended_epochs",
    _bytes("device_id", sa.ForeignKey("counters.device_id"), key=True),
    integer("epoch", primary_key=True),
    _bytes("nonce"),
    integer("last_seq"),
    _bytes("head"),
    integer("ended_at"),
    integer("next_epoch"),
    integer("seen_epoch"),
    _bytes("asked"),
    sa.UniqueConstraint("device_id", "asked"),
)
"""Epochs that a rejoin ended: where their chain began and ended, and by which wish (`asked`) the next one came."""

counter_changes: Final = ledger_table(
    "counter_changes",
    _bytes("device_id", sa.ForeignKey("counters.device_id"), key=True),
    integer("n", primary_key=True),
    text("state"),
    text("reason"),
    text("detail"),
    integer("changed_at"),
    one_of("state", "active", "quarantined", "revoked"),
)
"""Every change of a counter's state with its reason: the last of them is the state the counter is in."""

enrolment_codes: Final = table(
    "enrolment_codes",
    _bytes("secret_hash", key=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    integer("created_at"),
    integer("expires_at"),
    integer("spent_at", nullable=True),
    _bytes("public_key", nullable=True),
    _bytes("device_id", sa.ForeignKey("counters.device_id"), nullable=True),
)
"""One-time codes by SHA-256 of their secret; once spent, by whom."""

challenges: Final = table(
    "challenges",
    _bytes("challenge", key=True),
    sa.Column("device_id", BYTES, sa.ForeignKey("counters.device_id"), nullable=False, index=True),
    integer("expires_at"),
)
"""Challenges given and not yet signed."""

sessions: Final = table(
    "sessions",
    _bytes("token_hash", key=True),
    sa.Column("device_id", BYTES, sa.ForeignKey("counters.device_id"), nullable=False, index=True),
    integer("epoch"),
    integer("expires_at"),
)
"""Sessions by SHA-256 of their token."""

told_receipts: Final = table(
    "told_receipts",
    _bytes("device_id", sa.ForeignKey("counters.device_id"), key=True),
    integer("receipt"),
    integer("told_at"),
)
"""The newest receipt number each counter ever told of in a hello, sent or not, and when."""

operations: Final = ledger_table(
    "operations",
    _bytes("op_id", key=True),
    _bytes("device_id", sa.ForeignKey("counters.device_id")),
    integer("epoch"),
    integer("seq"),
    text("kind"),
    integer("schema"),
    _bytes("body"),
    _bytes("body_hash"),
    _bytes("prev"),
    _bytes("hash"),
    _bytes("sig"),
    text("result"),
    text("code"),
    integer("received_at"),
    sa.UniqueConstraint("device_id", "epoch", "seq"),
    one_of("result", "applied", "adjusted", "parked"),
)
"""Every operation exactly as it was signed, once for ever by op_id, with what became of it."""

repeated_operations: Final = ledger_table(
    "repeated_operations",
    _bytes("device_id", sa.ForeignKey("counters.device_id"), key=True),
    integer("epoch", primary_key=True),
    integer("seq", primary_key=True),
    _bytes("op_id", sa.ForeignKey("operations.op_id", deferrable=True, initially="DEFERRED")),
    _bytes("prev"),
    _bytes("hash"),
    _bytes("sig"),
    integer("received_at"),
)
"""Places in a chain where an operation already known came again: without these a chain could not be recomputed."""

parked_operations: Final = ledger_table(
    "parked_operations",
    _bytes("op_id", sa.ForeignKey("operations.op_id", deferrable=True, initially="DEFERRED"), key=True),
    text("reason"),
    text("detail"),
    integer("parked_at"),
)
"""Operations that had no effect when they came, and why; their raw bytes are in `operations`."""

parked_resolutions: Final = ledger_table(
    "parked_resolutions",
    _bytes("op_id", sa.ForeignKey("operations.op_id", deferrable=True, initially="DEFERRED"), key=True),
    text("action"),
    text("result"),
    text("code"),
    _bytes("by_op_id", sa.ForeignKey("operations.op_id", deferrable=True, initially="DEFERRED"), nullable=True),
    text("operator", nullable=True),
    text("override_operator", nullable=True),
    text("override_reason", nullable=True),
    integer("resolved_at"),
    one_of("action", "retry", "repair", "write_off"),
    one_of("result", "applied", "adjusted", "written_off"),
)
"""What became of parked operations in the end, once for each: applied after all, or written off for ever.

By an operation of the counter (`by_op_id`), or by an operator of the store; one that is not here is parked still.
"""
