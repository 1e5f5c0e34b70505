"""What the customer room works on, and the desk its presenter's parts share.

Changed on one thread alone and never shown: customers_view makes the frozen state out of it. Must never be kept by work
that runs elsewhere.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from urs_desktop.counter.use_cases.statements import WalletStatement
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.values import Customer
from urs_desktop.ui.presenters.customers_state import CustomersPage, FormView
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class CustomersDraft:
    """Everything the room works on; `asking` while the central store looks for the chosen customer."""

    page: CustomersPage = CustomersPage.NOBODY
    query: str = ""
    searched: str = ""
    found: tuple[Customer, ...] = ()
    customer: Customer | None = None
    asking: bool = False
    statement: WalletStatement | None = None
    form: FormView = field(default_factory=FormView)
    prints: bool = False
    notice: Notice | None = None


class CustomersDesk:
    """What the parts share: the till, the draft, and ways to speak and to have work done."""

    def __init__(self, till: Till, runner: Runner, formats: Formats, publish: Callable[[], None]) -> None:
        """Take the till, the runner, the formats and what to call after each change."""
        self.till = till
        self.formats = formats
        self.publish = publish
        self.draft = CustomersDraft()
        self._runner = runner
        self._asked: dict[str, int] = {}

    def say(self, code: NoticeCode, severity: Severity = Severity.INFO, /, **values: str) -> None:
        """Put a notice on the screen; the caller publishes."""
        self.draft.notice = notice(code, severity, **values)

    def fail(self, error: Exception) -> None:
        """Put a failure on the screen; one that is no refusal is logged. The caller publishes."""
        self.draft.notice = of_error(error, self.formats, self.till.identity.currency)
        if self.draft.notice.severity is Severity.ERROR:
            _log.error("the customer room met %s", self.draft.notice.code, exc_info=error)

    def forget(self, question: str) -> None:
        """Let answers to this question, if any are on their way, find nothing to change."""
        self._asked[question] = self._asked.get(question, 0) + 1

    def ask(
        self,
        question: str,
        work: Callable[[], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have work done elsewhere; its answer counts only while the same question was not asked or forgotten since."""
        self.forget(question)
        asked = self._asked[question]

        def finish(result: _T) -> None:
            if asked == self._asked[question]:
                done(result)
                self.publish()

        def stumble(error: Exception) -> None:
            if asked == self._asked[question]:
                (failed or self.fail)(error)
                self.publish()

        self._runner.run(work, finish, stumble)
