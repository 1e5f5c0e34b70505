"""The customer room: find somebody or enrol them, see the wallet and its statement, show the card, give them the sale.

Must never decide anything, nor keep what is typed.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLayout, QStackedWidget

from urs_desktop.ui.cashier.customer_form_page import CustomerFormPage
from urs_desktop.ui.cashier.customer_side import CardPage, CustomerPage
from urs_desktop.ui.cashier.customers_list import CustomersList
from urs_desktop.ui.cashier.notice_bar import NoticeBar
from urs_desktop.ui.key_words import meant
from urs_desktop.ui.presenters.customers import CustomersPresenter
from urs_desktop.ui.presenters.customers_state import CustomersPage, CustomersState
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.digit_pad import DigitPad
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, column, padded, row

_LEFT, _RIGHT = 56, 44


class CustomerRoom(Room):
    """Keeps the customers."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("customer_room", "", context)
        self._title.show_text(self.tr("Customers"))
        self.presenter = CustomersPresenter(
            context.till,
            context.runner,
            context.clock,
            context.formats,
            context.gate,
            context.sale,
            self._wording,
        )
        self._page: CustomersPage | None = None
        self.list = CustomersList(self.presenter)
        self._form = CustomerFormPage(self.presenter, plain(context.till.identity.vendor_name))
        self._customer, self._card = CustomerPage(self.presenter), CardPage(self.presenter)
        self._customer.give.clicked.connect(self._give)
        self._notice = NoticeBar("customers_notice")
        self.show_content(self._content())
        self.presenter.watch(self.render_state)

    def _wording(self) -> str:
        return self._form.question()

    def _content(self) -> QLayout:
        gap = sizes().space_medium
        self._side = QStackedWidget()
        self._pages = {
            CustomersPage.NOBODY: self._find(),
            CustomersPage.CUSTOMER: self._customer,
            CustomersPage.FORM: self._form,
            CustomersPage.CARD: self._card,
        }
        for each in self._pages.values():
            self._side.addWidget(each)
        body = row(gap=gap)
        body.addWidget(self.list, _LEFT)
        body.addWidget(self._side, _RIGHT)
        whole = column(body, self._notice, gap=gap)
        whole.setStretch(0, 1)
        return whole

    def _find(self) -> Card:
        page = Card("customer_find_page")
        said = Text("customer_find_words", "hint", wraps=True)
        said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        said.setText(self.tr("Find the customer by the phone number.\nA card that is scanned opens at once."))
        self._pad = DigitPad("customer_pad", "+")
        self._pad.typed.connect(self.presenter.press)
        look = Button("customer_look", "primary", self.tr("Find (Enter)"))
        look.clicked.connect(self.list.look)
        inner = column(said, self._pad, look, gap=sizes().space_medium)
        inner.setStretch(0, 1)
        page.setLayout(padded(inner))
        return page

    def entered(self, about: str) -> None:
        """Begin with the card the room was entered for, or the customer of the sale."""
        self._page = None
        self.presenter.begin(about)
        self.list.field.setFocus()

    def left(self) -> None:
        """Stop searching, and let nothing of a customer stand: nobody looks any more."""
        self.list.stop()

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        for part in (self._pad, self._form, self._notice):
            part.dress(colours)

    def scanned(self, code: str) -> bool:
        """Open the customer whose card was scanned."""
        self.presenter.begin(code)
        return True

    @Slot()
    def back(self) -> None:
        """Go back from the card or the form, and from there to selling."""
        if not self.presenter.back():
            super().back()

    @Slot()
    def _give(self) -> None:
        if self.presenter.wallet.attach():
            super().back()

    def pressed(self, key: int, text: str) -> bool:
        """Take Enter and digits while no field has the focus."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._form.isVisible():
            self.list.accept()
            return True
        if text and text in "+0123456789" and not self.list.table.hasFocus():
            self.presenter.press(text)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_F2: self.list.find_another,
            Qt.Key.Key_F5: self.presenter.wallet.show_card,
            Qt.Key.Key_F6: self.presenter.form.open,
            Qt.Key.Key_F7: self._card.press_print,
            Qt.Key.Key_F8: self._form.yes.click,
            Qt.Key.Key_F9: self._form.no.click,
            Qt.Key.Key_F12: self._give,
            Qt.Key.Key_Down: self.list.enter,
        }
        act = acts.get(meant(event))
        if act is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            act()

    def render_state(self, state: CustomersState) -> None:
        """Show this state."""
        self.list.render_state(state)
        self._side.setCurrentWidget(self._pages[state.page])
        for page in (self._customer, self._card, self._form):
            page.render_state(state)
        self._notice.say(state.notice, self._hint(state.page))
        self._place_focus(state.page)

    def _place_focus(self, page: CustomersPage) -> None:
        if page is not self._page and self.isVisible():
            before, self._page = self._page, page
            if page is CustomersPage.FORM:
                self._form.take_focus()
            elif before is CustomersPage.FORM:
                self.list.field.setFocus()

    def _hint(self, page: CustomersPage) -> str:
        if page is CustomersPage.FORM:
            return self.tr("The phone number is enough. Ask the question, F8 is yes and F9 is no; Enter enrols.")
        if page is CustomersPage.CARD:
            return self.tr("This code stands for the customer, and for nothing else. Esc goes back.")
        if page is CustomersPage.CUSTOMER:
            return self.tr("F12 uses the card for this sale, F5 shows the card. Esc goes back to selling.")
        return self.tr("Scan the card, or type and press Enter. F6 enrols a new customer. Esc goes back to selling.")
