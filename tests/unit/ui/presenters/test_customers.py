"""The customer room's presenter: finding, enrolling once, wallets beside the right name, the card, the sale in hand."""

from dataclasses import dataclass, field

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import ring_up
from tests.unit.ui.presenters.test_sell_prices import SlowGate
from urs_desktop.counter.use_cases.statements import Reason
from urs_desktop.counter.values import Customer
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.customers import CustomersPresenter
from urs_desktop.ui.presenters.customers_state import CustomersPage, FormField
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate, OpenGate
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sale_in_hand import SaleInHand
from urs_desktop.ui.presenters.sell import SellPresenter

QUESTION = "May we keep your name?"


@dataclass
class Sale:
    """A sale that somebody else holds."""

    card: str | None = None
    given: list[str] = field(default_factory=list)

    def attach(self, customer: Customer) -> None:
        self.card = customer.card
        self.given.append(customer.card)

    def detach(self) -> None:
        self.card = None

    def in_hand(self) -> SaleInHand:
        return SaleInHand(lambda: self.card, self.attach, self.detach)


@pytest.fixture
def sale() -> Sale:
    return Sale()


def present(shop: Shop, sale: Sale, runner: Runner | None = None, gate: Gate | None = None) -> CustomersPresenter:
    room = CustomersPresenter(
        shop.till,
        runner or ImmediateRunner(),
        shop.clock,
        Formats(),
        gate or OpenGate(),
        sale.in_hand(),
        lambda: QUESTION,
    )
    room.begin()
    return room


@pytest.fixture
def room(shop: Shop, sale: Sale) -> CustomersPresenter:
    return present(shop, sale)


def said(room: CustomersPresenter) -> object:
    return room.state.notice.code if room.state.notice else None


def look(room: CustomersPresenter, text: str) -> None:
    room.finder.edit(text)
    room.submit()


def fill(room: CustomersPresenter, phone: str = "070 999 88 77", *, agreed: bool | None = True) -> None:
    room.form.open()
    room.form.fill(FormField.PHONE, phone)
    room.form.fill(FormField.NAME, "Eva Ek")
    if agreed is not None:
        room.form.answer(agreed)


def enrolled(shop: Shop) -> int:
    return sum(operation.kind == "enrol" for operation in shop.store.read(lambda book: book.operations.all()))


def test_typing_lists_who_is_known_here(room: CustomersPresenter) -> None:
    assert room.state.page is CustomersPage.NOBODY
    room.finder.edit("lindq")
    room.finder.search()
    assert room.state.rows == (("Maria Lindqvist", "+46701234567", "C-1001", "1,240"),)
    assert room.state.searched == "lindq"


def test_an_empty_field_lists_nobody(room: CustomersPresenter) -> None:
    room.finder.edit("lindq")
    room.finder.search()
    room.finder.edit("")
    room.finder.search()
    assert (room.state.rows, room.state.searched) == ((), "")


@pytest.mark.parametrize("typed", ["C-1001", "+46 70 123 45 67", "070-1234567", "maria"])
def test_enter_opens_the_one_it_can_be(room: CustomersPresenter, typed: str) -> None:
    look(room, typed)
    customer = room.state.customer
    assert customer is not None
    assert (customer.name, customer.points, customer.worth) == ("Maria Lindqvist", "1,240", "£12.40")
    assert room.state.selected == 0


def test_an_email_finds_too(shop: Shop, room: CustomersPresenter) -> None:
    shop.know(Customer("C-7", "Ida", email="ida@example.org"))
    look(room, "ida@example.org")
    assert room.state.customer is not None
    assert room.state.customer.card == "C-7"


def test_several_who_fit_are_listed(shop: Shop, room: CustomersPresenter) -> None:
    shop.know(Customer("C-1003", "Maria Berg"))
    look(room, "maria")
    assert (said(room), len(room.state.rows), room.state.customer) == (NoticeCode.CUSTOMER_CHOOSE, 2, None)
    room.finder.choose(0)
    assert room.state.customer is not None
    assert room.state.customer.name == "Maria Berg"


def test_the_central_store_is_asked_for_whom_nobody_knows_here(room: CustomersPresenter) -> None:
    look(room, "C-1002")
    assert room.state.customer is not None
    assert (room.state.customer.name, room.state.customer.points) == ("Jonas Berg", "300")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("070 000 11 22", NoticeCode.CUSTOMER_ENROL),
        ("Nobody", NoticeCode.CUSTOMER_NOBODY),
        ("C-404", NoticeCode.CUSTOMER_NOBODY),
    ],
)
def test_nobody(room: CustomersPresenter, typed: str, code: NoticeCode) -> None:
    look(room, "C-1001")
    look(room, typed)
    assert (said(room), room.state.page, room.state.customer) == (code, CustomersPage.NOBODY, None)


def test_offline_the_local_copy_and_receipts_have_to_do(shop: Shop, sell: SellPresenter, sale: Sale) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.accept()
    shop.connect(online=False)
    room = present(shop, sale)
    look(room, "C-1001")
    statement = room.state.statement
    assert statement is not None
    assert not statement.is_whole
    [line] = statement.lines
    assert (line.reason, line.points, line.number) == (Reason.EARNED, "+500", "1-000001")
    assert room.state.customer is not None
    assert not room.state.customer.asking


def test_online_the_statement_is_the_wallets(shop: Shop, sell: SellPresenter, room: CustomersPresenter) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.accept()
    shop.central.sync(shop.store)
    look(room, "C-1001")
    assert room.state.statement is not None
    assert room.state.statement.is_whole
    assert room.state.customer is not None
    assert room.state.customer.points == "1,740"


def test_a_late_answer_never_stands_beside_another_name(shop: Shop, sale: Sale) -> None:
    runner = ManualRunner()
    room = present(shop, sale, runner)
    runner.drain()
    shop.know(Customer("C-7", "Ida"))
    look(room, "C-1001")
    runner.step()  # found here: balance and statement are asked for
    look(room, "C-7")
    runner.step(2)
    late = list(runner.waiting)
    runner.waiting.clear()
    for answer in [*late[2:], *late[:2]]:
        answer()
    runner.drain()
    assert room.state.customer is not None
    assert (room.state.customer.name, room.state.customer.points) == ("Ida", "")


def test_enrolled_with_phone_alone(shop: Shop, room: CustomersPresenter) -> None:
    look(room, "070 999 88 77")
    room.form.open()
    assert room.state.form.phone == "070 999 88 77"
    room.form.answer(agreed=False)
    room.submit()
    assert (said(room), room.state.page) == (NoticeCode.CUSTOMER_ENROLLED, CustomersPage.CUSTOMER)
    customer = room.state.customer
    assert customer is not None
    assert (customer.phone, customer.name) == ("0709998877", "")
    assert shop.store.read(lambda book: book.customers.by_phone("0709998877")) is not None


def test_the_question_has_to_be_answered(shop: Shop, room: CustomersPresenter) -> None:
    fill(room, agreed=None)
    room.submit()
    assert (said(room), enrolled(shop)) == (NoticeCode.CONSENT_NEEDED, 0)


@pytest.mark.parametrize("agreed", [True, False])
def test_the_answer_is_kept_with_the_question(shop: Shop, room: CustomersPresenter, agreed: bool) -> None:
    fill(room, agreed=agreed)
    room.submit()
    shop.central.sync(shop.store)
    [kept] = shop.store.read(lambda book: book.people.waiting(9))
    assert (kept.person.agreed, kept.person.wording, kept.person.asked_at) == (agreed, QUESTION, shop.clock.now())


def test_enrolled_once_whatever_is_pressed(shop: Shop, sale: Sale) -> None:
    runner = ManualRunner()
    room = present(shop, sale, runner)
    runner.drain()
    fill(room)
    for _ in range(3):
        room.submit()
    assert room.state.form.saving
    room.form.fill(FormField.PHONE, "1")
    assert room.back(), "what is being stored is not left"
    room.begin()
    runner.drain()
    assert (said(room), enrolled(shop)) == (NoticeCode.CUSTOMER_ENROLLED, 1)
    fill(room)
    room.submit()
    runner.drain()
    assert (said(room), enrolled(shop)) == (NoticeCode.CUSTOMER_KNOWN, 1)


def test_what_is_wrong_leaves_the_form_as_it_is(shop: Shop, room: CustomersPresenter) -> None:
    fill(room, "12")
    room.submit()
    assert (said(room), room.state.page) == (RefusalCode.PHONE_MALFORMED, CustomersPage.FORM)
    assert (room.state.form.name, room.state.form.agreed, room.state.form.saving) == ("Eva Ek", True, False)
    room.form.fill(FormField.PHONE, "0701112233")
    room.submit()
    assert enrolled(shop) == 1


def test_a_full_disk_enrols_nobody_and_keeps_the_form(shop: Shop, room: CustomersPresenter) -> None:
    fill(room)

    def full() -> None:
        raise OSError(28, "no space left on device")

    shop.store.before_commit = full
    room.submit()
    assert (said(room), room.state.form.name, enrolled(shop)) == (NoticeCode.DISK_FULL, "Eva Ek", 0)
    shop.store.before_commit = lambda: None
    room.submit()
    assert enrolled(shop) == 1


def test_who_may_not_waits_for_somebody_who_may(shop: Shop, sale: Sale) -> None:
    gate = SlowGate()
    room = present(shop, sale, gate=gate)
    fill(room)
    room.submit()
    assert (gate.asked, enrolled(shop)) == ([(Permission.ENROL_CUSTOMER, "")], 0)
    gate.allow()
    gate.allow()
    assert enrolled(shop) == 1


def test_esc_leads_out_step_by_step(room: CustomersPresenter) -> None:
    look(room, "C-1001")
    pages = []
    room.wallet.show_card()
    pages.append((room.state.page, room.back()))
    pages.append((room.state.page, room.back()))
    room.form.open()
    pages.append((room.state.page, room.back()))
    pages.append((room.state.page, room.back()))
    assert pages == [
        (CustomersPage.CARD, True),
        (CustomersPage.CUSTOMER, False),
        (CustomersPage.FORM, True),
        (CustomersPage.NOBODY, False),
    ]


def test_the_sale_is_given_and_taken(room: CustomersPresenter, sale: Sale) -> None:
    assert not room.wallet.attach()
    look(room, "C-1001")
    assert room.wallet.attach()
    assert not room.wallet.attach(), "it is theirs already"
    room.begin()
    assert room.state.customer is not None
    assert room.state.customer.attached
    room.wallet.detach()
    assert (sale.card, sale.given, room.state.customer.attached) == (None, ["C-1001"], False)


def test_digits_of_the_pad_go_where_they_are_wanted(room: CustomersPresenter) -> None:
    for key in "+4670":
        room.press(key)
    assert (room.state.query, len(room.state.rows)) == ("+4670", 1)
    room.press("back")
    assert room.state.query == "+467"
    room.form.open()
    room.press("5")
    assert (room.state.form.phone, room.state.query) == ("+4675", "+467")


def test_the_card_is_printed_as_a_code(shop: Shop, room: CustomersPresenter) -> None:
    shop.prefer(printer="virtual")
    room.begin("C-1001")
    assert room.state.prints
    room.wallet.print_card()
    assert said(room) is NoticeCode.CARD_PRINTING


def test_without_a_printer_nothing_is_printed(room: CustomersPresenter) -> None:
    look(room, "C-1001")
    assert not room.state.prints
    room.wallet.print_card()
    assert said(room) is RefusalCode.NO_PRINTER


def test_another_one_is_begun_with_an_empty_field(room: CustomersPresenter) -> None:
    look(room, "C-1001")
    room.find_another()
    assert (room.state.page, room.state.query, room.state.rows) == (CustomersPage.NOBODY, "", ())


def test_the_customer_of_the_sale_served_here(sell: SellPresenter) -> None:
    assert sell.customer.served() is None
    sell.customer.serve(Customer("C-1001", "Maria Lindqvist"))
    assert sell.customer.served() == "C-1001"
    ring_up(sell, "CAKE")
    sell.accept()
    assert sell.customer.served() is None, "that sale is over"
    sell.customer.serve(Customer("C-1002"))
    assert (sell.customer.served(), sell.state.lines) == ("C-1002", ())
