"""Which sound a step of the sale makes, so that a cashier who looks at the goods hears what became of a scan.

Must never sound for what no hand and no scan has done, or everybody stops listening.
"""

from enum import StrEnum
from typing import Final

from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sell_state import Phase, SellState


class Sound(StrEnum):
    """The sounds there are, by the names of their files."""

    FOUND = "found"
    UNKNOWN = "unknown"
    REFUSED = "refused"


_UNKNOWN: Final = frozenset({NoticeCode.UNKNOWN_CODE, NoticeCode.UNKNOWN_CODE_RESULTS})
_FOUND: Final = frozenset({NoticeCode.PRICE_CHECKED})
_UNASKED: Final = frozenset({NoticeCode.SET_ASIDE})


def sound_of(before: SellState, after: SellState) -> Sound | None:
    """Return the sound of the step from one state to the next; None for most of them.

    The same notice said again is another step and sounds again; the same state published again is none.
    """
    said = after.notice if after.notice is not before.notice else None
    if said is not None and said.code not in _UNASKED:
        if said.code in _UNKNOWN:
            return Sound.UNKNOWN
        if said.code in _FOUND:
            return Sound.FOUND
        if said.severity in (Severity.WARNING, Severity.ERROR):
            return Sound.REFUSED
    more = _pieces(after) > (0 if before.phase is Phase.RECEIPT else _pieces(before))
    return Sound.FOUND if after.phase is Phase.SELLING and (more or _attached(before, after)) else None


def _pieces(state: SellState) -> int:
    """Return how many pieces are in the cart, whichever signs their language groups digits with."""
    return int("".join(filter(str.isdecimal, state.totals.pieces)) or 0)


def _attached(before: SellState, after: SellState) -> bool:
    """Whether a customer was found who was not there before."""
    customer = after.customer
    if customer is None or customer.pending or not customer.code:
        return False
    return before.customer is None or before.customer.code != customer.code
