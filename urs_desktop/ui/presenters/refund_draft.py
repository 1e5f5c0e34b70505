"""The refund in hand, as the parts of the refund room's presenter work on it, and the desk they share.

Changed on one thread alone and never shown: refund_view makes the frozen state out of it. Must never outlive a refund.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refundable import Refundable
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.values import Customer
from urs_desktop.domain.basket import Basket
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.refund_state import RefundPhase
from urs_desktop.ui.presenters.runner import Runner

_T = TypeVar("_T")


@dataclass(slots=True)
class RefundDraft:
    """Everything the refund room works on; `found` are receipts as rows, `pieces` line number to quantity.

    `goods` are what comes back without a receipt; `by_card` whether the terminal gives the money back, and its
    `reference`.
    """

    phase: RefundPhase = RefundPhase.LOOKING
    text: str = ""
    found: tuple[tuple[str, ...], ...] = ()
    sale: Refundable | None = None
    customer: Customer | None = None
    pieces: dict[int, int] = field(default_factory=dict)
    selected: int | None = None
    done: RefundReceipt | None = None
    goods: Basket | None = None
    by_card: bool = False
    reference: str = ""
    notice: Notice | None = None

    def chosen(self) -> dict[int, int]:
        """Return what is to come back, line number to a quantity of at least one."""
        return {n: count for n, count in self.pieces.items() if count}


class RefundDesk:
    """What the parts share: the till, the draft, and ways to speak and to have work done."""

    def __init__(self, till: Till, runner: Runner, formats: Formats, publish: Callable[[], None]) -> None:
        """Take the till, the runner, the formats and what to call after each change."""
        self.till = till
        self.formats = formats
        self.publish = publish
        self.draft = RefundDraft()
        self._runner = runner
        self._asks = 0

    def say(self, code: NoticeCode, severity: Severity = Severity.INFO, /, **values: str) -> None:
        """Put a notice on the screen; the caller publishes."""
        self.draft.notice = notice(code, severity, **values)

    def fail(self, error: Exception) -> None:
        """Put a failure on the screen; the caller publishes."""
        self.draft.notice = of_error(error, self.formats, self.till.identity.currency)

    def start_anew(self, phase: RefundPhase = RefundPhase.LOOKING, text: str = "") -> None:
        """Forget the refund in hand; answers to older questions find nothing to change."""
        self._asks += 1
        self.draft = RefundDraft(phase, text, self.draft.found)

    def ask(
        self, work: Callable[[], _T], done: Callable[[_T], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Have work done elsewhere; its answer counts only while nothing was asked or begun since."""
        self._asks += 1
        asked = self._asks

        def finish(result: _T) -> None:
            if asked == self._asks:
                done(result)
                self.publish()

        def stumble(error: Exception) -> None:
            if asked == self._asks:
                (failed or self.fail)(error)
                self.publish()

        self._runner.run(work, finish, stumble)

    def do(self, work: Callable[[], _T], done: Callable[[_T], None], failed: Callable[[Exception], None]) -> None:
        """Have work done elsewhere whose result counts whatever was asked since: it is on disk."""

        def finish(result: _T) -> None:
            done(result)
            self.publish()

        def stumble(error: Exception) -> None:
            failed(error)
            self.publish()

        self._runner.run(work, finish, stumble)
