"""Proves every sale and refund: the points posted are those the rules give for what was signed.

Invariant 5 of ledger.md sale by sale. Must never take a figure from an entry that it can reckon from the receipt and
the policy it names.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from urs_desktop.central import policies
from urs_desktop.central.outcomes import CODE, WITH_RESOLUTIONS
from urs_desktop.central.schema import (
    entries,
    erasures,
    operations,
    refund_lines,
    refunds,
    reward_policies,
    transaction_lines,
    transactions,
    vendors,
)
from urs_desktop.domain import refund as rules
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy
from urs_desktop.domain.refund import Sold, SoldLine
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import SaleBody

_Row = sa.Row[*tuple[Any, ...]]
_Policies = dict[tuple[str, int], RewardPolicy]


def _of(*kinds: str) -> sa.Label[int]:
    total = sa.func.sum(sa.case((entries.c.kind.in_(kinds), entries.c.points), else_=0))
    return sa.func.coalesce(total, 0).label("_".join(kinds))


_SALES = (
    sa.select(
        transactions,
        CODE,
        vendors.c.currency.label("vendor_currency"),
        vendors.c.category,
        _of("EARN"),
        _of("REDEEM", "LATE"),
        _of("REDEEM"),
    )
    .select_from(
        transactions.outerjoin(entries, entries.c.op_id == transactions.c.op_id)
        .outerjoin(WITH_RESOLUTIONS, operations.c.op_id == transactions.c.op_id)
        .outerjoin(vendors, vendors.c.vendor_id == transactions.c.vendor_id)
    )
    .group_by(*transactions.columns, CODE.element, vendors.c.currency, vendors.c.category)
)
_BODY = sa.select(operations.c.kind, operations.c.schema, operations.c.body).where(
    operations.c.op_id == sa.bindparam("op")
)
_ERASED = sa.select(erasures.c.customer_id).where(
    erasures.c.customer_id == sa.bindparam("customer"), erasures.c.erased_at <= sa.bindparam("at")
)
_DIGESTS = sa.select(
    entries.c.entry_id, entries.c.policy_id, entries.c.policy_version, entries.c.policy_digest
).select_from(
    entries.outerjoin(
        reward_policies,
        sa.and_(
            reward_policies.c.policy_id == entries.c.policy_id,
            reward_policies.c.version == entries.c.policy_version,
        ),
    )
)
_WRONG_DIGESTS = _DIGESTS.where(
    entries.c.policy_id.is_not(None),
    sa.or_(reward_policies.c.digest.is_(None), reward_policies.c.digest != entries.c.policy_digest),
)
_RETURNED = (
    sa.select(refunds.c.sale_op_id, refund_lines.c.line, sa.func.sum(refund_lines.c.quantity).label("quantity"))
    .select_from(
        refund_lines.join(refunds, refunds.c.op_id == refund_lines.c.op_id).join(
            transactions,
            sa.and_(transactions.c.op_id == refunds.c.sale_op_id, transactions.c.vendor_id == refunds.c.vendor_id),
        )
    )
    .where(refund_lines.c.quantity > 0)
    .group_by(refunds.c.sale_op_id, refund_lines.c.line)
)
_BOOKED = (
    sa.select(refunds.c.sale_op_id, entries.c.kind, sa.func.sum(entries.c.points).label("points"))
    .select_from(entries.join(refunds, refunds.c.op_id == entries.c.op_id))
    .group_by(refunds.c.sale_op_id, entries.c.kind)
)
_LINES = (
    sa.select(transaction_lines.c.op_id, transaction_lines.c.quantity, transaction_lines.c.total)
    .where(transaction_lines.c.op_id.in_(sa.select(refunds.c.sale_op_id)))
    .order_by(transaction_lines.c.op_id, transaction_lines.c.n)
)


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each policy, sale or refund whose points are not what the rules give."""
    known: _Policies = {}
    for policy, digest in policies.every_with_digest(connection):
        known[policy.policy_id, policy.version] = policy
        if policy.digest() != digest:
            yield f"policy {policy.policy_id} version {policy.version} is not what its hash says"
    for row in connection.execute(_WRONG_DIGESTS):
        yield f"entry {row.entry_id.hex()} names a policy that is not there or says something else"
    returned = _returned(connection)
    booked = _booked(connection)
    lines = _lines(connection)
    for row in connection.execute(_SALES):
        yield from _check_sale(connection, row, known)
        yield from _check_refunds(
            row, known, lines, returned.pop(row.op_id, Counter()), booked.pop(row.op_id, Counter())
        )
    for op_id, kinds in booked.items():
        yield f"refunds of sale {op_id.hex() if op_id else 'none'} booked {dict(kinds)} without a sale to refund"


def _check_sale(connection: sa.Connection, row: _Row, known: _Policies) -> Iterator[str]:
    spent = row.REDEEM_LATE
    if row.points_posted != row.EARN or spent != max(0, row.points_paid):
        yield (
            f"sale {row.op_id.hex()} says {row.points_posted} points earned and {row.points_paid} paid, "
            f"its entries {row.EARN} and {spent}"
        )
    policy = known.get((row.policy_id, row.policy_version))
    right = _right(row, policy)
    if row.points_posted == right or (not row.points_posted and _may_give_nothing(connection, row, policy)):
        return
    yield f"sale {row.op_id.hex()} earned {row.points_posted} points, its policy gives {right}"


def _right(row: _Row, policy: RewardPolicy | None) -> Points:
    """Return what a sale earns by what is stored of it."""
    if row.customer_id is None or policy is None or row.engine != ENGINE_VERSION:
        return NO_POINTS
    if not row.currency == row.vendor_currency == policy.currency or policy.vendor_id not in (None, row.vendor_id):
        return NO_POINTS
    return policy.earn(Money(row.total - max(0, row.points_paid), currency(row.currency)))


def _may_give_nothing(connection: sa.Connection, row: _Row, policy: RewardPolicy | None) -> bool:
    """Return whether a sale was rightly said to be of a tombstone, or to name a policy that could not be."""
    if row.code == RefusalCode.CUSTOMER_ERASED:
        return connection.execute(_ERASED, {"customer": row.customer_id, "at": row.received_at}).first() is not None
    if policy is None or row.code != RefusalCode.POLICY_UNKNOWN:
        return False
    category = policy.category
    if row.category != category or policies.was_of_category(connection, row.vendor_id, category) is not None:
        return True
    signed = connection.execute(_BODY, {"op": row.op_id}).one()
    try:
        body = decode_body(signed.kind, signed.schema, signed.body)
    except MalformedError:
        return False
    return isinstance(body, SaleBody) and body.policy is not None and body.policy.hash != policy.digest().hex()


def _check_refunds(
    row: _Row, known: _Policies, lines: dict[bytes, list[SoldLine]], pieces: Counter[int], booked: Counter[str]
) -> Iterator[str]:
    if not pieces and not booked:
        return
    sold = Sold(
        lines=tuple(lines.get(row.op_id, ())),
        total=Money(row.total, currency(row.vendor_currency)),
        points_paid=Points(max(0, row.points_paid)),
        earned=Points(row.points_posted),
        policy=known.get((row.policy_id, row.policy_version)),
    )
    state = rules.refund_state(sold, pieces)
    back = rules.to_wallet(state.points_back, sold.paid(), Points(row.REDEEM))
    right = (back, state.points_back - back, int(state.clawed))
    posted = (booked["UNREDEEM"], booked["UNLATE"], booked["CLAWBACK"] + booked["DEBT"])
    if posted != right:
        yield (
            f"the refunds of sale {row.op_id.hex()} gave back, reduced the vendor's gift by and took back {posted} "
            f"points, the rules say {right}"
        )
    if not 0 <= posted[2] <= row.points_posted:
        yield f"the refunds of sale {row.op_id.hex()} took back {posted[2]} of {row.points_posted} points earned"


def _returned(connection: sa.Connection) -> dict[bytes, Counter[int]]:
    pieces: dict[bytes, Counter[int]] = {}
    for row in connection.execute(_RETURNED):
        pieces.setdefault(row.sale_op_id, Counter())[row.line] += int(row.quantity)
    return pieces


def _booked(connection: sa.Connection) -> dict[bytes | None, Counter[str]]:
    kinds: dict[bytes | None, Counter[str]] = {}
    for row in connection.execute(_BOOKED):
        if row.kind in ("UNREDEEM", "UNLATE", "CLAWBACK", "DEBT"):
            kinds.setdefault(row.sale_op_id, Counter())[row.kind] += int(row.points)
    return kinds


def _lines(connection: sa.Connection) -> dict[bytes, list[SoldLine]]:
    lines: dict[bytes, list[SoldLine]] = {}
    for row in connection.execute(_LINES):
        lines.setdefault(row.op_id, []).append(SoldLine(row.quantity, row.total))
    return lines
