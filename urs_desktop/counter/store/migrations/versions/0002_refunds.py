"""Refunds, what became of a journal's returns, and policies that end, vest, expire and are sealed by their digest.

Frozen: must never change once released; a later schema is a later migration. The digest of the versions that are there
already is written out here as it was when they came, whatever becomes of domain.policy.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0002_refunds"
down_revision = "0001_initial"

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
BYTES = sa.LargeBinary()

SEALED = (
    "policy_id",
    "version",
    "category",
    "vendor_id",
    "currency",
    "threshold",
    "reward_bp",
    "redeemable_bp",
    "valid_from",
)


def upgrade() -> None:
    """Add the tables of refunds, and rebuild that of the policies."""
    op.create_index(op.f("ix_sale_lines_sku_receipt"), "sale_lines", ["sku", "receipt"], unique=False)
    _refunds()
    op.create_table(
        "replayed_returns",
        sa.Column("journal", TEXT, nullable=False),
        sa.Column("invoice", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("stored", INTEGER, nullable=False),
        sa.Column("without_sale", INTEGER, nullable=False),
        sa.Column("exceeding", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("journal", "invoice", name=op.f("pk_replayed_returns")),
        sqlite_strict=True,
    )
    _policies()


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("happened_at", INTEGER, nullable=False),
        sa.Column("recorded_at", INTEGER, nullable=False),
        sa.Column("sale_op_id", BYTES, nullable=True),
        sa.Column("card", TEXT, nullable=True),
        sa.Column("total", INTEGER, nullable=False),
        sa.Column("cash_back", INTEGER, nullable=False),
        sa.Column("points_back", INTEGER, nullable=False),
        sa.Column("clawed", INTEGER, nullable=False),
        sa.Column("override_operator", TEXT, nullable=True),
        sa.Column("override_reason", TEXT, nullable=True),
        sa.Column("journal", TEXT, nullable=True),
        sa.Column("invoice", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_refunds_seq")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_refunds")),
        sa.UniqueConstraint("seq", name=op.f("uq_refunds_seq")),
        sqlite_strict=True,
    )
    for columns in (["happened_at"], ["sale_op_id"], ["card"], ["journal", "invoice"]):
        op.create_index(op.f(f"ix_refunds_{'_'.join(columns)}"), "refunds", columns, unique=False)
    op.create_table(
        "refund_lines",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("line", INTEGER, nullable=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("quantity", INTEGER, nullable=False),
        sa.Column("total", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["refunds.receipt"], name=op.f("fk_refund_lines_receipt")),
        sa.PrimaryKeyConstraint("receipt", "n", name=op.f("pk_refund_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "refund_tenders",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("n", INTEGER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("amount", INTEGER, nullable=False),
        sa.Column("tendered", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["refunds.receipt"], name=op.f("fk_refund_tenders_receipt")),
        sa.PrimaryKeyConstraint("receipt", "n", name=op.f("pk_refund_tenders")),
        sqlite_strict=True,
    )
    op.create_table(
        "refunds_elsewhere",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("op_id", BYTES, nullable=False),
        sa.Column("line", INTEGER, nullable=False),
        sa.Column("quantity", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["refunds.receipt"], name=op.f("fk_refunds_elsewhere_receipt")),
        sa.PrimaryKeyConstraint("receipt", "op_id", "line", name=op.f("pk_refunds_elsewhere")),
        sqlite_strict=True,
    )


def _policies() -> None:
    op.rename_table("policies", "policies_before")
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
        sa.Column("valid_until", INTEGER, nullable=True),
        sa.Column("vests_after", INTEGER, nullable=False),
        sa.Column("expires_after", INTEGER, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_policies")),
        sqlite_strict=True,
    )
    connection = op.get_bind()
    before = sa.table("policies_before", *map(sa.column, SEALED))
    policies = sa.table(
        "policies",
        *map(sa.column, SEALED),
        sa.column("valid_until", INTEGER),
        sa.column("vests_after", INTEGER),
        sa.column("expires_after", INTEGER),
        sa.column("digest", BYTES),
    )
    for row in connection.execute(sa.select(before)).mappings().all():
        values = {**row, "valid_until": None, "vests_after": 0, "expires_after": 0, "digest": _digest(dict(row))}
        connection.execute(sa.insert(policies), values)
    op.drop_table("policies_before")


def _digest(row: dict[str, object]) -> bytes:
    document = json.dumps({"tag": "URS policy 1", **row}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(document.encode()).digest()
