"""The gate of a counter with staff: what the person signed in may not do, somebody else may allow, with a reason.

One action at a time. Must never do the act without a permission, nor twice with one, nor let a reason be empty.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from urs_desktop.counter.use_cases.overriding import Asked, Grant
from urs_desktop.counter.use_cases.refund import MAX_REASON
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.permissions import BY_TWO, Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.gate import Act
from urs_desktop.ui.presenters.identity_pad import Attempt, IdentityPad, PadView
from urs_desktop.ui.presenters.notices import Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import ignore

_log = logging.getLogger(__name__)


class OverrideReason(StrEnum):
    """The reasons offered; any other may be typed. Signed, so a name keeps its sense."""

    CUSTOMER_CHANGED_MIND = "customer changed mind"
    RUNG_UP_WRONG = "rung up wrong"
    PRICE_DIFFERS = "price differs"
    GOODWILL = "goodwill"


@dataclass(frozen=True, slots=True)
class OverrideState:
    """What is asked: `permission` for `subject` while one is asked for, None else.

    Without a `reason` that is asked for first (`typed` so far), then who allows it.
    """

    permission: Permission | None = None
    subject: str = ""
    who_asks: str = ""
    typed: str = ""
    reason: str = ""
    pad: PadView = field(default_factory=PadView)


@dataclass(frozen=True, slots=True)
class _Demand:
    asked: Asked
    act: Act


class OverrideDesk:
    """Demands permissions of who is signed in, and else of somebody else; a `presenters.gate.Gate`."""

    def __init__(self, till: Till, runner: Runner, formats: Formats) -> None:
        """Take the counter's use cases, the runner and the formats."""
        self._till = till
        self._runner = runner
        self._formats = formats
        self._changed: Callable[[OverrideState], None] = ignore
        self._denied: Callable[[Permission, str], None] = _deny_silently
        self._pad = IdentityPad(self._publish, self._try)
        self._demand: _Demand | None = None
        self._who_may: tuple[Person, ...] = ()
        self._typed = ""
        self._reason = ""
        self.state = OverrideState()

    def watch(self, changed: Callable[[OverrideState], None], denied: Callable[[Permission, str], None]) -> None:
        """Have `changed` told of every state, and `denied` of what was not allowed and who may do it."""
        self._changed, self._denied = changed, denied
        changed(self.state)

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        """Call `act` at once where the person may; else once another person has allowed it; else never.

        What takes two people (BY_TWO) another person always allows, at a counter that has staff.
        """
        session = self._till.session
        by_two = permission in BY_TWO and session.staffed
        if session.may(permission) and not by_two:
            act(None)
            return
        if session.is_locked or self._demand is not None:
            return
        demand = _Demand(self._till.staffing.overriding.ask(permission, subject), act)
        self._demand = demand
        self._who_may, self._typed, self._reason = (), "", ""
        self._pad.begin(())
        self._runner.run(
            partial(self._till.staffing.overriding.who_may, demand.asked),
            partial(self._known, demand),
            partial(self._failed, demand),
        )
        self._publish()

    def _known(self, demand: _Demand, people: tuple[Person, ...]) -> None:
        if self._demand is demand:
            self._who_may = people
            self._pad.offer(people)
            self._publish()

    def _publish(self) -> None:
        demand, person = self._demand, self._till.session.person
        self._pad.is_open = bool(self._reason)
        if demand is None:
            self.state = OverrideState()
        else:
            self.state = OverrideState(
                permission=demand.asked.permission,
                subject=plain(demand.asked.subject),
                who_asks=plain(person.name) if person else "",
                typed=self._typed,
                reason=self._reason,
                pad=self._pad.view(),
            )
        self._changed(self.state)

    def press(self, text: str) -> None:
        """Take what was typed: a reason, then who allows it."""
        if self._reason:
            self._pad.press(text)
        elif self._demand is not None and text.isprintable():
            self._typed = (self._typed + text)[:MAX_REASON]
            self._publish()

    def delete(self) -> None:
        """Take the last character back."""
        if self._reason:
            self._pad.delete()
        elif self._demand is not None:
            self._typed = self._typed[:-1]
            self._publish()

    def because(self, reason: str) -> None:
        """Take a reason; an empty one is said to be missing."""
        if self._demand is not None and not self._reason:
            self._reason = reason.strip()
            said = None if self._reason else notice(RefusalCode.OVERRIDE_NEEDED, Severity.WARNING)
            self._pad.begin(self._who_may, said)
            self._publish()

    def choose(self, code: str) -> None:
        """Choose who allows it."""
        if self._reason:
            self._pad.choose(code)

    def accept(self) -> None:
        """Do what Enter does here: take the reason, or what was typed for a code, a PIN or a badge."""
        if self._demand is not None and not self._reason:
            self.because(self._typed)
        elif self._demand is not None:
            self._pad.accept()

    def put_back(self, typed: str) -> None:
        """Hold this much of a reason again: what came since was a scanner's."""
        if self._demand is not None and not self._reason and typed != self._typed:
            self._typed = typed
            self._publish()

    def scanned(self, code: str) -> None:
        """Take a scanned badge; a reason has to be there first."""
        if self._reason:
            self._pad.scan(code)

    def back(self) -> None:
        """Take back the last step; before the first one nothing is allowed and nothing done."""
        if self._demand is None or self._pad.view().busy:
            return
        if self._reason:
            if len(self._who_may) == 1 or not self._pad.back():
                self._reason = ""
                self._pad.begin(self._who_may)
                self._publish()
        elif self._typed:
            self._typed = ""
            self._publish()
        else:
            self.deny()

    def deny(self) -> None:
        """Let it be: the act is not done."""
        demand, who_may = self._demand, self._who_may
        if demand is not None and not self._pad.view().busy:
            self.give_up()
            self._denied(demand.asked.permission, ", ".join(plain(person.name) for person in who_may))

    def give_up(self) -> None:
        """Forget what was asked, whatever was on its way: the counter is locked."""
        self._demand, self._reason = None, ""
        self._publish()

    def _try(self, attempt: Attempt) -> None:
        demand, reason = self._demand, self._reason
        if demand is None:
            return
        overriding = self._till.staffing.overriding

        def work() -> Grant:
            if attempt.code:
                return overriding.by_pin(demand.asked, attempt.code, attempt.secret, reason)
            return overriding.by_badge(demand.asked, attempt.secret, reason)

        self._runner.run(work, partial(self._granted, demand), partial(self._failed, demand))

    def _granted(self, demand: _Demand, grant: Grant) -> None:
        if self._demand is not demand:
            return
        asked = demand.asked
        try:
            override = self._till.staffing.overriding.use(grant, asked.permission, asked.subject)
        except Refusal as refusal:
            self._failed(demand, refusal)
            return
        self.give_up()
        demand.act(override)

    def _failed(self, demand: _Demand, error: Exception) -> None:
        if self._demand is demand:
            said = of_error(error, self._formats, self._till.identity.currency)
            if said.severity is Severity.ERROR:
                _log.error("asking for a permission met %s", said.code, exc_info=error)
            self._pad.failed(said)
            self._publish()


def _deny_silently(permission: Permission, who_may: str) -> None:
    """Say nothing of what was not allowed: nobody listens yet."""
    del permission, who_may
