"""The first zone while selling: the entry field and what a search found.

Typing is searched for 120 ms after the last key, which a submitted code cancels. Must never look anything up itself.
"""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.shelf_page import ShelfPage
from urs_desktop.ui.key_words import words
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.price_desk import Reason
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, EntryView, Phase, ResultKind, ResultsView, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded
from urs_desktop.ui.widgets.tables import RowTable

SEARCH_AFTER_MS = 120
_GUIDANCE, _FOUND, _SHELF = range(3)


class SearchPage(QWidget):
    """Shows the entry field and the results under it."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("search_page")
        self._presenter = presenter
        self.field = Field("entry", self.tr("Product code or name"))
        self.field.textEdited.connect(self._edited)
        self._searched = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._search)
        self._products = (Column(self.tr("Code")), Column(self.tr("Name")), Column(self.tr("Price"), is_figure=True))
        self._customers = (Column(self.tr("Card")), Column(self.tr("Name")), Column(self.tr("Phone")))
        self._reasons = (Column(self.tr("No.")), Column(self.tr("Reason")), Column("", is_figure=True))
        self._held = (Column(self.tr("Held")), Column(self.tr("First item")), Column(self.tr("Total"), is_figure=True))
        self.model = RowsModel(self._products)
        self.table = RowTable("results_table", self.tr("Search results"), self.model, stretched=1)
        self.table.clicked.connect(self._clicked)
        self.table.chosen.connect(self._choose)
        self.table.left_upwards.connect(self._to_field)
        self.shelf = ShelfPage(presenter)
        self._empty = Text("results_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._add = Button("add_product_button", "action", self.tr("Add this product (F6)"))
        self._add.clicked.connect(self._add_product)
        self._add.hide()
        self._title = Line("results_title", "muted")
        self.setLayout(self._laid_out())

    def _laid_out(self) -> QVBoxLayout:
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.shelf)
        pages = QWidget()
        pages.setLayout(self._pages)
        card = Card("results_card")
        inner = column(self._title, pages, self._add, gap=sizes().space_tiny)
        inner.setStretch(1, 1)
        card.setLayout(padded(inner, sizes().space_small))
        layout = column(self.field, card, gap=sizes().space_medium)
        layout.setStretch(1, 1)
        return layout

    @Slot()
    def _add_product(self) -> None:
        self._presenter.product.begin()

    @Slot(str)
    def _edited(self, text: str) -> None:
        self._presenter.entry.edit(text)
        self._timer.start()

    @Slot()
    def _search(self) -> None:
        self._presenter.entry.search()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self._presenter.entry.choose(index.row())

    @Slot(object)
    def _choose(self, place: int) -> None:
        self.field.setFocus()
        self._presenter.entry.choose(place)

    @Slot()
    def _to_field(self) -> None:
        self.table.show_selected(None)
        self.field.setFocus()

    def to_results(self) -> bool:
        """Move the focus into the results; False when there are none."""
        if self.model.rowCount() == 0:
            return False
        self.table.setFocus()
        self.table.show_selected(0)
        return True

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        entry = state.entry
        if not entry.text:
            self._timer.stop()
        elif entry.text != self.field.text():
            self._timer.start()
        self.field.show_text(entry.text)
        self.field.setPlaceholderText(words(self._placeholder(entry)))
        self.field.setEnabled(state.phase in (Phase.SELLING, Phase.HOLDING, Phase.RECEIPT))
        results = state.results
        columns = {
            ResultKind.CUSTOMERS: self._customers,
            ResultKind.HELD: self._held,
            ResultKind.REASONS: self._reasons,
        }
        self.model.show_columns(columns.get(results.kind, self._products))
        self.model.show_rows(self._in_words(results))
        self._add.setVisible(bool(entry.unknown) and entry.mode is EntryMode.CODE and state.phase is Phase.SELLING)
        self.shelf.render_state(state)
        self._pages.setCurrentIndex(self._page(state))
        self._title.show_text(self._heading(state))
        self._empty.setText(self._guidance(state))

    def _page(self, state: SellState) -> int:
        """Return the page to show: what was found, else the shelf while nothing is asked or typed, else guidance."""
        if state.results.rows:
            return _FOUND
        waits = state.entry.mode is EntryMode.CODE and not state.entry.text and not state.results.query
        return _SHELF if waits and state.shelf.tiles else _GUIDANCE

    def _in_words(self, results: ResultsView) -> tuple[tuple[str, ...], ...]:
        """Return the rows with the reasons, which are signed in one language, in the cashier's."""
        if results.kind is not ResultKind.REASONS:
            return results.rows
        words = {
            Reason.DAMAGED: self.tr("Damaged"),
            Reason.PRICE_MATCH: self.tr("Price match"),
            Reason.PROMOTION: self.tr("Promotion"),
            Reason.STAFF: self.tr("Staff purchase"),
            Reason.GOODWILL: self.tr("Goodwill"),
        }
        return tuple((number, words[Reason(reason)], rest) for number, reason, rest in results.rows)

    def _placeholder(self, entry: EntryView) -> str:
        if entry.mode is EntryMode.CUSTOMER:
            return self.tr("Card code, phone or name")
        asked = {
            EntryMode.QUANTITY: self.tr("Pieces of {name}"),
            EntryMode.PRICE: self.tr("New price of {name}, or 10% off"),
            EntryMode.LINE_DISCOUNT: self.tr("Per cent off {name}"),
            EntryMode.REASON: self.tr("Why another price for {name}?"),
            EntryMode.RECEIPT_DISCOUNT: self.tr("Off the whole sale: 10% or 2.50"),
            EntryMode.CHECK: self.tr("Price check: code"),
            EntryMode.NEW_PRICE: self.tr("Price of the new product {name}"),
            EntryMode.NEW_NAME: self.tr("Name of the new product {name}"),
        }
        if entry.mode in asked:
            return asked[entry.mode].format(name=entry.subject)
        if entry.multiplier:
            return self.tr("{count} of the next product").format(count=entry.multiplier)
        return self.tr("Code or name (F2)")

    def _heading(self, state: SellState) -> str:
        if not state.results.rows:
            return self.tr("Customers") if state.entry.mode is EntryMode.CUSTOMER else self.tr("Products")
        if state.results.kind is ResultKind.HELD:
            return self.tr("Held sales")
        if state.results.kind is ResultKind.REASONS:
            return self.tr("Reason for the price: choose, type its number, or any words")
        return self.tr("Matches for “{query}”").format(query=state.results.query)

    def _guidance(self, state: SellState) -> str:
        if state.results.query:
            return self.tr("Nothing matches “{query}”.\nTry fewer or other words.").format(query=state.results.query)
        if state.entry.mode is EntryMode.CUSTOMER:
            return self.tr("Type part of a name, a phone number or a card code.\nEnter looks it up.")
        if state.entry.mode is EntryMode.QUANTITY:
            return self.tr("Type the number of pieces and press Enter.\nZero removes the line.")
        if state.entry.mode in (EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.RECEIPT_DISCOUNT):
            return self.tr("10% or 2.50 takes that off, a discount of 0 takes it away again.\nEsc changes nothing.")
        if state.entry.mode is EntryMode.CHECK:
            return self.tr("Scan the product, or type its code and press Enter.\nNothing is added to the sale.")
        return self.tr("Type part of a name to search.\nClick a match to add it, or arrow down and Enter.")
