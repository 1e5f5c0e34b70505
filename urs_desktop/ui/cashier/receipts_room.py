"""The receipts of this counter: a list to search, the chosen one as on paper, and what may be done with it.

Every action has a key (F6, F8, F9) and a button. Must never decide whether something may be printed again.
"""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.receipts import ReceiptRow, ReceiptsPresenter, ReceiptsState
from urs_desktop.ui.printer_texts import stage_word
from urs_desktop.ui.printing import save_pdf
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.sheet import SheetView
from urs_desktop.ui.widgets.tables import RowTable

SEARCH_AFTER_MS = 120
REFRESH_MS = 1000


class ReceiptsRoom(Room):
    """Shows the receipts."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("receipts_room", "", context)
        self._title.show_text(self.tr("Receipts"))
        self.presenter = ReceiptsPresenter(
            context.till, context.runner, context.formats, context.gate, context.navigator, save_pdf
        )
        self._field = Field("receipts_search", self.tr("Receipt number, customer, card or phone"))
        self._field.setPlaceholderText(self.tr("Scan a receipt, or type a number, a name, a card or a phone"))
        columns = (
            Column(self.tr("Receipt")),
            Column(self.tr("Time")),
            Column(self.tr("Customer")),
            Column(self.tr("Total"), is_figure=True),
            Column(self.tr("Paper")),
        )
        self.model = RowsModel(columns)
        self.table = RowTable("receipts_table", self.tr("Receipts"), self.model, stretched=2)
        self._empty = Text("receipts_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._paper = SheetView("receipt_preview", self.tr("The chosen receipt"))
        self._print = Button("receipts_print", "primary", self.tr("Print (F6)"))
        self._save = Button("receipts_save", "action", self.tr("Save as PDF (F8)"))
        self._refund = Button("receipts_refund", "action", self.tr("Refund (F9)"))
        self._notice = NoticeBar("receipts_notice")
        self._search, self._refresh = QTimer(self), QTimer(self)
        self._search.setSingleShot(True)
        self._search.setInterval(SEARCH_AFTER_MS)
        self._refresh.setInterval(REFRESH_MS)
        self._connect()
        self._lay_out()
        self.presenter.watch(self.render_state)

    def _connect(self) -> None:
        self._field.textEdited.connect(self._edited)
        self._field.returnPressed.connect(self._look)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.clicked.connect(self._clicked)
        self.table.left_upwards.connect(self._field.setFocus)
        self._print.clicked.connect(self.presenter.print_again)
        self._save.clicked.connect(self.presenter.save)
        self._refund.clicked.connect(self.presenter.refund)
        self._search.timeout.connect(self.presenter.refresh)
        self._refresh.timeout.connect(self.presenter.refresh)

    def _lay_out(self) -> None:
        self._pages = QStackedLayout()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        pages = QWidget()
        pages.setLayout(self._pages)
        listed = Card("receipts_list_card")
        listed.setLayout(padded(column(pages), sizes().space_small))
        left = column(self._field, listed, self._notice, gap=sizes().space_medium)
        left.setStretch(1, 1)
        actions = column(self._print, row(self._save, self._refund), gap=sizes().space_small)
        seen = Card("receipts_preview_card")
        inside = column(self._paper, actions, gap=sizes().space_medium)
        inside.setStretch(0, 1)
        seen.setLayout(padded(inside, sizes().space_small))
        content = row(gap=sizes().space_medium)
        content.addLayout(left, 1)
        content.addWidget(seen)
        self.show_content(content)

    @Slot(str)
    def _edited(self, text: str) -> None:
        self.presenter.edit(text)
        self._search.start()

    @Slot()
    def _look(self) -> None:
        self._search.stop()
        self.presenter.refresh()

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, current: QModelIndex) -> None:
        self.presenter.select(current.row())

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.presenter.select(index.row())

    def entered(self, about: str) -> None:
        """Begin with the receipt it was entered for, or with the latest ones."""
        self.presenter.enter(about)
        self._refresh.start()
        self._field.setFocus()

    def left(self) -> None:
        """Look nothing up while nobody looks."""
        self._search.stop()
        self._refresh.stop()

    def closed(self) -> None:
        """End the timers."""
        self.left()

    def scanned(self, code: str) -> bool:
        """Find the scanned receipt."""
        self.presenter.enter(code)
        return True

    def dress(self, colours: Colours) -> None:
        """Draw the notice's icon in the theme's colours."""
        self._notice.dress(colours)

    def pressed(self, key: int, text: str) -> bool:
        """Obey the keys on the buttons."""
        del text
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_F2: self._field.setFocus,
            Qt.Key.Key_F6: self.presenter.print_again,
            Qt.Key.Key_F8: self.presenter.save,
            Qt.Key.Key_F9: self.presenter.refund,
        }
        act = acts.get(key)
        if act is not None:
            act()
        return act is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self._to_list()
        else:
            super().keyPressEvent(event)

    def _to_list(self) -> None:
        if self.model.rowCount():
            self.table.setFocus()
            self.table.show_selected(self.presenter.state.selected)

    def render_state(self, state: ReceiptsState) -> None:
        """Show this state."""
        self._field.show_text(state.query)
        self.model.show_rows([self._cells(each) for each in state.rows])
        self.table.show_selected(state.selected)
        self._pages.setCurrentIndex(1 if state.rows else 0)
        self._empty.setText(self._guidance(state))
        self._paper.show_document(state.paper)
        chosen = state.chosen
        self._print.setEnabled(chosen is not None and state.prints)
        self._save.setEnabled(chosen is not None)
        self._refund.setEnabled(chosen is not None and not chosen.is_refund)
        hint = self.tr("Up and Down choose a receipt. One that was printed before is printed as a marked copy.")
        without = self.tr("This counter has no printer; receipts can be saved as PDF. Name a printer in the settings.")
        self._notice.say(state.notice, hint if state.prints or not state.loaded else without)

    def _cells(self, each: ReceiptRow) -> tuple[str, ...]:
        number = self.tr("{number} refund").format(number=each.number) if each.is_refund else each.number
        return (number, each.moment, each.customer, each.total, stage_word(each.stage))

    def _guidance(self, state: ReceiptsState) -> str:
        if not state.loaded:
            return ""
        if state.query:
            return self.tr(
                "No receipt of this counter fits “{query}”.\nTry the number alone, or part of a name."
            ).format(query=state.query)
        return self.tr("No receipt yet.\nThe first sale of this counter will be here.")
