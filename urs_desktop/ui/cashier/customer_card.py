"""The customer of the sale above the cart: who, how many points, what they are worth and take here now, how fresh.

Must never show a balance without saying how old it is.
"""

from PySide6.QtCore import Slot

from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.messages import age_text
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import CustomerCard, EntryMode, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line
from urs_desktop.ui.widgets.layouts import Card, column, padded, row


class CustomerPanel(Card):
    """Shows the customer, or how to find one."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("customer_card")
        self._presenter = presenter
        self._name = Line("customer_name", "strong")
        self._points, self._detail = Line("customer_points"), Line("customer_detail", "muted")
        self._find = Button("customer_find", "action", self.tr("Customer (F3)"), icon_name="customer")
        self._remove = Button("customer_remove", "action", "", self.tr("Remove the customer"), icon_name="remove")
        self._wallet_button = Button(
            "customer_wallet", "action", "", self.tr("Show the customer's wallet"), icon_name="wallet"
        )
        for button in (self._remove, self._wallet_button):  # words would take the place of the points
            button.setToolTip(button.accessibleName())
        self._find.clicked.connect(self._start)
        self._wallet_button.clicked.connect(presenter.customer.show_wallet)
        self._remove.clicked.connect(self._detach)
        words = column(self._name, self._points, self._detail, gap=0)
        layout = row(words, self._find, self._wallet_button, self._remove, gap=sizes().space_small)
        layout.setStretch(0, 1)
        layout.insertStretch(1, 0)
        self.setLayout(padded(layout))

    @Slot()
    def _start(self) -> None:
        self._presenter.entry.start(EntryMode.CUSTOMER)

    @Slot()
    def _detach(self) -> None:
        self._presenter.customer.detach()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        customer = state.customer
        selling = state.phase is Phase.SELLING
        self._find.setEnabled(selling)
        self._find.setVisible(customer is None)
        self._remove.setEnabled(selling)
        self._wallet_button.setVisible(customer is not None and not customer.pending)
        self._wallet_button.setEnabled(selling)
        self._remove.setVisible(customer is not None)
        if customer is None:
            self._name.show_text(self.tr("No customer"))
            self._points.show_text(self.tr("Points need a customer."))
            self._detail.show_text(self.tr("Scan a card, or look for one (F3)."))
        else:
            self._name.show_text(customer.name or self.tr("Card {code}").format(code=customer.code))
            self._points.show_text(self._wallet(customer))
            self._detail.show_text(self._particulars(customer))

    def _wallet(self, customer: CustomerCard) -> str:
        if customer.pending:
            return self.tr("Being looked up at the central store")
        if not customer.points:
            return self.tr("New card: earns from this sale on") if customer.new else self.tr("Balance not known here")
        points = self.tr("{points} points ({worth})").format(points=customer.points, worth=customer.worth)
        return " · ".join(part for part in (points, self._spendable(customer)) if part)

    def _spendable(self, customer: CustomerCard) -> str:
        if customer.why_not is RefusalCode.POINTS_NOT_REDEEMED_HERE:
            return self.tr("earned here, not redeemed")
        if customer.why_not is RefusalCode.POINTS_NEED_CONNECTION:
            return self.tr("none to spend offline")
        if customer.spendable:
            return self.tr("{points} usable here").format(points=customer.spendable)
        return self.tr("{points} ready here, even offline").format(points=customer.here) if customer.here else ""

    def _particulars(self, customer: CustomerCard) -> str:
        parts = [customer.code] if customer.name else []
        if customer.phone:
            parts.append(customer.phone)
        if customer.points:
            parts.append(self.tr("updated {age}").format(age=age_text(customer.age)))
        if customer.asking:
            parts.append(self.tr("asking the central store"))
        return " · ".join(parts)

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        for button in (self._find, self._wallet_button, self._remove):
            button.dress(colours)
