"""The card's part of a payment: what an external terminal took, typed in with the reference it printed.

The terminal is not driven from here, and no card number ever enters. Must never take more by card than is left to pay.
"""

from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE, clean_text, looks_like_payment_card
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.reckoning import card_offer, left_to_pay
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import PayField


class CardDesk:
    """Takes card payments into the payment being made."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk the parts share."""
        self._desk = desk

    def enter(self) -> None:
        """Send the digits to the card's amount; the caller publishes."""
        payment = self._desk.draft.payment
        payment.field, payment.replace_next = PayField.CARD, bool(payment.card_text)

    def accept(self) -> bool:
        """Go on from the amount to the reference, and from there take the card; True once nothing is left to pay.

        The caller publishes.
        """
        payment = self._desk.draft.payment
        try:
            if payment.field is PayField.CARD:
                self._amount()
                payment.field, payment.replace_next = PayField.REFERENCE, False
                return False
            return self._take()
        except Refusal as refusal:
            self._desk.fail(refusal)
            return False

    def _amount(self) -> Money:
        """Return what the terminal took, all that is left when nothing was typed; raises Refusal."""
        draft = self._desk.draft
        due, text = left_to_pay(draft), draft.payment.card_text.strip()
        amount = parse_amount(text, due.currency) if text else card_offer(draft)
        if not 0 < amount.minor <= due.minor:
            raise Refusal(RefusalCode.PAYMENT_OVER, amount=amount.minor, due=due.minor)
        return amount

    def _take(self) -> bool:
        draft = self._desk.draft
        payment, amount = draft.payment, self._amount()
        reference = clean_text(payment.reference_text, MAX_CODE)
        if looks_like_payment_card(reference):
            payment.reference_text = ""
            raise Refusal(RefusalCode.CARD_NUMBER_REFUSED)
        payment.cards = (*payment.cards, CardPayment(amount, reference))
        payment.card_text = payment.reference_text = ""
        payment.field, payment.replace_next = PayField.CASH, False
        left, money = left_to_pay(draft), self._desk.formats.money
        self._desk.say(NoticeCode.CARD_TAKEN, Severity.SUCCESS, amount=money(amount), due=money(left))
        return left.minor == 0

    def remove(self) -> None:
        """Take the last card payment out again: the terminal gave it back. The caller publishes."""
        payment = self._desk.draft.payment
        payment.cards = payment.cards[:-1]
        payment.card_text = payment.reference_text = ""
        payment.field = PayField.CASH

    def holds_back(self) -> bool:
        """Return whether the terminal has taken money for this sale, and say what to do about it first."""
        cards = self._desk.draft.payment.cards
        if cards:
            taken = Money(sum(card.amount.minor for card in cards), cards[0].amount.currency)
            amount = self._desk.formats.money(taken)
            self._desk.say(NoticeCode.CARDS_TAKEN_ALREADY, Severity.WARNING, amount=amount)
        return bool(cards)
