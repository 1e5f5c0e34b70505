"""The shift in hand, as the parts of the shift room's presenter work on it, and the desk they share.

Changed on one thread alone and never shown: shift_view makes the frozen state out of it. Must never outlive the room.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.shift_reports import ShiftReport
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.money import MAX_MINOR, Money, parse_amount
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.shift import denominations
from urs_desktop.ui.presenters.cash_moving import CashInDoubtError
from urs_desktop.ui.presenters.formatting import NO_AGE, Age, Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.shift_state import ShiftPhase
from urs_desktop.ui.presenters.watched import ignore

_T = TypeVar("_T")
_TOO_FAR_OFF: Final = frozenset({RefusalCode.DIFFERENCE_TOO_LARGE, RefusalCode.COUNTED_TOO_OFTEN})
_log = logging.getLogger(__name__)


def _not_opened(error: Exception) -> None:
    _log.error("the drawer was not opened", exc_info=error)


@dataclass(slots=True)
class ShiftDraft:
    """Everything the shift room works on; `counts` are pieces of each coin and note, the largest first.

    `too_far_off` once what was counted was refused; `shown_at` is when a shift was closed, in milliseconds;
    `moved_before` is how many times cash had been moved before an attempt that a failure may have kept, else None;
    `tells` where the report may say what should be in the drawer before it is counted.
    """

    phase: ShiftPhase = ShiftPhase.WORKING
    shift: Shift | None = None
    amount: str = ""
    reason: str = ""
    on_reason: bool = False
    counts: list[int] = field(default_factory=list)
    selected: int = 0
    too_far_off: bool = False
    report: ShiftReport | None = None
    shown_at: int = 0
    moved_before: int | None = None
    tells: bool = False
    as_of: Age = NO_AGE
    shifts: Sequence[Shift] = ()
    notice: Notice | None = None


class ShiftDesk:
    """What the parts share: the till, the draft, who knows what is allowed, and ways to have work done."""

    def __init__(self, till: Till, runner: Runner, formats: Formats, gate: Gate, publish: Callable[[], None]) -> None:
        """Take the till, the runner, the formats, the gate and what to call after each change."""
        self.till = till
        self.formats = formats
        self.gate = gate
        self.publish = publish
        self.values = denominations(till.identity.currency)
        self.draft = ShiftDraft(counts=[0] * len(self.values))
        self._runner = runner

    def say(self, code: NoticeCode, severity: Severity = Severity.INFO, /, **values: str) -> None:
        """Put a notice on the screen; the caller publishes."""
        self.draft.notice = notice(code, severity, **values)

    def refuse(self, error: Exception) -> None:
        """Put a failure on the screen; one that is no refusal is logged. The caller publishes."""
        said = of_error(error, self.formats, self.till.identity.currency)
        if isinstance(error, CashInDoubtError):
            self.draft.moved_before = error.before
            said = notice(NoticeCode.CASH_IN_DOUBT, Severity.ERROR)
        if said.severity is Severity.ERROR:
            _log.error("the shift room met %s", said.code, exc_info=error)
        self.draft.notice = said
        self.draft.too_far_off = self.draft.too_far_off or said.code in _TOO_FAR_OFF

    def amount(self, least: int) -> Money | None:
        """Return the amount that was typed, or None once it was said why it is none. The caller publishes.

        At least `least` minor units; nothing typed is no amount.
        """
        try:
            amount = parse_amount(self.draft.amount, self.till.identity.currency)
        except Refusal as refusal:
            self.refuse(refusal)
            return None
        if amount.minor < least:
            self.refuse(Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1))
            return None
        return amount

    def do(self, work: Callable[[], _T], done: Callable[[_T], None]) -> None:
        """Have work done elsewhere; a failure is said and leads back to where the room stood. Publishes."""
        before = self.draft.phase
        self.draft.phase, self.draft.notice = ShiftPhase.WORKING, None

        def finish(result: _T) -> None:
            done(result)
            self.publish()

        def stumble(error: Exception) -> None:
            self.draft.phase = before
            self.refuse(error)
            self.publish()

        self.publish()
        self._runner.run(work, finish, stumble)

    def open_drawer(self, reason: str = "") -> None:
        """Have the drawer opened, signed with a reason unless what was done is signed itself."""
        self._runner.run(partial(self.till.printing.open_for_shift, reason), ignore, _not_opened)

    def ask(self, work: Callable[[], _T], done: Callable[[_T], None], failed: Callable[[Exception], None]) -> None:
        """Have something looked up while the room stays as it is."""
        self._runner.run(work, done, failed)
