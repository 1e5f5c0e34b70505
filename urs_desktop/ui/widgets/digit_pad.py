"""A number pad for rooms beside the sell screen: digits, a point or another sign, one key to delete.

Its keys never take the focus. Must never know which field its digits go to.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Key
from urs_desktop.ui.widgets.layouts import padded

_DIGITS = (("7", "8", "9"), ("4", "5", "6"), ("1", "2", "3"), ("0",))
_NAMES = {".": "point", "+": "plus"}


class DigitPad(QWidget):
    """Digits to touch; `typed` carries a digit, the sign, or `back`."""

    typed = Signal(str)

    def __init__(self, name: str, sign: str = ".") -> None:
        """Take the object's name, which the names of the keys begin with, and the sign beside the zero."""
        super().__init__()
        self.setObjectName(name)
        grid = QGridLayout()
        grid.setSpacing(sizes().space_small)
        padded(grid, 0)
        for line, digits in enumerate((*_DIGITS[:-1], (*_DIGITS[-1], sign))):
            for place, digit in enumerate(digits):
                key = Key(f"{name}_{_NAMES.get(digit, digit)}", digit, role="row")
                key.typed.connect(self.typed)
                grid.addWidget(key, line, place)
        words = self.tr("Delete the last digit")
        self._back = Key(f"{name}_back", "", words, role="row", icon_name="backspace", types="back")
        self._back.typed.connect(self.typed)
        grid.addWidget(self._back, len(_DIGITS) - 1, 2)
        for place in range(3):
            grid.setColumnStretch(place, 1)
        self.setLayout(grid)

    def dress(self, colours: Colours) -> None:
        """Draw the icon in the theme's colours."""
        self._back.dress(colours)
