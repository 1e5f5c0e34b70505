"""Completing a sale: one transaction holds the sale, its points, its outbox operation and the chain head.

Only after it is on disk is there a receipt. Must never contact the central store: selling and earning need no network.
"""

from dataclasses import dataclass, replace

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases import floor, outcomes
from urs_desktop.counter.use_cases.enrolment import enrol_card
from urs_desktop.counter.use_cases.pricing import needs_pricing, priced_body
from urs_desktop.counter.use_cases.receipts import Receipt, receipt_of
from urs_desktop.counter.use_cases.recording import Recorder, Stamp
from urs_desktop.counter.values import CounterState, Identity, StoredSale
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.currency import cash_step
from urs_desktop.domain.lease import NO_BACKING, Backing, CounterLease
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy, in_force
from urs_desktop.domain.purchase import CardPayment, Purchase, settle
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

    `card` the customer or None; `points` to pay with and the `backing` they are taken from; `cards` what the card
    terminal took; `cash_tendered` None is exact cash, which is rounded to the smallest coin unless a journal says what
    was paid; `happened_at` None is now; `source` where a replayed sale comes from; `held` the number under which it was
    put aside before, which it leaves.
    """

    basket: Basket
    card: str | None = None
    points: Points = NO_POINTS
    backing: Backing = NO_BACKING
    cash_tendered: Money | None = None
    cards: tuple[CardPayment, ...] = ()
    happened_at: int | None = None
    source: SaleSource | None = None
    held: int | None = None


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
            cards=order.cards,
            cash_tendered=order.cash_tendered,
            cash_step=1 if order.source else cash_step(identity.currency),
        )
        spends = _spend(book, order, stamp)
        number = book.operations.head().receipt + 1
        body = self._recorder.by_whom(_sale_body(order, purchase, stamp, number, spends))
        operation = self._recorder.append(book, body)
        book.sales.put(StoredSale(number, operation.op_id, operation.seq, body))
        outcomes.tell(book, body.card, number)
        if order.held is not None:
            book.held.remove(order.held)
        return receipt_of(book, identity, body)


def _spend(book: Book, order: SaleOrder, stamp: Stamp) -> tuple[SaleSpend, ...]:
    """Take the order's points from its leases, in their order, and the rest without one where the vendor allows it.

    An exact grant serves one sale, so what is left of it goes back; the customer's line stays.
    """
    if not order.points:
        return ()
    if book.operations.head().state is CounterState.FENCED:
        raise Refusal(RefusalCode.COUNTER_FENCED)
    left, spends = order.points, []
    for counted_on in order.backing.leases:
        lease = book.leases.get(counted_on.lease_id)
        if lease is None or lease.card != order.card:
            raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
        part = Points(min(left, lease.rest))
        spends.append(_take(book, lease, part, stamp))
        left = Points(left - part)
    if left and order.card is not None and left <= min(order.backing.floor, floor.left(book, order.card)):
        spends.append(SaleSpend("", left, 0))
        left = NO_POINTS
    if left and not spends:
        raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
    if left:
        raise Refusal(RefusalCode.GRANT_EXCEEDED, points=order.points, rest=order.points - left)
    _lower_balance(book, order)
    return tuple(spend for spend in spends if spend.points or spend.returned)


def _take(book: Book, lease: CounterLease, points: Points, stamp: Stamp) -> SaleSpend:
    spent = lease.spend(points, stamp.hlc) if points else lease
    if lease.standing:
        book.leases.put(replace(spent, in_payment=False))
        if not spent.rest:
            book.leases.finish(lease.lease_id)
        return SaleSpend(lease.lease_id, points, 0)
    book.leases.put(spent.give_back())
    book.leases.finish(lease.lease_id)
    return SaleSpend(lease.lease_id, points, spent.rest)


def _lower_balance(book: Book, order: SaleOrder) -> None:
    customer = book.customers.by_card(order.card) if order.card else None
    if customer is not None and customer.available is not None:
        left = Points(max(0, customer.available - order.points))
        book.customers.put(replace(customer, available=left))


def _sale_body(
    order: SaleOrder, purchase: Purchase, stamp: Stamp, number: int, spends: tuple[SaleSpend, ...]
) -> SaleBody:
    """Return the body to sign: of schema 1 unless the sale has something only schema 2 can say."""
    policy = purchase.policy
    plain = SaleBody(
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
                total=priced.total,
                earned=share,
            )
            for line, priced, share in zip(purchase.basket.lines, purchase.priced, purchase.shares, strict=True)
        ),
        tenders=tuple(SaleTender(t.kind.value, t.amount.minor, t.tendered.minor) for t in purchase.tenders),
        card=order.card,
        policy=None if policy is None else SalePolicy(policy.policy_id, policy.version, policy.digest().hex()),
        spends=spends,
        engine=ENGINE_VERSION,
        source=order.source,
    )
    return priced_body(plain, purchase) if needs_pricing(purchase) else plain
