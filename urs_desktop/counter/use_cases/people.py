"""The people of a counter: added, changed and disabled, everything in its signed journal.

Whoever worked here once stays, because signed operations name them. Must never leave a counter without a manager.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.identifying import Identifying
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.sign_in import person_of
from urs_desktop.counter.values import StaffMember
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import badge_code, new_pin, staff_code
from urs_desktop.domain.text import clean_text
from urs_desktop.protocol.operations import RefundOverride
from urs_desktop.system.pin_vault import PinVault

MAX_NAME = 60
_Change = Callable[[StaffMember], StaffMember]


class People:
    """Keeps the people of one counter; every change needs MANAGE_STAFF, or somebody's permission for it."""

    def __init__(self, store: Store, recorder: Recorder, identifying: Identifying, vault: PinVault) -> None:
        """Take the counter's store, the recorder with its session, what tells people apart and what PINs open."""
        self._store = store
        self._recorder = recorder
        self._session = recorder.session
        self._identifying = identifying
        self._vault = vault

    def all(self) -> Sequence[StaffMember]:
        """Return everybody, in the order of their codes, those who no longer work here too."""
        return self._store.read(lambda book: book.staff.all())

    def add(
        self, code: str, name: str, role: Role, pin: str, badge: str = "", override: Override | None = None
    ) -> StaffMember:
        """Add somebody; the first one has to be a manager, and from then on everybody signs in.

        Raises Refusal(NOT_ALLOWED, STAFF_CODE_MALFORMED, STAFF_CODE_TAKEN, STAFF_NAME_MISSING, STAFF_FIRST_MANAGES,
        PIN_MALFORMED, PIN_TRIVIAL, BADGE_MALFORMED, BADGE_TAKEN or TEXT_MALFORMED).
        """
        self._demand(override)
        fresh = staff_code(code)
        member = StaffMember(fresh, _name(name), role, self._vault.seal(fresh, new_pin(pin)), self._mark(badge))

        def add(book: Book) -> None:
            everybody = book.staff.all()
            if not everybody and role is not Role.MANAGER:
                raise Refusal(RefusalCode.STAFF_FIRST_MANAGES)
            if any(each.code == fresh for each in everybody):
                raise Refusal(RefusalCode.STAFF_CODE_TAKEN, code=fresh)
            self._put(book, member)
            self._note(book, EventKind.STAFF_ADDED, f"{fresh} {role.value}", override)

        self._store.write(add)
        self._session.know_staff()
        return member

    def change_role(self, code: str, role: Role, override: Override | None = None) -> None:
        """Give somebody another role; raises Refusal(NOT_ALLOWED, STAFF_UNKNOWN or STAFF_LAST_MANAGER)."""
        self._change(code, f"role {role.value}", override, lambda member: replace(member, role=role))

    def set_pin(self, code: str, pin: str, override: Override | None = None) -> None:
        """Give somebody a new PIN and forget their wrong guesses.

        Raises Refusal(NOT_ALLOWED, STAFF_UNKNOWN, PIN_MALFORMED or PIN_TRIVIAL).
        """
        self._demand(override)
        sealed = self._vault.seal(staff_code(code), new_pin(pin))
        self._change(code, "pin", override, lambda member: replace(member, sealed=sealed, failures=0, failed_at=0))

    def change_own_pin(self, code: str, old: str, new: str) -> None:
        """Have somebody take a new PIN by the old one.

        Raises Refusal(PIN_MALFORMED or PIN_TRIVIAL), and as `Identifying.by_pin` for the old one.
        """
        sealed = self._vault.seal(staff_code(code), new_pin(new))

        def change(book: Book, member: StaffMember) -> None:
            book.staff.put(replace(member, sealed=sealed, failures=0, failed_at=0))
            note_in(book, self._recorder, EventKind.STAFF_CHANGED, f"{member.code} pin", operator=member.code)

        self._identifying.by_pin(code, old, change)

    def set_badge(self, code: str, badge: str, override: Override | None = None) -> None:
        """Give somebody a badge, or take it with an empty one.

        Raises Refusal(NOT_ALLOWED, STAFF_UNKNOWN, BADGE_MALFORMED or BADGE_TAKEN).
        """
        mark = self._mark(badge)
        self._change(code, "badge" if mark else "no badge", override, lambda member: replace(member, badge=mark))

    def disable(self, code: str, override: Override | None = None) -> None:
        """Have somebody no longer sign in, at once; raises Refusal(NOT_ALLOWED, STAFF_UNKNOWN, STAFF_LAST_MANAGER)."""
        self._change(code, "disabled", override, lambda member: replace(member, active=False))

    def enable(self, code: str, override: Override | None = None) -> None:
        """Let somebody sign in again; raises Refusal(NOT_ALLOWED or STAFF_UNKNOWN)."""
        self._change(code, "enabled", override, lambda member: replace(member, active=True))

    def reset(self, code: str, override: Override | None = None) -> None:
        """Forget somebody's wrong guesses; raises Refusal(NOT_ALLOWED or STAFF_UNKNOWN)."""
        self._change(code, "reset", override, lambda member: replace(member, failures=0, failed_at=0))

    def _demand(self, override: Override | None) -> None:
        if override is None and not self._session.may(Permission.MANAGE_STAFF):
            raise Refusal(RefusalCode.NOT_ALLOWED)

    def _mark(self, badge: str) -> bytes | None:
        return self._vault.badge_mark(badge_code(badge)) if badge.strip() else None

    def _change(self, code: str, what: str, override: Override | None, change: _Change) -> None:
        self._demand(override)

        def work(book: Book) -> StaffMember:
            member = book.staff.get(code.strip().upper())
            if member is None:
                raise Refusal(RefusalCode.STAFF_UNKNOWN)
            changed = change(member)
            self._put(book, changed)
            if not any(each.active and each.role is Role.MANAGER for each in book.staff.all()):
                raise Refusal(RefusalCode.STAFF_LAST_MANAGER, name=member.name)
            self._note(book, EventKind.STAFF_CHANGED, f"{member.code} {what}", override)
            return changed

        self._keep_session(self._store.write(work))

    def _put(self, book: Book, member: StaffMember) -> None:
        owner = None if member.badge is None else book.staff.by_badge(member.badge)
        if owner is not None and owner.code != member.code:
            raise Refusal(RefusalCode.BADGE_TAKEN)
        book.staff.put(member)

    def _note(self, book: Book, what: EventKind, subject: str, override: Override | None) -> None:
        by = None if override is None else RefundOverride(override.operator, override.reason)
        note_in(book, self._recorder, what, subject, override=by)

    def _keep_session(self, member: StaffMember) -> None:
        """Have who is signed in be what they are now."""
        person = self._session.person
        if person is not None and person.code == member.code:
            if member.active:
                self._session.enter(person_of(member))
            else:
                self._session.leave()


def _name(text: str) -> str:
    name = clean_text(text, MAX_NAME)
    if not name:
        raise Refusal(RefusalCode.STAFF_NAME_MISSING)
    return name
