"""Why a sale earned its points: what its counter signed, what the rules make of it, its refunds, and what was booked.

Everything is read from signed operations and reckoned anew; the entries stand beside it, so that each can be checked
against the other. Must never take a figure of the arithmetic from what was booked, but for what the sale earned.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from urs_desktop.central import policies
from urs_desktop.central.outcomes import CODE, RESULT, WITH_RESOLUTIONS
from urs_desktop.central.schema import (
    counters,
    customer_records,
    entries,
    operations,
    postings,
    refunds,
    transactions,
    vendors,
)
from urs_desktop.domain.currency import currency
from urs_desktop.domain.explanation import Explanation, explain
from urs_desktop.domain.money import MAX_MINOR, Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refund import Sold, SoldLine
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import RefundBody, SaleBody

_Row = sa.Row[*tuple[Any, ...]]
_SIGNED = (operations.c.kind, operations.c.schema, operations.c.body)
_SALE = (
    sa.select(
        transactions,
        *_SIGNED,
        RESULT,
        CODE,
        counters.c.number,
        vendors.c.name.label("vendor"),
        customer_records.c.card_code,
    )
    .select_from(
        transactions.join(WITH_RESOLUTIONS, operations.c.op_id == transactions.c.op_id)
        .join(counters, counters.c.device_id == transactions.c.device_id)
        .join(vendors, vendors.c.vendor_id == transactions.c.vendor_id)
        .outerjoin(customer_records, customer_records.c.customer_id == transactions.c.customer_id)
    )
    .where(transactions.c.op_id == sa.bindparam("op"))
)
_REFUNDS = (
    sa.select(refunds, *_SIGNED, RESULT, CODE, counters.c.number)
    .select_from(
        refunds.join(WITH_RESOLUTIONS, operations.c.op_id == refunds.c.op_id).join(
            counters, counters.c.device_id == refunds.c.device_id
        )
    )
    .where(refunds.c.sale_op_id == sa.bindparam("op"), refunds.c.vendor_id == sa.bindparam("vendor"))
    .order_by(refunds.c.received_at, refunds.c.op_id)
)
_SALE_OF_REFUND = sa.select(refunds.c.sale_op_id).where(refunds.c.op_id == sa.bindparam("op"))
_ENTRIES = (
    sa.select(entries)
    .where(entries.c.op_id.in_(sa.bindparam("operations", expanding=True)))
    .order_by(entries.c.created_at, entries.c.entry_id)
)
_POSTINGS = (
    sa.select(postings)
    .where(postings.c.entry_id.in_(sa.bindparam("entries", expanding=True)))
    .order_by(postings.c.entry_id, postings.c.n)
)


@dataclass(frozen=True, slots=True)
class Posted:
    """One posting of an entry, in points or minor units (`unit` says which)."""

    account: str
    owner: str
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class Booked:
    """One entry of the ledger with its postings; `op_id` is the sale or refund that booked it."""

    entry_id: bytes
    kind: str
    points: int
    op_id: bytes
    created_at: int
    postings: tuple[Posted, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sale or refund as signed, which counter made it and what the store thought of it (see protocol PushResult)."""

    op_id: bytes
    counter: int
    result: str
    code: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A sale with all that its points follow from.

    `signed` is what the counter signed, `posted` the points the ledger gave for it, `policy` the version the receipt
    names as it is stored; `refunds` and `returned` are in the order of `explanation.refunds`.
    """

    receipt: Receipt
    vendor_id: str
    vendor: str
    card: str | None
    signed: SaleBody
    posted: int
    policy: RewardPolicy | None
    explanation: Explanation
    refunds: tuple[Receipt, ...]
    returned: tuple[RefundBody, ...]
    entries: tuple[Booked, ...]


def by_receipt(connection: sa.Connection, vendor_id: str, number: int, receipt: int) -> Explained:
    """Explain the sale with this receipt of a vendor's counter, or the sale that this refund belongs to.

    Raises Refusal(RECEIPT_UNKNOWN).
    """
    if max(abs(number), abs(receipt)) < MAX_MINOR:
        for table in (transactions, refunds):
            statement = (
                sa.select(table.c.op_id)
                .select_from(table.join(counters, counters.c.device_id == table.c.device_id))
                .where(table.c.vendor_id == vendor_id, counters.c.number == number, table.c.receipt == receipt)
                .order_by(table.c.epoch.desc())
                .limit(1)
            )
            op_id = connection.execute(statement).scalar()
            if op_id is not None:
                return by_operation(connection, op_id)
    raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=receipt)


def by_operation(connection: sa.Connection, op_id: bytes) -> Explained:
    """Explain the sale with this operation id, or the sale of this refund; raises Refusal(RECEIPT_UNKNOWN)."""
    sale_id = connection.execute(_SALE_OF_REFUND, {"op": op_id}).scalar() or op_id
    row = connection.execute(_SALE, {"op": sale_id}).one_or_none()
    signed = None if row is None else decode_body(row.kind, row.schema, row.body)
    if row is None or not isinstance(signed, SaleBody):
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=0)
    policy = policies.named(connection, signed.policy.policy_id, signed.policy.version) if signed.policy else None
    sold = Sold(
        lines=tuple(SoldLine(line.quantity, line.total) for line in signed.lines),
        total=Money(signed.total, currency(signed.currency)),
        points_paid=Points(max(0, signed.points_paid)),
        earned=Points(row.points_posted),
        policy=policy,
    )
    came = connection.execute(_REFUNDS, {"op": sale_id, "vendor": row.vendor_id}).all()
    returned = tuple(_refund(refund) for refund in came)
    return Explained(
        receipt=_receipt(row),
        vendor_id=row.vendor_id,
        vendor=row.vendor,
        card=row.card_code,
        signed=signed,
        posted=row.points_posted,
        policy=policy,
        explanation=explain(sold, [_pieces(body) for body in returned]),
        refunds=tuple(_receipt(refund) for refund in came),
        returned=returned,
        entries=_entries(connection, [sale_id, *(refund.op_id for refund in came)]),
    )


def _receipt(row: _Row) -> Receipt:
    return Receipt(row.op_id, row.number, row.result, row.code)


def _refund(row: _Row) -> RefundBody:
    body = decode_body(row.kind, row.schema, row.body)
    if not isinstance(body, RefundBody):
        raise TypeError(f"operation {row.op_id.hex()} is stored as a refund and is none")
    return body


def _pieces(body: RefundBody) -> Counter[int]:
    """Return the pieces of each line a refund names; a quantity below one is none."""
    pieces: Counter[int] = Counter()
    for line in body.lines:
        pieces[line.n] += max(0, line.quantity)
    return pieces


def _entries(connection: sa.Connection, op_ids: list[bytes]) -> tuple[Booked, ...]:
    found = connection.execute(_ENTRIES, {"operations": op_ids}).all()
    posted: dict[bytes, list[Posted]] = {entry.entry_id: [] for entry in found}
    for row in connection.execute(_POSTINGS, {"entries": list(posted)}) if posted else ():
        posted[row.entry_id].append(Posted(row.account, row.owner, row.unit, row.amount))
    return tuple(
        Booked(row.entry_id, row.kind, row.points, row.op_id, row.created_at, tuple(posted[row.entry_id]))
        for row in found
    )
