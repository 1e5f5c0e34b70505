"""The shift in hand, as the parts of the shift room's presenter work on it, and the desk they share.

Changed on one thread alone and never shown: shift_view makes the frozen state out of it. Must never outlive the room.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.shifts import ShiftReport
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.shift import denominations
from urs_desktop.ui.presenters.formatting import NO_AGE, Age, Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.shift_state import ShiftPhase

_T = TypeVar("_T")


@dataclass(slots=True)
class ShiftDraft:
    """Everything the shift room works on; `counts` are pieces of each coin and note, the largest first."""

    phase: ShiftPhase = ShiftPhase.WORKING
    shift: Shift | None = None
    amount: str = ""
    reason: str = ""
    on_reason: bool = False
    counts: list[int] = field(default_factory=list)
    selected: int = 0
    report: ShiftReport | None = None
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
        """Put a failure on the screen; the caller publishes."""
        self.draft.notice = of_error(error, self.formats, self.till.identity.currency)

    def amount(self) -> Money | None:
        """Return the amount that was typed, or None once it was said why it is none. The caller publishes."""
        try:
            return parse_amount(self.draft.amount.strip() or "0", self.till.identity.currency)
        except Refusal as refusal:
            self.refuse(refusal)
            return None

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
