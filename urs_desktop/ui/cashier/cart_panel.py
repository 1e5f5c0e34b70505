"""The cart: its lines, and the keys that change one of them.

Must never count or add up itself.
"""

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import CartLine, EntryMode, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.tables import RowTable


class CartPanel(Card):
    """Shows the lines of the sale in hand."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("cart_panel")
        self._presenter = presenter
        figures = (Column(self.tr("Qty"), True), Column(self.tr("Price"), True), Column(self.tr("Total"), True))
        self.model = RowsModel((Column(self.tr("Item")), *figures))
        self.table = RowTable("cart_table", self.tr("Cart"), self.model, stretched=0)
        self.table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.table.clicked.connect(self._select)
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self._empty = Text("cart_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        self._lay_out()

    def _lay_out(self) -> None:
        fewer = Button("fewer_button", "action", "\u2013 1", self.tr("One piece fewer"))
        more = Button("more_button", "action", "+ 1", self.tr("One piece more"))
        self._off = Button(
            "receipt_discount_button", "action", self.tr("Sale %"), self.tr("Discount on the whole sale")
        )
        self._off.clicked.connect(self._discount_sale)
        self._hold = Button("hold_button", "action", self.tr("Hold"), self.tr("Hold this sale"))
        void = Button("void_sale_button", "danger", self.tr("Void sale"), self.tr("Void the whole sale"))
        fewer.clicked.connect(self._fewer)
        more.clicked.connect(self._more)
        self._hold.clicked.connect(self._hold_or_recall)
        void.clicked.connect(self._void_sale)
        self._on_line, self._on_sale = (fewer, more), void
        actions = row(fewer, more, self._off, self._hold, void)
        for place in range(5):
            actions.setStretch(place, 1)
        pages = QWidget()
        pages.setLayout(self._pages)
        layout = column(pages, actions)
        layout.setStretch(0, 1)
        self.setLayout(padded(layout, sizes().space_small))

    @Slot(QModelIndex)
    def _select(self, index: QModelIndex) -> None:
        self._presenter.cart.select(index.row())

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if self.table.hasFocus() and current.isValid() and current.row() != self._presenter.state.selected:
            self._presenter.cart.select(current.row())

    @Slot()
    def _fewer(self) -> None:
        self._presenter.cart.step(-1)

    @Slot()
    def _more(self) -> None:
        self._presenter.cart.step(1)

    @Slot()
    def _discount_sale(self) -> None:
        self._presenter.entry.start(EntryMode.RECEIPT_DISCOUNT)

    @Slot()
    def _hold_or_recall(self) -> None:
        if self._presenter.state.lines:
            self._presenter.hold_sale()
        else:
            self._presenter.hold.recall()

    @Slot()
    def _void_sale(self) -> None:
        self._presenter.cart.void_sale()

    def _row(self, line: CartLine) -> tuple[str, ...]:
        """Return the cells of a line, what was done to its price in small words under its name."""
        notes = (
            self.tr("instead of {price}").format(price=line.list_price) if line.list_price else "",
            self.tr("discount {amount}").format(amount=line.discount) if line.discount else "",
            self.tr("tax {rate}").format(rate=line.tax) if line.tax and not line.tax_included else "",
        )
        said = " \u00b7 ".join(note for note in notes if note)
        name = f"{line.description}\n{said}" if said else line.description
        return (name, *line.row[1:])

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        selling = state.phase is Phase.SELLING
        if not state.lines:  # first: a table nobody sees is not fitted to what goes
            self._pages.setCurrentIndex(0)
        self.model.show_rows([self._row(line) for line in state.lines])
        self.table.show_selected(state.selected)
        if state.lines:
            self._pages.setCurrentIndex(1)
        done = state.phase is Phase.RECEIPT
        self._empty.setText(
            self.tr("Sale complete.\nScan the next product to begin the next sale.")
            if done
            else self.tr("The cart is empty.\nScan a product, or type its code or name.")
        )
        for button in self._on_line:
            button.setEnabled(selling and state.selected is not None)
        self._hold.show_text(self.tr("Hold") if state.lines else self.tr("Recall"))
        self._hold.setAccessibleName(self.tr("Hold this sale") if state.lines else self.tr("Recall a held sale"))
        self._hold.setEnabled(selling or done)
        self._off.setEnabled(selling and bool(state.lines))
        self._on_sale.setEnabled(selling and (bool(state.lines) or state.customer is not None))
