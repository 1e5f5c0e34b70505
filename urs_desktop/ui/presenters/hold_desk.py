"""Holding a sale and recalling one: the cart leaves the screen only once it is on disk, and its customer comes back.

Must never put aside points, which belong to a payment, nor throw away a cart that could not be written.
"""

from collections.abc import Sequence
from functools import partial

from urs_desktop.counter.values import Customer, HeldSale
from urs_desktop.ui.presenters.customer_desk import CustomerDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk, Entry, Found
from urs_desktop.ui.presenters.sell_state import UNDECIDED, Phase
from urs_desktop.ui.presenters.watched import ignore


class HoldDesk:
    """Puts the sale in hand aside and takes others up again."""

    def __init__(self, desk: Desk, customer: CustomerDesk) -> None:
        """Take the desk the parts share and the part that attaches customers."""
        self._desk = desk
        self._customer = customer

    def hold(self) -> None:
        """Put the sale in hand aside and begin another; an empty cart is not held."""
        draft = self._desk.draft
        if draft.phase in UNDECIDED:
            self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        elif draft.phase is Phase.SELLING and draft.basket.lines:
            card = draft.customer.customer.card if draft.customer and draft.customer.customer else None
            self._desk.hush()
            draft.phase = Phase.HOLDING
            holding = self._desk.till.holding
            work = partial(holding.hold, draft.basket, card, draft.held)
            self._desk.run(work, self._held, self._not_held)
        elif draft.phase is Phase.SELLING:
            self._desk.say(NoticeCode.NOTHING_TO_HOLD)
        self._desk.publish()

    def _held(self, sale: HeldSale) -> None:
        self._desk.fresh_sale()
        self._desk.say(NoticeCode.SALE_HELD, Severity.SUCCESS, number=self._desk.formats.number(sale.number))

    def _not_held(self, error: Exception) -> None:
        self._desk.draft.phase = Phase.SELLING
        self._desk.fail(error)

    def recall(self) -> None:
        """List the sales that are held; a single one is taken up at once. The cart has to be empty."""
        draft = self._desk.draft
        if draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        if draft.phase is Phase.SELLING:
            self._desk.hush()
            if draft.basket.lines:
                self._desk.say(NoticeCode.HOLD_FIRST, Severity.WARNING)
            else:
                self._desk.run(self._desk.till.holding.waiting, self._desk.only_now(self._listed))
        elif draft.phase is not Phase.HOLDING:
            self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        self._desk.publish()

    def _listed(self, waiting: Sequence[HeldSale]) -> None:
        draft = self._desk.draft
        if draft.phase is not Phase.SELLING or draft.basket.lines:
            return
        if not waiting:
            self._desk.say(NoticeCode.NOTHING_HELD)
        elif len(waiting) == 1:
            self.take(waiting[0].number)
        else:
            draft.entry, draft.found = Entry(), Found(held=tuple(waiting))
            self._desk.say(NoticeCode.CHOOSE_HELD)

    def take(self, number: int) -> None:
        """Take a held sale up. The caller publishes."""
        draft = self._desk.draft
        draft.entry, draft.found = Entry(), Found()
        draft.phase = Phase.HOLDING
        holding, lookup = self._desk.till.holding, self._desk.till.lookup

        def work() -> tuple[HeldSale, Customer | None]:
            sale = holding.recall(number)
            return sale, None if sale.card is None else lookup.customer_here(sale.card) or Customer(sale.card)

        self._desk.run(work, self._taken, self._not_held)

    def _taken(self, answer: tuple[HeldSale, Customer | None]) -> None:
        sale, customer = answer
        draft = self._desk.draft
        draft.phase, draft.basket, draft.held = Phase.SELLING, sale.basket, sale.number
        draft.selected, draft.allowed_off = len(sale.basket.lines) - 1, sale.basket.taken_off
        self._desk.say(NoticeCode.SALE_RECALLED, number=self._desk.formats.number(sale.number))
        if customer is not None:
            said = draft.notice
            self._customer.attach(customer)
            draft.notice = said

    def forget(self, number: int) -> None:
        """Forget a held sale that was voided; if that fails it only waits again after the next start."""
        self._desk.run(partial(self._desk.till.holding.discard, number), ignore)
