"""Signing in and out at a counter and locking it, everything in its signed journal.

Must never leave somebody signed in whose leaving could not be written down: who goes is gone first.
"""

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.identifying import Identifying
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.values import StaffMember


class SignIn:
    """Lets people in at one counter and out again; calls may take a while and belong on the pool."""

    def __init__(self, store: Store, recorder: Recorder, identifying: Identifying) -> None:
        """Take the counter's store, the recorder with its session, and what tells people apart."""
        self._store = store
        self._recorder = recorder
        self._session = recorder.session
        self._identifying = identifying

    def start(self) -> None:
        """Find out whether this counter has staff; from then on nobody is signed in who has not signed in."""
        if self._store.read(lambda book: book.staff.all()):
            self._session.know_staff()

    def people(self) -> tuple[Person, ...]:
        """Return who may sign in, in the order of their codes."""
        return tuple(person_of(member) for member in self._store.read(lambda book: book.staff.all()) if member.active)

    def by_pin(self, code: str, pin: str) -> Person:
        """Sign somebody in by code and PIN, in the place of whoever was; raises Refusal as `Identifying.by_pin`."""
        return self._enter(self._identifying.by_pin(code, pin, self._note))

    def by_badge(self, badge: str) -> Person:
        """Sign somebody in by badge, in the place of whoever was; raises Refusal as `Identifying.by_badge`."""
        return self._enter(self._identifying.by_badge(badge, self._note))

    def lock(self) -> None:
        """Have everybody sign in anew before anything goes on; the sale in hand stays that of who was signed in."""
        person = self._session.lock()
        if person is not None:
            self.note_locked(person)

    def sign_out(self) -> None:
        """Sign out whoever is signed in."""
        person = self._session.leave()
        if person is not None:
            self.note_signed_out(person)

    def note_locked(self, person: Person) -> None:
        """Sign that the counter was locked while this person was signed in, who is no longer."""
        self._write(EventKind.LOCKED, person)

    def note_signed_out(self, person: Person) -> None:
        """Sign that this person signed out."""
        self._write(EventKind.SIGNED_OUT, person)

    def _write(self, what: EventKind, person: Person) -> None:
        self._store.write(lambda book: note_in(book, self._recorder, what, person.code, operator=person.code))

    def _note(self, book: Book, member: StaffMember) -> Person:
        gone = self._session.last
        if gone is not None and gone.code != member.code:
            note_in(book, self._recorder, EventKind.SIGNED_OUT, gone.code, operator=gone.code)
        note_in(book, self._recorder, EventKind.SIGNED_IN, member.code, operator=member.code)
        return person_of(member)

    def _enter(self, person: Person) -> Person:
        self._session.enter(person)
        return person


def person_of(member: StaffMember) -> Person:
    """Return what others may see of a member of staff."""
    return Person(member.code, member.name, member.role)
