"""Standing leases: points of a customer set aside for a counter before anybody asks, to be spent without a connection.

The standing leases open at one counter are the customer's line there. Must never set aside more than is available, or
keep a customer's points at more counters, or more of them, than the terms allow.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central import due, erased, lease_terms, leases, locks, merged, points, recalls
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.lease_terms import LeaseTerms
from urs_desktop.central.leases import NewLease
from urs_desktop.central.origin import Counter
from urs_desktop.central.schema import customer_records, customer_vendors, wallets
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import card_code, product_code
from urs_desktop.protocol.messages import GrantReply, LineRequest
from urs_desktop.protocol.signatures import SigningKey

_PERCENT: Final = 100
_HELD = lease_rows.c.granted - lease_rows.c.settled - lease_rows.c.returned
_WALLET = (
    sa.select(wallets, customer_records.c.blocked_at)
    .select_from(
        wallets.join(customer_records, customer_records.c.customer_id == wallets.c.customer_id).join(
            customer_vendors, customer_vendors.c.customer_id == wallets.c.customer_id
        )
    )
    .where(wallets.c.customer_id == sa.bindparam("customer"), customer_vendors.c.vendor_id == sa.bindparam("vendor"))
    .with_for_update(of=wallets, key_share=True)
)
_OF_VENDOR = sa.select(sa.func.coalesce(sa.func.sum(_HELD), 0)).where(
    lease_rows.c.vendor_id == sa.bindparam("vendor"), lease_rows.c.state == sa.literal_column("'open'")
)


def grant(connection: sa.Connection, device_id: bytes, request: LineRequest, now: int, key: SigningKey) -> GrantReply:
    """Set points of a vendor's customer aside for a counter; asking again with the same lease id gets the same answer.

    Raises SessionOverError for another epoch, Refusal(COUNTER_UNKNOWN, COUNTER_REVOKED, COUNTER_QUARANTINED,
    CUSTOMER_UNKNOWN, CUSTOMER_BLOCKED, CUSTOMER_ERASED, POINTS_NOT_REDEEMED_HERE, POINTS_NOT_AVAILABLE, LINE_NOT_HERE,
    GRANT_OVER, TEXT_MALFORMED, CARD_MALFORMED).
    """
    till = leases.asking(connection, device_id, request.epoch)
    if not till.category.redeems:
        raise Refusal(RefusalCode.POINTS_NOT_REDEEMED_HERE, category=till.category.value)
    product_code(request.lease_id)
    terms = lease_terms.terms(connection)
    known = leases.stored(connection, request.lease_id)
    if known is not None:
        return leases.again(connection, known, till, request, key, terms.spend_ms)
    locks.vendor(connection, till.vendor_id)  # the vendor's cap is its counters' together
    granted, spend_until = _set_aside(connection, till, request, terms, now)
    return leases.reply(key, till, request, granted, spend_until, spend_until - now)


def _set_aside(
    connection: sa.Connection, till: Counter, request: LineRequest, terms: LeaseTerms, now: int
) -> tuple[Points, int]:
    locks.merges_stand(connection)
    card = card_code(request.card)
    who = {"customer": merged.by_card(connection, card), "vendor": till.vendor_id}
    wallet = connection.execute(_WALLET, who).one_or_none()
    if wallet is None:
        raise erased.nobody(connection, card)
    if wallet.blocked_at is not None:
        raise Refusal(RefusalCode.CUSTOMER_BLOCKED)
    leases.reclaim_due(connection, now, wallet.customer_id)
    due.of_customer(connection, wallet.customer_id, now)
    available = connection.execute(_WALLET, who).one().available
    lines = recalls.standing(connection, wallet.customer_id)
    elsewhere = {row.device_id for row in lines} - {till.device_id}
    if len(elsewhere) >= terms.counters:
        raise Refusal(RefusalCode.LINE_NOT_HERE)
    here = sum(row.held for row in lines if row.device_id == till.device_id)
    locked = sum(row.held for row in lines)
    of_vendor = connection.execute(_OF_VENDOR, {"vendor": till.vendor_id}).scalar_one()
    granted = Points(
        min(
            request.want,
            available,
            terms.share_percent * (available + locked) // _PERCENT - locked,
            terms.most_points - here,
            lease_terms.limits(connection, till.vendor_id).lease_cap - of_vendor,
        )
    )
    if granted <= 0:
        raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE, available=available)
    ids = entry_ids(f"hold/{request.lease_id}".encode())
    cause = Cause(ids, till.vendor_id, wallet.customer_id, now, lease_id=request.lease_id)
    settle_by = now + terms.settle_ms
    first_expiry = points.hold(connection, cause, granted, settle_by)
    # Points that expire while they are set aside are not to be promised for longer than they live.
    spend_until = min(now + terms.spend_ms, settle_by if first_expiry is None else first_expiry)
    lease = NewLease(request.lease_id, wallet.customer_id, spend_until, settle_by, granted=granted)
    leases.add(connection, till, lease, now)
    return granted, spend_until
