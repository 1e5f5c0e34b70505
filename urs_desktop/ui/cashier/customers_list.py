"""The list of customers in their room: the field to search by, and who was found.

Typing is searched for 120 ms after the last key. Must never look anybody up itself.
"""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.search_page import SEARCH_AFTER_MS
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.customers import CustomersPresenter
from urs_desktop.ui.presenters.customers_state import CustomersPage, CustomersState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.tables import RowTable


class CustomersList(QWidget):
    """Shows the search field and who was found."""

    def __init__(self, presenter: CustomersPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("customers_side")
        self._presenter = presenter
        self.field = Field("customer_search", self.tr("Phone number, name, e-mail or card"))
        self.field.setPlaceholderText(self.tr("Scan a card, or type a phone number, a name or an e-mail (F2)"))
        self.field.textEdited.connect(self._edited)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._presenter.finder.search)
        columns = (Column(self.tr("Name")), Column(self.tr("Phone")), Column(self.tr("Card")))
        self.model = RowsModel((*columns, Column(self.tr("Points"), is_figure=True)))
        self.table = RowTable("customers_table", self.tr("Customers"), self.model, stretched=0)
        self.table.clicked.connect(self._clicked)
        self.table.left_upwards.connect(self.field.setFocus)
        self._empty = Text("customers_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._new = Button("customer_new", "action", self.tr("New customer (F6)"))
        self._new.clicked.connect(self._presenter.form.open)
        self._other = Button("customer_other", "action", self.tr("Find another (F2)"))
        self._other.clicked.connect(self.find_another)
        gap = sizes().space_medium
        self._lists = QStackedWidget()
        for page in (self._empty, self.table):
            self._lists.addWidget(page)
        listed = Card("customers_list")
        inner = column(self._lists, row(self._other, self._new), gap=sizes().space_small)
        inner.setStretch(0, 1)
        listed.setLayout(padded(inner, sizes().space_small))
        left = column(self.field, listed, gap=gap)
        left.setStretch(1, 1)
        self.setLayout(left)

    @Slot(str)
    def _edited(self, text: str) -> None:
        self._presenter.finder.edit(text)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Find what was typed, or do what else Enter does."""
        self._timer.stop()
        self._presenter.submit()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self._presenter.finder.choose(index.row())

    @Slot()
    def find_another(self) -> None:
        """Begin to search anew."""
        self._presenter.find_another()
        self.field.setFocus()

    def accept(self) -> None:
        """Open the row in hand, or find what was typed."""
        place = self.table.currentIndex().row()
        if self.table.hasFocus() and place >= 0:
            self._presenter.finder.choose(place)
        else:
            self.look()

    def enter(self) -> None:
        """Move the focus into the rows, if there are any."""
        if self.model.rowCount() and self.table.isVisible():
            self.table.setFocus()
            self.table.show_selected(self._presenter.state.selected or 0)

    def stop(self) -> None:
        """Stop searching: nobody looks any more."""
        self._timer.stop()

    def render_state(self, state: CustomersState) -> None:
        """Show this state."""
        self.field.show_text(state.query)
        self.model.show_rows(state.rows)
        if not self.table.hasFocus() or state.selected is not None:
            self.table.show_selected(state.selected)
        self._lists.setCurrentWidget(self.table if state.rows else self._empty)
        self._empty.setText(self._guidance(state))
        self._new.setEnabled(state.page is not CustomersPage.FORM)

    def _guidance(self, state: CustomersState) -> str:
        if state.searched:
            return self.tr("Nobody known here fits “{words}”.\nEnter asks the central store.").format(
                words=state.searched
            )
        return self.tr("Type part of a name, a phone number, an e-mail or a card.\nThose known here appear at once.")
