"""The people of the counter on a screen: listed, added, given another role, PIN or badge, disabled, let in again.

Every change asks the gate anew, so that leave to enter the room is no leave to change anybody. Must never hold a PIN or
a badge in a state, nor longer than the change takes.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from urs_desktop.counter.use_cases.people import People
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import MOST_FAILURES
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import Watched

_log = logging.getLogger(__name__)


class StaffPage(StrEnum):
    """What the side of the room shows."""

    PERSON = "person"
    NEW = "new"
    PIN = "pin"
    BADGE = "badge"


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody as the list shows them."""

    code: str
    name: str
    role: Role
    active: bool
    has_badge: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class StaffState:
    """Everything the staff room shows; `role` is the one a new person would have."""

    people: tuple[MemberView, ...] = ()
    selected: int | None = None
    page: StaffPage = StaffPage.PERSON
    role: Role = Role.CASHIER
    notice: Notice | None = None
    busy: bool = False
    known: bool = False

    @property
    def person(self) -> MemberView | None:
        """Return who is chosen."""
        return None if self.selected is None else self.people[self.selected]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What was typed about somebody new, but for the secrets."""

    code: str
    name: str


class StaffDesk(Watched[StaffState]):
    """Presents the people of one counter."""

    def __init__(
        self, till: Till, runner: Runner, formats: Formats, gate: Gate, changed_staff: Callable[[], None]
    ) -> None:
        """Take the counter's use cases, the runner, the formats, the gate, and what to call after each change."""
        super().__init__(StaffState())
        self._people: People = till.staffing.people
        self._currency = till.identity.currency
        self._runner = runner
        self._formats = formats
        self._gate = gate
        self._changed_staff = changed_staff

    def begin(self) -> None:
        """Read who works here."""
        self._show(replace(self.state, page=StaffPage.PERSON, notice=None))
        self._runner.run(self._people.all, self._read, self._failed)

    def _read(self, people: Sequence[StaffMember]) -> None:
        before = self.state.person
        views = tuple(_view(member) for member in people)
        codes = [view.code for view in views]
        selected = codes.index(before.code) if before and before.code in codes else (0 if views else None)
        page = self.state.page if views else StaffPage.NEW
        role = self.state.role if views else Role.MANAGER
        self._show(replace(self.state, people=views, selected=selected, page=page, role=role, busy=False, known=True))

    def select(self, place: int) -> None:
        """Choose somebody by their place in the list."""
        if 0 <= place < len(self.state.people) and not self.state.busy:
            self._show(replace(self.state, selected=place, page=StaffPage.PERSON, notice=None))

    def turn(self, page: StaffPage) -> None:
        """Show another page; all but a new person's need somebody who is chosen."""
        if not self.state.busy and (page is StaffPage.NEW or self.state.person is not None):
            role = Role.CASHIER if self.state.people else Role.MANAGER
            self._show(replace(self.state, page=page, role=role, notice=None))

    def back(self) -> bool:
        """Go back to the person; False where that is what is shown."""
        if self.state.page is StaffPage.PERSON or not self.state.people:
            return False
        self.turn(StaffPage.PERSON)
        return True

    def give_role(self, role: Role) -> None:
        """Give the new person, or else the chosen one, a role."""
        person = self.state.person
        if self.state.page is StaffPage.NEW:
            self._show(replace(self.state, role=role))
        elif person is not None and person.role is not role:
            self._change(person.code, partial(self._people.change_role, person.code, role))

    def add(self, new: NewPerson, pin: str, again: str) -> None:
        """Add somebody with the role that is chosen."""
        if self._same(pin, again):
            role = self.state.role
            work = partial(self._people.add, new.code, new.name, role, pin)
            self._change(new.code.strip().upper(), work, NoticeCode.STAFF_ADDED)

    def set_pin(self, pin: str, again: str) -> None:
        """Give the chosen person a new PIN."""
        person = self.state.person
        if person is not None and self._same(pin, again):
            self._change(person.code, partial(self._people.set_pin, person.code, pin))

    def set_badge(self, badge: str) -> None:
        """Give the chosen person a badge, or take it with an empty one."""
        person = self.state.person
        if person is not None:
            self._change(person.code, partial(self._people.set_badge, person.code, badge))

    def toggle_active(self) -> None:
        """Have the chosen person no longer sign in, or sign in again."""
        person = self.state.person
        if person is not None:
            act = self._people.disable if person.active else self._people.enable
            self._change(person.code, partial(act, person.code))

    def reset(self) -> None:
        """Forget the chosen person's wrong tries."""
        person = self.state.person
        if person is not None:
            self._change(person.code, partial(self._people.reset, person.code))

    def _same(self, pin: str, again: str) -> bool:
        if pin != again:
            self._failed(Refusal(RefusalCode.PINS_DIFFER))
        return pin == again

    def _change(self, code: str, work: Callable[..., object], said: NoticeCode = NoticeCode.STAFF_CHANGED) -> None:
        if not self.state.busy:
            self._gate.demand(Permission.MANAGE_STAFF, code, partial(self._allowed, code, work, said))

    def _allowed(self, code: str, work: Callable[..., object], said: NoticeCode, override: Override | None) -> None:
        def done(_: object) -> None:
            self._show(replace(self.state, page=StaffPage.PERSON, notice=notice(said, Severity.SUCCESS, code=code)))
            self._runner.run(self._people.all, self._read, self._failed)
            self._changed_staff()

        self._show(replace(self.state, busy=True, notice=None))
        self._runner.run(partial(work, override=override), done, self._failed)

    def _failed(self, error: Exception) -> None:
        said = of_error(error, self._formats, self._currency)
        if said.severity is Severity.ERROR:
            _log.error("the staff room met %s", said.code, exc_info=error)
        self._show(replace(self.state, busy=False, notice=said))


def _view(member: StaffMember) -> MemberView:
    return MemberView(
        member.code,
        plain(member.name),
        member.role,
        member.active,
        member.badge is not None,
        member.failures >= MOST_FAILURES,
    )
