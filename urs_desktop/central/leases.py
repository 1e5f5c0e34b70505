"""Wallet leases at the centre: points set aside, settled, returned, or reclaimed when their time is over.

Those for one sale are granted here, those a counter keeps in central.lines.

A lease is a hold in the ledger: what it moves, central.ledger books in the same transaction. Must never grant more
than is available, open a closed lease again or let a late spend reach the wallet.
"""

import logging
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import due, erased, ledger, locks, merged, points, policies, recalls
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.origin import ACTIVE, ADJUSTED, REVOKED, Counter, Origin, Outcome, counter
from urs_desktop.central.schema import customer_records, leases, wallets
from urs_desktop.domain.currency import currency
from urs_desktop.domain.lease import EXACT_GRANT_MS, EXACT_SETTLE_MS, CentralLease, LeaseState
from urs_desktop.domain.money import MAX_MINOR, Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import check_redemption
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import card_code, product_code
from urs_desktop.protocol import grants
from urs_desktop.protocol.messages import GrantReply, GrantRequest, LineRequest
from urs_desktop.protocol.operations import ReturnBody, SaleSpend
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.ids import Randomness

_log = logging.getLogger(__name__)

RECLAIM_BATCH: Final = 500
"""One call reclaims at most this many leases."""

_LEASE = (
    sa.select(leases, customer_records.c.card_code)
    .select_from(leases.outerjoin(customer_records, customer_records.c.customer_id == leases.c.customer_id))
    .where(leases.c.lease_id == sa.bindparam("lease"))
    .with_for_update(of=leases)
)
_ADD = sa.insert(leases)
_CHANGE = (
    sa.update(leases)
    .where(leases.c.lease_id == sa.bindparam("lease"))
    .values(settled=sa.bindparam("now_settled"), returned=sa.bindparam("now_returned"), state=sa.bindparam("now_state"))
)
_WALLET = (
    sa.select(wallets, customer_records.c.blocked_at)
    .select_from(wallets.join(customer_records, customer_records.c.customer_id == wallets.c.customer_id))
    .where(customer_records.c.customer_id == sa.bindparam("customer"))
    .with_for_update(of=wallets, key_share=True)
)
_IS_DUE = sa.and_(leases.c.state == sa.literal_column("'open'"), leases.c.settle_by < sa.bindparam("now"))
_DUE_CUSTOMERS = sa.select(leases.c.customer_id).where(_IS_DUE).order_by(leases.c.customer_id).limit(RECLAIM_BATCH)
_DUE_OF = (
    sa.select(leases)
    .where(_IS_DUE, leases.c.customer_id.in_(sa.bindparam("customers", expanding=True)))
    .order_by(leases.c.customer_id, leases.c.lease_id)
    .limit(RECLAIM_BATCH)
    .with_for_update()
)

_IS_OPEN_OF = sa.and_(leases.c.state == sa.literal_column("'open'"), leases.c.device_id == sa.bindparam("device"))
_CUSTOMERS_OF = sa.select(leases.c.customer_id).where(_IS_OPEN_OF).distinct()
_OPEN_OF = sa.select(leases).where(_IS_OPEN_OF).order_by(leases.c.customer_id, leases.c.lease_id).with_for_update()


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """How many leases were reclaimed, and the points that came back to their customers."""

    leases: int
    points: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A lease with whom it belongs to; `customer_id` and `card` are None for the mark of a grant that never came."""

    lease_id: str
    device_id: bytes
    epoch: int
    vendor_id: str
    customer_id: str | None
    card: str | None
    spend_until: int
    numbers: CentralLease


def grant(
    connection: sa.Connection,
    device_id: bytes,
    request: GrantRequest,
    now: int,
    randomness: Randomness,
    key: SigningKey,
) -> GrantReply:
    """Set points of one customer aside for one sale; asking again with the same lease id gets the same answer.

    Raises SessionOverError for another epoch, Refusal(COUNTER_UNKNOWN, COUNTER_REVOKED, COUNTER_QUARANTINED,
    CUSTOMER_UNKNOWN, CUSTOMER_BLOCKED, CUSTOMER_ERASED, POLICY_UNKNOWN, POINTS_NOT_REDEEMED_HERE, POINTS_OVER_CAP,
    POINTS_NOT_AVAILABLE, GRANT_OVER, AMOUNT_OUT_OF_RANGE, TEXT_MALFORMED, CARD_MALFORMED).
    """
    del randomness
    till = asking(connection, device_id, request.epoch)
    product_code(request.lease_id)
    card_code(request.card)
    known = stored(connection, request.lease_id)
    if known is not None:
        return again(connection, known, till, request, key, EXACT_GRANT_MS)
    policy = _policy(connection, till, request, now)
    granted, spend_until = _set_aside(connection, till, request, policy, now)
    return reply(key, till, request, granted, spend_until, EXACT_GRANT_MS)


def asking(connection: sa.Connection, device_id: bytes, epoch: int) -> Counter:
    """Return a counter that may ask for points, locked; raises SessionOverError for another epoch, else Refusal."""
    till = counter(connection, device_id, locked=True)
    if epoch != till.epoch:
        raise SessionOverError
    if till.state != ACTIVE:
        revoked = till.state == REVOKED
        raise Refusal(RefusalCode.COUNTER_REVOKED if revoked else RefusalCode.COUNTER_QUARANTINED)
    return till


def stored(connection: sa.Connection, lease_id: str) -> Stored | None:
    """Return a lease, locked until the end of the transaction, or None."""
    row = connection.execute(_LEASE, {"lease": lease_id}).one_or_none()
    return None if row is None else _stored(row, row.card_code)


def settle(
    connection: sa.Connection, origin: Origin, customer_id: str | None, spend: SaleSpend, most: int
) -> tuple[int, int]:
    """Book what a sale spent from one lease, `most` at the utmost, and what it gave back.

    What the lease covers is redeemed from the wallet; the rest is late: the vendor gave it. A lease of another counter
    or customer covers nothing. Return the points booked and how many of them the lease covered.
    """
    spent = Points(max(0, min(spend.points, most)))
    lease = stored(connection, spend.lease)
    is_own = lease is not None and lease.device_id == origin.counter.device_id
    if lease is None or not is_own or not _is_of(connection, lease, customer_id):
        book_late(connection, origin, customer_id, spent, _fit(spend.lease))
        return spent, 0
    numbers, covered = lease.numbers.settle(spent)
    if covered:
        points.redeem(connection, origin.cause(lease.customer_id, lease.lease_id), covered)
    book_late(connection, origin, customer_id, spent - covered, lease.lease_id)
    _give_back(connection, origin, lease, numbers, Points(max(0, spend.returned)))
    return spent, covered


def book_late(
    connection: sa.Connection, origin: Origin, customer_id: str | None, spent: int, lease_id: str | None = None
) -> None:
    """Note points a vendor accepted that no open lease covers, if any."""
    points.late(connection, origin.cause(customer_id, lease_id), Points(spent))


def _fit(lease_id: str) -> str | None:
    """Return the id a receipt names for a lease if it could be one: what could not is no key to look anything up by."""
    try:
        return product_code(lease_id)
    except Refusal:
        return None


def apply_return(connection: sa.Connection, origin: Origin, body: ReturnBody) -> Outcome:
    """Close a lease its counter is done with and free what it holds; one never granted never will be.

    The number the counter names does not matter: a grant whose reply it never got holds more than it knows.
    """
    lease = stored(connection, product_code(body.lease))
    if lease is None:
        mark = NewLease(body.lease, None, origin.now, origin.now, state=LeaseState.CLOSED)
        add(connection, origin.counter, mark, origin.now)
        return Outcome()
    if lease.device_id != origin.counter.device_id:
        return Outcome(ADJUSTED, RefusalCode.GRANT_OVER)
    _give_back(connection, origin, lease, lease.numbers, lease.numbers.held)
    return Outcome()


def reclaim_due(connection: sa.Connection, now: int, customer_id: str | None = None) -> int:
    """Close leases whose time to settle is over, of one customer or (up to RECLAIM_BATCH) of all; return how many."""
    customers = [customer_id] if customer_id is not None else _due_customers(connection, now)
    over = connection.execute(_DUE_OF, {"now": now, "customers": customers}).all() if customers else []
    return sum(_reclaimed(connection, _stored(row, None), now) for row in over)


def reclaim_counter(connection: sa.Connection, device_id: bytes, now: int) -> Reclaimed:
    """Close every open lease of a counter, whose row the caller has locked, so that their customers are whole.

    What was spent of them and arrives later is late: the vendor gave it.
    """
    customers = [each for each in connection.execute(_CUSTOMERS_OF, {"device": device_id}).scalars() if each]
    locks.wallets_of(connection, customers)
    held = [_stored(row, None) for row in connection.execute(_OPEN_OF, {"device": device_id}).all()]
    closed = [lease for lease in held if _reclaimed(connection, lease, now)]
    return Reclaimed(len(closed), sum(lease.numbers.held for lease in closed))


def _due_customers(connection: sa.Connection, now: int) -> list[str]:
    customers = [customer for customer in connection.execute(_DUE_CUSTOMERS, {"now": now}).scalars() if customer]
    found = list(dict.fromkeys(customers))
    locks.wallets_of(connection, found)
    return found


def _reclaimed(connection: sa.Connection, lease: Stored, now: int) -> bool:
    """Reclaim one lease; one that cannot be is logged and keeps no other customer's points."""
    try:
        with connection.begin_nested():
            _reclaim(connection, lease, now)
    except (ledger.LedgerError, sa.exc.IntegrityError):
        _log.exception("lease %s cannot be reclaimed", lease.lease_id)
        return False
    return True


def again(
    connection: sa.Connection,
    known: Stored,
    till: Counter,
    request: GrantRequest | LineRequest,
    key: SigningKey,
    lasts: int,
) -> GrantReply:
    """Return the answer a counter has been given before; raises Refusal(GRANT_OVER) unless it is still open."""
    owner = merged.by_card(connection, card_code(request.card))
    own = known.device_id == till.device_id and known.epoch == till.epoch and _is_of(connection, known, owner)
    if not own or known.numbers.state is LeaseState.CLOSED:
        raise Refusal(RefusalCode.GRANT_OVER)
    return reply(key, till, request, known.numbers.granted, known.spend_until, lasts)


def _policy(connection: sa.Connection, till: Counter, request: GrantRequest, now: int) -> RewardPolicy:
    """Return the policy a grant is asked under; refuses what the programme's rules do not allow."""
    if not 0 < request.total < MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)
    if not till.category.redeems:
        raise Refusal(RefusalCode.POINTS_NOT_REDEEMED_HERE, category=till.category.value)
    candidates = policies.of_vendor(connection, till.category, till.vendor_id, till.vendor.currency)
    named = (request.policy_id, request.policy_version)
    policy = next((p for p in candidates if (p.policy_id, p.version) == named), None)
    if policy is None or not policies.may_be_used(policy, candidates, till.vendor_id, now):
        raise Refusal(RefusalCode.POLICY_UNKNOWN)
    check_redemption(Points(request.want), Money(request.total, currency(till.vendor.currency)), till.category, policy)
    return policy


def _set_aside(
    connection: sa.Connection, till: Counter, request: GrantRequest, policy: RewardPolicy, now: int
) -> tuple[Points, int]:
    locks.merges_stand(connection)
    asked = {"customer": merged.by_card(connection, card_code(request.card))}
    wallet = connection.execute(_WALLET, asked).one_or_none()
    if wallet is None:
        raise erased.nobody(connection, card_code(request.card))
    if wallet.blocked_at is not None:
        raise Refusal(RefusalCode.CUSTOMER_BLOCKED)
    reclaim_due(connection, now, wallet.customer_id)
    due.of_customer(connection, wallet.customer_id, now)
    wallet = connection.execute(_WALLET, asked).one()
    granted = Points(min(request.want, wallet.available))
    if granted <= 0:
        raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE, available=wallet.available)
    spend_until = now + EXACT_GRANT_MS
    lease = NewLease(
        request.lease_id, wallet.customer_id, spend_until, now + EXACT_SETTLE_MS, granted=granted, request=request
    )
    add(connection, till, lease, now)
    ids = entry_ids(f"hold/{request.lease_id}".encode())
    cause = Cause(ids, till.vendor_id, wallet.customer_id, now, lease_id=request.lease_id, policy=policy.reference())
    points.hold(connection, cause, granted, now + EXACT_SETTLE_MS)
    if granted < request.want:
        recalls.recall(connection, wallet.customer_id, but=till.device_id)
    return granted, spend_until


@dataclass(frozen=True, slots=True)
class NewLease:
    """A lease to be written; `request` is the exact grant it answers, without it it is a standing one or a mark.

    `spend_until` and `settle_by` in milliseconds.
    """

    lease_id: str
    customer_id: str | None
    spend_until: int
    settle_by: int
    granted: Points = NO_POINTS
    settled: Points = NO_POINTS
    state: LeaseState = LeaseState.OPEN
    request: GrantRequest | None = None


def add(connection: sa.Connection, till: Counter, lease: NewLease, now: int) -> None:
    """Write a lease of a counter."""
    request = lease.request
    row = {
        "lease_id": lease.lease_id,
        "device_id": till.device_id,
        "epoch": till.epoch,
        "vendor_id": till.vendor_id,
        "customer_id": lease.customer_id,
        "granted": lease.granted,
        "settled": lease.settled,
        "returned": 0,
        "state": lease.state.value,
        "spend_until": lease.spend_until,
        "settle_by": lease.settle_by,
        "total": request.total if request else 0,
        "policy_id": request.policy_id if request else None,
        "policy_version": request.policy_version if request else None,
        "created_at": now,
    }
    connection.execute(_ADD, row)


def reply(
    key: SigningKey,
    till: Counter,
    request: GrantRequest | LineRequest,
    granted: int,
    spend_until: int,
    lasts: int,
) -> GrantReply:
    """Return the signed answer to a counter; `lasts` as in GrantReply."""
    return grants.grant(
        key,
        till.device_id,
        lease_id=request.lease_id,
        epoch=till.epoch,
        card=request.card,
        granted=granted,
        spend_until=spend_until,
        lasts=lasts,
    )


def _is_of(connection: sa.Connection, lease: Stored, customer_id: str | None) -> bool:
    """Return whether a lease is a customer's, who may have been merged into this one since it was granted."""
    if lease.customer_id is None or customer_id is None:
        return False
    return lease.customer_id == customer_id or merged.into(connection, lease.customer_id) == customer_id


def _give_back(connection: sa.Connection, origin: Origin, lease: Stored, numbers: CentralLease, rest: Points) -> None:
    after, freed = numbers.give_back(rest)
    if freed:
        points.void(connection, origin.cause(lease.customer_id, lease.lease_id), freed)
    if after.state is LeaseState.OPEN and not after.held:
        after, _ = after.close()
    _change(connection, lease.lease_id, after)


def _reclaim(connection: sa.Connection, lease: Stored, now: int) -> None:
    closed, freed = lease.numbers.close()
    if freed:
        ids = entry_ids(f"reclaim/{lease.lease_id}".encode())
        cause = Cause(ids, lease.vendor_id, lease.customer_id, now, lease_id=lease.lease_id)
        points.void(connection, cause, freed)
    _change(connection, lease.lease_id, closed)


def _change(connection: sa.Connection, lease_id: str, numbers: CentralLease) -> None:
    values = {
        "lease": lease_id,
        "now_settled": numbers.settled,
        "now_returned": numbers.returned,
        "now_state": numbers.state.value,
    }
    connection.execute(_CHANGE, values)


def _stored(row: sa.Row[*tuple[object, ...]], card: str | None) -> Stored:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    numbers = CentralLease(
        granted=Points(values["granted"]),
        settled=Points(values["settled"]),
        returned=Points(values["returned"]),
        state=LeaseState(values["state"]),
    )
    return Stored(
        lease_id=values["lease_id"],
        device_id=values["device_id"],
        epoch=values["epoch"],
        vendor_id=values["vendor_id"],
        customer_id=values["customer_id"],
        card=card,
        spend_until=values["spend_until"],
        numbers=numbers,
    )
