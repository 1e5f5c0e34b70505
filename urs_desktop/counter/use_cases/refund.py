"""Refunding: goods come back, cash and points go back, and what they earned is taken back, in one transaction.

The counter promises what the rules give for the refunds it knows; the central store books what they give for all. Must
never refund more than is left, reckon one refund by itself, or make a customer's points more than the centre said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from urs_desktop.counter.ports import Book, CentralDistrustedError, CentralStore, CentralUnavailableError, Store
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.receipts import RefundReceipt, read_number, refund_receipt_of, unknown
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refundable import (
    Refundable,
    as_told,
    card_left,
    known_here,
    of_own,
    quote,
    refunds_in,
)
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import Identity, KnownRefund, StoredRefund
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.currency import Currency, cash_step
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import ENGINE_VERSION
from urs_desktop.domain.purchase import CardPayment, TenderKind, printed, round_cash
from urs_desktop.domain.refund import RefundState
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE, clean_text, looks_like_payment_card
from urs_desktop.protocol.messages import SaleReply, SaleRequest
from urs_desktop.protocol.operations import (
    RefundBody,
    RefundLine,
    RefundOverride,
    SaleSource,
    SaleTender,
)

_OUT_OF_REACH: Final = "there is no way to the central store now"
MAX_REFERENCE: Final = 40
"""The reference of a terminal may have this many characters, so that an event has room for it."""

MAX_REASON: Final = 200
"""The reason of an override may have this many characters."""


@dataclass(frozen=True, slots=True)
class Override:
    """Who allowed what a cashier may not do alone, and why: a few words, never about a customer."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a cashier asks for.

    With a receipt: the `sale`, and the `pieces` of it (line number from 1 to quantity) or None for everything left.
    Without one: the `goods` at their prices, and an `override`. `operator` is the cashier; `happened_at` None is now;
    `source` where a replayed refund comes from; `by_card` what an external terminal gave back, with its reference: the
    rest of the money is cash.
    """

    sale: Refundable | None = None
    pieces: Mapping[int, int] | None = None
    goods: Basket | None = None
    override: Override | None = None
    operator: str | None = None
    happened_at: int | None = None
    source: SaleSource | None = None
    by_card: CardPayment | None = None


def _nothing() -> None:
    """Push nothing: a thread of its own does."""


class Refunding:
    """Finds sales to refund and completes refunds on one counter."""

    def __init__(
        self, store: Store, recorder: Recorder, central: CentralStore | None, push: Callable[[], object] = _nothing
    ) -> None:
        """Take the store, the recorder, the way to the central store, and `push`, which sends what waits before asking.

        `push` raises CentralUnavailableError or Refusal, as asking does; `central` None is one out of reach.
        """
        self._store = store
        self._recorder = recorder
        self._central = central
        self._push = push

    def find(self, receipt: str) -> Refundable:
        """Return the sale with this receipt number, of this counter if it names no other; asks the central store.

        Without an answer a sale of this counter is returned as it is known here. Raises Refusal(RECEIPT_UNKNOWN,
        RECEIPT_NEEDS_CONNECTION for another counter's, POLICY_UNKNOWN, CURRENCIES_MIXED) and CentralDistrustedError.
        """
        identity = self._store.read(identity_of)
        counter, number = read_number(receipt, identity)
        here = self._store.read(lambda book: _own(book, identity, number)) if counter == identity.number else None
        try:
            reply = self._ask(SaleRequest(counter=counter, receipt=number))
        except (CentralUnavailableError, Refusal) as why:
            if here is not None:
                # A store that has not heard of the sale has not heard of a refund of it either.
                unheard = isinstance(why, Refusal) and why.code is RefusalCode.RECEIPT_UNKNOWN
                return replace(here, confirmed=unheard)
            raise _not_found(receipt, why, is_own=counter == identity.number) from why
        if here is None:
            return self._store.read(lambda book: as_told(book, identity, printed(counter, number), reply))
        if reply.op_id != here.op_id:
            return here
        return replace(here.knowing(refunds_in(reply)), confirmed=True)

    def _ask(self, request: SaleRequest) -> SaleReply:
        if self._central is None:
            raise CentralUnavailableError(_OUT_OF_REACH)
        self._push()
        reply = self._central.sale(request)
        if reply.sale.receipt != request.receipt:
            message = "the central store answered with another receipt than was asked for"
            raise CentralUnavailableError(message)
        return reply

    def complete(self, order: RefundOrder) -> RefundReceipt:
        """Complete a refund and return its receipt once everything is on disk.

        What is left is looked at again inside the transaction. Raises Refusal with nothing kept: those of
        refundable.quote, PAYMENT_OVER and CARD_NUMBER_REFUSED of what goes back by card, OVERRIDE_NEEDED,
        OVERRIDE_BY_SAME_PERSON, TEXT_MALFORMED, CURRENCIES_MIXED, RECEIPT_TOO_LARGE.
        """
        return self._store.write(lambda book: refund_in(book, self._recorder, order))


def refund_in(book: Book, recorder: Recorder, order: RefundOrder) -> RefundReceipt:
    """Complete a refund inside the caller's transaction; the receipt counts only once that has committed.

    Raises Refusal as Refunding.complete.
    """
    if order.operator is None:
        order = replace(order, operator=recorder.session.operator)
    identity, override = identity_of(book), _override(order)
    sale = order.sale
    if sale is not None:
        sale = sale.knowing(known_here(book, sale.op_id))
        quoted = quote(sale, order.pieces)
        adds, lines = quoted.adds, quoted.lines
    else:
        adds, lines = _goods(order, identity)
    step = 1 if order.source else cash_step(identity.currency)
    tenders = _tenders(adds, _by_card(book, order, adds), identity.currency, step)
    stamp = recorder.stamp(book)
    body = RefundBody(
        hlc=stamp.hlc,
        recorded_at=stamp.now,
        operator=_operator(order),
        receipt=book.operations.head().receipt + 1,
        happened_at=stamp.now if order.happened_at is None else order.happened_at,
        currency=identity.currency.code,
        sale=sale.op_id.hex() if sale else None,
        total=adds.value,
        cash_back=adds.cash_back,
        points_back=adds.points_back,
        clawed=adds.clawed,
        lines=lines,
        tenders=tenders,
        card=sale.sale.card if sale else None,
        policy=sale.sale.policy if sale else None,
        engine=ENGINE_VERSION,
        override=override,
        source=order.source,
    )
    operation = recorder.append(book, body)
    stored = StoredRefund(body.receipt, operation.op_id, operation.seq, body, _others(book, sale))
    book.refunds.put(stored)
    if order.by_card is not None:
        subject = f"{printed(identity.number, body.receipt)} {order.by_card.reference}".strip()
        amount = order.by_card.amount.minor
        note_in(book, recorder, EventKind.REFUNDED_BY_CARD, subject, amount=amount, operator=body.operator)
    _lower(book, body.card, adds.clawed)
    return refund_receipt_of(book, identity, stored, sale.number if sale else "")


def _own(book: Book, identity: Identity, receipt: int) -> Refundable | None:
    sale = book.sales.by_receipt(receipt)
    return None if sale is None else of_own(book, identity, sale)


def _not_found(receipt: str, why: Exception, *, is_own: bool) -> Exception:
    """Return what to raise for a sale that is not known here, when asking for it ended with `why`."""
    no_such = unknown(receipt)
    if isinstance(why, Refusal):
        return no_such if why.code is RefusalCode.RECEIPT_UNKNOWN else why
    if isinstance(why, CentralDistrustedError):
        return why
    return no_such if is_own else Refusal(RefusalCode.RECEIPT_NEEDS_CONNECTION, **no_such.details)


def _override(order: RefundOrder) -> RefundOverride | None:
    """Return who allowed it, checked; raises OVERRIDE_NEEDED, OVERRIDE_BY_SAME_PERSON or TEXT_MALFORMED."""
    if order.override is None:
        if order.sale is None:
            raise Refusal(RefusalCode.OVERRIDE_NEEDED)
        return None
    return allowed(order.override, _operator(order))


def allowed(override: Override, operator: str | None) -> RefundOverride:
    """Return who allowed what `operator` may not do alone, checked.

    Raises Refusal(OVERRIDE_NEEDED, OVERRIDE_BY_SAME_PERSON or TEXT_MALFORMED).
    """
    by = clean_text(override.operator, MAX_CODE)
    reason = clean_text(override.reason, MAX_REASON)
    if not by or not reason:
        raise Refusal(RefusalCode.OVERRIDE_NEEDED)
    if operator is not None and operator.casefold() == by.casefold():
        raise Refusal(RefusalCode.OVERRIDE_BY_SAME_PERSON)
    return RefundOverride(by, reason)


def _operator(order: RefundOrder) -> str | None:
    return clean_text(order.operator, MAX_CODE) or None if order.operator is not None else None


def _goods(order: RefundOrder, identity: Identity) -> tuple[RefundState, tuple[RefundLine, ...]]:
    """Return what goods without a receipt come to: cash alone, and no points move."""
    goods = order.goods
    if goods is None or not goods.lines:
        raise Refusal(RefusalCode.REFUND_EMPTY)
    if goods.currency != identity.currency:
        raise Refusal(RefusalCode.CURRENCIES_MIXED, one=identity.currency.code, other=goods.currency.code)
    total = goods.total.minor
    lines = tuple(RefundLine(0, line.sku, line.description, line.quantity, line.total.minor) for line in goods.lines)
    return RefundState(total, NO_POINTS, total, NO_POINTS), lines


def _by_card(book: Book, order: RefundOrder, adds: RefundState) -> int:
    """Return what goes back by card, in minor units: never more than the terminal took for this sale.

    Raises Refusal(PAYMENT_OVER), or CARD_NUMBER_REFUSED or TEXT_MALFORMED for the reference.
    """
    if order.by_card is None:
        return 0
    reference = clean_text(order.by_card.reference, MAX_REFERENCE)
    if looks_like_payment_card(reference):
        raise Refusal(RefusalCode.CARD_NUMBER_REFUSED)
    left = 0 if order.sale is None else card_left(book, order.sale.op_id, order.sale.sale)
    amount, most = order.by_card.amount.minor, min(left, adds.cash_back)
    if not 0 < amount <= most:
        raise Refusal(RefusalCode.PAYMENT_OVER, amount=amount, due=most)
    return amount


def _tenders(adds: RefundState, by_card: int, currency: Currency, step: int) -> tuple[SaleTender, ...]:
    """Return how it goes back; of cash, `tendered` is what there are coins for."""
    given = [SaleTender(TenderKind.POINTS.value, adds.points_back, adds.points_back)]
    given.append(SaleTender(TenderKind.CARD.value, by_card, by_card))
    cash = Money(adds.cash_back - by_card, currency)
    given.append(SaleTender(TenderKind.CASH.value, cash.minor, round_cash(cash, step).minor))
    return tuple(tender for tender in given if tender.amount)


def _others(book: Book, sale: Refundable | None) -> tuple[KnownRefund, ...]:
    """Return the refunds of the sale that were made at other counters."""
    if sale is None:
        return ()
    own = {refund.op_id for refund in book.refunds.of_sale(sale.op_id)}
    return tuple(refund for refund in sale.refunds if refund.op_id not in own)


def _lower(book: Book, card: str | None, clawed: Points) -> None:
    """Lower the points known of the customer by what is taken back; what is given back only the centre can say."""
    customer = book.customers.by_card(card) if card and clawed else None
    if customer is not None and customer.available is not None:
        book.customers.put(replace(customer, available=Points(max(0, customer.available - clawed))))
