"""The refund room: find the sale, choose what comes back, see what that gives and takes, confirm once.

Must never reckon, nor confirm by a press that was meant for finding the sale.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLayout, QStackedWidget, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.refund_side import RefundActions, RefundSide
from urs_desktop.ui.cashier.refund_words import RefundWords
from urs_desktop.ui.cashier.search_page import SEARCH_AFTER_MS
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.refund import RefundPresenter
from urs_desktop.ui.presenters.refund_state import RefundLineView, RefundPhase, RefundState
from urs_desktop.ui.presenters.scan_desk import RECEIPT
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.tables import RowTable


class RefundRoom(Room):
    """Takes goods back against a receipt."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("refund_room", "", context)
        self._title.show_text(self.tr("Refund"))
        self._focused: RefundPhase | None = None
        self._words = RefundWords(self)
        self.presenter = RefundPresenter(context.till, context.runner, context.formats, context.gate)
        self.field = Field("refund_field", self.tr("Receipt number, card, phone or name"))
        self.field.textEdited.connect(self._edited)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._search)
        receipts = (Column(self.tr("Receipt")), Column(self.tr("Sold")), Column(self.tr("Total"), is_figure=True))
        self._found = RowsModel((*receipts, Column(self.tr("Customer"))))
        self.found = RowTable("refund_found", self.tr("Receipts"), self._found, stretched=3)
        self.found.clicked.connect(self._choose_clicked)
        self.found.chosen.connect(self._choose)
        figures = (Column(self.tr("Sold"), is_figure=True), Column(self.tr("Back"), is_figure=True))
        now = (Column(self.tr("Now"), is_figure=True), Column(self.tr("Gives"), is_figure=True))
        self._lines = RowsModel((Column(self.tr("Item")), *figures, *now))
        self.lines = RowTable("refund_lines", self.tr("Lines of the sale"), self._lines, stretched=0)
        self.lines.clicked.connect(self._line_clicked)
        self.lines.selectionModel().currentRowChanged.connect(self._line_changed)
        self._empty = Text("refund_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        for page in (self._empty, self.found, self.lines):
            self._pages.addWidget(page)
        self._make_side()
        self._notice = NoticeBar("refund_notice")
        self.show_content(self._content())
        self.presenter.watch(self.render_state)

    def _make_side(self) -> None:
        self._side = RefundSide(self.presenter)
        self._pad = DigitPad("refund_pad")
        self._pad.typed.connect(self.presenter.press)
        self._keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Return: self._accept,
            Qt.Key.Key_Enter: self._accept,
            Qt.Key.Key_Plus: partial(self.presenter.step, 1),
            Qt.Key.Key_Right: partial(self.presenter.step, 1),
            Qt.Key.Key_Minus: partial(self.presenter.step, -1),
            Qt.Key.Key_Left: partial(self.presenter.step, -1),
            Qt.Key.Key_A: self.presenter.take_all,
            Qt.Key.Key_C: self._to_card,
            Qt.Key.Key_Backspace: partial(self.presenter.press, "back"),
        }
        self._actions = RefundActions(self.presenter)

    def _content(self) -> QLayout:
        gap = sizes().space_medium
        table = Card("refund_table_card")
        inner = column(self._pages, self._actions, gap=sizes().space_small)
        inner.setStretch(0, 1)
        table.setLayout(padded(inner, sizes().space_small))
        left = column(self.field, table, gap=gap)
        left.setStretch(1, 1)
        right = column(self._side, self._pad, self._side.confirm, gap=gap)
        right.setStretch(0, 1)
        body = row(gap=gap)
        body.addLayout(left, 62)
        body.addLayout(right, 38)
        whole = column(body, self._notice, gap=gap)
        whole.setStretch(0, 1)
        return whole

    def entered(self, about: str) -> None:
        """Begin with the receipt the room was entered for, or with the newest receipts."""
        self.presenter.begin(about)
        self.field.setFocus()

    def left(self) -> None:
        """Stop searching: nobody looks any more."""
        self._timer.stop()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._pad.dress(colours)
        self._notice.dress(colours)

    def scanned(self, code: str) -> bool:
        """Take a scanned receipt number; other codes mean nothing here."""
        is_receipt = RECEIPT.fullmatch(code) is not None
        if is_receipt:
            self.presenter.begin(code)
        return is_receipt

    @Slot()
    def back(self) -> None:
        """Go back to the list, and from there to selling."""
        if not self.presenter.back():
            super().back()

    @Slot(str)
    def _edited(self, text: str) -> None:
        self.presenter.edit(text)
        self._timer.start()

    @Slot()
    def _search(self) -> None:
        self.presenter.search(self.field.text())

    @Slot(QModelIndex)
    def _choose_clicked(self, index: QModelIndex) -> None:
        self.presenter.choose(index.row())

    @Slot(object)
    def _choose(self, place: int) -> None:
        self.presenter.choose(place)

    @Slot(QModelIndex)
    def _line_clicked(self, index: QModelIndex) -> None:
        self.presenter.select(index.row())

    @Slot(QModelIndex, QModelIndex)
    def _line_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if self.lines.hasFocus() and current.isValid() and current.row() != self.presenter.state.selected:
            self.presenter.select(current.row())

    def _accept(self) -> None:
        row = self.found.currentIndex().row()
        if self.found.hasFocus() and row >= 0:
            self.presenter.choose(row)
        else:
            self.presenter.submit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F6 and not event.isAutoRepeat():
            self.presenter.without_receipt()
        elif event.key() == Qt.Key.Key_Down and self.lines.isVisible():
            self.lines.setFocus()
        else:
            super().keyPressEvent(event)

    def _to_card(self) -> None:
        self.presenter.toggle_card()
        if self.presenter.state.by_card:
            self.field.setFocus()

    def pressed(self, key: int, text: str) -> bool:
        """Do what a key does here while no field has the focus; False for one that means nothing."""
        act = self._keys.get(key)
        if act is not None:
            act()
        elif text.isdecimal() and text.isascii():
            self.presenter.press(text)
        return act is not None or text.isdecimal()

    def render_state(self, state: RefundState) -> None:
        """Show this state."""
        choosing = state.phase in (RefundPhase.CHOOSING, RefundPhase.COMPLETING)
        looking = state.phase in (RefundPhase.LOOKING, RefundPhase.FINDING)
        gathering = state.phase is RefundPhase.GATHERING
        self.field.show_text(state.reference if choosing else state.text)
        self.field.setVisible(looking or gathering or (choosing and state.by_card))
        self.field.setPlaceholderText(self._words.asked(state))
        self._found.show_rows(state.found)
        self._lines.show_rows([_row(line) for line in state.lines])
        self.lines.show_selected(state.selected if choosing or gathering else None)
        done = state.phase is RefundPhase.DONE
        lines, found = choosing or done or (gathering and state.lines), looking and state.found
        self._pages.setCurrentWidget(self.lines if lines else self.found if found else self._empty)
        self._empty.setText(self._words.empty(state.phase))
        self._actions.render_state(state)
        self._pad.setVisible(not done)
        self._side.render_state(state)
        self._notice.say(state.notice, self._words.hint(state.phase))
        self._place_focus(state.phase)

    def _place_focus(self, phase: RefundPhase) -> None:
        wanted: QWidget = {
            RefundPhase.CHOOSING: self.lines,
            RefundPhase.LOOKING: self.field,
            RefundPhase.GATHERING: self.field,
        }.get(phase, self)
        if phase is not self._focused and self.isVisible():
            self._focused = phase
            wanted.setFocus()


def _row(line: RefundLineView) -> tuple[str, ...]:
    now = f"{line.chosen} / {line.left}" if line.sold else str(line.chosen)
    return (line.description, line.sold, line.back, now, line.worth)
