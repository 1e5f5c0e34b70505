"""The sale in hand as the lock and the permissions see it: whether there is one, held for somebody else, and denials.

Must never show anything of it.
"""

from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.notices import ACTION_CODE, NoticeCode, Severity
from urs_desktop.ui.presenters.pay_desk import PayDesk
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import UNDECIDED, Phase


class HandOver:
    """Hands the sale in hand from one person to another."""

    def __init__(self, desk: Desk, hold: HoldDesk, pay: PayDesk) -> None:
        """Take the desk the parts share, the part that holds sales and the part that takes payments."""
        self._desk = desk
        self._hold = hold
        self._pay = pay

    def is_open(self) -> bool:
        """Return whether there is a sale with goods in it that is not completed."""
        draft = self._desk.draft
        return draft.phase is not Phase.RECEIPT and bool(draft.basket.lines)

    def card_has_paid(self) -> bool:
        """Return whether the terminal has taken money for it."""
        return bool(self._desk.draft.payment.cards)

    def put_aside(self) -> None:
        """Hold it; a payment that is open is left first, and one that a card has paid into stays open."""
        if self._desk.draft.phase in UNDECIDED:
            self._pay.leave()
        if not self._pay.cards.holds_back():
            self._hold.hold()
        self._desk.publish()

    def denied(self, permission: Permission, who_may: str) -> None:
        """Say what was not allowed and who may do it."""
        code = NoticeCode.ACTION_DENIED if who_may else NoticeCode.ACTION_DENIED_TO_ALL
        self._desk.say(code, Severity.WARNING, **{ACTION_CODE: permission.value, "people": who_may})
        self._desk.publish()
