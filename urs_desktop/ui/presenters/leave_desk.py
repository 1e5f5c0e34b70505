"""Leaving the counter: while anything waits to be sent or is set aside, the cashier is told so first.

What a card has paid for the sale in hand is given back or the sale completed before.

Must never keep the window open against the cashier's word, nor let it look as if anything could be lost.
"""

from urs_desktop.ui.presenters.pay_desk import PayDesk
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import Overlay


class LeaveDesk:
    """Decides whether the window may be closed now."""

    def __init__(self, desk: Desk, pay: PayDesk) -> None:
        """Take the desk the parts share and the part that takes payments."""
        self._desk = desk
        self._pay = pay

    def may_close(self) -> bool:
        """Return whether the window may be closed; if not yet, the page that says why is on the screen."""
        draft = self._desk.draft
        connection = draft.connection
        if not draft.left and self._pay.cards.holds_back():
            self._desk.publish()
            return False
        if draft.left or connection is None or not (connection.waiting or connection.parked):
            return True
        draft.overlay = Overlay.LEAVING
        self._desk.publish()
        return False

    def close_anyway(self) -> None:
        """Have the window closed, whatever waits."""
        self._desk.draft.left = True
        self._desk.publish()
