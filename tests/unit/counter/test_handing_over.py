"""Records of persons go to the central store behind their enrolments, whatever becomes of one of them."""

from collections.abc import Callable
from typing import cast

import pytest

from tests.builders import COUNTER_KEY, make_identity
from tests.fakes.shop import CountingRandomness, FakeClock
from tests.fakes.store import FakeStore
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.handing_over import send_people
from urs_desktop.counter.sync.link import CentralLink
from urs_desktop.counter.use_cases.enrolling import Enrolling, NewCustomer, PersonRecords
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.people import PersonRecord, PersonReply

Answer = Callable[[PersonRecord], PersonReply]


class Away:
    """A central store nobody reaches."""

    def customer(self, request: CustomerRequest) -> CustomerReply:
        raise CentralUnavailableError(f"away from {request.phone}")

    def grant(self, request: GrantRequest) -> GrantReply:
        raise CentralUnavailableError(request.card)

    def sale(self, request: SaleRequest) -> SaleReply:
        raise CentralUnavailableError(str(request.receipt))


class Link:
    """A link that answers each record as a test says."""

    def __init__(self, records: PersonRecords | None, answer: Answer) -> None:
        self.records, self.answer = records, answer
        self.sent: list[str] = []

    def ask(self, endpoint: str, record: PersonRecord, reply: type[PersonReply]) -> PersonReply:
        assert endpoint.endswith("/person")
        assert reply is PersonReply
        self.sent.append(record.phone)
        return self.answer(record)


@pytest.fixture
def store() -> FakeStore:
    """Two customers enrolled here, whose enrolments were acknowledged."""
    store = FakeStore()
    store.write(lambda book: book.settings.put_identity(make_identity()))
    recorder = Recorder(COUNTER_KEY, FakeClock(), CountingRandomness())
    enrolling = Enrolling(store, recorder, Lookup(store, Away()), CountingRandomness())
    for phone in ("0701111111", "0702222222"):
        enrolling.enrol(NewCustomer(phone, wording="May we?", agreed=True))
    store.write(lambda book: book.operations.acknowledge(2, ()))
    return store


def send(store: FakeStore, answer: Answer, give_way: Callable[[], bool] = lambda: False) -> list[str]:
    link = Link(PersonRecords(store), answer)
    send_people(cast("CentralLink", link), give_way)
    return link.sent


def taken(_: PersonRecord) -> PersonReply:
    return PersonReply()


def waiting(store: FakeStore) -> int:
    return len(store.read(lambda book: book.people.waiting(9)))


def test_each_is_sent_once(store: FakeStore) -> None:
    assert send(store, taken) == ["0701111111", "0702222222"]
    assert send(store, taken) == []


def test_one_that_is_refused_holds_up_no_other(store: FakeStore) -> None:
    def refuse_first(record: PersonRecord) -> PersonReply:
        if record.phone == "0701111111":
            raise Refusal(RefusalCode.PERSON_DIFFERS)
        return PersonReply()

    assert len(send(store, refuse_first)) == 2
    assert (waiting(store), send(store, taken)) == (0, [])
    assert store.read(lambda book: list(book.people.refused())) == [(1, "person_differs")]


@pytest.mark.parametrize(
    "trouble",
    [CentralUnavailableError("gone"), Refusal(RefusalCode.COUNTER_REVOKED), Refusal(RefusalCode.NOT_ENROLLED)],
)
def test_what_is_no_fault_of_the_record_keeps_it(store: FakeStore, trouble: Exception) -> None:
    def fail(_: PersonRecord) -> PersonReply:
        raise trouble

    with pytest.raises(type(trouble)):
        send(store, fail)
    assert waiting(store) == 2
    assert len(send(store, taken)) == 2


def test_a_cashiers_question_goes_before(store: FakeStore) -> None:
    assert send(store, taken, lambda: True) == []
    assert waiting(store) == 2


def test_a_link_without_records_sends_none() -> None:
    link = Link(None, taken)
    send_people(cast("CentralLink", link))
    assert not link.sent
