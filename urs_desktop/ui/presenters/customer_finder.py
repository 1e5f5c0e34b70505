"""Finding a customer in the customer room: while typing, among those known here; by Enter, at the central store too.

Must never open somebody who was not asked for last.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from urs_desktop.counter.values import Customer
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import is_phone
from urs_desktop.ui.presenters.customer_wallet import CustomerWallet
from urs_desktop.ui.presenters.customers_draft import CustomersDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity

MOST_FOUND: Final = 50
LONGEST: Final = 200
_FIND: Final = "find"
_UNKNOWN: Final = frozenset({RefusalCode.CUSTOMER_UNKNOWN, RefusalCode.CARD_MALFORMED})


class CustomerFinder:
    """Finds customers."""

    def __init__(self, desk: CustomersDesk, wallet: CustomerWallet) -> None:
        """Take the desk the parts share and what shows the one who is found."""
        self._desk = desk
        self._wallet = wallet

    def edit(self, text: str) -> None:
        """Take over what is in the search field."""
        self._desk.draft.query = text[:LONGEST]
        self._desk.draft.notice = None

    def search(self) -> None:
        """List those whose name, phone, e-mail or card holds what is typed; an overtaken answer is dropped."""
        words = self._desk.draft.query.strip()
        if words:
            self._desk.ask(_FIND, partial(self._alike, words), partial(self._listed, words))
        else:
            self._desk.forget(_FIND)
            self._listed("", ())
            self._desk.publish()

    def _alike(self, words: str) -> Sequence[Customer]:
        return self._desk.till.lookup.customers(words, MOST_FOUND)

    def _listed(self, words: str, found: Sequence[Customer]) -> None:
        self._desk.draft.found, self._desk.draft.searched = tuple(found), words

    def choose(self, row: int) -> None:
        """Open the customer in this row of the list."""
        found = self._desk.draft.found
        if 0 <= row < len(found) and not self._desk.draft.form.saving:
            self._wallet.open(found[row])
            self._desk.publish()

    def look(self) -> None:
        """Do what Enter does: open whose card or phone it is, here or at the central store, or list who is alike."""
        words, lookup = self._desk.draft.query.strip(), self._desk.till.lookup

        def work() -> tuple[Customer | None, Sequence[Customer]]:
            known = lookup.customer_here(words)
            return known, () if known else self._alike(words)

        if words and not self._desk.draft.form.saving:
            self._desk.ask(_FIND, work, partial(self._looked, words))

    def _looked(self, words: str, answer: tuple[Customer | None, Sequence[Customer]]) -> None:
        known, alike = answer
        self._listed(words, (known,) if known else alike)
        if known is not None or len(alike) == 1:
            self._wallet.open(known or alike[0])
        elif alike:
            self._desk.say(NoticeCode.CUSTOMER_CHOOSE, text=words)
        else:
            work = partial(self._desk.till.lookup.customer, words)
            self._desk.ask(_FIND, work, partial(self._found_there, words), partial(self._not_found, words))

    def _found_there(self, words: str, customer: Customer) -> None:
        if customer.available is None and not customer.name:
            self._nobody(words)  # a card nobody knows would earn; there is no customer to show
        else:
            self._listed(words, (customer,))
            self._wallet.open(customer, fresh=True)

    def _not_found(self, words: str, error: Exception) -> None:
        if isinstance(error, Refusal) and error.code in _UNKNOWN:
            self._nobody(words)
        else:
            self._desk.fail(error)

    def _nobody(self, words: str) -> None:
        self._wallet.close()
        code = NoticeCode.CUSTOMER_ENROL if is_phone(words) else NoticeCode.CUSTOMER_NOBODY
        self._desk.say(code, Severity.WARNING, text=words)
