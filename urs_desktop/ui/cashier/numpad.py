"""The number pad and Pay: always in the same place, whatever is being typed.

Its keys never take the focus. Must never know which field its digits go to.
"""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import FigureButton, Key
from urs_desktop.ui.widgets.layouts import column, padded

_DIGITS = (("7", "8", "9"), ("4", "5", "6"), ("1", "2", "3"), ("0", "00", "."))
_NAMES = {"00": "double_zero", ".": "point"}


class Numpad(QWidget):
    """Digits, the keys beside them, and Pay with the amount on it."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("numpad")
        self._presenter = presenter
        grid = QGridLayout()
        grid.setSpacing(sizes().space_small)
        padded(grid, 0)
        for line, digits in enumerate(_DIGITS):
            for place, digit in enumerate(digits):
                key = Key(f"key_{_NAMES.get(digit, digit)}", digit)
                key.typed.connect(self._press)
                grid.addWidget(key, line + 1, place)
        self._back = Key("key_back", "", self.tr("Delete the last digit"), icon_name="backspace", types="back")
        self._quantity = Key("key_quantity", self.tr("Qty"), self.tr("Quantity"), role="word")
        self._discount = Key("key_discount", self.tr("Disc %"), self.tr("Discount on the line"), role="word")
        self._price = Key("key_price", self.tr("Price"), self.tr("Another price for the line"), role="word")
        self._void = Key("key_void", self.tr("Void"), self.tr("Void line"), role="word")
        self._check = Key("key_check", self.tr("Price?"), self.tr("Price check: what does it cost?"), role="word")
        self._enter = Key("key_enter", self.tr("Enter"), role="word")
        self._enter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for place, key in enumerate((self._quantity, self._discount, self._price, self._void)):
            grid.addWidget(key, 0, place)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self._back, 1, 3)
        grid.addWidget(self._check, 2, 3)
        grid.addWidget(self._enter, 3, 3, 2, 1)
        self._back.typed.connect(self._press)
        self._quantity.clicked.connect(self._ask_quantity)
        self._discount.clicked.connect(self._ask_discount)
        self._price.clicked.connect(self._ask_price)
        self._void.clicked.connect(self._void_line)
        self._check.clicked.connect(self._ask_check)
        self._enter.clicked.connect(self._accept)
        self._pay = FigureButton("pay_button", "pay", sizes().type_total - sizes().space_small)
        self._pay.clicked.connect(self._begin_pay)
        self._pay.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setLayout(column(grid, self._pay, gap=sizes().space_medium))

    @Slot(str)
    def _press(self, typed: str) -> None:
        self._presenter.press(typed)

    @Slot()
    def _ask_quantity(self) -> None:
        self._presenter.entry.start(EntryMode.QUANTITY)

    @Slot()
    def _ask_discount(self) -> None:
        self._presenter.entry.start(EntryMode.LINE_DISCOUNT)

    @Slot()
    def _ask_price(self) -> None:
        self._presenter.entry.start(EntryMode.PRICE)

    @Slot()
    def _ask_check(self) -> None:
        self._presenter.entry.start(EntryMode.CHECK)

    @Slot()
    def _void_line(self) -> None:
        self._presenter.cart.void_line()

    @Slot()
    def _accept(self) -> None:
        self._presenter.accept()

    @Slot()
    def _begin_pay(self) -> None:
        self._presenter.begin_pay()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        selling = state.phase is Phase.SELLING
        for key in (self._quantity, self._discount, self._price, self._void):
            key.setEnabled(selling and state.selected is not None)
        self._check.setEnabled(selling or state.phase is Phase.RECEIPT)
        self._pay.setEnabled(selling and bool(state.lines))
        if state.phase is Phase.RECEIPT:
            self._pay.show_text(self.tr("Paid"))
        elif selling:
            self._pay.show_text(self.tr("Pay {total}").format(total=state.totals.total))
        else:
            self._pay.show_text(self.tr("Paying {total}").format(total=state.totals.total))

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._back.dress(colours)
