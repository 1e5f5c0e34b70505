"""What every store of the counter promises of persons enrolled here, and what the use case makes of them.

Must never know which store it runs against.
"""

import pytest

from tests.builders import CARD, make_basket, make_line
from tests.fakes.shop import CountingRandomness
from urs_desktop.counter.people_ports import Movement
from urs_desktop.counter.ports import CentralUnavailableError, Store
from urs_desktop.counter.use_cases.enrolling import Enrolled, Enrolling, NewCustomer, PersonRecords
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Customer
from urs_desktop.domain.person import person
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.operations import EnrolBody
from urs_desktop.protocol.people import PersonReply, digest

ASKED = "May this shop show your name and phone number at its tills?"
EVA = NewCustomer("+46 70 555 66 77", "Eva Ek", "eva@example.org", agreed=True, wording=ASKED)


class Centre:
    """A central store that knows some phone numbers, or is out of reach."""

    def __init__(self) -> None:
        self.phones: dict[str, CustomerReply] = {}
        self.online = True

    def customer(self, request: CustomerRequest) -> CustomerReply:
        if not self.online:
            raise CentralUnavailableError("out of reach")
        if request.phone not in self.phones:
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
        return self.phones[request.phone]

    def grant(self, request: GrantRequest) -> GrantReply:
        raise AssertionError(request)

    def sale(self, request: SaleRequest) -> SaleReply:
        raise AssertionError(request)


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def enrolling(store: Store, recorder: Recorder, centre: Centre) -> Enrolling:
    return Enrolling(store, recorder, Lookup(store, centre), CountingRandomness())


@pytest.fixture
def records(store: Store) -> PersonRecords:
    return PersonRecords(store)


def acknowledge(store: Store) -> None:
    store.write(lambda book: book.operations.acknowledge(book.operations.head().seq, ()))


def known(store: Store, card: str) -> Customer | None:
    return store.read(lambda book: book.customers.by_card(card))


def bodies(store: Store) -> list[EnrolBody]:
    found = [decode_body(o.kind, o.schema, o.body) for o in store.read(lambda book: book.operations.all())]
    return [body for body in found if isinstance(body, EnrolBody)]


def test_phone_alone_is_enough(store: Store, enrolling: Enrolling) -> None:
    done = enrolling.enrol(NewCustomer("0705556677", wording=ASKED))
    assert done.is_new
    assert known(store, done.customer.card) == Customer(done.customer.card, phone="0705556677")


@pytest.mark.parametrize("online", [True, False])
def test_enrolled_on_and_offline(store: Store, enrolling: Enrolling, centre: Centre, online: bool) -> None:
    centre.online = online
    done = enrolling.enrol(EVA)
    assert done == Enrolled(Customer(done.customer.card, "Eva Ek", "+46705556677", "eva@example.org"), is_new=True)
    assert store.read(lambda book: book.customers.by_phone("+46705556677")) == done.customer


def test_the_signed_enrolment_names_nobody(store: Store, enrolling: Enrolling) -> None:
    done = enrolling.enrol(EVA)
    (body,) = bodies(store)
    assert body.card == done.customer.card
    operation = store.read(lambda book: book.operations.at(1))
    assert operation is not None
    for word in (b"Eva", b"5556677", b"example.org", ASKED.encode()):
        assert word not in operation.body


def test_what_is_sent_is_what_was_signed(store: Store, enrolling: Enrolling, records: PersonRecords) -> None:
    enrolling.enrol(EVA)
    assert records.next_record() is None, "its enrolment is not acknowledged"
    assert records.waiting() == 0
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    assert records.waiting() == 1
    who = person(EVA.phone, EVA.name, EVA.email, agreed=True, wording=ASKED, asked_at=record.asked_at)
    assert bodies(store)[0].person == digest(record.card, record.salt, who)
    assert (record.phone, record.name, record.email, record.wording) == (who.phone, who.name, who.email, ASKED)


def test_the_same_press_twice_enrols_once(store: Store, enrolling: Enrolling) -> None:
    first, second = enrolling.enrol(EVA), enrolling.enrol(EVA)
    assert second == Enrolled(first.customer, is_new=False)
    assert len(bodies(store)) == 1


def test_a_phone_the_central_store_knows(store: Store, enrolling: Enrolling, centre: Centre) -> None:
    centre.phones["+46705556677"] = CustomerReply(
        card="C-9", name="", phone="", email="", available=40, as_of=5, held=2
    )
    done = enrolling.enrol(EVA)
    assert (done.is_new, done.customer.card, done.customer.available) == (False, "C-9", Points(42))
    assert not bodies(store)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (NewCustomer("12", wording=ASKED), RefusalCode.PHONE_MALFORMED),
        (NewCustomer("0705556677", email="eva", wording=ASKED), RefusalCode.EMAIL_MALFORMED),
        (NewCustomer("0705556677", name="E\x00va", wording=ASKED), RefusalCode.TEXT_MALFORMED),
    ],
)
def test_what_cannot_be_stored(store: Store, enrolling: Enrolling, told: NewCustomer, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as refused:
        enrolling.enrol(told)
    assert refused.value.code is code
    assert not bodies(store)


def test_a_record_that_was_taken_is_let_go(store: Store, enrolling: Enrolling, records: PersonRecords) -> None:
    done = enrolling.enrol(EVA)
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    records.taken(record, PersonReply())
    assert (records.next_record(), records.waiting()) == (None, 0)
    assert known(store, done.customer.card) == done.customer
    records.taken(record, PersonReply())


def test_who_did_not_agree_is_forgotten_but_for_the_card(
    store: Store, enrolling: Enrolling, records: PersonRecords
) -> None:
    done = enrolling.enrol(NewCustomer("0705556677", "Eva Ek", agreed=False, wording=ASKED))
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    records.taken(record, PersonReply())
    assert known(store, done.customer.card) == Customer(done.customer.card)


def test_a_phone_that_is_anothers_is_left_out(store: Store, enrolling: Enrolling, records: PersonRecords) -> None:
    done = enrolling.enrol(EVA)
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    records.taken(record, PersonReply(phone_of="C-9"))
    assert known(store, done.customer.card) == Customer(done.customer.card, "Eva Ek", "", "eva@example.org")


def test_a_record_that_is_refused_is_kept_and_holds_up_no_other(
    store: Store, enrolling: Enrolling, records: PersonRecords
) -> None:
    enrolling.enrol(EVA)
    other = enrolling.enrol(NewCustomer("0701112233", wording=ASKED))
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    records.refused(record, Refusal(RefusalCode.PERSON_DIFFERS))
    following = records.next_record()
    assert following is not None
    assert following.card == other.customer.card
    assert store.read(lambda book: list(book.people.refused())) == [(1, "person_differs")]


def test_who_was_erased_meanwhile_is_forgotten(store: Store, enrolling: Enrolling, records: PersonRecords) -> None:
    done = enrolling.enrol(EVA)
    acknowledge(store)
    record = records.next_record()
    assert record is not None
    records.refused(record, Refusal(RefusalCode.CUSTOMER_ERASED))
    assert known(store, done.customer.card) is None
    assert not store.read(lambda book: list(book.people.refused()))
    assert records.next_record() is None


def test_movements_of_a_card_newest_first(store: Store, recorder: Recorder) -> None:
    ring_up, refunding = RingUp(store, recorder), Refunding(store, recorder, None)
    for card in (CARD, None, CARD):
        ring_up.complete(SaleOrder(make_basket(make_line("20.00")), card=card))
    refunding.complete(RefundOrder(refunding.find("1")))
    moved = store.read(lambda book: book.people.movements(CARD, 10))
    assert [(each.receipt, each.is_refund) for each in moved] == [(4, True), (3, False), (1, False)]
    assert moved[1] == Movement(3, moved[1].at, is_refund=False, earned=moved[2].earned)
    assert store.read(lambda book: book.people.movements(CARD, 1)) == moved[:1]
    assert not store.read(lambda book: book.people.movements("C-9", 10))
