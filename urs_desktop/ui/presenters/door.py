"""The counter's door: it is locked until somebody signs in, and locks again by a key or when nobody does anything.

Behind it the sale in hand stays as it is: for the person who comes back, or to be held or gone on with by the next one.
Must never wait, nor show anything of a sale while it is locked.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.identity_pad import Attempt, IdentityPad, PadView
from urs_desktop.ui.presenters.notices import of_error
from urs_desktop.ui.presenters.runner import Runner

_SECOND_MS: Final = 1000
_READ_EVERY: Final = 30
"""Ticks between two looks at how long nobody may do anything."""

_log = logging.getLogger(__name__)


class SaleInHand(Protocol):
    """The sale that is on the sell screen behind the door."""

    def is_open(self) -> bool:
        """Return whether there is one with goods in it."""

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


def _ignore(_: DoorState) -> None:
    """Do nothing with a state: nobody looks yet."""


def _stay() -> None:
    """Stay where one is: nobody leads on yet."""


class Door:
    """Presents who is signed in at one counter, and the lock."""

    def __init__(self, till: Till, runner: Runner, clock: Clock, formats: Formats, sale: SaleInHand) -> None:
        """Take the counter's use cases, the runner, the clock, the formats and the sale behind the door."""
        self._till = till
        self._runner = runner
        self._clock = clock
        self._formats = formats
        self._sale = sale
        self._changed: Callable[[DoorState], None] = _ignore
        self._to_sale: Callable[[], None] = _stay
        self._pad = IdentityPad(self._publish)
        self._shut = till.session.is_locked
        self._left_by: Person | None = None
        self._whose: Person | None = None
        self._touched_at = clock.now()
        self._idle_ms = 0
        self._ticks = 0
        self.state = self._made()

    def watch(self, changed: Callable[[DoorState], None], to_sale: Callable[[], None]) -> None:
        """Have `changed` told of every state, and `to_sale` called where somebody else must not see a room."""
        self._changed, self._to_sale = changed, to_sale
        changed(self.state)

    def start(self) -> None:
        """Learn who works here and how long nobody may do anything; call once."""
        self._read_idle()
        if self._shut:
            self._list_people()
        self._publish()

    def _made(self) -> DoorState:
        identity, session = self._till.identity, self._till.session
        return DoorState(
            shut=self._shut,
            pad=self._pad.view() if self._shut else PadView(),
            vendor=plain(identity.vendor_name),
            counter=str(identity.number),
            time=self._formats.time_of_day(self._clock.now()),
            left_by=plain(self._left_by.name) if self._left_by else "",
            cashier=plain(session.person.name) if session.person else "",
            staffed=session.staffed,
        )

    def _publish(self) -> None:
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
        if self._till.session.staffed and not self._shut:
            person = self._till.session.lock()
            self._shut_it()
            if person is not None:
                self._note(partial(self._till.staffing.sign_in.note_locked, person))

    def sign_out(self) -> None:
        """Sign out who is signed in; the door is shut."""
        if self._till.session.staffed and not self._shut:
            person = self._till.session.leave()
            self._shut_it()
            if person is not None:
                self._note(partial(self._till.staffing.sign_in.note_signed_out, person))

    def _note(self, work: Callable[[], None]) -> None:
        self._runner.run(work, _done, self._not_noted)

    def _not_noted(self, error: Exception) -> None:
        _log.error("the journal did not take that the counter was locked", exc_info=error)
        self._pad.failed(of_error(error, self._formats, self._till.identity.currency))
        self._publish()

    def _shut_it(self) -> None:
        self._shut, self._left_by = True, None
        self._pad.begin(())
        self._list_people()
        self._publish()

    def _list_people(self) -> None:
        self._runner.run(self._till.staffing.sign_in.people, self._listed, self._failed)

    def _listed(self, people: tuple[Person, ...]) -> None:
        if self._shut and self._left_by is None:
            self._pad.offer(people)
            self._publish()

    def touched(self) -> None:
        """Note that somebody did something just now."""
        self._touched_at = self._clock.now()

    def tick(self) -> None:
        """Look at the time, about once a second: lock when nobody did anything for too long."""
        self._ticks += 1
        if self._shut:
            self._tell_time()
            return
        if self._till.session.is_locked:
            self._shut_it()
        elif self._idle_ms and self._clock.now() - self._touched_at >= self._idle_ms:
            self.lock()
        elif self._ticks % _READ_EVERY == 0:
            self._read_idle()

    def _tell_time(self) -> None:
        now = self._formats.time_of_day(self._clock.now())
        if now != self.state.time:
            self._publish()

    def _read_idle(self) -> None:
        self._runner.run(self._till.setup.read, lambda kept: self._idle(kept.idle_lock), _unread)

    def _idle(self, seconds: int) -> None:
        self._idle_ms = max(0, seconds) * _SECOND_MS

    def press(self, text: str) -> None:
        """Take what was typed."""
        if self._asks_who():
            self._pad.press(text)

    def delete(self) -> None:
        """Take the last character back."""
        if self._asks_who():
            self._pad.delete()

    def choose(self, code: str) -> None:
        """Choose who signs in."""
        if self._asks_who():
            self._pad.choose(code)

    def accept(self) -> None:
        """Do what Enter does here: take what was typed, or go on with the sale in hand."""
        if self._left_by is not None:
            self.go_on()
        elif self._shut:
            self._try(self._pad.accept())

    def scanned(self, code: str) -> None:
        """Take a scanned badge."""
        if self._asks_who():
            self._try(self._pad.scan(code))

    def back(self) -> None:
        """Take back what was typed or chosen; nothing unlocks but signing in."""
        if self._asks_who():
            self._pad.back()

    def _asks_who(self) -> bool:
        return self._shut and self._left_by is None

    def _try(self, attempt: Attempt | None) -> None:
        if attempt is None:
            return
        sign_in = self._till.staffing.sign_in

        def work() -> Person:
            if attempt.code:
                return sign_in.by_pin(attempt.code, attempt.secret)
            return sign_in.by_badge(attempt.secret)

        self._runner.run(work, self._entered, self._failed)

    def _failed(self, error: Exception) -> None:
        self._pad.failed(of_error(error, self._formats, self._till.identity.currency))
        self._publish()

    def _entered(self, person: Person) -> None:
        before, self._whose = self._whose, person
        self.touched()
        self._read_idle()
        self._pad.begin(())
        if before is None or before.code != person.code:
            self._to_sale()
            if before is not None and self._sale.is_open():
                self._left_by = before
                self._publish()
                return
        self._open()

    def go_on(self) -> None:
        """Go on with the sale in hand."""
        if self._left_by is not None:
            self._open()

    def hold(self) -> None:
        """Hold the sale in hand and begin another."""
        if self._left_by is not None:
            self._open()
            self._sale.put_aside()

    def _open(self) -> None:
        self._shut, self._left_by = False, None
        self.touched()
        self._publish()


def _done(_: None) -> None:
    """Say nothing: it is in the journal."""


def _unread(error: Exception) -> None:
    _log.error("how long nobody may do anything could not be read; it stays as it was", exc_info=error)
