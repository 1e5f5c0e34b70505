"""Asks for a shift to be opened where this counter has had shifts and none is open: once for each sale, in words alone.

Must never hold up a sale, nor talk over anything else that is said.
"""

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import Phase


class ShiftReminder:
    """Says at the beginning of a sale that no shift is open, and is silent once one is."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk the parts of the sell screen share."""
        self._desk = desk
        self._told: tuple[int, int] | None = None

    def look(self, newest: Shift | None, key: str) -> None:
        """Speak, or fall silent, as the newest shift demands; `key` leads to the shift's room. The caller publishes."""
        draft = self._desk.draft
        is_said = draft.notice is not None and draft.notice.code is NoticeCode.SHIFT_NEEDED
        if newest is None or newest.closed_seq is None:
            if is_said:
                draft.notice = None
            return
        now = (draft.sale, newest.number)
        begins = draft.phase is Phase.SELLING and not draft.basket.lines
        if begins and draft.notice is None and self._told != now:
            self._told = now
            self._desk.say(NoticeCode.SHIFT_NEEDED, Severity.WARNING, key=key)
