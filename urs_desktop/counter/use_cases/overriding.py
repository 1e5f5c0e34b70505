"""Somebody else allows, once, what who is signed in may not do: one action, one subject, within a minute.

Needs no connection; every permission given is in the signed journal before it can be used. Must never take the word of
the person who asks, nor of somebody who could not do it either.
"""

import itertools
import threading
from dataclasses import dataclass
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.events import MAX_SUBJECT, EventKind, note_in
from urs_desktop.counter.use_cases.identifying import Identifying
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override, allowed
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.sign_in import person_of
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode

GRANT_LASTS_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What `by` wants to do and may not: an action and what it is about."""

    permission: Permission
    subject: str
    by: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody's permission for what was asked, given at `granted_at` (milliseconds)."""

    number: int
    asked: Asked
    override: Override
    granted_at: int


class Overriding:
    """Gives and takes permissions at one counter; giving one takes as long as signing in."""

    def __init__(self, store: Store, recorder: Recorder, identifying: Identifying) -> None:
        """Take the counter's store, the recorder with its session, and what tells people apart."""
        self._store = store
        self._recorder = recorder
        self._session = recorder.session
        self._identifying = identifying
        self._open: dict[int, Grant] = {}
        self._numbers = itertools.count(1)
        self._turn = threading.Lock()

    def ask(self, permission: Permission, subject: str) -> Asked:
        """Return what to ask somebody else for; raises Refusal(NOT_ALLOWED) while nobody is signed in."""
        operator = self._session.operator
        if operator is None:
            raise Refusal(RefusalCode.NOT_ALLOWED)
        return Asked(permission, subject, operator)

    def who_may(self, asked: Asked) -> tuple[Person, ...]:
        """Return everybody who could allow it."""
        people = [person_of(member) for member in self._store.read(lambda book: book.staff.all()) if member.active]
        return tuple(person for person in people if person.code != asked.by and person.may(asked.permission))

    def by_pin(self, asked: Asked, code: str, pin: str, reason: str) -> Grant:
        """Have somebody allow it by code and PIN.

        Raises Refusal(OVERRIDE_NEEDED without a reason, OVERRIDE_BY_SAME_PERSON, OVERRIDE_NOT_ALLOWED) before the PIN
        is tried, and as `Identifying.by_pin`.
        """
        member = self._store.read(lambda book: book.staff.get(code.strip().upper()))
        if member is not None:
            _check(asked, member, reason)
        return self._grant(
            self._identifying.by_pin(code, pin, lambda book, known: self._note(book, asked, known, reason))
        )

    def by_badge(self, asked: Asked, badge: str, reason: str) -> Grant:
        """Have somebody allow it by badge; raises Refusal as `by_pin`, and as `Identifying.by_badge`."""
        return self._grant(
            self._identifying.by_badge(badge, lambda book, known: self._note(book, asked, known, reason))
        )

    def use(self, grant: Grant, permission: Permission, subject: str) -> Override:
        """Return the permission for this very action, once.

        Raises Refusal(OVERRIDE_SPENT) for one that was used, is about something else or was another person's to use,
        and Refusal(OVERRIDE_EXPIRED) a minute after it was given.
        """
        with self._turn:
            known = self._open.pop(grant.number, None)
        asked = grant.asked
        if known != grant or (asked.permission, asked.subject, asked.by) != (
            permission,
            subject,
            self._session.operator,
        ):
            raise Refusal(RefusalCode.OVERRIDE_SPENT)
        if not 0 <= self._recorder.now() - grant.granted_at <= GRANT_LASTS_MS:
            raise Refusal(RefusalCode.OVERRIDE_EXPIRED)
        return grant.override

    def _note(self, book: Book, asked: Asked, member: StaffMember, reason: str) -> Grant:
        _check(asked, member, reason)
        override = allowed(Override(member.code, reason), asked.by)
        subject = f"{asked.permission.value} {asked.subject}".strip()[:MAX_SUBJECT]
        note_in(book, self._recorder, EventKind.OVERRIDE, subject, override=override, operator=asked.by)
        given = Override(override.operator, override.reason)
        return Grant(next(self._numbers), asked, given, self._recorder.now())

    def _grant(self, grant: Grant) -> Grant:
        with self._turn:
            self._open[grant.number] = grant
        return grant


def _check(asked: Asked, member: StaffMember, reason: str) -> None:
    allowed(Override(member.code, reason), asked.by)
    if not person_of(member).may(asked.permission):
        raise Refusal(RefusalCode.OVERRIDE_NOT_ALLOWED, name=member.name)
