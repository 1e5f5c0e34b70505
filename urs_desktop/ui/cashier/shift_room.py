"""The shift room: open with the float, pay in and out, X report, count blind, Z report.

Must never reckon, nor show what should be in the drawer while it is counted.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtWidgets import QLayout, QLineEdit, QSizePolicy, QStackedWidget, QWidget

from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.shift_sheet import ShiftSheet
from urs_desktop.ui.cashier.shift_words import going, heading, hint, label, report_lines, told
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.drawer_desk import PAYING
from urs_desktop.ui.presenters.shift import ShiftPresenter
from urs_desktop.ui.presenters.shift_state import ShiftPhase, ShiftState
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button, FigureButton
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Figure, Line, Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row, show_only
from urs_desktop.ui.widgets.style import set_variant
from urs_desktop.ui.widgets.tables import RowTable

_ALLOW: Final = "shift_allow"
_PAGE: Final = 12
_ASK_MS: Final = 2000
"""While a report lacks acknowledged receipts, they are asked for this often."""


def _standing(state: ShiftState) -> str:
    """Return the role of what is said under the heading: a Z report says whether everything is acknowledged."""
    report = state.report
    if report is None or not report.is_final or report.receipts == "0":
        return "muted"
    return "warning" if report.missing or report.set_aside else "earns"


class ShiftRoom(Room):
    """Shows the shift of this counter."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("shift_room", "", context)
        self._title.show_text(self.tr("Shift and cash"))
        self.presenter = ShiftPresenter(context.till, context.runner, context.clock, context.formats, context.gate)
        self._focused: tuple[ShiftPhase, bool] | None = None
        self._make_tables()
        self._make_fields()
        self._make_actions()
        self.show_content(self._content())
        self._asking = QTimer(self)
        self._asking.setInterval(_ASK_MS)
        self._asking.timeout.connect(self.presenter.reports.refresh)
        self.presenter.watch(self.render_state)

    def _make_tables(self) -> None:
        closed = (Column(self.tr("Shift")), Column(self.tr("Closed")), Column(self.tr("By")))
        self._past = RowsModel((*closed, Column(self.tr("Difference"), is_figure=True)))
        self.past = RowTable("shift_past", self.tr("Closed shifts"), self._past, stretched=2)
        self.past.clicked.connect(self._show_past)
        amounts = (Column(self.tr("Pieces"), is_figure=True), Column(self.tr("Amount"), is_figure=True))
        self._coins = RowsModel((Column(self.tr("Note or coin")), *amounts))
        self.coins = RowTable("shift_coins", self.tr("Coins and notes"), self._coins, stretched=0)
        self.coins.clicked.connect(self._choose_coin)
        self.coins.selectionModel().currentRowChanged.connect(self._coin_changed)
        self._sheet = ShiftSheet("shift_report", self.tr("Report"))
        self._empty = Text("shift_empty", "hint", wraps=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        for page in (self._empty, self.past, self.coins, self._sheet):
            self._pages.addWidget(page)

    def _make_fields(self) -> None:
        self._head, self._about = Line("shift_head", "strong"), Text("shift_about", "muted", wraps=True)
        self._figure = Figure("shift_figure", sizes().type_total)
        self.amount = Field("shift_amount", self.tr("Amount"), "amount")
        self.reason = Field("shift_reason", self.tr("Reason"))
        self.amount.textEdited.connect(self._amount_edited)
        self.reason.textEdited.connect(self._reason_edited)
        self._pad = DigitPad("shift_pad")
        self._pad.typed.connect(self.presenter.press)
        self._notice = NoticeBar("shift_notice")

    def _make_actions(self) -> None:
        parts = self.presenter
        words: tuple[tuple[str, str, Callable[[], None], tuple[ShiftPhase, ...]], ...] = (
            ("shift_in", self.tr("Pay in (I)"), partial(parts.drawer.start, out=False), (ShiftPhase.OPEN,)),
            ("shift_out", self.tr("Pay out (O)"), partial(parts.drawer.start, out=True), (ShiftPhase.OPEN,)),
            ("shift_x", self.tr("X report (X)"), parts.reports.show_x, (ShiftPhase.OPEN,)),
            ("shift_close", self.tr("Close shift (Z)"), parts.counting.start, (ShiftPhase.OPEN,)),
            ("shift_count_again", self.tr("Count anew"), parts.counting.clear, (ShiftPhase.COUNTING,)),
            (_ALLOW, self.tr("Have it allowed (A)"), parts.counting.allow_difference, (ShiftPhase.COUNTING,)),
            ("shift_print", self.tr("Print (P)"), self._print, (ShiftPhase.REPORT,)),
        )
        self._actions: list[tuple[Button, tuple[ShiftPhase, ...]]] = []
        for name, text, act, phases in words:
            button = Button(name, "tall" if phases == (ShiftPhase.OPEN,) else "action", text)
            button.clicked.connect(act)
            self._actions.append((button, phases))
        self._counted = Button("shift_counted", "tall", self.tr("Close now (C)"), self.tr("Close with this count"))
        # As tall as its neighbour.
        self._counted.clicked.connect(parts.counting.close)
        self._counted.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._go = FigureButton("shift_go", "pay", sizes().type_title)
        self._go.clicked.connect(self.presenter.submit)
        self._keys: dict[int, tuple[ShiftPhase | None, Callable[[], None]]] = {
            Qt.Key.Key_Return: (None, self._accept),
            Qt.Key.Key_Enter: (None, self._accept),
            Qt.Key.Key_Backspace: (ShiftPhase.COUNTING, partial(self.presenter.press, "back")),
            Qt.Key.Key_I: (ShiftPhase.OPEN, words[0][2]),
            Qt.Key.Key_O: (ShiftPhase.OPEN, words[1][2]),
            Qt.Key.Key_X: (ShiftPhase.OPEN, words[2][2]),
            Qt.Key.Key_Z: (ShiftPhase.OPEN, words[3][2]),
            Qt.Key.Key_C: (ShiftPhase.COUNTING, parts.counting.close),
            Qt.Key.Key_A: (ShiftPhase.COUNTING, parts.counting.allow_difference),
            Qt.Key.Key_Up: (ShiftPhase.REPORT, partial(self._sheet.scroll_lines, -1)),
            Qt.Key.Key_Down: (ShiftPhase.REPORT, partial(self._sheet.scroll_lines, 1)),
            Qt.Key.Key_PageUp: (ShiftPhase.REPORT, partial(self._sheet.scroll_lines, -_PAGE)),
            Qt.Key.Key_PageDown: (ShiftPhase.REPORT, partial(self._sheet.scroll_lines, _PAGE)),
            Qt.Key.Key_P: (ShiftPhase.REPORT, self._print),
        }

    def _content(self) -> QLayout:
        gap = sizes().space_medium
        table = Card("shift_table_card")
        inner = column(self._pages, gap=0)
        table.setLayout(padded(inner, sizes().space_small))
        side = Card("shift_side")
        said = column(self._head, self._about, self._figure, self.amount, self.reason, gap=sizes().space_small)
        buttons = [button for button, _ in self._actions]
        for place in range(0, len(buttons), 2):
            said.addLayout(row(*buttons[place : place + 2]))
        said.addStretch(1)
        side.setLayout(padded(said))
        ends = row(self._counted, self._go, gap=gap)
        ends.setStretch(1, 1)
        right = column(side, self._pad, ends, gap=gap)
        right.setStretch(0, 1)
        hand = QWidget()
        hand.setLayout(right)
        body = row(gap=gap)
        for zone, share in ((table, 62), (hand, 38)):
            zone.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no content moves a zone
            body.addWidget(zone, share)
        whole = column(body, self._notice, gap=gap)
        whole.setStretch(0, 1)
        return whole

    def entered(self, about: str) -> None:
        """Learn how the shift stands."""
        del about
        self._focused = None
        self._asking.start()
        self.presenter.begin()

    def left(self) -> None:
        """Ask for nothing while nobody looks."""
        self._asking.stop()

    def closed(self) -> None:
        """Ask for nothing any more."""
        self._asking.stop()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._pad.dress(colours)
        self._notice.dress(colours)

    @Slot()
    def back(self) -> None:
        """Go a step back, and from the first one to selling."""
        if not self.presenter.back():
            super().back()

    def pressed(self, key: int, text: str) -> bool:
        """Do what a key does here while no field has the focus; False for one that means nothing."""
        phase, act = self._keys.get(key, (None, None))
        if act is not None and phase in (None, self.presenter.state.phase):
            act()
            return True
        if text.isascii() and text.isdecimal():
            self.presenter.press(text)
            return True
        return False

    def _accept(self) -> None:
        row_now = self.past.currentIndex().row()
        if self.past.hasFocus() and row_now >= 0:
            self.presenter.reports.show(row_now)
        else:
            self.presenter.submit()

    @Slot()
    def _print(self) -> None:
        report = self.presenter.state.report
        if report is not None:
            self.presenter.reports.print_lines(heading(self.presenter.state), report_lines(report))

    @Slot(str)
    def _amount_edited(self, text: str) -> None:
        self.presenter.edit(amount=text)

    @Slot(str)
    def _reason_edited(self, text: str) -> None:
        self.presenter.edit(reason=text)

    @Slot(QModelIndex)
    def _show_past(self, index: QModelIndex) -> None:
        self.presenter.reports.show(index.row())

    @Slot(QModelIndex)
    def _choose_coin(self, index: QModelIndex) -> None:
        self.presenter.counting.select(index.row())

    @Slot(QModelIndex, QModelIndex)
    def _coin_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        if self.coins.hasFocus() and current.isValid() and current.row() != self.presenter.state.selected:
            self.presenter.counting.select(current.row())

    def render_state(self, state: ShiftState) -> None:
        """Show this state."""
        phase, paying = state.phase, state.phase in PAYING
        self._past.show_rows(state.shifts)
        self._coins.show_rows(state.counts)
        self.coins.show_selected(state.selected if phase is ShiftPhase.COUNTING else None)
        if state.report is not None:
            self._sheet.show_sections(state.report.sections)
        pages: dict[ShiftPhase, QWidget] = {ShiftPhase.COUNTING: self.coins, ShiftPhase.REPORT: self._sheet}
        self._pages.setCurrentWidget(pages.get(phase, self.past if state.shifts else self._empty))
        self._empty.setText(self.tr("No shift was closed here yet.\nIts report will be listed here."))
        self._head.show_text(heading(state))
        self._about.setText(told(state))
        set_variant(self._about, "role", _standing(state))
        counting = phase is ShiftPhase.COUNTING
        final = state.report is not None and state.report.is_final
        verdict = state.report.verdict if state.report else None
        self._figure.show_text(f"{label(verdict)} {verdict.figure}" if verdict else state.counted)
        self.amount.show_text(state.amount)
        self.reason.show_text(state.reason)
        self.reason.setPlaceholderText(self.tr("Reason"))
        show_only(
            (
                (self._figure, counting or final),
                (self.amount, paying or phase is ShiftPhase.CLOSED),
                (self.reason, paying),
                (self._pad, phase in (ShiftPhase.CLOSED, ShiftPhase.COUNTING, *PAYING)),
                (self._counted, counting),
                (self._go, phase is not ShiftPhase.OPEN),
                *(
                    (button, phase in phases and (button.objectName() != _ALLOW or state.too_far_off))
                    for button, phases in self._actions
                ),
            )
        )
        self._go.setEnabled(phase is not ShiftPhase.WORKING)
        self._go.show_text(going(state))
        self._notice.say(state.notice, hint(phase))
        self._place_focus(state)

    def _place_focus(self, state: ShiftState) -> None:
        wanted = (state.phase, state.on_reason)
        if state.phase is ShiftPhase.WORKING:
            self._focused = None  # meanwhile the fields are hidden, and Qt moves the focus on
            return
        if wanted == self._focused or not self.isVisible():
            return
        self._focused = wanted
        places: dict[ShiftPhase, QWidget] = {
            ShiftPhase.CLOSED: self.amount,
            ShiftPhase.PAYING_IN: self.reason if state.on_reason else self.amount,
            ShiftPhase.PAYING_OUT: self.reason if state.on_reason else self.amount,
            ShiftPhase.COUNTING: self.coins,
        }
        place = places.get(state.phase, self)
        if not (isinstance(place, QLineEdit) and place.hasFocus()):
            place.setFocus()
