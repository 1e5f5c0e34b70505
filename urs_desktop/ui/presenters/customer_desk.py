"""The customer's part of the sell presenter: found at once where known here, refreshed by the central store.

At most one question to the central store is on its way, so that one that hangs takes one thread and holds up nothing.
Must never keep a sale waiting for an answer.
"""

from collections.abc import Callable, Sequence
from functools import partial

from urs_desktop.counter.use_cases.redeem import NOTHING_HERE, Here
from urs_desktop.counter.values import Customer
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import is_phone, new_card_code
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Attached, Desk, Entry, Found
from urs_desktop.ui.presenters.sell_state import UNDECIDED, EntryMode, Phase

MOST_FOUND = 50


def _no_wallet(_: str) -> None:
    """Do nothing with a card: nobody shows its wallet."""


class CustomerDesk:
    """Finds, attaches and detaches the customer of the sale in hand."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk the parts share."""
        self._desk = desk
        self.to_wallet: Callable[[str], None] = _no_wallet
        """What is done with the card of the customer whose wallet is asked for; the window leads there."""
        self._in_flight = False
        self._next: str | None = None

    def find(self, text: str, *, as_typed: bool = False) -> None:
        """Attach the customer with this card code or phone number; `as_typed` skips customers it merely resembles."""
        text = text.strip()
        if text and self._may_change():
            self._desk.hush()

            def look() -> tuple[Customer | None, Sequence[Customer], Here]:
                known = self._desk.till.lookup.customer_here(text)
                alike = () if known or as_typed else self._desk.till.lookup.customers(text, MOST_FOUND)
                return known, alike, self._desk.till.redeem.here(known.card) if known else NOTHING_HERE

            self._desk.run(look, self._desk.only_now(partial(self._looked, text)))
        self._desk.publish()

    def _may_change(self) -> bool:
        if self._desk.draft.phase in UNDECIDED:
            self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        return self._desk.draft.phase is Phase.SELLING

    def _looked(self, text: str, answer: tuple[Customer | None, Sequence[Customer], Here]) -> None:
        known, alike, here = answer
        draft = self._desk.draft
        if draft.phase is not Phase.SELLING:
            return
        if known is not None:
            self._attach(Attached(text, known, here, asking=True))
        elif alike:
            draft.found = Found(text, customers=tuple(alike))
            draft.entry.text, draft.entry.mode = text, EntryMode.CUSTOMER
            self._desk.say(NoticeCode.CUSTOMER_CHOOSE, text=text)
        elif is_phone(text):
            self._attach(Attached(text, None, asking=True))
        else:
            self._attach_new(text)

    def _attach_new(self, text: str) -> None:
        try:
            self._attach(Attached(text, Customer(new_card_code(text)), asking=True, new=True))
        except Refusal as refusal:
            self._desk.fail(refusal)

    def attach(self, customer: Customer) -> None:
        """Attach a customer this counter knows, and have the central store asked for the newest balance."""
        if self._may_change():
            self._desk.hush()
            self._desk.run(
                lambda: self._desk.till.redeem.here(customer.card),
                self._desk.only_now(partial(self._found_here, customer)),
            )
        self._desk.publish()

    def _found_here(self, customer: Customer, here: Here) -> None:
        if self._desk.draft.phase is Phase.SELLING:
            self._attach(Attached(customer.card, customer, here, asking=True))

    def show_wallet(self) -> None:
        """Lead to the wallet of the customer of the sale in hand."""
        card = self.served()
        if card is not None:
            self.to_wallet(card)

    def serve(self, customer: Customer) -> None:
        """Give a customer the sale in hand, or the next one where a receipt is shown."""
        if self._desk.draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        self.attach(customer)

    def served(self) -> str | None:
        """Return the card of the customer of the sale in hand, or None."""
        attached = self._desk.draft.customer
        if attached is None or attached.customer is None or self._desk.draft.phase is Phase.RECEIPT:
            return None
        return attached.customer.card

    def detach(self) -> None:
        """Let the customer go; the sale goes on without one."""
        if self._may_change():
            self._desk.hush()
            self._desk.draft.customer = None
        self._desk.publish()

    def _attach(self, attached: Attached) -> None:
        draft = self._desk.draft
        draft.customer = attached
        draft.found = Found()
        draft.entry = Entry(multiplier=draft.entry.multiplier)
        self._ask(attached.text)

    def _ask(self, text: str) -> None:
        if self._in_flight:
            self._next = text
            return
        self._in_flight, self._next = True, None
        self._desk.run(partial(self._look_up, text), partial(self._answered, text), partial(self._refused, text))

    def _look_up(self, text: str) -> tuple[Customer, Here]:
        customer = self._desk.till.lookup.customer(text)
        return customer, self._desk.till.redeem.here(customer.card)

    def _landed(self, text: str) -> Attached | None:
        """Note that the question came back; return the customer it was about if that one is still waiting for it."""
        self._in_flight = False
        waiting, self._next = self._next, None
        if waiting is not None:
            self._ask(waiting)
        attached = self._desk.draft.customer
        about_this = attached is not None and attached.asking and attached.text == text and waiting is None
        return attached if about_this else None

    def _answered(self, text: str, answer: tuple[Customer, Here]) -> None:
        customer, here = answer
        attached = self._landed(text)
        if attached is None:
            return
        draft = self._desk.draft
        known = customer.available is not None or bool(customer.name)
        if attached.customer is not None and attached.customer.card != customer.card and draft.payment.backing.rest:
            return
        if draft.phase in (Phase.ASKING, Phase.CONSENT, Phase.COMPLETING):
            customer, here = attached.customer or customer, attached.here
        new = not known and (attached.new or attached.customer is None)
        draft.customer = Attached(text, customer, here, new=new)
        if new and draft.phase is Phase.SELLING:
            self._desk.say(NoticeCode.CUSTOMER_NEW, card=customer.card)

    def _refused(self, text: str, error: Exception) -> None:
        attached = self._landed(text)
        if attached is None:
            return
        # A card that was erased earns nothing: a receipt must not promise what nobody gets.
        is_erased = isinstance(error, Refusal) and error.code is RefusalCode.CUSTOMER_ERASED
        still = None if is_erased and self._desk.draft.phase is Phase.SELLING else attached.customer
        self._desk.draft.customer = Attached(text, still, attached.here, new=attached.new) if still else None
        self._desk.fail(error)
