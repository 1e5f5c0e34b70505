"""Moving cash beside sales when anything may fail on the way: afterwards it is known whether it was signed.

A failure after the commit looks like one before it; the shift is asked before anybody is told. Must never move cash a
second time because nobody saw the first.
"""

from dataclasses import dataclass

from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.shift_reports import Movement
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.domain.money import Money
from urs_desktop.domain.refusals import Refusal


class CashInDoubtError(Exception):
    """Moving failed and the shift could not be asked whether its movements are still `before` in number."""

    def __init__(self, before: int, cause: str) -> None:
        """Take how many movements there were before, and what failed."""
        super().__init__(cause)
        self.before = before


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that was moved, as it is signed; `after_all` when that was found out only after a failure."""

    movement: Movement
    after_all: bool = False


def move_cash(shifts: Shifts, amount: Money, reason: str, override: Override | None, before: int | None) -> Moved:
    """Move cash once; `before` is how many movements there were before an earlier attempt that is in doubt, else None.

    Raises Refusal with nothing moved, CashInDoubtError when that cannot be said, any other error with nothing moved.
    """
    known = len(shifts.report().movements) if before is None else before
    if before is not None and (kept := _since(shifts, known, None)):
        return kept
    try:
        return Moved(shifts.pay(amount, reason, override))
    except Refusal:
        raise
    except Exception as error:
        if kept := _since(shifts, known, error):
            return kept
        raise


def _since(shifts: Shifts, before: int, cause: Exception | None) -> Moved | None:
    try:
        movements = shifts.report().movements
    except Refusal:
        raise
    except Exception as error:
        raise CashInDoubtError(before, str(cause or error)) from error
    return Moved(movements[-1], after_all=True) if len(movements) > before else None
