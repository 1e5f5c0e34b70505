"""Finding out who somebody is, by PIN or badge, with a limit on guesses that holds whatever happens in between.

A guess is counted on disk before it is tried, and guesses at one person wait for each other, so that neither a crash
nor many at once are worth a guess more. Must never let a PIN or a badge into an event, an exception or the log.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import FREE_FAILURES, MOST_FAILURES, badge_code, left_to_wait, staff_code
from urs_desktop.system.pin_vault import PinVault

_T = TypeVar("_T")
_BADGE_TRIES: Final = "badge_tries"
_FREE_BADGES: Final = 10
"""So many scans in a row of what is nobody's badge cost no time: goods get scanned by mistake."""

_SECOND_MS: Final = 1000

Then = Callable[[Book, StaffMember], _T]
"""What is done in the transaction that notes who it is."""


class Identifying:
    """Tells people of one counter apart."""

    def __init__(self, store: Store, recorder: Recorder, vault: PinVault) -> None:
        """Take the counter's store, the recorder of its operations and what PINs open."""
        self._store = store
        self._recorder = recorder
        self._vault = vault
        self._turns: dict[str, threading.Lock] = {}
        self._first = threading.Lock()

    def by_pin(self, code: str, pin: str, then: Then[_T]) -> _T:
        """Return what `then` makes of who has this code and PIN; takes as long as a guess has to.

        Raises Refusal(SIGN_IN_WRONG, SIGN_IN_WAIT or SIGN_IN_LOCKED); somebody who no longer works here is as wrong as
        a wrong PIN.
        """
        known = _code(code)
        with self._turn(known):
            member = self._store.write(lambda book: self._count(book, known))
            if member is None:
                self._vault.waste()
            elif self._vault.opens(member.code, pin, member.sealed):
                sealed = self._sealed_anew(member, pin)
                return self._store.write(lambda book: self._recognise(book, member, sealed, then))
            raise self._store.write(lambda book: self._refuse(book, member))

    def by_badge(self, badge: str, then: Then[_T]) -> _T:
        """Return what `then` makes of whose badge this is; raises Refusal(BADGE_UNKNOWN or SIGN_IN_WAIT)."""
        try:
            mark = self._vault.badge_mark(badge_code(badge))
        except Refusal:
            mark = b""
        with self._turn(""):
            self._store.read(self._check_badge_wait)
            found = self._store.write(lambda book: self._recognise_badge(book, mark, then))
        if found is None:
            raise Refusal(RefusalCode.BADGE_UNKNOWN)
        return found[0]

    def _turn(self, code: str | None) -> threading.Lock:
        with self._first:
            return self._turns.setdefault(code or "", threading.Lock())

    def _count(self, book: Book, code: str | None) -> StaffMember | None:
        """Count a guess before it is tried; None where nobody with this code works here."""
        member = None if code is None else book.staff.get(code)
        if member is None or not member.active:
            return None
        now = self._recorder.now()
        if member.failures >= MOST_FAILURES:
            raise Refusal(RefusalCode.SIGN_IN_LOCKED, code=member.code, failures=member.failures)
        _check_wait(member.failures, member.failed_at, now)
        counted = replace(member, failures=member.failures + 1, failed_at=now)
        book.staff.put(counted)
        return counted

    def _sealed_anew(self, member: StaffMember, pin: str) -> bytes:
        """Return the secret sealed at today's cost."""
        return member.sealed if self._vault.is_current(member.sealed) else self._vault.seal(member.code, pin)

    def _recognise(self, book: Book, tried: StaffMember, sealed: bytes, then: Then[_T]) -> _T:
        member = book.staff.get(tried.code)
        if member is None or not member.active or member.sealed != tried.sealed:  # changed while the guess was tried
            raise Refusal(RefusalCode.SIGN_IN_WRONG)
        book.staff.put(replace(member, sealed=sealed, failures=0, failed_at=0))
        book.settings.put(_BADGE_TRIES, "")
        return then(book, member)

    def _refuse(self, book: Book, tried: StaffMember | None) -> Refusal:
        """Note in the journal that a guess was wrong; what was typed for a code may be a PIN and is not noted."""
        note_in(book, self._recorder, EventKind.SIGN_IN_REFUSED, "" if tried is None else tried.code)
        if tried is not None and tried.failures >= MOST_FAILURES:
            return Refusal(RefusalCode.SIGN_IN_LOCKED, code=tried.code, failures=tried.failures)
        return Refusal(RefusalCode.SIGN_IN_WRONG)

    def _check_badge_wait(self, book: Book) -> None:
        failures, failed_at = _badge_tries(book)
        _check_wait(failures - _FREE_BADGES + FREE_FAILURES, failed_at, self._recorder.now())

    def _recognise_badge(self, book: Book, mark: bytes, then: Then[_T]) -> tuple[_T] | None:
        member = book.staff.by_badge(mark)
        if member is None or not member.active:
            failures, _ = _badge_tries(book)
            book.settings.put(_BADGE_TRIES, f"{failures + 1} {self._recorder.now()}")
            note_in(book, self._recorder, EventKind.SIGN_IN_REFUSED, "badge")
            return None
        if member.failures >= MOST_FAILURES:
            raise Refusal(RefusalCode.SIGN_IN_LOCKED, code=member.code, failures=member.failures)
        book.settings.put(_BADGE_TRIES, "")
        return (then(book, member),)


def _code(text: str) -> str | None:
    try:
        return staff_code(text)
    except Refusal:
        return None


def _check_wait(failures: int, failed_at: int, now: int) -> None:
    left = left_to_wait(failures, failed_at, now)
    if left:
        raise Refusal(RefusalCode.SIGN_IN_WAIT, seconds=-(-left // _SECOND_MS))


def _badge_tries(book: Book) -> tuple[int, int]:
    """Return how many scans in a row were nobody's badge, and when the last was (milliseconds)."""
    failures, _, failed_at = (book.settings.get(_BADGE_TRIES) or "0 0").partition(" ")
    return int(failures), int(failed_at)
