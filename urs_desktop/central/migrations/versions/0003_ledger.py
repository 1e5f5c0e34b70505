"""The ledger in full: lots in three balances with every move of theirs, debts, refunds, adjustments, seals.

Tables that change are read, dropped, made anew and filled: every row that is written for ever gets its seal, what
redemptions took from lots becomes moves, and points held by open leases are held in lots. Must never change after its
release: what changes is the next script.
"""

from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0003_ledger"
down_revision = "0002_views"
branch_labels = None
depends_on = None

_Rows = list[dict[str, Any]]
_VIEWS = ("customers", "reward_allocations", "frequency_of_buying", "analytics")
_CHANGED = (
    "lot_uses",
    "lots",
    "postings",
    "entries",
    "tenders",
    "transaction_lines",
    "transactions",
    "parked_operations",
    "repeated_operations",
    "operations",
    "reward_policies",
    "wallets",
    "leases",
)
"""In the order in which they can be dropped: who refers before whom."""

_FIXED = {
    "counters": ("device_id", "number", "vendor_id", "name", "public_key", "enrolled_at"),
    "leases": (
        *("lease_id", "device_id", "epoch", "vendor_id", "customer_id", "granted", "spend_until", "settle_by"),
        *("total", "policy_id", "policy_version", "created_at"),
    ),
}
"""The sealed columns of tables whose rows change; of all others every column is."""


def upgrade() -> None:
    for view in _VIEWS:
        op.execute(f"DROP VIEW {view}")
    old = {name: _all(name) for name in _CHANGED}
    for name in _CHANGED:
        op.drop_table(name)
    _seal_counters()
    _leases()
    _parties()
    _operations()
    _sales()
    _refunds()
    _points()
    _adjustments()
    _fill(old)
    for statement in _NEW_VIEWS:
        op.execute(statement)


def _all(name: str) -> _Rows:
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)]
    listed = ", ".join(f'"{column}"' for column in columns)
    return [dict(row) for row in op.get_bind().execute(sa.text(f"SELECT {listed} FROM {name}")).mappings()]  # noqa: S608


def _fill(old: dict[str, _Rows]) -> None:
    for wallet in old["wallets"]:
        wallet |= {"pending": 0, "owed": 0}
    for policy in old["reward_policies"]:
        policy |= {"vests_after": 0, "expires_after": 0}
    moves = _lot_moves(old)
    held: dict[bytes, int] = defaultdict(int)
    for move in moves:
        held[move["lot_id"]] += move["held"]
    for lot in old["lots"]:
        still = held[lot["lot_id"]]
        lot |= {"pending": 0, "held": still, "available": lot.pop("remaining") - still}
    for name in ("wallets", "leases", "reward_policies", "operations", "repeated_operations", "parked_operations"):
        _insert(name, old[name])
    for name in ("transactions", "transaction_lines", "tenders", "entries", "postings", "lots"):
        _insert(name, old[name])
    _insert("lot_moves", moves)


class _Moves:
    """What each entry did to each lot."""

    def __init__(self) -> None:
        self.rows: dict[tuple[bytes, bytes], dict[str, Any]] = {}

    def add(self, entry: bytes, lot: bytes, available: int, held: int = 0) -> None:
        empty = {"entry_id": entry, "lot_id": lot, "pending": 0, "available": 0, "held": 0}
        row = self.rows.setdefault((entry, lot), empty)
        row["available"] += available
        row["held"] += held


def _lot_moves(old: dict[str, _Rows]) -> _Rows:
    """Return what each entry did to lots; what a lease held is laid into the lots it took from, the rest into any."""
    moves = _Moves()
    by_lease: dict[str, dict[str, _Rows]] = defaultdict(lambda: defaultdict(list))
    for entry in old["entries"]:
        if entry["kind"] == "EARN":
            moves.add(entry["entry_id"], entry["entry_id"], entry["points"])
        elif entry["lease_id"] is not None:
            by_lease[entry["lease_id"]][entry["kind"]].append(entry)
    uses: dict[bytes, _Rows] = defaultdict(list)
    for use in old["lot_uses"]:
        uses[use["entry_id"]].append(use)
    remaining = {lot["lot_id"]: lot["remaining"] for lot in old["lots"]}
    owners: dict[str, list[bytes]] = defaultdict(list)
    for lot in sorted(old["lots"], key=lambda lot: (lot["created_at"], lot["lot_id"])):
        owners[lot["customer_id"]].append(lot["lot_id"])
    for kinds in by_lease.values():
        for hold in kinds["HOLD"]:
            _move_held(moves, hold, kinds, uses, (owners[hold["customer_id"]], remaining))
    return list(moves.rows.values())


def _move_held(
    moves: _Moves,
    hold: dict[str, Any],
    kinds: dict[str, _Rows],
    uses: dict[bytes, _Rows],
    lots: tuple[list[bytes], dict[bytes, int]],
) -> None:
    entry, rest = hold["entry_id"], hold["points"]
    own, remaining = lots
    for redeem in kinds["REDEEM"]:
        for use in uses[redeem["entry_id"]]:
            moves.add(entry, use["lot_id"], -use["points"], use["points"])
            moves.add(redeem["entry_id"], use["lot_id"], 0, -use["points"])
            rest -= use["points"]
    for void in kinds["VOID"]:
        moves.add(entry, own[0], -void["points"], void["points"])
        moves.add(void["entry_id"], own[0], void["points"], -void["points"])
        rest -= void["points"]
    for lot_id in own:
        taken = min(rest, remaining[lot_id])
        if taken > 0:
            moves.add(entry, lot_id, -taken, taken)
            remaining[lot_id] -= taken
            rest -= taken


def _insert(name: str, rows: _Rows) -> None:
    if not rows:
        return
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    names = [column.name for column in table.columns]
    kept = []
    for row in rows:
        whole = {column: row.get(column) for column in names if column != "seal"}
        if "seal" in names:
            whole["seal"] = _seal(name, whole)
        kept.append(whole)
    op.get_bind().execute(sa.insert(table), kept)


def _seal(name: str, row: dict[str, Any]) -> bytes:
    values = [row[column] for column in _FIXED.get(name, row)]
    return blake2b(msgspec.msgpack.encode([name, *values]), digest_size=16).digest()


def _seal_counters() -> None:
    """Give every counter its seal: SQLite makes the table anew, PostgreSQL, where others refer to it, adds a column."""
    rows = _all("counters")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("counters")
        _counters()
        _insert("counters", rows)
        return
    op.add_column("counters", sa.Column("seal", BYTES))
    counters = sa.table("counters", sa.column("device_id"), sa.column("seal"))
    for row in rows:
        op.execute(
            sa.update(counters).where(counters.c.device_id == row["device_id"]).values(seal=_seal("counters", row))
        )
    op.alter_column("counters", "seal", nullable=False)


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
        *_bytes("seal"),
        _key("device_id"),
        _check("state", "state IN ('active', 'quarantined', 'revoked')"),
        _refers("vendor_id", "vendors"),
        _unique("vendor_id", "number"),
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
        *_bytes("seal"),
        _key("lease_id"),
        *_never_negative("granted", "settled", "returned"),
        _check("open", "(state = 'open') = (settled + returned < granted)"),
        _check("rest", "settled + returned <= granted"),
        _check("state", "state IN ('open', 'closed')"),
        _customer(),
        _refers("device_id", "counters"),
        _refers("vendor_id", "vendors"),
    )
    _index("leases", "customer_id", "settle_by", name="ix_leases_open", where="state = 'open'")


def _parties() -> None:
    _table(
        "wallets",
        *_text("customer_id"),
        *_number("pending", "available", "held", "owed"),
        _key("customer_id"),
        *_never_negative("pending", "available", "held", "owed"),
        _customer(),
    )
    _table(
        "reward_policies",
        *_text("policy_id"),
        *_number("version"),
        *_text("category"),
        *_text("vendor_id", nullable=True),
        *_text("currency"),
        *_number("threshold", "reward_percentage", "redeemable_percentage", "valid_from"),
        *_number("valid_until", nullable=True),
        *_number("vests_after", "expires_after"),
        *_bytes("digest"),
        *_number("created_at"),
        *_number("max_threshold", "min_reward_percentage", "max_reward_percentage", nullable=True),
        *_number("max_redeemable_percentage", nullable=True),
        *_text("approved_by", nullable=True),
        *_bytes("seal"),
        _key("policy_id", "version"),
        _CATEGORY,
        *_never_negative("threshold", "reward_percentage", "redeemable_percentage", "vests_after", "expires_after"),
        _refers("vendor_id", "vendors"),
        _refers("approved_by", "operators", key="operator_id"),
    )
    _table(
        "policy_proposals",
        *_text("proposal_id", "category", "vendor_id", "currency"),
        *_number("threshold", "reward_percentage", "redeemable_percentage", "valid_from"),
        *_number("valid_until", nullable=True),
        *_number("vests_after", "expires_after"),
        *_text("proposed_by"),
        *_number("proposed_at"),
        *_bytes("seal"),
        _key("proposal_id"),
        _CATEGORY,
        _refers("vendor_id", "vendors"),
    )
    _table(
        "policy_decisions",
        *_text("proposal_id", "decision", "decided_by"),
        *_number("decided_at"),
        *_text("policy_id", nullable=True),
        *_number("policy_version", nullable=True),
        *_bytes("seal"),
        _key("proposal_id"),
        _check("decision", "decision IN ('approved', 'rejected')"),
        _refers("proposal_id", "policy_proposals"),
        _refers("decided_by", "operators", key="operator_id"),
    )


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
        *_bytes("seal"),
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
        *_bytes("seal"),
        _key("device_id", "epoch", "seq"),
        _refers("device_id", "counters"),
        _refers("op_id", "operations", at_commit=True),
    )
    _table(
        "parked_operations",
        *_bytes("op_id"),
        *_text("reason", "detail"),
        *_number("parked_at"),
        *_bytes("seal"),
        _key("op_id"),
        _refers("op_id", "operations", at_commit=True),
    )


def _receipt(table: str, *columns: "_Part") -> None:
    _table(
        table,
        *_bytes("op_id", "device_id"),
        *_number("epoch", "receipt"),
        *_text("vendor_id"),
        *_text("customer_id", nullable=True),
        *_number("happened_at", "recorded_at", "received_at"),
        *_text("currency"),
        *_number("total"),
        *_text("policy_id", nullable=True),
        *_number("policy_version", nullable=True),
        *_number("engine"),
        *_text("operator", "journal", "invoice", nullable=True),
        *columns,
        *_bytes("seal"),
        _key("op_id"),
        _customer(),
        _refers("device_id", "counters"),
        _refers("op_id", "operations", at_commit=True),
        _refers("vendor_id", "vendors"),
        _unique("device_id", "epoch", "receipt"),
    )
    _index(table, "customer_id")
    _index(table, "vendor_id", "happened_at")


def _tenders(table: str, receipt: str) -> None:
    _table(
        table,
        *_bytes("op_id"),
        *_number("n"),
        *_text("kind"),
        *_number("amount", "tendered"),
        *_bytes("seal"),
        _key("op_id", "n"),
        _refers("op_id", receipt),
    )


def _sales() -> None:
    _receipt("transactions", *_number("points_paid", "points_promised", "points_posted"))
    _table(
        "transaction_lines",
        *_bytes("op_id"),
        *_number("n"),
        *_text("sku", "description"),
        *_number("quantity", "price", "scale", "total", "earned"),
        *_bytes("seal"),
        _key("op_id", "n"),
        _refers("op_id", "transactions"),
    )
    _tenders("tenders", "transactions")


def _refunds() -> None:
    _receipt(
        "refunds",
        *_bytes("sale_op_id", nullable=True),
        *_number("cash_back", "points_back", "clawed"),
        *_text("override_operator", "override_reason", nullable=True),
    )
    _index("refunds", "sale_op_id")
    _table(
        "refund_lines",
        *_bytes("op_id"),
        *_number("n", "line"),
        *_text("sku", "description"),
        *_number("quantity", "total"),
        *_bytes("seal"),
        _key("op_id", "n"),
        _refers("op_id", "refunds"),
    )
    _tenders("refund_tenders", "refunds")


def _points() -> None:
    _table(
        "entries",
        *_bytes("entry_id"),
        *_text("kind"),
        *_number("points"),
        *_text("customer_id", "vendor_id", "lease_id", nullable=True),
        *_bytes("op_id", "debt_id", nullable=True),
        *_text("policy_id", nullable=True),
        *_number("policy_version", nullable=True),
        *_bytes("policy_digest", nullable=True),
        *_number("created_at"),
        *_bytes("seal"),
        _key("entry_id"),
        _check(
            "kind",
            "kind IN ('EARN', 'VEST', 'HOLD', 'VOID', 'REDEEM', 'LATE', 'EXPIRE', 'UNREDEEM', 'UNLATE', 'CLAWBACK', "
            "'DEBT', 'RECOVER', 'ADJUST', 'FEE', 'SHARE', 'SETTLE')",
        ),
        _check("points", "points > 0"),
        _customer(),
        _refers("debt_id", "entries", key="entry_id"),
        _refers("op_id", "operations", at_commit=True),
        _refers("vendor_id", "vendors"),
    )
    _index("entries", "customer_id", "created_at")
    for column in ("debt_id", "lease_id", "op_id"):
        _index("entries", column)
    _table(
        "postings",
        *_bytes("entry_id"),
        *_number("n"),
        *_text("account", "owner", "lease_id", "unit"),
        *_number("amount"),
        *_bytes("seal"),
        _key("entry_id", "n"),
        _check(
            "account",
            "account IN ('ISSUE', 'PENDING', 'AVAIL', 'HELD', 'REDEEMED', 'EXPIRED', 'DEBT', 'DUE', 'POOL', 'FEES', "
            "'BREAKAGE', 'BANK')",
        ),
        _check("amount", "amount <> 0"),
        _check("fits", "(unit = 'money') = (account IN ('DUE', 'POOL', 'FEES', 'BREAKAGE', 'BANK'))"),
        _check("unit", "unit IN ('points', 'money')"),
        _refers("entry_id", "entries", at_commit=True),
    )
    _table(
        "lots",
        *_bytes("lot_id"),
        *_text("vendor_id", nullable=True),
        *_text("customer_id"),
        *_bytes("op_id", nullable=True),
        *_number("granted", "pending", "available", "held"),
        *_number("vests_at", "expires_at", nullable=True),
        *_number("created_at"),
        _key("lot_id"),
        *_never_negative("pending", "available", "held"),
        _check("granted", "pending + available + held <= granted"),
        _customer(),
        _refers("lot_id", "entries", key="entry_id", at_commit=True),
        _refers("op_id", "transactions"),
        _refers("vendor_id", "vendors"),
    )
    _index("lots", "customer_id", "created_at")
    _index("lots", "op_id")
    _index("lots", "expires_at", name="ix_lots_expiring", where="available > 0")
    _index("lots", "vests_at", name="ix_lots_vesting", where="pending > 0")
    _table(
        "lot_moves",
        *_bytes("entry_id", "lot_id"),
        *_number("pending", "available", "held"),
        *_bytes("seal"),
        _key("entry_id", "lot_id"),
        _check("moves", "pending <> 0 OR available <> 0 OR held <> 0"),
        _refers("entry_id", "entries", at_commit=True),
        _refers("lot_id", "lots"),
    )
    _index("lot_moves", "lot_id")


def _adjustments() -> None:
    _table(
        "adjustments",
        *_text("adjustment_id", "customer_id"),
        *_number("points"),
        *_text("reason", "made_by"),
        *_number("made_at"),
        *_bytes("seal"),
        _key("adjustment_id"),
        _check("points", "points <> 0"),
        _customer(),
        _refers("made_by", "operators", key="operator_id"),
        _unique("adjustment_id", "made_by"),
    )
    _table(
        "adjustment_decisions",
        *_text("adjustment_id", "made_by", "decision", "checked_by"),
        *_number("checked_at"),
        *_bytes("seal"),
        _key("adjustment_id"),
        _check("decision", "decision IN ('approved', 'rejected')"),
        _check("two_people", "made_by <> checked_by"),
        _refers("checked_by", "operators", key="operator_id"),
        lambda _: sa.ForeignKeyConstraint(
            ["adjustment_id", "made_by"],
            ["adjustments.adjustment_id", "adjustments.made_by"],
            name="fk_adjustment_decisions_adjustments",
        ),
    )


_Constraint = Callable[[str], SchemaItem]
_Part = sa.Column[int] | sa.Column[str] | sa.Column[bytes] | _Constraint


def _table(name: str, *items: _Part) -> None:
    parts = [item if isinstance(item, sa.Column) else item(name) for item in items]
    op.create_table(name, *parts, sqlite_strict=True)


def _index(table: str, *columns: str, name: str | None = None, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    called = name or f"ix_{table}_{'_'.join(columns)}"
    op.create_index(called, table, columns, sqlite_where=condition, postgresql_where=condition)


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


def _never_negative(*columns: str) -> list[_Constraint]:
    return [_check(column, f"{column} >= 0") for column in columns]


_CATEGORY = _check("category", "category IN ('small', 'medium', 'large')")


def _customer() -> _Constraint:
    return _refers("customer_id", "customer_records")


def _refers(column: str, table: str, *, key: str | None = None, at_commit: bool = False) -> _Constraint:
    return lambda owner: sa.ForeignKeyConstraint(
        [column],
        [f"{table}.{key or column}"],
        name=f"fk_{owner}_{column}_{table}",
        deferrable=at_commit or None,
        initially="DEFERRED" if at_commit else None,
    )


_NEW_VIEWS = (
    """
CREATE VIEW customers AS
SELECT r.customer_id, r.card_code, r.name, r.phone, r.email, r.consent_at, r.person, r.created_at,
       w.pending, w.available, w.held, w.owed, w.available + w.held AS wallet_balance
FROM customer_records AS r
JOIN wallets AS w ON w.customer_id = r.customer_id
""",
    """
CREATE VIEW reward_allocations AS
WITH booked AS (
    SELECT COALESCE(f.sale_op_id, e.op_id) AS sale_op_id,
           SUM(CASE WHEN e.kind = 'EARN' THEN e.points
                    WHEN e.kind IN ('CLAWBACK', 'DEBT') THEN -e.points ELSE 0 END) AS rewarded,
           SUM(CASE WHEN e.kind IN ('REDEEM', 'LATE') THEN e.points
                    WHEN e.kind IN ('UNREDEEM', 'UNLATE') THEN -e.points ELSE 0 END) AS redeemed
    FROM entries AS e
    LEFT JOIN refunds AS f ON f.op_id = e.op_id
    WHERE e.op_id IS NOT NULL
    GROUP BY COALESCE(f.sale_op_id, e.op_id)
)
SELECT t.op_id AS transaction_id, t.customer_id, t.vendor_id,
       COALESCE(b.rewarded, 0) AS reward_points, COALESCE(b.redeemed, 0) AS redeemed_points
FROM transactions AS t
LEFT JOIN booked AS b ON b.sale_op_id = t.op_id
WHERE t.customer_id IS NOT NULL
""",
    """
CREATE VIEW frequency_of_buying AS
SELECT t.vendor_id, t.customer_id, l.sku, COUNT(DISTINCT t.op_id) AS frequency_of_buying
FROM transactions AS t
JOIN transaction_lines AS l ON l.op_id = t.op_id
WHERE t.customer_id IS NOT NULL
GROUP BY t.vendor_id, t.customer_id, l.sku
""",
    """
CREATE VIEW analytics AS
WITH sold AS (
    SELECT t.vendor_id, l.sku, SUM(l.quantity) AS pieces
    FROM transactions AS t
    JOIN transaction_lines AS l ON l.op_id = t.op_id
    GROUP BY t.vendor_id, l.sku
), ranked AS (
    SELECT vendor_id, sku, ROW_NUMBER() OVER (PARTITION BY vendor_id ORDER BY pieces DESC, sku) AS place
    FROM sold
), receipts AS (
    SELECT vendor_id, 1 AS sales, total AS revenue, received_at FROM transactions
    UNION ALL
    SELECT vendor_id, 0 AS sales, -total AS revenue, received_at FROM refunds
), totals AS (
    SELECT vendor_id, SUM(sales) AS total_transactions, SUM(revenue) AS total_revenue, MAX(received_at) AS updated_at
    FROM receipts
    GROUP BY vendor_id
), given AS (
    SELECT vendor_id, SUM(CASE WHEN kind = 'EARN' THEN points ELSE -points END) AS total_rewards
    FROM entries
    WHERE kind IN ('EARN', 'CLAWBACK', 'DEBT')
    GROUP BY vendor_id
)
SELECT totals.vendor_id, ranked.sku AS popular_product, totals.total_transactions, totals.total_revenue,
       totals.updated_at, COALESCE(given.total_rewards, 0) AS total_rewards,
       totals.total_revenue - COALESCE(given.total_rewards, 0) AS profitability
FROM totals
LEFT JOIN ranked ON ranked.vendor_id = totals.vendor_id AND ranked.place = 1
LEFT JOIN given ON given.vendor_id = totals.vendor_id
""",
)
