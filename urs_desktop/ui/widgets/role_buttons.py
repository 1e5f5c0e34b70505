"""A row of buttons of which one is chosen.

Must never choose by itself: what is chosen is shown, and a press only says so.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.layouts import row
from urs_desktop.ui.widgets.style import set_variant


class RoleButtons(QWidget):
    """Offers a few values by their words; `chosen` carries the one that was pressed."""

    chosen = Signal(object)

    def __init__(self, name: str, offered: Sequence[tuple[str, str]]) -> None:
        """Take the object's name, and each value with its words."""
        super().__init__()
        self.setObjectName(name)
        self._buttons: dict[str, Button] = {}
        layout = row(gap=sizes().space_small)
        for value, words in offered:
            button = Button(f"{name}_{value}", "choice", words)
            button.setCheckable(True)
            button.clicked.connect(partial(self._press, value))
            layout.addWidget(button)
            self._buttons[value] = button
        self.setLayout(layout)

    def _press(self, value: str) -> None:
        self.chosen.emit(value)

    def show_chosen(self, value: str | None) -> None:
        """Show this value as the chosen one."""
        for each, button in self._buttons.items():
            button.setChecked(each == value)
            set_variant(button, "chosen", "yes" if each == value else "")

    def set_enabled(self, *, enabled: bool) -> None:
        """Let the buttons be pressed, or not."""
        for button in self._buttons.values():
            button.setEnabled(enabled)
