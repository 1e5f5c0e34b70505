"""The sell screen: three zones that never move - products or payment, the cart, the number pad - and a status line.

Renders the presenter's state into its panels and keeps the focus where typing belongs. Must never decide anything.
"""

from PySide6.QtCore import Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QWidget

from urs_desktop.ui.cashier.cart_panel import CartPanel
from urs_desktop.ui.cashier.customer_card import CustomerPanel
from urs_desktop.ui.cashier.info_page import InfoPage
from urs_desktop.ui.cashier.keyboard import field_name
from urs_desktop.ui.cashier.leave_page import LeavePage
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.cashier.numpad import Numpad
from urs_desktop.ui.cashier.pay_page import PayPage
from urs_desktop.ui.cashier.receipt_page import ReceiptPage
from urs_desktop.ui.cashier.search_page import SearchPage
from urs_desktop.ui.cashier.status_bar import StatusBar
from urs_desktop.ui.cashier.totals_panel import TotalsPanel
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.turns import Latest, Turns
from urs_desktop.ui.widgets.layouts import column, padded, row

_LEFT, _MIDDLE, _RIGHT = 50, 46, 34


class SellScreen(QWidget):
    """Shows a sale from the first scan to the receipt."""

    def __init__(self, presenter: SellPresenter, turns: Turns) -> None:
        """Take the presenter and the turns of the loop."""
        super().__init__()
        self.setObjectName("sell_screen")
        self._presenter = presenter
        self._around = Latest(turns, self._render_around)
        self.search = SearchPage(presenter)
        self._pay, self._receipt, self._info = PayPage(presenter), ReceiptPage(presenter), InfoPage(presenter)
        self._leave = LeavePage(presenter)
        self._customer, self.cart = CustomerPanel(presenter), CartPanel(presenter)
        self._totals, self._numpad = TotalsPanel(presenter), Numpad(presenter)
        self._notice, self.status = NoticeBar(), StatusBar(presenter)
        self._first = QStackedWidget()
        for page in (self.search, self._pay, self._receipt, self._info, self._leave):
            self._first.addWidget(page)
        self._typing: tuple[Phase, PayField | None, EntryMode, Overlay] | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        gap = sizes().space_medium
        for zone in (self._first, self._customer, self.cart, self._totals, self._numpad, self._notice, self.status):
            policy = zone.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)  # no content, however wide, moves a zone
            zone.setSizePolicy(policy)
        middle = column(self._customer, self.cart, gap=gap)
        middle.setStretch(1, 1)
        zones = row(gap=gap)
        zones.addWidget(self._first, _LEFT)
        zones.addLayout(middle, _MIDDLE)
        speaking = column(zones, self._notice, gap=gap)
        speaking.setStretch(0, 1)
        right = column(self._totals, gap=gap)
        right.addStretch(1)
        right.addWidget(self._numpad)
        screen = row(gap=gap)
        screen.addLayout(speaking, _LEFT + _MIDDLE)
        screen.addLayout(right, _RIGHT)
        padded(screen)
        whole = column(screen, self.status, gap=0)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    def dress(self, colours: Colours) -> None:
        """Draw everything that is not styled by the sheet in the theme's colours."""
        for panel in (self._customer, self._numpad, self._notice, self.status, self.search.shelf):
            panel.dress(colours)

    @Slot(object)
    def render_state(self, state: SellState) -> None:
        """Show this state: where the hands are at once, and what stands around that in a turn of its own."""
        self._around.give(state)
        for page in (self.search, self._pay, self._receipt, self._info, self._leave):
            page.render_state(state)
        self._first.setCurrentWidget(self._page(state))
        self._place_focus(state)

    def _render_around(self, state: SellState) -> None:
        for panel in (self._customer, self.cart, self._totals, self._numpad, self._notice, self.status):
            panel.render_state(state)

    def _page(self, state: SellState) -> QWidget:
        if state.overlay is Overlay.LEAVING:
            return self._leave
        if state.overlay is not Overlay.NONE:
            return self._info
        if state.phase in (Phase.SELLING, Phase.HOLDING):
            return self.search
        return self._receipt if state.phase is Phase.RECEIPT else self._pay

    def take_focus(self) -> None:
        """Put the focus where typing goes: the cashier comes back from another room."""
        self._typing = None
        self._place_focus(self._presenter.state)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus without being painted anew, as Qt would: nothing of the screen shows that it has it."""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give the focus away, likewise."""

    def _place_focus(self, state: SellState) -> None:
        """Put the focus where typing goes, but only when that place changed: a cashier may have moved on by Tab."""
        typing = (state.phase, state.pay.field if state.pay else None, state.entry.mode, state.overlay)
        if typing == self._typing or not self.isVisibleTo(self.window()):
            return
        self._typing = typing
        name = field_name(state.phase, state.pay.field if state.pay else None)
        field = self.findChild(QLineEdit, name) if name and state.overlay is Overlay.NONE else None
        (field or self).setFocus()
