"""The customer room's presenter: finds customers, enrols new ones, shows wallet, statement and card, gives the sale.

Its parts share one desk: `finder`, `form` and `wallet`. Must never import Qt, wait, or decide a rule of the programme.
"""

from collections.abc import Callable

from urs_desktop.counter.use_cases.printing import PrintMode
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.customer_finder import CustomerFinder
from urs_desktop.ui.presenters.customer_form import CustomerForm
from urs_desktop.ui.presenters.customer_wallet import CustomerWallet
from urs_desktop.ui.presenters.customers_draft import CustomersDesk, CustomersDraft
from urs_desktop.ui.presenters.customers_state import CustomersPage, CustomersState, FormField
from urs_desktop.ui.presenters.customers_view import customers_state
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sale_in_hand import SaleInHand
from urs_desktop.ui.presenters.watched import Watched, ignore


class CustomersPresenter(Watched[CustomersState]):
    """Presents the customer room of one counter."""

    def __init__(
        self,
        till: Till,
        runner: Runner,
        clock: Clock,
        formats: Formats,
        gate: Gate,
        sale: SaleInHand,
        wording: Callable[[], str],
    ) -> None:
        """Take the use cases, the runner, the clock, the formats, permissions, the sale, and what is asked of people.

        `wording` is kept with each answer, as it was read out.
        """
        super().__init__(CustomersState())
        self._clock = clock
        self._sale = sale
        self._desk = CustomersDesk(till, runner, formats, self._publish)
        self.wallet = CustomerWallet(self._desk, sale)
        self.finder = CustomerFinder(self._desk, self.wallet)
        self.form = CustomerForm(self._desk, self.wallet, gate, wording)

    def _publish(self) -> None:
        self._show(customers_state(self._desk, self._sale.card(), self._clock.now()))

    def begin(self, about: str = "") -> None:
        """Begin anew, with the customer whose card `about` is, or else of the sale in hand."""
        if self._desk.draft.form.saving:
            return
        self.wallet.close()
        self._desk.draft = CustomersDraft(query=about.strip() or self._sale.card() or "")
        self._desk.ask("paper", self._desk.till.printing.mode, self._prints, ignore)
        self.finder.look()
        self._publish()

    def _prints(self, mode: PrintMode) -> None:
        self._desk.draft.prints = mode is not PrintMode.NONE

    def press(self, key: str) -> None:
        """Take a key of the pad: a digit, or `+`; `back` deletes. It goes to the form's phone, or to the search."""
        draft = self._desk.draft
        in_form = draft.page is CustomersPage.FORM
        text = draft.form.phone if in_form else draft.query
        typed = text[:-1] if key == "back" else text + key
        if in_form:
            self.form.fill(FormField.PHONE, typed)
        else:
            self.finder.edit(typed)
            self.finder.search()
            self._publish()

    def submit(self) -> None:
        """Do what Enter does: save the form, or find what was typed."""
        if self._desk.draft.page is CustomersPage.FORM:
            self.form.save()
        else:
            self._desk.draft.notice = None
            self.finder.look()
            self._publish()

    def find_another(self) -> None:
        """Show nobody, and begin to search anew."""
        if not self._desk.draft.form.saving:
            self.form.close()
            self.wallet.close()
            self._desk.draft.page, self._desk.draft.notice = CustomersPage.NOBODY, None
            self.finder.edit("")
            self.finder.search()

    def back(self) -> bool:
        """Go a step back: from the card or the form; False where there is no step left."""
        if self._desk.draft.page is CustomersPage.CARD:
            self.wallet.show_card()
            return True
        return self.form.close()
