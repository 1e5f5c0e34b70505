"""The payment's part of the sell presenter: cash and points offered, granted, given back, and the sale completed.

One payment makes one sale: only PAYING leads to COMPLETING, and whatever is pressed meanwhile does nothing. Must never
keep points that no payment uses, nor take the cart away before the sale is on disk.
"""

import logging
from functools import partial

from urs_desktop.counter.ports import Customer
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.points import NO_POINTS, Points, parse_points, value_of
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.cash import is_plausible
from urs_desktop.ui.presenters.completing import Completed, SaleInDoubtError, complete
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.reckoning import most_points, why_no_points
from urs_desktop.ui.presenters.sale_draft import Desk, Payment
from urs_desktop.ui.presenters.sell_state import PayField, Phase

_log = logging.getLogger(__name__)
_LONGEST_AMOUNT = 24
_POINTS_REFUSALS = frozenset({RefusalCode.GRANT_OVER, RefusalCode.GRANT_EXCEEDED, RefusalCode.POINTS_NOT_AVAILABLE})

EXACT = "exact"
MAXIMUM = "max"


def _wanted(amount: int | str, maximum: Points) -> Points:
    if amount == MAXIMUM:
        return maximum
    return parse_points(amount.strip()) if isinstance(amount, str) else Points(amount)


class PayDesk:
    """Takes the payment of the sale in hand."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk the parts share."""
        self._desk = desk
        self._asks = 0
        self._in_flight = False

    @property
    def due(self) -> Money:
        """What is left to pay in cash."""
        draft = self._desk.draft
        return draft.basket.total - value_of(draft.payment.points, draft.basket.currency)

    def begin(self, field: PayField = PayField.CASH) -> None:
        """Open the payment; pressing it again changes nothing."""
        draft = self._desk.draft
        if draft.phase is Phase.SELLING:
            self._desk.hush()
            if draft.basket.lines:
                draft.phase = Phase.PAYING
                draft.payment = Payment()
                if field is PayField.POINTS:
                    self._enter_points()
            else:
                self._desk.say(RefusalCode.BASKET_EMPTY)
        self._desk.publish()

    def focus(self, field: PayField) -> None:
        """Send the digits to this field; asking for points where they cannot pay says why."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            self._desk.hush()
            if field is PayField.POINTS:
                self._enter_points()
            else:
                draft.payment.field = PayField.CASH
                draft.payment.replace_next = False
        self._desk.publish()

    def _enter_points(self) -> None:
        payment = self._desk.draft.payment
        reason = self._refused()
        if reason is not None:
            self._desk.say(reason, Severity.WARNING)
            return
        payment.field = PayField.POINTS
        payment.replace_next = bool(payment.points_text)

    def _refused(self) -> RefusalCode | None:
        return why_no_points(self._desk.draft, self._desk.till.identity)

    def edit(self, field: PayField, text: str) -> None:
        """Take over what a field holds now; points granted for another number are given back."""
        payment = self._desk.draft.payment
        if self._desk.draft.phase is Phase.PAYING:
            payment.replace_next = False
            if field is PayField.CASH:
                payment.cash_text = text[:_LONGEST_AMOUNT]
            else:
                payment.points_text = text[:_LONGEST_AMOUNT]
                if payment.points and payment.points_text != str(payment.points):
                    self._let_points_go()
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
        if self._desk.draft.phase is Phase.PAYING:
            self._desk.hush()
            try:
                self._offer(amount)
            except Refusal as refusal:
                self._desk.fail(refusal)
        self._desk.publish()

    def _offer(self, amount: int | str) -> None:
        draft = self._desk.draft
        maximum = most_points(draft, self._desk.till.identity)
        wanted = _wanted(amount, maximum)
        payment = draft.payment
        if wanted == 0 and amount != MAXIMUM:
            payment.points_text, payment.field = "", PayField.CASH
            self._let_points_go()
            return
        reason = self._refused()
        if reason is not None:
            payment.points_text, payment.field = "", PayField.CASH
            raise Refusal(reason, category=self._desk.till.identity.category.value)
        payment.field, payment.replace_next = PayField.POINTS, True
        if not 0 < wanted <= maximum:
            payment.points_text = str(maximum)
            raise Refusal(RefusalCode.POINTS_OVER_CAP, points=wanted, cap=maximum)
        payment.points_text = str(wanted)
        self._obtain(wanted)

    def _obtain(self, wanted: Points) -> None:
        draft = self._desk.draft
        lease = draft.payment.lease
        if lease is not None and wanted <= lease.rest:
            self._use(lease, wanted, wanted)
            return
        if self._in_flight:
            self._desk.say(NoticeCode.STILL_ASKING, Severity.WARNING)
            return
        self._let_points_go()
        customer = draft.customer.customer if draft.customer else None
        if customer is None:
            raise Refusal(RefusalCode.POINTS_WITHOUT_CUSTOMER)
        draft.phase = Phase.ASKING
        self._asks += 1
        self._in_flight = True
        till, total = self._desk.till, draft.basket.total
        self._desk.run(
            lambda: till.redeem.obtain(customer.card, wanted, total),
            partial(self._granted, self._asks, wanted),
            partial(self._not_granted, self._asks),
        )

    def _granted(self, ask: int, wanted: Points, lease: CounterLease) -> None:
        self._in_flight = False
        if ask != self._asks or self._desk.draft.phase is not Phase.ASKING:
            self._give_back(lease.lease_id)
            return
        self._desk.draft.phase = Phase.PAYING
        usable = Points(min(lease.rest, wanted))
        if usable > 0:
            self._use(lease, usable, wanted)
        else:
            self._desk.draft.payment.points_text = ""
            self._desk.say(RefusalCode.POINTS_NOT_AVAILABLE, Severity.WARNING)
            self._give_back(lease.lease_id)

    def _use(self, lease: CounterLease, usable: Points, wanted: Points) -> None:
        payment, formats = self._desk.draft.payment, self._desk.formats
        payment.lease, payment.points = lease, usable
        payment.points_text = str(usable)
        payment.field, payment.replace_next = PayField.CASH, False
        payment.cash_text = ""
        figures = {
            "granted": formats.number(usable),
            "wanted": formats.number(wanted),
            "due": formats.money(self.due),
        }
        if usable < wanted:
            self._desk.say(NoticeCode.GRANTED_LESS, Severity.WARNING, **figures)
        else:
            self._desk.say(NoticeCode.GRANTED, Severity.SUCCESS, **figures)

    def _not_granted(self, ask: int, error: Exception) -> None:
        self._in_flight = False
        if ask != self._asks or self._desk.draft.phase is not Phase.ASKING:
            return
        self._desk.draft.phase = Phase.PAYING
        self._desk.draft.payment.points_text = ""
        self._desk.draft.payment.field = PayField.CASH
        self._desk.fail(error)

    def _let_points_go(self) -> None:
        payment = self._desk.draft.payment
        lease, payment.lease, payment.points = payment.lease, None, NO_POINTS
        if lease is not None:
            self._give_back(lease.lease_id)

    def _give_back(self, lease_id: str) -> None:
        redeem = self._desk.till.redeem
        self._desk.run(partial(redeem.give_back, lease_id), _given_back, _not_given_back)

    def cancel(self) -> None:
        """Go back to the cart; points granted, or still being asked for, are given back."""
        draft = self._desk.draft
        if draft.phase in (Phase.PAYING, Phase.ASKING):
            self._desk.hush()
            had_points = draft.payment.lease is not None
            self._asks += 1
            self._let_points_go()
            draft.phase = Phase.SELLING
            draft.payment = Payment()
            if had_points:
                self._desk.say(NoticeCode.POINTS_GIVEN_BACK)
        self._desk.publish()

    def confirm(self) -> None:
        """Complete the sale with what was typed, exact cash when nothing was; a second press does nothing."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            self._desk.hush()
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
        if tendered is not None and not is_plausible(tendered, self.due):
            draft.payment.cash_text = ""
            self._desk.say(NoticeCode.CHANGE_IMPLAUSIBLE, Severity.WARNING, tendered=self._desk.formats.money(tendered))
            return None
        customer: Customer | None = draft.customer.customer if draft.customer else None
        return SaleOrder(
            basket=draft.basket,
            card=customer.card if customer else None,
            points=draft.payment.points,
            lease_id=draft.payment.lease.lease_id if draft.payment.lease else None,
            cash_tendered=tendered,
        )

    def _tendered(self) -> Money | None:
        text = self._desk.draft.payment.cash_text.strip()
        due = self.due
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
            partial(complete, self._desk.till, order, draft.last_receipt, in_doubt=draft.payment.in_doubt),
            self._completed,
            self._not_completed,
        )

    def _completed(self, completed: Completed) -> None:
        receipt, draft = completed.receipt, self._desk.draft
        customer = draft.customer
        if draft.payment.lease is not None and not draft.payment.points:
            self._let_points_go()
        self._desk.fresh_sale()
        draft.customer = customer
        draft.phase = Phase.RECEIPT
        draft.receipt = receipt
        draft.receipt_at = self._desk.clock.now()
        draft.last_receipt = receipt.sale.receipt
        if completed.after_all:
            self._desk.say(NoticeCode.SALE_KEPT_AFTER_ALL, Severity.WARNING, number=receipt.number)

    def _not_completed(self, error: Exception) -> None:
        draft = self._desk.draft
        draft.phase = Phase.PAYING
        if isinstance(error, SaleInDoubtError):
            draft.payment.in_doubt = True
            _log.error("a sale is in doubt", exc_info=error)
            self._desk.say(NoticeCode.SALE_IN_DOUBT, Severity.ERROR)
            return
        if isinstance(error, Refusal) and error.code in _POINTS_REFUSALS:
            draft.payment.points_text = ""
            self._let_points_go()
        self._desk.fail(error, in_sale=True)


def _given_back(_: None) -> None:
    _log.info("points were given back")


def _not_given_back(error: Exception) -> None:
    _log.error("points could not be given back; the next start does it", exc_info=error)
