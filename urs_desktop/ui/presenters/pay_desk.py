"""The payment's part of the sell presenter: cash and points offered, granted, given back, and the sale completed.

One payment makes one sale: only PAYING leads to COMPLETING, and whatever is pressed meanwhile does nothing. Must never
keep points that no payment uses, nor take the cart away before the sale is on disk.
"""

import logging
from dataclasses import replace
from functools import partial

from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.values import Customer
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE
from urs_desktop.protocol.carried import GRANT, MOST_TEXT
from urs_desktop.ui.presenters.card_desk import CardDesk
from urs_desktop.ui.presenters.cash import is_plausible
from urs_desktop.ui.presenters.completing import Completed, SaleInDoubtError, complete, look_for
from urs_desktop.ui.presenters.consent_desk import ConsentDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.points_desk import PointsDesk
from urs_desktop.ui.presenters.print_desk import PrintDesk
from urs_desktop.ui.presenters.reckoning import cash_due
from urs_desktop.ui.presenters.sale_draft import Attached, Desk, Payment
from urs_desktop.ui.presenters.sell_state import UNDECIDED, PayField, Phase

_log = logging.getLogger(__name__)
_LONGEST_AMOUNT = 24
_POINTS_REFUSALS = frozenset({RefusalCode.GRANT_OVER, RefusalCode.GRANT_EXCEEDED, RefusalCode.POINTS_NOT_AVAILABLE})

EXACT = "exact"


def _after_sale(attached: Attached | None, receipt: Receipt) -> Attached | None:
    """Return the customer with what is left of the points this sale was paid with."""
    known = attached.customer if attached else None
    if attached is None or known is None or known.available is None:
        return attached
    left = Points(max(0, known.available - receipt.sale.points_paid))
    return replace(attached, customer=replace(known, available=left))


class PayDesk:
    """Takes the payment of the sale in hand."""

    def __init__(self, desk: Desk, printing: PrintDesk) -> None:
        """Take the desk the parts share and the part that prints."""
        self._desk = desk
        self._printing = printing
        self.consent = ConsentDesk(desk)
        self._points = PointsDesk(desk, self.consent)
        self.cards = CardDesk(desk)

    def begin(self, field: PayField = PayField.CASH) -> None:
        """Open the payment; pressing it again changes nothing."""
        draft = self._desk.draft
        if draft.phase is Phase.SELLING:
            self._desk.hush()
            if draft.basket.lines:
                draft.phase = Phase.PAYING
                draft.payment = Payment()
                if field is PayField.POINTS:
                    self._points.enter()
            else:
                self._desk.say(RefusalCode.BASKET_EMPTY)
        self._desk.publish()

    def focus(self, field: PayField) -> None:
        """Send the digits to this field; asking for points where they cannot pay says why."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            self._desk.hush()
            if field is PayField.POINTS:
                self._points.enter()
            elif field is PayField.CARD:
                self.cards.enter()
            else:
                draft.payment.field = field
                draft.payment.replace_next = False
        self._desk.publish()

    def edit(self, field: PayField, text: str) -> None:
        """Take over what a field holds now; points granted for another number are given back."""
        payment = self._desk.draft.payment
        if self._desk.draft.phase is Phase.PAYING:
            payment.replace_next = False
            if field is PayField.CASH:
                payment.cash_text = text[:_LONGEST_AMOUNT]
            elif field is PayField.CARD:
                payment.card_text = text[:_LONGEST_AMOUNT]
            elif field is PayField.REFERENCE:
                payment.reference_text = text[:MAX_CODE]
            elif payment.doubted is None:
                self._points.edit(text[: MOST_TEXT if text.startswith(GRANT[:1]) else _LONGEST_AMOUNT])
        self._desk.publish()

    def tender_cash(self, text: str) -> None:
        """Take an amount as handed over (`12.50`); EXACT finishes the payment with exactly what is due."""
        payment = self._desk.draft.payment
        if self._desk.draft.phase is Phase.PAYING:
            self._desk.hush()
            payment.field = PayField.CASH
            if text == EXACT:
                payment.cash_text = ""
                self.confirm()
                return
            payment.cash_text = text[:_LONGEST_AMOUNT]
            payment.replace_next = True
        self._desk.publish()

    def offer_points(self, amount: int | str) -> None:
        """Have points set aside for this payment: a number, its text, or MAXIMUM; zero takes them back."""
        if self._desk.draft.phase is Phase.PAYING and self._desk.draft.payment.doubted is None:
            self._desk.hush()
            self._points.offer(amount)
        self._desk.publish()

    def accept_card(self) -> None:
        """Go on with the card: from its amount to its reference, then take it; nothing left finishes the sale."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING and draft.payment.doubted is None:
            self._desk.hush()
            if self.cards.accept():
                draft.payment.cash_text = ""
                self.confirm()
                return
        self._desk.publish()

    def remove_card(self) -> None:
        """Take the last card payment out again: it was given back at the terminal."""
        if self._desk.draft.phase is Phase.PAYING and self._desk.draft.payment.doubted is None:
            self._desk.hush()
            self.cards.remove()
        self._desk.publish()

    def by_phone(self) -> None:
        """Have the customer's phone ask for points, because the central store cannot be reached from here."""
        if self._desk.draft.phase is Phase.PAYING and self._desk.draft.payment.doubted is None:
            self._desk.hush()
            self._points.by_phone()
        self._desk.publish()

    def cancel(self) -> None:
        """Go back to the cart; points granted, or still being asked for, are given back.

        From a question to the customer it only goes back to the payment, as a no would.
        A sale in doubt is looked for first: if it was kept after all, its receipt is shown instead.
        """
        draft = self._desk.draft
        if draft.phase is Phase.PAYING and draft.payment.doubted is not None:
            self._look_for(draft.payment.doubted)
        elif self.consent.decline():
            self._desk.say(NoticeCode.POINTS_GIVEN_BACK)
        elif draft.phase is Phase.PAYING and draft.payment.field in (PayField.CARD, PayField.REFERENCE):
            self._desk.hush()
            draft.payment.field, draft.payment.card_text, draft.payment.reference_text = PayField.CASH, "", ""
        else:
            self.leave()
        self._desk.publish()

    def leave(self) -> None:
        """Go back to the cart, whatever is being asked, unless a card has paid or the sale is in doubt."""
        draft = self._desk.draft
        self.consent.decline()
        if draft.payment.doubted is not None:
            self.cancel()
        elif draft.phase in UNDECIDED and not self.cards.holds_back():
            self._desk.hush()
            if self._points.abandon():
                self._desk.say(NoticeCode.POINTS_GIVEN_BACK)
            draft.phase = Phase.SELLING
            draft.payment = Payment()
        self._desk.publish()

    def close(self) -> None:
        """Give back the points an open payment holds, whatever else has paid: nobody goes on with it."""
        self.consent.decline()
        if self._desk.draft.payment.doubted is not None:
            self.cancel()
        elif self._desk.draft.phase in UNDECIDED:
            self._points.abandon()

    def _look_for(self, order: SaleOrder) -> None:
        draft = self._desk.draft
        draft.phase = Phase.COMPLETING
        work = partial(look_for, self._desk.till, order, draft.last_receipt or 0)
        self._desk.run(work, self._looked, partial(self._not_completed, order))

    def _looked(self, completed: Completed | None) -> None:
        if completed is not None:
            self._completed(completed)
            return
        self._desk.draft.phase = Phase.PAYING
        self._desk.draft.payment.doubted = None
        self.cancel()

    def confirm(self) -> None:
        """Complete the sale with what was typed, exact cash when nothing was; a second press does nothing."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            self._desk.hush()
            if draft.payment.doubted is not None:
                self._complete(draft.payment.doubted)
                self._desk.publish()
                return
            typed = draft.payment.points_text
            if typed and typed != str(draft.payment.points):
                self.offer_points(typed)
                return
            try:
                order = self._order()
            except Refusal as refusal:
                self._desk.fail(refusal)
            else:
                if order is not None:
                    self._complete(order)
        self._desk.publish()

    def _order(self) -> SaleOrder | None:
        """Return what to complete, or None once it has been said why not yet; raises Refusal."""
        draft = self._desk.draft
        if draft.customer is not None and draft.customer.customer is None:
            self._desk.say(NoticeCode.CUSTOMER_PENDING, Severity.WARNING, text=draft.customer.text)
            return None
        tendered = self._tendered()
        if tendered is not None and not is_plausible(tendered, cash_due(draft)):
            draft.payment.cash_text = ""
            self._desk.say(NoticeCode.CHANGE_IMPLAUSIBLE, Severity.WARNING, tendered=self._desk.formats.money(tendered))
            return None
        customer: Customer | None = draft.customer.customer if draft.customer else None
        return SaleOrder(
            basket=draft.basket,
            card=customer.card if customer else None,
            points=draft.payment.points,
            backing=draft.payment.backing,
            cards=draft.payment.cards,
            cash_tendered=tendered,
            held=draft.held,
        )

    def _tendered(self) -> Money | None:
        text = self._desk.draft.payment.cash_text.strip()
        due = cash_due(self._desk.draft)
        if not text or due.minor <= 0:
            return None
        tendered = parse_amount(text, due.currency)
        if tendered.minor < due.minor:
            raise Refusal(RefusalCode.PAYMENT_SHORT, missing=due.minor - tendered.minor)
        return tendered

    def _complete(self, order: SaleOrder) -> None:
        draft = self._desk.draft
        draft.phase = Phase.COMPLETING
        self._desk.run(
            partial(complete, self._desk.till, order, draft.last_receipt, in_doubt=draft.payment.doubted is not None),
            self._completed,
            partial(self._not_completed, order),
        )

    def _completed(self, completed: Completed) -> None:
        receipt, draft = completed.receipt, self._desk.draft
        customer = draft.customer
        self._desk.fresh_sale()
        draft.customer = _after_sale(customer, receipt)
        draft.phase = Phase.RECEIPT
        draft.receipt = receipt
        draft.receipt_at = self._desk.clock.now()
        draft.last_receipt = receipt.sale.receipt
        if draft.connection is not None:
            # The sale waits to be sent from this moment on, not from the next reading of the status.
            draft.connection = replace(draft.connection, waiting=draft.connection.waiting + 1)
        self._printing.sold(receipt)
        if completed.after_all:
            self._desk.say(NoticeCode.SALE_KEPT_AFTER_ALL, Severity.WARNING, number=receipt.number)

    def _not_completed(self, order: SaleOrder, error: Exception) -> None:
        draft = self._desk.draft
        draft.phase = Phase.PAYING
        if isinstance(error, SaleInDoubtError):
            draft.payment.doubted = order
            draft.last_receipt = error.before
            _log.error("a sale is in doubt", exc_info=error)
            self._desk.say(NoticeCode.SALE_IN_DOUBT, Severity.ERROR)
            return
        draft.payment.doubted = None
        if isinstance(error, Refusal) and error.code in _POINTS_REFUSALS:
            draft.payment.points_text = ""
            self._points.let_go()
        self._desk.fail(error, in_sale=True)
