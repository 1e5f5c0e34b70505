"""Completing a sale: one transaction holds the sale, its points, its outbox operation and the chain head.

Only after it is on disk is there a receipt. Must never contact the central store: selling and earning need no network.
"""

from dataclasses import dataclass, replace

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases import outcomes
from urs_desktop.counter.use_cases.enrolment import enrol_card
from urs_desktop.counter.use_cases.receipts import Receipt, receipt_of
from urs_desktop.counter.use_cases.recording import Recorder, Stamp
from urs_desktop.counter.values import CounterState, Identity, StoredSale
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy, in_force
from urs_desktop.domain.purchase import Purchase, settle
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import (
    SaleBody,
    SaleLine,
    SalePolicy,
    SaleSource,
    SaleSpend,
    SaleTender,
)


@dataclass(frozen=True, slots=True)
class SaleOrder:
    """What a cashier asks for with Pay.

    `card` the customer or None; `lease_id` and `points` the points to pay with, granted before; `cash_tendered` None
    is exact cash; `happened_at` None is now; `source` where a replayed sale comes from.
    """

    basket: Basket
    card: str | None = None
    points: Points = NO_POINTS
    lease_id: str | None = None
    cash_tendered: Money | None = None
    happened_at: int | None = None
    source: SaleSource | None = None


def policy_now(book: Book, identity: Identity, now: int) -> RewardPolicy | None:
    """Return the reward policy this counter reckons with at `now` (milliseconds), or None."""
    own_currency = [policy for policy in book.policies.all() if policy.currency == identity.currency.code]
    return in_force(own_currency, identity.category, identity.vendor_id, now)


def identity_of(book: Book) -> Identity:
    """Return who this counter is; raises Refusal(NOT_ENROLLED)."""
    identity = book.settings.identity()
    if identity is None:
        raise Refusal(RefusalCode.NOT_ENROLLED)
    return identity


class RingUp:
    """Completes sales on one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the counter's store and the recorder of its operations."""
        self._store = store
        self._recorder = recorder

    def complete(self, order: SaleOrder) -> Receipt:
        """Complete a sale and return its receipt once everything is on disk.

        Raises Refusal (see domain.purchase.settle and domain.lease) with nothing kept; errors of the store pass
        through with nothing kept.
        """
        return self._store.write(lambda book: self.complete_in(book, order))

    def complete_in(self, book: Book, order: SaleOrder) -> Receipt:
        """Complete a sale inside the caller's transaction; the receipt counts only once that has committed."""
        identity = identity_of(book)
        if order.card is not None:
            enrol_card(book, self._recorder, order.card)
        stamp = self._recorder.stamp(book)
        purchase = settle(
            order.basket,
            category=identity.category,
            policy=policy_now(book, identity, stamp.now),
            has_customer=order.card is not None,
            points=order.points,
            cash_tendered=order.cash_tendered,
        )
        lease = _spend(book, order, stamp)
        number = book.operations.head().receipt + 1
        body = _sale_body(order, purchase, stamp, number, lease)
        operation = self._recorder.append(book, body)
        book.sales.put(StoredSale(number, operation.op_id, operation.seq, body))
        outcomes.tell(book, body.card, number)
        return receipt_of(book, identity, body)


def _spend(book: Book, order: SaleOrder, stamp: Stamp) -> CounterLease | None:
    """Take the order's points from its lease and give the rest back: an exact grant serves one sale."""
    if not order.points:
        return None
    lease = book.leases.get(order.lease_id) if order.lease_id else None
    if lease is None or lease.card != order.card:
        raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
    if book.operations.head().state is CounterState.FENCED:
        raise Refusal(RefusalCode.COUNTER_FENCED)
    spent = lease.spend(order.points, stamp.hlc)
    book.leases.put(spent.give_back())
    book.leases.finish(lease.lease_id)
    customer = book.customers.by_card(lease.card)
    if customer is not None and customer.available is not None:
        left = Points(max(0, customer.available - order.points))
        book.customers.put(replace(customer, available=left))
    return spent


def _sale_body(order: SaleOrder, purchase: Purchase, stamp: Stamp, number: int, lease: CounterLease | None) -> SaleBody:
    policy = purchase.policy
    return SaleBody(
        hlc=stamp.hlc,
        recorded_at=stamp.now,
        receipt=number,
        happened_at=stamp.now if order.happened_at is None else order.happened_at,
        currency=purchase.total.currency.code,
        total=purchase.total.minor,
        points_paid=purchase.points_paid,
        earned=purchase.earned,
        lines=tuple(
            SaleLine(
                sku=line.sku,
                description=line.description,
                quantity=line.quantity,
                price=line.unit_price.units,
                scale=line.unit_price.scale,
                total=line.total.minor,
                earned=share,
            )
            for line, share in zip(purchase.lines, purchase.shares, strict=True)
        ),
        tenders=tuple(SaleTender(t.kind.value, t.amount.minor, t.tendered.minor) for t in purchase.tenders),
        card=order.card,
        policy=None if policy is None else SalePolicy(policy.policy_id, policy.version, policy.digest().hex()),
        spends=() if lease is None else (SaleSpend(lease.lease_id, order.points, lease.rest),),
        engine=ENGINE_VERSION,
        source=order.source,
    )
