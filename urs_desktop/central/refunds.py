"""A refund arrives: it is stored as it is on the receipt, and the ledger is brought to where the sale stands now.

What is posted is the difference between what all refunds of a sale come to and what was posted before, so neither
their number nor their order matters; a refund that overtakes its sale waits for it. Must never refuse a refund, give
back points that were not taken from the wallet, or reckon one refund by itself. Source: ledger.md "Rules".
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import due, merged, points, policies, records, rows
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.origin import ADJUSTED, Origin, Outcome, counter
from urs_desktop.central.schema import (
    counters,
    entries,
    operations,
    refund_lines,
    refund_tenders,
    refunds,
    transaction_lines,
    transactions,
)
from urs_desktop.domain import refund as rules
from urs_desktop.domain.currency import currency
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.money import MAX_MINOR, Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.refund import RefundState, Sold, SoldLine
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import SaleRefund, SaleReply, SaleRequest, sale_told
from urs_desktop.protocol.operations import RefundBody, RefundLine, SaleBody

SALE_UNKNOWN: Final = "sale_unknown"
"""The sale has not arrived: what the refund moves is posted when it does."""

SALE_OF_OTHER_VENDOR: Final = "sale_of_other_vendor"
"""The sale is another vendor's: nothing was posted."""

REFUND_DIFFERS: Final = "refund_differs"
"""The rules give other figures than the receipt: other refunds of the sale were made elsewhere, or it is wrong."""

_ID_BYTES: Final = 16

_SALE = sa.select(transactions).where(transactions.c.op_id == sa.bindparam("op"))
_SOLD = (
    sa.select(transaction_lines.c.quantity, transaction_lines.c.total)
    .where(transaction_lines.c.op_id == sa.bindparam("op"))
    .order_by(transaction_lines.c.n)
)
_RETURNED = (
    sa.select(refund_lines.c.op_id, refund_lines.c.line, refund_lines.c.quantity)
    .select_from(refund_lines.join(refunds, refunds.c.op_id == refund_lines.c.op_id))
    .where(refunds.c.sale_op_id == sa.bindparam("op"), refunds.c.vendor_id == sa.bindparam("vendor"))
)
_BOOKED_BY_SALE = (
    sa.select(entries.c.kind, sa.func.sum(entries.c.points).label("points"))
    .where(entries.c.op_id == sa.bindparam("op"))
    .group_by(entries.c.kind)
)
_BOOKED_BY_REFUNDS = (
    sa.select(entries.c.kind, sa.func.sum(entries.c.points).label("points"))
    .select_from(entries.join(refunds, refunds.c.op_id == entries.c.op_id))
    .where(refunds.c.sale_op_id == sa.bindparam("op"))
    .group_by(entries.c.kind)
)
_WAITING = (
    sa.select(refunds.c.op_id)
    .where(refunds.c.sale_op_id == sa.bindparam("op"), refunds.c.vendor_id == sa.bindparam("vendor"))
    .order_by(refunds.c.received_at, refunds.c.op_id)
)
_AWAITED = sa.select(refunds.c.sale_op_id).where(
    refunds.c.sale_op_id.in_(sa.bindparam("ids", expanding=True)), refunds.c.vendor_id == sa.bindparam("vendor")
)
_FIND = (
    sa.select(operations.c.op_id, operations.c.kind, operations.c.schema, operations.c.body)
    .select_from(
        transactions.join(counters, counters.c.device_id == transactions.c.device_id).join(
            operations, operations.c.op_id == transactions.c.op_id
        )
    )
    .where(
        counters.c.vendor_id == sa.bindparam("vendor"),
        counters.c.number == sa.bindparam("number"),
        transactions.c.receipt == sa.bindparam("receipt"),
    )
    .order_by(transactions.c.epoch.desc())
    .limit(1)
)
_REFUNDS_OF = (
    sa.select(refund_lines)
    .select_from(refund_lines.join(refunds, refunds.c.op_id == refund_lines.c.op_id))
    .where(refunds.c.sale_op_id == sa.bindparam("op"), refunds.c.vendor_id == sa.bindparam("vendor"))
    .order_by(refund_lines.c.op_id, refund_lines.c.n)
)


def apply_refund(connection: sa.Connection, origin: Origin, body: RefundBody) -> Outcome:
    """Store a refund and post what it moves; the code of the outcome is what did not fit."""
    _check_range(body)
    named = sale_id(body)
    sale = None if named is None else connection.execute(_SALE, {"op": named}).one_or_none()
    own = sale is not None and sale.vendor_id == origin.counter.vendor_id
    if sale is None or not own:
        _store(connection, origin, body, named, None)
        code = SALE_UNKNOWN if sale is None else SALE_OF_OTHER_VENDOR
        if named is not None and sale is None:
            origin.batch.awaited.add(named)
        if named is None:
            code = "" if body.override else RefusalCode.OVERRIDE_NEEDED
        return Outcome(ADJUSTED, code) if code else Outcome()
    before = _returned(connection, origin, sale.op_id)
    _store(connection, origin, body, named, sale.customer_id)
    sold = _sold(connection, origin, sale)
    after = _returned(connection, origin, sale.op_id)
    _post(connection, origin, sale, sold, rules.refund_state(sold, after))
    code = _problem(body, sold, before, after)
    return Outcome(ADJUSTED, code) if code else Outcome()


def awaited(connection: sa.Connection, vendor_id: str, op_ids: Collection[bytes]) -> set[bytes]:
    """Return those of these operations that refunds of a vendor name as their sale."""
    return set(connection.execute(_AWAITED, {"ids": op_ids, "vendor": vendor_id}).scalars()) if op_ids else set()


def post_waiting(connection: sa.Connection, origin: Origin) -> None:
    """Post the refunds of the sale being applied that arrived before it."""
    if origin.op_id not in origin.batch.awaited:
        return
    last = connection.execute(_WAITING, {"op": origin.op_id, "vendor": origin.counter.vendor_id}).scalars().all()
    if not last:
        return
    sale = connection.execute(_SALE, {"op": origin.op_id}).one()
    sold = _sold(connection, origin, sale)
    state = rules.refund_state(sold, _returned(connection, origin, origin.op_id))
    late = replace(origin, op_id=last[-1], entry_ids=entry_ids(last[-1]))
    _post(connection, late, sale, sold, state)


def find(connection: sa.Connection, device_id: bytes, request: SaleRequest) -> SaleReply:
    """Return a sale of the counter's own vendor by its receipt; raises Refusal(RECEIPT_UNKNOWN, COUNTER_UNKNOWN)."""
    till = counter(connection, device_id)
    if max(abs(request.counter), abs(request.receipt)) >= MAX_MINOR:
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=0)
    where: dict[str, Any] = {"vendor": till.vendor_id, "number": request.counter, "receipt": request.receipt}
    row = connection.execute(_FIND, where).one_or_none()
    body = None if row is None else decode_body(row.kind, row.schema, row.body)
    if row is None or not isinstance(body, SaleBody):
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=request.receipt)
    policy = policies.named(connection, body.policy.policy_id, body.policy.version) if body.policy else None
    known: dict[bytes, list[RefundLine]] = {}
    for line in connection.execute(_REFUNDS_OF, {"op": row.op_id, "vendor": till.vendor_id}):
        known.setdefault(line.op_id, []).append(
            RefundLine(line.line, line.sku, line.description, line.quantity, line.total)
        )
    plain, priced = sale_told(body)
    return SaleReply(
        op_id=row.op_id,
        sale=plain,
        priced=priced,
        policy=None if policy is None else policies.as_message(policy),
        refunds=tuple(SaleRefund(op_id=op_id, lines=tuple(lines)) for op_id, lines in known.items()),
    )


def _check_range(body: RefundBody) -> None:
    figures = [body.total, body.cash_back, body.points_back, body.clawed]
    figures += [figure for line in body.lines for figure in (line.n, line.quantity, line.total)]
    figures += [figure for tender in body.tenders for figure in (tender.amount, tender.tendered)]
    if any(abs(figure) >= MAX_MINOR for figure in figures):
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)


def sale_id(body: RefundBody) -> bytes | None:
    """Return the op id a refund names; one that is none names a sale that never comes, and is stored as nothing."""
    if body.sale is None:
        return None
    try:
        named = bytes.fromhex(body.sale)
    except ValueError:
        return b""
    return named if len(named) == _ID_BYTES else b""


def _returned(connection: sa.Connection, origin: Origin, sale: bytes) -> Counter[int]:
    """Return the pieces of each line that came back, over all refunds of a sale; a quantity below one is none."""
    pieces: Counter[int] = Counter()
    for row in connection.execute(_RETURNED, {"op": sale, "vendor": origin.counter.vendor_id}):
        pieces[row.line] += max(0, row.quantity)
    return pieces


def _sold(connection: sa.Connection, origin: Origin, sale: sa.Row[*tuple[Any, ...]]) -> Sold:
    """Return a sale as the rules see it, in the vendor's currency: one in another earned nothing, whatever it names."""
    lines = connection.execute(_SOLD, {"op": sale.op_id}).all()
    policy = policies.named(connection, sale.policy_id, sale.policy_version) if sale.policy_id else None
    return Sold(
        lines=tuple(SoldLine(line.quantity, line.total) for line in lines),
        total=Money(sale.total, currency(origin.counter.vendor.currency)),
        points_paid=Points(max(0, sale.points_paid)),
        earned=Points(sale.points_posted),
        policy=policy,
    )


def _post(
    connection: sa.Connection, origin: Origin, sale: sa.Row[*tuple[Any, ...]], sold: Sold, state: RefundState
) -> None:
    """Book what the refunds of a sale come to beyond what is booked already."""
    paid = _sums(connection, _BOOKED_BY_SALE, sale.op_id)
    booked = _sums(connection, _BOOKED_BY_REFUNDS, sale.op_id)
    policy = sold.policy.reference() if sold.policy is not None else None
    owner = None if sale.customer_id is None else merged.end(connection, sale.customer_id)
    cause = replace(origin, policy=policy).cause(owner)
    if owner is not None:
        due.of_customer(connection, owner, origin.now)
    back = rules.to_wallet(state.points_back, sold.paid(), Points(paid[EntryKind.REDEEM]))
    points.give_back(connection, cause, sale.op_id, Points(booked[EntryKind.UNREDEEM]), back)
    points.unlate(connection, cause, Points(state.points_back - back - booked[EntryKind.UNLATE]))
    already = booked[EntryKind.CLAWBACK] + booked[EntryKind.DEBT]
    points.claw_back(connection, cause, sale.op_id, Points(state.clawed - already))


def _sums(connection: sa.Connection, statement: sa.Select[Any], sale: bytes) -> Counter[str]:
    return Counter({row.kind: int(row.points) for row in connection.execute(statement, {"op": sale})})


def _problem(body: RefundBody, sold: Sold, before: Counter[int], after: Counter[int]) -> str:
    known = {n: line.quantity for n, line in enumerate(sold.lines, 1)}
    if any(after[line.n] > known.get(line.n, 0) for line in body.lines):
        return RefusalCode.REFUND_EXCEEDS_SALE
    promised = RefundState(body.total, Points(body.points_back), body.cash_back, Points(body.clawed))
    right = rules.refund_state(sold, after).since(rules.refund_state(sold, before))
    return "" if promised == right else REFUND_DIFFERS


def _store(
    connection: sa.Connection, origin: Origin, body: RefundBody, sale_id: bytes | None, customer_id: str | None
) -> None:
    row = {
        **rows.receipt(origin, body, customer_id),
        "sale_op_id": sale_id,
        "cash_back": body.cash_back,
        "points_back": body.points_back,
        "clawed": body.clawed,
        "override_operator": body.override.operator if body.override else None,
        "override_reason": body.override.reason if body.override else None,
    }
    records.write(connection, refunds, [row])
    lines = [
        {
            "op_id": origin.op_id,
            "n": n,
            "line": line.n,
            "sku": line.sku,
            "description": line.description,
            "quantity": line.quantity,
            "total": line.total,
        }
        for n, line in enumerate(body.lines, 1)
    ]
    records.write(connection, refund_lines, lines)
    records.write(connection, refund_tenders, rows.tenders(origin, body.tenders))
