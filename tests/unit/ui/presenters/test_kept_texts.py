"""Texts that trouble programs, through every field that keeps one: stored is what is shown, printed and exported.

Or it is refused in a sentence, and then nothing of it is kept.
"""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import Shop, open_shop
from tests.shared_data import shared
from tests.unit.ui.presenters.conftest import present
from tests.unit.ui.presenters.test_customers import Sale
from tests.unit.ui.presenters.test_customers import present as customers
from tests.unit.ui.presenters.test_shift import present as shift
from tests.unit.ui.presenters.test_staff_desk import opened as staff
from urs_desktop.counter.use_cases.refund import Override, RefundOrder
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import phone_digits
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import PaidTender, PricedSaleBody, RefundBody, ShiftBody
from urs_desktop.shift_commands import _document as shift_document
from urs_desktop.staff_commands import _document as staff_document
from urs_desktop.ui.presenters.customers_state import FormField
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, PayField
from urs_desktop.ui.presenters.staff_desk import NewPerson, StaffPage

OTHERS: Final = (
    "  spaced  ",
    "Zoë Ångström",
    "e\u0301tude",
    "雪印コーヒー牛乳",
    "قهوة عربية",
    "हिन्दी चाय",
    "<b>bold</b> &amp;",
    "%s%n{0}{x}",
    "'; DROP TABLE sales; --",
    "=1+1",
    '"quoted", comma',
    "\u200b\ufeff",
    "\u3164",
    "\x1b[2J",
    "a\x00b",
    "9" * 400,
)


def texts() -> list[str]:
    published = json.loads(shared("vectors", "naughty_strings_50.json").read_text(encoding="utf-8"))
    return [*published, *OTHERS]


@dataclass
class Kept:
    """What became of a text: `stored`, or None where it was refused; each of the others has to be as it."""

    stored: str | None
    shown: list[str] = field(default_factory=list)
    printed: str | None = None
    exported: object = None


def sold(shop: Shop, sell: SellPresenter) -> str:
    """Complete the sale in hand; returns what came out of the printer."""
    sell.begin_pay()
    sell.pay.confirm()
    return shop.printers.texts()[-1]


def new_name(shop: Shop, text: str) -> Kept:
    sell = present(shop, ImmediateRunner())
    sell.entry.scan("NOBODY-KNOWS-1")
    sell.product.begin()
    sell.entry.submit("1.99")
    sell.entry.submit(text)
    product = shop.store.read(lambda book: book.catalogue.find("NOBODY-KNOWS-1"))
    if product is None:
        assert sell.state.notice is not None or not text.strip(), "Enter with nothing typed asks on"
        assert sell.state.entry.mode is EntryMode.NEW_NAME, (text, sell.state.notice)
        return Kept(None)
    (line,) = sell.state.lines
    return Kept(product.description, [line.description], sold(shop, sell))


def new_code(shop: Shop, text: str) -> Kept:
    sell = present(shop, ImmediateRunner())
    sell.entry.scan(text)
    code = sell.state.entry.unknown
    if not code:
        assert sell.state.notice is not None or not text.strip() or sell.state.lines
        return Kept(None)
    sell.product.begin()
    sell.entry.submit("1.99")
    sell.entry.submit("A thing")
    product = shop.store.read(lambda book: book.catalogue.find(code))
    if product is None:
        assert sell.state.notice is not None
        return Kept(None)
    (line,) = sell.state.lines
    return Kept(product.sku, [line.sku])


def reason_of_a_price(shop: Shop, text: str) -> Kept:
    sell = present(shop, ImmediateRunner())
    sell.entry.scan("CLOCK")
    sell.entry.start(EntryMode.PRICE)
    sell.entry.submit("3.00")
    sell.entry.submit(text)
    if sell.state.entry.mode is EntryMode.REASON:
        return Kept(None)
    sold(shop, sell)
    sale = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    assert isinstance(sale.body, PricedSaleBody)
    reason = sale.body.lines[0].reason
    return Kept(None if text.isdecimal() else reason)  # a digit chooses one of the reasons in the list


def reference_of_a_card(shop: Shop, text: str) -> Kept:
    sell = present(shop, ImmediateRunner())
    sell.entry.scan("CLOCK")
    sell.begin_pay()
    sell.pay.focus(PayField.CARD)
    sell.accept()
    sell.pay.edit(PayField.REFERENCE, text)
    sell.accept()
    pay = sell.state.pay
    if sell.state.receipt is None and (pay is None or not pay.cards):
        assert sell.state.notice is not None
        return Kept(None)
    shown = [] if pay is None or not pay.cards else [pay.cards[0][1]]
    if sell.state.receipt is None:
        sell.accept()
    sale = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    tender = sale.body.tenders[0]
    assert isinstance(tender, PaidTender)
    return Kept(tender.reference, shown, shop.printers.texts()[-1])


def enrolled(place: FormField, shop: Shop, text: str) -> Kept:
    sale = Sale()
    room = customers(shop, sale)
    room.form.open()
    room.form.fill(FormField.PHONE, "070 999 88 77")
    room.form.fill(place, text)
    room.form.answer(agreed=True)
    room.submit()
    view = room.state.customer
    if view is None:
        assert room.state.notice is not None
        return Kept(None)
    customer = shop.till.lookup.customer_here(view.card)
    assert customer is not None
    stored = {FormField.PHONE: customer.phone, FormField.NAME: customer.name, FormField.EMAIL: customer.email}[place]
    shown = {FormField.PHONE: view.phone, FormField.NAME: view.name, FormField.EMAIL: view.email}[place]
    if place is not FormField.NAME:
        return Kept(stored, [shown])
    sell = present(shop, ImmediateRunner())
    sell.entry.scan("CLOCK")
    sell.customer.find(view.card)
    card = sell.state.customer
    assert card is not None
    return Kept(stored, [shown, card.name] if stored else [], sold(shop, sell))


def customer_phone(shop: Shop, text: str) -> Kept:
    return enrolled(FormField.PHONE, shop, text)


def customer_name(shop: Shop, text: str) -> Kept:
    return enrolled(FormField.NAME, shop, text)


def customer_email(shop: Shop, text: str) -> Kept:
    return enrolled(FormField.EMAIL, shop, text)


def reason_of_cash(shop: Shop, text: str) -> Kept:
    room = shift(shop)
    room.edit(amount="0")
    room.submit()
    room.drawer.start(out=False)
    room.edit(amount="5")
    room.submit()
    room.edit(reason=text)
    room.submit()
    bodies = [decode_body(o.kind, o.schema, o.body) for o in shop.store.read(lambda book: book.operations.all())]
    paid = [body for body in bodies if isinstance(body, ShiftBody) and body.action == "pay_in"]
    if not paid:
        assert room.state.notice is not None
        return Kept(None)
    room.reports.show_x()
    assert room.state.report is not None
    details = [row.detail for row in room.state.report.rows if row.code == "paid_in"]
    room.reports.print_lines("X", [(row.detail or row.code, row.figure) for row in room.state.report.rows])
    document = shift_document(shop.till.shifts.report(), shop.till.identity.currency)
    return Kept(paid[0].reason, details, shop.printers.texts()[-1], document["movements"][0]["reason"])


def reason_of_a_refund(shop: Shop, text: str) -> Kept:
    sell = present(shop, ImmediateRunner())
    sell.entry.scan("CLOCK")
    goods = sell._desk.draft.basket
    try:
        shop.till.refunding.complete(RefundOrder(goods=goods, override=Override("boss", text)))
    except Refusal:
        return Kept(None)
    (body,) = [
        body
        for o in shop.store.read(lambda book: book.operations.all())
        if isinstance(body := decode_body(o.kind, o.schema, o.body), RefundBody)
    ]
    assert body.override is not None
    return Kept(body.override.reason)


def added(shop: Shop, code: str, name: str) -> Kept:
    shop.hire()
    shop.till.session.enter(Person("ANNA", "Anna", Role.MANAGER))
    desk, _ = staff(shop)
    before = {member.code for member in desk.state.people}
    desk.turn(StaffPage.NEW)
    desk.add(NewPerson(code, name), "480261", "480261")
    new = [member for member in desk.state.people if member.code not in before]
    if not new:
        assert desk.state.notice is not None
        return Kept(None)
    member = next(each for each in shop.till.staffing.people.all() if each.code == new[0].code)
    document = staff_document(member)
    if name == "Dee":
        return Kept(member.code, [new[0].code], exported=document["code"])
    return Kept(member.name, [new[0].name], exported=document["name"])


def staff_name(shop: Shop, text: str) -> Kept:
    return added(shop, "DEE", text)


def staff_code(shop: Shop, text: str) -> Kept:
    return added(shop, text, "Dee")


FIELDS: Final[dict[Callable[[Shop, str], Kept], int]] = {
    new_name: 60,
    new_code: 40,
    reason_of_a_price: 40,
    reference_of_a_card: 55,
    customer_phone: 1,
    customer_name: 55,
    customer_email: 1,
    reason_of_cash: 55,
    reason_of_a_refund: 55,
    staff_name: 55,
    staff_code: 10,
}
"""Every field whose text is kept, and how many of the texts it keeps at least; settings are shown in their field."""


@pytest.mark.parametrize("put", FIELDS, ids=lambda put: put.__name__)
def test_what_is_kept_is_shown_printed_and_exported(put: Callable[[Shop, str], Kept]) -> None:
    kept = 0
    for text in texts():
        shop = open_shop()
        shop.prefer(printer="virtual")
        found = put(shop, text)
        if found.stored is None:
            continue
        kept += 1
        assert found.stored in (typed(text), typed(text).upper(), phone_digits(text)) or len(text) > 300, text
        for shown in found.shown:
            assert shown == found.stored or (shown.endswith("…") and found.stored.startswith(shown[:-1])), text
        assert not found.stored or is_seen(found.stored), ascii(text)
        if found.printed is not None and found.stored.isascii() and len(found.stored) < 40:  # else a figure is between
            assert squeezed(found.stored) in squeezed(found.printed), text
        assert found.exported in (None, found.stored), text
    assert kept >= FIELDS[put], "it takes what has to be taken"


def typed(text: str) -> str:
    """Return a text as it may be kept, by this test's own rule."""
    return unicodedata.normalize("NFC", text).strip()


def is_seen(text: str) -> bool:
    """Return whether there is anything to see, by this test's own rule."""
    return any(unicodedata.category(c)[0] not in "CZ" and c != "\u3164" for c in text)


def squeezed(text: str) -> str:
    """Return a text without its spaces: paper is narrow."""
    return "".join(text.split())
