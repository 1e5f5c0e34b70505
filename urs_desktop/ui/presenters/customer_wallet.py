"""The chosen customer of the customer room: balance and statement as fresh as they can be had, the card, the sale.

Must never show one customer's wallet beside another's name.
"""

from functools import partial

from urs_desktop.counter.print_ports import PrintJob
from urs_desktop.counter.use_cases.statements import WalletStatement
from urs_desktop.counter.values import Customer
from urs_desktop.ui.presenters.customers_draft import CustomersDesk
from urs_desktop.ui.presenters.customers_state import CustomersPage
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sale_in_hand import SaleInHand

_BALANCE, _STATEMENT, _PRINT = "balance", "statement", "print"


class CustomerWallet:
    """Shows the chosen customer."""

    def __init__(self, desk: CustomersDesk, sale: SaleInHand) -> None:
        """Take the desk the parts share and the sale in hand."""
        self._desk = desk
        self._sale = sale

    def open(self, customer: Customer, *, fresh: bool = False) -> None:
        """Show a customer and ask for the statement, and for the balance unless it is `fresh`. The caller publishes."""
        draft, till = self._desk.draft, self._desk.till
        draft.page, draft.customer, draft.statement = CustomersPage.CUSTOMER, customer, None
        draft.notice, draft.asking = None, not fresh
        self._desk.forget(_BALANCE)
        if not fresh:
            self._desk.ask(_BALANCE, partial(till.lookup.customer, customer.card), self._refreshed, self._not_refreshed)
        self._desk.ask(_STATEMENT, partial(till.statements.of, customer.card), self._told)

    def close(self) -> None:
        """Show nobody; answers about whoever it was find nothing to change. The caller publishes."""
        for question in (_BALANCE, _STATEMENT):
            self._desk.forget(question)
        draft = self._desk.draft
        draft.customer, draft.statement = None, None
        if draft.page in (CustomersPage.CUSTOMER, CustomersPage.CARD):
            draft.page = CustomersPage.NOBODY

    def _refreshed(self, customer: Customer) -> None:
        draft = self._desk.draft
        shown, draft.customer, draft.asking = draft.customer, customer, False
        draft.found = tuple(customer if each == shown else each for each in draft.found)

    def _not_refreshed(self, error: Exception) -> None:
        self._desk.draft.asking = False
        self._desk.fail(error)

    def _told(self, statement: WalletStatement) -> None:
        self._desk.draft.statement = statement

    def show_card(self) -> None:
        """Show the customer's card as a QR code, or the customer again."""
        pages = {CustomersPage.CUSTOMER: CustomersPage.CARD, CustomersPage.CARD: CustomersPage.CUSTOMER}
        self._desk.draft.page = pages.get(self._desk.draft.page, self._desk.draft.page)
        self._desk.publish()

    def print_card(self) -> None:
        """Have the customer's card printed."""
        customer = self._desk.draft.customer
        if customer is not None:
            work = partial(self._desk.till.printing.print_card, customer.card, customer.name)
            self._desk.ask(_PRINT, work, self._printing)

    def _printing(self, _: PrintJob) -> None:
        self._desk.say(NoticeCode.CARD_PRINTING)

    def attach(self) -> bool:
        """Give the customer the sale in hand; False where that changes nothing."""
        customer = self._desk.draft.customer
        if customer is None or customer.card == self._sale.card():
            return False
        self._sale.attach(customer)
        return True

    def detach(self) -> None:
        """Let the sale in hand be nobody's."""
        self._sale.detach()
        self._desk.publish()
