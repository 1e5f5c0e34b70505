"""Enrolling a customer in person, online or not: a new card, the person's record beside a signed enrolment.

The operation names the card and a salted hash alone; the record waits here until the central store has it. Must never
enrol a phone number twice that is known here or told by the central store, nor lose a record that was not taken.
"""

import contextlib
from dataclasses import dataclass, replace
from typing import Final

from urs_desktop.counter.people_ports import EnrolledPerson
from urs_desktop.counter.ports import Book, CentralUnavailableError, Store
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.values import Customer
from urs_desktop.domain.person import CODE_BYTES, Person, made_card_code, person
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import EnrolBody
from urs_desktop.protocol.people import SALT_BYTES, PersonRecord, PersonReply, digest
from urs_desktop.protocol.tombstones import mark
from urs_desktop.system.ids import Randomness

ABOUT_RECORDS: Final = frozenset(
    {
        RefusalCode.PERSON_DIFFERS,
        RefusalCode.CUSTOMER_ERASED,
        RefusalCode.PHONE_MALFORMED,
        RefusalCode.EMAIL_MALFORMED,
        RefusalCode.TEXT_MALFORMED,
        RefusalCode.CARD_MALFORMED,
    }
)
"""The refusals of the central store that are about one record, and none about the counter."""

_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """What somebody said at the counter; `agreed` in answer to the `wording`. Phone alone is enough."""

    phone: str
    name: str = ""
    email: str = ""
    agreed: bool = False
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The customer, on disk; not `is_new` where the phone number was known and nothing was stored."""

    customer: Customer
    is_new: bool


class Enrolling:
    """Enrols customers at one counter, and hands their records over."""

    def __init__(self, store: Store, recorder: Recorder, lookup: Lookup, randomness: Randomness) -> None:
        """Take the store, the recorder of operations, who finds customers, and where codes and salts come from."""
        self._store = store
        self._recorder = recorder
        self._lookup = lookup
        self._randomness = randomness

    def enrol(self, told: NewCustomer) -> Enrolled:
        """Enrol a customer; asks the central store first whether the phone number is known, and goes on without it.

        On disk when this returns. Raises Refusal(PHONE_MALFORMED, EMAIL_MALFORMED, TEXT_MALFORMED, NOT_ENROLLED).
        """
        who = person(
            told.phone,
            told.name,
            told.email,
            agreed=told.agreed,
            wording=told.wording,
            asked_at=self._recorder.now(),
        )
        known = self._known(who.phone)
        if known is not None:
            return Enrolled(known, is_new=False)
        return self._store.write(lambda book: self._enrol(book, who))

    def _known(self, phone: str) -> Customer | None:
        here = self._store.read(lambda book: book.customers.by_phone(phone))
        if here is not None:
            return here
        with contextlib.suppress(CentralUnavailableError, Refusal):
            return self._lookup.by_phone(phone)
        return None

    def _enrol(self, book: Book, who: Person) -> Enrolled:
        known = book.customers.by_phone(who.phone)
        if known is not None:
            return Enrolled(known, is_new=False)
        card = self._new_card(book)
        salt = self._randomness.token_bytes(SALT_BYTES)
        stamp = self._recorder.stamp(book)
        body = EnrolBody(
            hlc=stamp.hlc,
            recorded_at=stamp.now,
            card=card,
            customer_id=self._recorder.new_id(),
            person=digest(card, salt, who),
        )
        operation = self._recorder.append(book, body)
        customer = Customer(card, who.name, who.phone, who.email)
        book.customers.put(customer)
        book.people.put(EnrolledPerson(operation.op_id, operation.seq, card, salt, who))
        return Enrolled(customer, is_new=True)

    def _new_card(self, book: Book) -> str:
        while True:
            card = made_card_code(self._randomness.token_bytes(CODE_BYTES))
            if book.customers.by_card(card) is None:
                return card


class PersonRecords:
    """The records that wait to be handed to the central store, as the sync sends them."""

    def __init__(self, store: Store) -> None:
        """Take the counter's store."""
        self._store = store

    def waiting(self) -> int:
        """Return whether a record can be sent now, as 0 or 1."""
        return len(self._store.read(lambda book: book.people.waiting(_ONE)))

    def next_record(self) -> PersonRecord | None:
        """Return the next record to send, or None; its enrolment was acknowledged."""
        waiting = self._store.read(lambda book: book.people.waiting(_ONE))
        return _record(waiting[0]) if waiting else None

    def taken(self, record: PersonRecord, reply: PersonReply) -> None:
        """Let go of a record the central store has.

        What a customer did not agree to be known by is forgotten, and a phone number that is another card's.
        """
        self._store.write(lambda book: _taken(book, record, reply))

    def refused(self, record: PersonRecord, why: Refusal) -> None:
        """Note that a record is not taken; a customer who was erased meanwhile is forgotten."""

        def work(book: Book) -> None:
            if why.code is RefusalCode.CUSTOMER_ERASED:
                book.people.remove(record.op_id)
                book.customers.forget(mark(record.card))
            else:
                book.people.refuse(record.op_id, why.code.value)

        self._store.write(work)


def _record(enrolled: EnrolledPerson) -> PersonRecord:
    who = enrolled.person
    return PersonRecord(
        op_id=enrolled.op_id,
        card=enrolled.card,
        salt=enrolled.salt,
        phone=who.phone,
        name=who.name,
        email=who.email,
        agreed=who.agreed,
        wording=who.wording,
        asked_at=who.asked_at,
    )


def _taken(book: Book, record: PersonRecord, reply: PersonReply) -> None:
    book.people.remove(record.op_id)
    known = book.customers.by_card(record.card)
    if known is None or (record.agreed and not reply.phone_of):
        return
    left = replace(known, phone="") if record.agreed else replace(known, name="", phone="", email="")
    book.customers.forget(mark(record.card))
    book.customers.put(left)
