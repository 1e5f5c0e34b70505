"""The pages beside the list of customers: the chosen one with the statement, and the wallet card.

Must never decide anything, nor show a balance without saying how old it is.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.messages import age_text
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.customers import CustomersPresenter
from urs_desktop.ui.presenters.customers_state import CustomersState, CustomerView, MovementView, StatementView
from urs_desktop.ui.statement_texts import reason_of
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Figure, Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.qr_code import QrCode
from urs_desktop.ui.widgets.tables import RowTable

_QR_SIDE = 260


class CustomerPage(Card):
    """Shows the chosen customer; `give` is the button that gives them the sale, which the room connects."""

    def __init__(self, presenter: CustomersPresenter) -> None:
        """Take the presenter."""
        super().__init__("customer_page")
        self._presenter = presenter
        self._name, self._who = Line("customer_room_name", "title"), Line("customer_room_who", "muted")
        self._points = Figure("customer_room_points", sizes().type_total, Qt.AlignmentFlag.AlignLeft)
        self._fresh = Text("customer_room_fresh", "muted", wraps=True)
        self._blocked = Text("customer_room_blocked", "warning", wraps=True)
        self._blocked.setText(self.tr("Blocked by the office: earns points, and spends none."))
        self._source = Text("statement_source", "strong", wraps=True)
        columns = (Column(self.tr("Why")), Column(self.tr("Receipt")), Column(self.tr("Points"), is_figure=True))
        self.model = RowsModel(columns)
        self.statement = RowTable("statement_table", self.tr("Statement of the wallet"), self.model, stretched=0)
        self.statement.setSelectionMode(RowTable.SelectionMode.NoSelection)
        self.give = Button("customer_give", "primary", self.tr("Use for this sale (F12)"))
        self._card = Button("customer_card_button", "action", self.tr("Card (F5)"), self.tr("Show the card"))
        self._detach = Button("customer_detach", "action", self.tr("Take out of the sale"))
        self._card.clicked.connect(presenter.wallet.show_card)
        self._detach.clicked.connect(presenter.wallet.detach)
        layout = column(self._name, self._who, self._points, self._fresh, self._blocked, gap=sizes().space_tiny)
        layout.addSpacing(sizes().space_small)
        layout.addWidget(self._source)
        layout.addWidget(self.statement, 1)
        layout.addLayout(row(self._card, self._detach))
        layout.addWidget(self.give)
        self.setLayout(padded(layout))

    def render_state(self, state: CustomersState) -> None:
        """Show this state."""
        customer = state.customer
        if customer is None:
            return
        self._name.show_text(customer.name or self.tr("Card {code}").format(code=customer.card))
        known = (customer.card if customer.name else "", customer.phone, customer.email)
        self._who.show_text(" \u00b7 ".join(part for part in known if part))
        self._points.show_text(self._balance(customer))
        self._fresh.setText(self._freshness(customer))
        self._blocked.setVisible(customer.blocked)
        self._source.setText(self._about(state.statement))
        lines = state.statement.lines if state.statement else ()
        self.model.show_rows([_row(line, self._elsewhere()) for line in lines])
        self.give.setEnabled(not customer.attached)
        self.give.show_text(
            self.tr("The sale is this customer’s") if customer.attached else self.tr("Use for this sale (F12)")  # noqa: RUF001 - typography
        )
        self._detach.setEnabled(customer.attached)

    def _elsewhere(self) -> str:
        return self.tr("another shop")

    def _balance(self, customer: CustomerView) -> str:
        if not customer.points:
            return self.tr("Balance not known here")
        return self.tr("{points} points ({worth})").format(points=customer.points, worth=customer.worth)

    def _freshness(self, customer: CustomerView) -> str:
        if customer.asking:
            return self.tr("Asking the central store")
        return self.tr("Updated {age}").format(age=age_text(customer.age)) if customer.points else ""

    def _about(self, statement: StatementView | None) -> str:
        if statement is None:
            return self.tr("Looking up what moved the points")
        if not statement.lines:
            return self.tr("No points have moved yet.")
        if not statement.is_whole:
            return self.tr("This counter’s receipts alone: the central store does not answer")  # noqa: RUF001 - typography
        parts = [self.tr("Last points, by the central store")]
        if statement.pending:
            parts.append(self.tr("{points} not to spend yet").format(points=statement.pending))
        if statement.owed:
            parts.append(self.tr("{points} owed").format(points=statement.owed))
        return " \u00b7 ".join(parts)


def _row(line: MovementView, elsewhere: str) -> tuple[str, ...]:
    return (f"{reason_of(line.reason)}\n{line.moment}", elsewhere if line.elsewhere else line.number, line.points)


class CardPage(Card):
    """Shows the customer's card: the code as a QR code to photograph or scan, and in letters."""

    def __init__(self, presenter: CustomersPresenter) -> None:
        """Take the presenter."""
        super().__init__("wallet_card_page")
        self._presenter = presenter
        self._name = Line("wallet_card_name", "title")
        self._qr = QrCode("wallet_card_code", self.tr("The card as a QR code"), _QR_SIDE)
        self._code = Line("wallet_card_letters", "title")
        for line in (self._name, self._code):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = Text("wallet_card_hint", "hint", wraps=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.print = Button("wallet_card_print", "action", self.tr("Print (F7)"), self.tr("Print the card"))
        self._close = Button("wallet_card_close", "primary", self.tr("Back to the customer (Esc)"))
        self.print.clicked.connect(presenter.wallet.print_card)
        self._close.clicked.connect(presenter.wallet.show_card)
        middle = QWidget()
        middle.setLayout(row(self._qr))
        layout = column(self._name, middle, self._code, self._hint, gap=sizes().space_medium)
        layout.setStretch(1, 1)
        layout.addWidget(self.print)
        layout.addWidget(self._close)
        self.setLayout(padded(layout))

    @Slot()
    def press_print(self) -> None:
        """Print, where there is a printer."""
        if self.print.isEnabled():
            self._presenter.wallet.print_card()

    def render_state(self, state: CustomersState) -> None:
        """Show this state."""
        customer = state.customer
        self.print.setEnabled(customer is not None and state.prints)
        if customer is not None:
            self._name.show_text(customer.name or self.tr("Your card"))
            self._qr.show_text(customer.card)
            self._code.show_text(customer.card)
            with_printer = self.tr("The customer photographs the code, or gets it printed. Every till reads it.")
            without = self.tr("The customer photographs the code. Every till reads it; this counter has no printer.")
            self._hint.setText(with_printer if state.prints else without)
