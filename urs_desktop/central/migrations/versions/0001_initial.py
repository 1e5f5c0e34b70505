"""The central store's first schema: parties, counters and their operations, sales, points, leases, feed.

Written out, so that it says for ever what the first databases held. Must never change after its release: what changes
is the next script.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _customers()
    _programme()
    _counters()
    _operations()
    _sales()
    _points()
    _leases()
    _feed()


def _customers() -> None:
    _table(
        "customer_records",
        *_text("customer_id", "card_code", "name", "phone", "email"),
        *_number("consent_at", nullable=True),
        *_text("person", nullable=True),
        *_number("created_at"),
        _key("customer_id"),
        _unique("card_code"),
    )
    _index("ix_customer_records_phone", "customer_records", "phone")
    _table(
        "wallets",
        *_text("customer_id"),
        *_number("available", "held"),
        _key("customer_id"),
        _check("available", "available >= 0"),
        _check("held", "held >= 0"),
        _refers("customer_id", "customer_records"),
    )
    _table(
        "vendors",
        *_text("vendor_id", "name", "category", "currency", "location"),
        *_number("created_at"),
        _key("vendor_id"),
        _check("category", "category IN ('small', 'medium', 'large')"),
    )
    _table(
        "customer_vendors",
        *_text("customer_id", "vendor_id"),
        *_number("since"),
        _key("customer_id", "vendor_id"),
        _refers("customer_id", "customer_records"),
        _refers("vendor_id", "vendors"),
    )
    _index("ix_customer_vendors_vendor_id", "customer_vendors", "vendor_id")


def _programme() -> None:
    _table(
        "reward_policies",
        *_text("policy_id"),
        *_number("version"),
        *_text("category"),
        *_text("vendor_id", nullable=True),
        *_text("currency"),
        *_number("threshold", "reward_percentage", "redeemable_percentage", "valid_from"),
        *_bytes("digest"),
        *_number("created_at"),
        _key("policy_id", "version"),
        _check("category", "category IN ('small', 'medium', 'large')"),
        _check("redeemable_percentage", "redeemable_percentage >= 0"),
        _check("reward_percentage", "reward_percentage >= 0"),
        _check("threshold", "threshold >= 0"),
        _refers("vendor_id", "vendors"),
    )
    _table(
        "products",
        *_text("vendor_id", "sku", "description"),
        *_number("price", "scale"),
        *_text("barcode", "category", "location"),
        *_number("timestamp", "hlc"),
        _key("vendor_id", "sku"),
        _refers("vendor_id", "vendors"),
    )
    _table(
        "operators",
        *_text("operator_id", "name", "role", "password_hash"),
        *_number("created_at"),
        _key("operator_id"),
        _unique("name"),
    )
    _table("settings", *_text("key", "value"), _key("key"))


def _counters() -> None:
    _table(
        "counters",
        *_bytes("device_id"),
        *_number("number"),
        *_text("vendor_id", "name"),
        *_bytes("public_key"),
        *_number("epoch"),
        *_bytes("nonce"),
        *_number("last_seq"),
        *_bytes("head"),
        *_number("checked_seq"),
        *_text("state"),
        *_number("enrolled_at"),
        *_number("last_seen", nullable=True),
        _key("device_id"),
        _check("state", "state IN ('active', 'quarantined', 'revoked')"),
        _refers("vendor_id", "vendors"),
        _unique("vendor_id", "number"),
    )
    _table(
        "enrolment_codes",
        *_bytes("secret_hash"),
        *_text("vendor_id"),
        *_number("created_at", "expires_at"),
        *_number("spent_at", nullable=True),
        *_bytes("public_key", "device_id", nullable=True),
        _key("secret_hash"),
        _refers("device_id", "counters"),
        _refers("vendor_id", "vendors"),
    )
    _table(
        "challenges",
        *_bytes("challenge", "device_id"),
        *_number("expires_at"),
        _key("challenge"),
        _refers("device_id", "counters"),
    )
    _index("ix_challenges_device_id", "challenges", "device_id")
    _table(
        "sessions",
        *_bytes("token_hash", "device_id"),
        *_number("epoch", "expires_at"),
        _key("token_hash"),
        _refers("device_id", "counters"),
    )
    _index("ix_sessions_device_id", "sessions", "device_id")


def _operations() -> None:
    _table(
        "operations",
        *_bytes("op_id", "device_id"),
        *_number("epoch", "seq"),
        *_text("kind"),
        *_number("schema"),
        *_bytes("body", "body_hash", "prev", "hash", "sig"),
        *_text("result", "code"),
        *_number("received_at"),
        _key("op_id"),
        _check("result", "result IN ('applied', 'adjusted', 'parked')"),
        _refers("device_id", "counters"),
        _unique("device_id", "epoch", "seq"),
    )
    _table(
        "repeated_operations",
        *_bytes("device_id"),
        *_number("epoch", "seq"),
        *_bytes("op_id", "prev", "hash", "sig"),
        *_number("received_at"),
        _key("device_id", "epoch", "seq"),
        _refers("device_id", "counters"),
        _refers("op_id", "operations", at_commit=True),
    )
    _table(
        "parked_operations",
        *_bytes("op_id"),
        *_text("reason", "detail"),
        *_number("parked_at"),
        _key("op_id"),
        _refers("op_id", "operations", at_commit=True),
    )


def _sales() -> None:
    _table(
        "transactions",
        *_bytes("op_id", "device_id"),
        *_number("epoch", "receipt"),
        *_text("vendor_id"),
        *_text("customer_id", nullable=True),
        *_number("happened_at", "recorded_at", "received_at"),
        *_text("currency"),
        *_number("total", "points_paid", "points_promised", "points_posted"),
        *_text("policy_id", nullable=True),
        *_number("policy_version", nullable=True),
        *_number("engine"),
        *_text("operator", "journal", "invoice", nullable=True),
        _key("op_id"),
        _refers("customer_id", "customer_records"),
        _refers("device_id", "counters"),
        _refers("op_id", "operations", at_commit=True),
        _refers("vendor_id", "vendors"),
        _unique("device_id", "epoch", "receipt"),
    )
    _index("ix_transactions_customer_id", "transactions", "customer_id")
    _index("ix_transactions_vendor_id_happened_at", "transactions", "vendor_id", "happened_at")
    _table(
        "transaction_lines",
        *_bytes("op_id"),
        *_number("n"),
        *_text("sku", "description"),
        *_number("quantity", "price", "scale", "total", "earned"),
        _key("op_id", "n"),
        _refers("op_id", "transactions"),
    )
    _table(
        "tenders",
        *_bytes("op_id"),
        *_number("n"),
        *_text("kind"),
        *_number("amount", "tendered"),
        _key("op_id", "n"),
        _refers("op_id", "transactions"),
    )


def _points() -> None:
    _table(
        "entries",
        *_bytes("entry_id"),
        *_text("kind"),
        *_number("points"),
        *_text("customer_id", nullable=True),
        *_text("vendor_id"),
        *_text("lease_id", nullable=True),
        *_bytes("op_id", nullable=True),
        *_number("created_at"),
        _key("entry_id"),
        _check("points", "points > 0"),
        _refers("customer_id", "customer_records"),
        _refers("op_id", "operations", at_commit=True),
        _refers("vendor_id", "vendors"),
    )
    _index("ix_entries_customer_id_created_at", "entries", "customer_id", "created_at")
    _index("ix_entries_op_id", "entries", "op_id")
    _table(
        "postings",
        *_bytes("entry_id"),
        *_number("n"),
        *_text("account", "owner", "lease_id", "unit"),
        *_number("amount"),
        _key("entry_id", "n"),
        _check("unit", "unit IN ('points', 'money')"),
        _refers("entry_id", "entries"),
    )
    _table(
        "lots",
        *_bytes("lot_id"),
        *_text("vendor_id", "customer_id"),
        *_bytes("op_id", nullable=True),
        *_number("granted", "remaining"),
        *_number("vests_at", "expires_at", nullable=True),
        *_number("created_at"),
        _key("lot_id"),
        _check("remaining", "remaining >= 0 AND remaining <= granted"),
        _refers("customer_id", "customer_records"),
        _refers("lot_id", "entries", key="entry_id"),
        _refers("op_id", "transactions"),
        _refers("vendor_id", "vendors"),
    )
    _index("ix_lots_customer_id_created_at", "lots", "customer_id", "created_at")
    _table(
        "lot_uses",
        *_bytes("entry_id", "lot_id"),
        *_number("points"),
        _key("entry_id", "lot_id"),
        _check("points", "points > 0"),
        _refers("entry_id", "entries"),
        _refers("lot_id", "lots"),
    )


def _leases() -> None:
    _table(
        "leases",
        *_text("lease_id"),
        *_bytes("device_id"),
        *_number("epoch"),
        *_text("vendor_id"),
        *_text("customer_id", nullable=True),
        *_number("granted", "settled", "returned"),
        *_text("state"),
        *_number("spend_until", "settle_by", "total"),
        *_text("policy_id", nullable=True),
        *_number("policy_version", nullable=True),
        *_number("created_at"),
        _key("lease_id"),
        _check("granted", "granted >= 0"),
        _check("rest", "settled + returned <= granted"),
        _check("returned", "returned >= 0"),
        _check("settled", "settled >= 0"),
        _check("state", "state IN ('open', 'closed')"),
        _refers("customer_id", "customer_records"),
        _refers("device_id", "counters"),
        _refers("vendor_id", "vendors"),
    )
    _index("ix_leases_open", "leases", "customer_id", "settle_by", where="state = 'open'")


def _feed() -> None:
    _table("streams", *_text("stream"), *_number("head"), _key("stream"))
    _table(
        "feed_items",
        *_text("stream", "kind", "key"),
        *_number("position"),
        _key("stream", "kind", "key"),
        _check("kind", "kind IN ('policy', 'product', 'customer')"),
        _refers("stream", "streams"),
        _unique("stream", "position"),
    )
    _table(
        "dirty_customers",
        *_text("customer_id"),
        *_number("changes"),
        _key("customer_id"),
        _refers("customer_id", "customer_records"),
    )


_Constraint = Callable[[str], SchemaItem]


def _table(name: str, *items: sa.Column[int] | sa.Column[str] | sa.Column[bytes] | _Constraint) -> None:
    parts = [item if isinstance(item, sa.Column) else item(name) for item in items]
    op.create_table(name, *parts, sqlite_strict=True)


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=nullable) for name in names]


def _number(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, INTEGER, nullable=nullable) for name in names]


def _bytes(*names: str, nullable: bool = False) -> list[sa.Column[bytes]]:
    return [sa.Column(name, BYTES, nullable=nullable) for name in names]


def _key(*columns: str) -> _Constraint:
    return lambda table: sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(*columns: str) -> _Constraint:
    return lambda table: sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _check(name: str, condition: str) -> _Constraint:
    return lambda table: sa.CheckConstraint(condition, name=f"ck_{table}_{name}")


def _refers(column: str, table: str, *, key: str | None = None, at_commit: bool = False) -> _Constraint:
    return lambda owner: sa.ForeignKeyConstraint(
        [column],
        [f"{table}.{key or column}"],
        name=f"fk_{owner}_{column}_{table}",
        deferrable=at_commit or None,
        initially="DEFERRED" if at_commit else None,
    )
