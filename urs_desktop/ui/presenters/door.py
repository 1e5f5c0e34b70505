"""The counter's door: it is locked until somebody signs in, and locks again by a key or when nobody does anything.

Behind it the sale in hand stays as it is: for the person who comes back, or to be held or gone on with by the next one.
Must never wait, nor show anything of a sale while it is locked.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.identity_pad import Attempt, IdentityPad, PadView
from urs_desktop.ui.presenters.idle import Idle
from urs_desktop.ui.presenters.notices import NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import ignore

_log = logging.getLogger(__name__)


class SaleInHand(Protocol):
    """The sale that is on the sell screen behind the door."""

    def is_open(self) -> bool:
        """Return whether there is one with goods in it."""

    def card_has_paid(self) -> bool:
        """Return whether the terminal has taken money for it."""

    def put_aside(self) -> None:
        """Hold it, so that the cart is empty."""


@dataclass(frozen=True, slots=True)
class DoorState:
    """What the door shows while it is `shut`.

    `left_by` names whose sale is in hand, when the person who just came in has to say what becomes of it. `cashier`
    names who is signed in, empty where nobody has to be.
    """

    shut: bool = False
    pad: PadView = field(default_factory=PadView)
    vendor: str = ""
    counter: str = ""
    time: str = ""
    left_by: str = ""
    cashier: str = ""
    staffed: bool = False


def _stay() -> None:
    """Stay where one is: nobody leads on yet."""


class Door:
    """Presents who is signed in at one counter, and the lock; `pad` takes who it is, `idle` knows of hands."""

    def __init__(self, till: Till, runner: Runner, clock: Clock, formats: Formats, sale: SaleInHand) -> None:
        """Take the counter's use cases, the runner, the clock, the formats and the sale behind the door."""
        self._till = till
        self._runner = runner
        self._clock = clock
        self._formats = formats
        self._sale = sale
        self._changed: Callable[[DoorState], None] = ignore
        self._to_sale: Callable[[], None] = _stay
        self.pad = IdentityPad(self._publish, self._try)
        self.idle = Idle(till.setup, runner, clock)
        self._shut = till.session.is_locked
        self._left_by: Person | None = None
        self._whose: Person | None = None
        self.state = self._made()

    def watch(self, changed: Callable[[DoorState], None], to_sale: Callable[[], None]) -> None:
        """Have `changed` told of every state, and `to_sale` called where somebody else must not see a room."""
        self._changed, self._to_sale = changed, to_sale
        changed(self.state)

    def start(self) -> None:
        """Learn who works here and how long nobody may do anything; call once."""
        self.idle.read()
        if self._shut:
            self._list_people()
        self._publish()

    def _made(self) -> DoorState:
        identity, session = self._till.identity, self._till.session
        return DoorState(
            shut=self._shut,
            pad=self.pad.view() if self._shut else PadView(),
            vendor=plain(identity.vendor_name),
            counter=str(identity.number),
            time=self._formats.time_of_day(self._clock.now()),
            left_by=plain(self._left_by.name) if self._left_by else "",
            cashier=plain(session.person.name) if session.person else "",
            staffed=session.staffed,
        )

    def _publish(self) -> None:
        self.pad.is_open = self._shut and self._left_by is None
        self.state = self._made()
        self._changed(self.state)

    def look(self) -> None:
        """Shut the door if nobody is signed in who has to be: somebody was added, or is gone."""
        if self._till.session.is_locked and not self._shut:
            self._shut_it()
        else:
            self._publish()

    def lock(self) -> None:
        """Lock, at once, whatever is being done; a counter without staff has nobody to lock it for."""
        self._end(self._till.session.lock, self._till.staffing.sign_in.note_locked)

    def sign_out(self) -> None:
        """Sign out who is signed in; the door is shut."""
        self._end(self._till.session.leave, self._till.staffing.sign_in.note_signed_out)

    def _end(self, end: Callable[[], Person | None], note: Callable[[Person], None]) -> None:
        if self._till.session.staffed and not self._shut:
            person = end()
            self._shut_it()
            if person is not None:
                self._runner.run(partial(note, person), ignore, self._failed)

    def _shut_it(self) -> None:
        self._shut, self._left_by = True, None
        self.pad.begin(())
        self._list_people()
        self._publish()

    def _list_people(self) -> None:
        self._runner.run(self._till.staffing.sign_in.people, self._listed, self._failed)

    def _listed(self, people: tuple[Person, ...]) -> None:
        if self._shut and self._left_by is None:
            self.pad.offer(people)
            self._publish()

    def tick(self) -> None:
        """Look at the time, about once a second: lock when nobody did anything for too long."""
        if self._shut:
            if self._formats.time_of_day(self._clock.now()) != self.state.time:
                self._publish()
        elif self._till.session.is_locked:
            self._shut_it()
        elif self.idle.is_over():
            self.lock()

    def may_close(self) -> bool:
        """Return whether the window may be closed while it is locked; if not, it is said who has to come first.

        What a card has paid for the sale in hand would be lost with it.
        """
        if not self._sale.card_has_paid():
            return True
        self.pad.failed(notice(NoticeCode.LOCKED_CARD_PAID, Severity.WARNING))
        self._publish()
        return False

    def accept(self) -> None:
        """Do what Enter does here: take what was typed, or go on with the sale in hand."""
        if self._left_by is not None:
            self._open()
        else:
            self.pad.accept()

    def _try(self, attempt: Attempt) -> None:
        sign_in = self._till.staffing.sign_in

        def work() -> Person:
            if attempt.code:
                return sign_in.by_pin(attempt.code, attempt.secret)
            return sign_in.by_badge(attempt.secret)

        self._runner.run(work, self._entered, self._failed)

    def _failed(self, error: Exception) -> None:
        said = of_error(error, self._formats, self._till.identity.currency)
        if said.severity is Severity.ERROR:
            _log.error("the door met %s", said.code, exc_info=error)
        self.pad.failed(said)
        self._publish()

    def _entered(self, person: Person) -> None:
        before, self._whose = self._whose, person
        self.idle.touched()
        self.idle.read()
        self.pad.begin(())
        if before is None or before.code != person.code:
            self._to_sale()
            if before is not None and self._sale.is_open():
                self._left_by = before
                self._publish()
                return
        self._open()

    def hold(self) -> None:
        """Hold the sale in hand and begin another."""
        if self._left_by is not None:
            self._open()
            self._sale.put_aside()

    def _open(self) -> None:
        self._shut, self._left_by = False, None
        self.idle.touched()
        self._publish()
