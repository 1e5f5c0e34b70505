"""The button by which the customer's phone is asked for points, there while the central store cannot be reached.

Must never decide whether a phone may be asked.
"""

from PySide6.QtCore import Slot

from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayState, Phase
from urs_desktop.ui.widgets.buttons import Button


class PhoneButton(Button):
    """Asks the presenter to let the customer's phone ask."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("points_phone", "action")
        self.show_text(self.tr("Phone (F6)"))
        self.setAccessibleName(self.tr("Let the customer's phone ask"))
        self._presenter = presenter
        self.clicked.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        self._presenter.pay.by_phone()

    def render_state(self, pay: PayState, phase: Phase) -> None:
        """Show this state."""
        self.setVisible(pay.may_carry)
        self.setEnabled(phase is Phase.PAYING)
