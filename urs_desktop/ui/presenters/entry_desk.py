"""The entry field's part of the sell presenter: scanned and typed codes, quantities, searches.

Codes are looked up one after the other in the order they came, so that a fast scanner fills the cart in order and Pay
never overtakes a scan. Must never drop a scan unsaid.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.counter.values import Customer, Product
from urs_desktop.domain.basket import parse_quantity
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.carried import GRANT
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.customer_desk import MOST_FOUND, CustomerDesk
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.price_desk import PriceDesk
from urs_desktop.ui.presenters.product_desk import ProductDesk
from urs_desktop.ui.presenters.sale_draft import Desk, Entry, Found
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase

_TIMES = re.compile(r"(?P<quantity>[0-9]{1,12})\*(?P<code>.*)", re.ASCII | re.DOTALL)
_LINE_QUANTITY = re.compile(r"\*(?P<quantity>[0-9]{1,12})", re.ASCII)
RECEIPT = re.compile(r"[0-9]{1,9}-[0-9]{6,15}", re.ASCII)
"""A receipt number as it is printed."""

_LONGEST_ENTRY = 200
_FEWEST_OF_A_BARCODE = 8


PRICING = frozenset({EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.RECEIPT_DISCOUNT})
"""What the field asks for when a price is to be worked on."""

NAMING = frozenset({EntryMode.NEW_PRICE, EntryMode.NEW_NAME})
ASKING = PRICING | {EntryMode.REASON}


@dataclass(frozen=True, slots=True)
class _Scan:
    code: str
    quantity: int
    sale: int


_Answer = Product | Customer | tuple[Product, ...]


def _no_receipt(_: str) -> None:
    """Do nothing with a receipt's number: nobody takes it."""


def _pieces(text: str) -> int:
    """Read how many pieces to add, at least one; raises Refusal."""
    quantity = parse_quantity(text)
    if quantity < 1:
        raise Refusal(RefusalCode.QUANTITY_MALFORMED, text=text)
    return quantity


class EntryDesk:
    """Understands what is scanned, typed or keyed into the entry field."""

    def __init__(
        self,
        desk: Desk,
        cart: CartDesk,
        customer: CustomerDesk,
        hold: HoldDesk,
        price: PriceDesk,
        product: ProductDesk,
    ) -> None:
        """Take the desk the parts share and the parts a code can lead to."""
        self._desk = desk
        self._cart = cart
        self._price = price
        self._product = product
        product.settled = self._go_on
        self.to_receipt: Callable[[str], None] = _no_receipt
        """What is done with the number of a receipt that was scanned; the window leads to its refund."""
        self.grant_scanned: Callable[[str], None] = _no_receipt
        """What is done with the grant a customer's phone shows; the payment takes it."""
        self.card_shown: Callable[[str], None] = _no_receipt
        """What is done with a card shown while the customer is asked; the payment takes it for a yes."""
        self._customer = customer
        self._hold = hold
        self._scans: deque[_Scan] = deque()
        self._looking = False
        self._then: tuple[int, Callable[[], None]] | None = None

    def edit(self, text: str) -> None:
        """Take over what is in the field now; nothing is looked up before it is submitted or searched."""
        self._desk.draft.entry.text = text[:_LONGEST_ENTRY]
        self._desk.draft.void_armed = False

    def start(self, mode: EntryMode) -> None:
        """Have the field ask for a code, a customer, the quantity of the chosen line, a price or a discount."""
        draft = self._desk.draft
        if mode is EntryMode.PRICE and draft.new_product is not None and draft.entry.mode is EntryMode.CODE:
            self._product.begin()
            return
        if mode in PRICING:
            self._price.ask(mode)
            return
        if draft.phase is Phase.RECEIPT and mode is EntryMode.CHECK:
            self._desk.fresh_sale()
        if self._cart.is_open():
            self._desk.hush()
            if mode is EntryMode.QUANTITY and draft.selected is None:
                self._desk.say(NoticeCode.NO_LINE)
            elif mode is EntryMode.QUANTITY and draft.entry.text.isdecimal() and draft.entry.mode is EntryMode.CODE:
                quantity, draft.entry.text = draft.entry.text, ""
                self._cart.change_quantity(quantity)
            else:
                draft.entry.text, draft.entry.mode, draft.found = "", mode, Found()
        self._desk.publish()

    def submit(self, text: str | None = None) -> None:
        """Act on the field (or on `text`): a code, `3*code`, `3*` for the next code, `*5` for the chosen line."""
        draft = self._desk.draft
        entry = draft.entry
        given = (entry.text if text is None else text).strip()
        if not given:
            return
        if draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        if not self._cart.is_open():
            self._desk.publish()
        elif entry.mode is EntryMode.CUSTOMER:
            asked = draft.notice is not None and draft.notice.code is NoticeCode.CUSTOMER_CHOOSE
            self._customer.find(given, as_typed=asked and draft.found.query == given)
        elif entry.mode is EntryMode.QUANTITY:
            self._reset()
            self._cart.change_quantity(given)
        elif entry.mode is EntryMode.CHECK:
            self._price.check(given)
        elif entry.mode in NAMING and not _is_scan(given):
            self._product.submit(entry.mode, given)
        elif entry.mode in ASKING and not _is_scan(given):
            self._price.submit(entry.mode, given)
        else:
            self._submit_code(given)

    def _reset(self) -> None:
        draft = self._desk.draft
        draft.entry = Entry(multiplier=draft.entry.multiplier)
        draft.found = Found()

    def _submit_code(self, given: str) -> None:
        self._reset()
        on_line = _LINE_QUANTITY.fullmatch(given)
        if on_line is not None:
            self._cart.change_quantity(on_line["quantity"])
            return
        times = _TIMES.fullmatch(given)
        try:
            quantity = _pieces(times["quantity"]) if times else self._desk.draft.entry.multiplier
        except Refusal as refusal:
            self._desk.fail(refusal)
            self._desk.publish()
            return
        code = times["code"].strip() if times else given
        if code:
            self.scan(code, quantity)
        else:
            self._desk.hush()
            self._desk.draft.entry.multiplier = quantity
            self._desk.publish()

    def put_back(self, text: str) -> None:
        """Hold this text again: what came since was a scanner's."""
        self.edit(text)
        self._desk.publish()

    def scanned(self, code: str) -> None:
        """Take a code from the scanner, whatever the field was asked for; `3*` typed before it takes three."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            self._scanned_while_paying(code)
        elif draft.phase is Phase.CONSENT:
            self.card_shown(code)
        elif draft.entry.mode in (EntryMode.CUSTOMER, EntryMode.CHECK) and draft.phase is Phase.SELLING:
            self.submit(code)
        else:
            typed = draft.entry.text.strip()
            self._reset()
            draft.entry.mode = EntryMode.CODE
            self.submit(f"{typed}{code}" if _TIMES.fullmatch(typed) else code)

    def _scanned_while_paying(self, code: str) -> None:
        if code.startswith(GRANT):
            self.grant_scanned(code)
        else:
            self._cart.is_open()
            self._desk.publish()

    def scan(self, code: str, quantity: int | None = None) -> None:
        """Look a code up and add the product, or attach the customer whose card it is; after a receipt, a new sale."""
        draft = self._desk.draft
        if draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        if self._cart.is_open():
            pieces = draft.entry.multiplier if quantity is None else quantity
            draft.entry.multiplier = 1
            self._scans.append(_Scan(code.strip(), pieces, draft.sale))
            self._advance()
        self._desk.publish()

    def after_scans(self, act: Callable[[], None]) -> None:
        """Call `act` once every scan so far has found its product, or made it; a scan that fails cancels it."""
        if self._looking or self._scans or self._product.adding:
            self._then = self._desk.draft.sale, act
        else:
            act()

    def _advance(self) -> None:
        self._desk.draft.busy = bool(self._scans) or self._looking
        if self._looking or not self._scans:
            return
        scan = self._scans.popleft()
        self._looking = True
        self._desk.run(partial(self._look, scan.code), partial(self._found, scan), self._failed)

    def _look(self, code: str) -> _Answer:
        lookup = self._desk.till.lookup
        try:
            return lookup.product(code)
        except Refusal as refusal:
            if refusal.code is not RefusalCode.PRODUCT_UNKNOWN:
                raise
        customer = lookup.customer_here(code)
        if customer is not None and customer.card == code:
            return customer
        alike = tuple(lookup.products(code, MOST_FOUND))
        if not alike:
            _check_reading(code)
        return alike

    def _found(self, scan: _Scan, answer: _Answer) -> None:
        self._looking = False
        if self._desk.draft.sale == scan.sale and self._cart.is_open():
            self._take(scan, answer)
        self._go_on()

    def _take(self, scan: _Scan, answer: _Answer) -> None:
        self._desk.draft.new_product = None
        if isinstance(answer, Product):
            self._cart.add(answer, scan.quantity)
        elif isinstance(answer, Customer):
            self._customer.attach(answer)
        else:
            self._unknown(scan, answer)

    def _unknown(self, scan: _Scan, alike: tuple[Product, ...]) -> None:
        self._then = None
        if not alike and RECEIPT.fullmatch(scan.code):
            self.to_receipt(scan.code)
            return
        self._desk.draft.found = Found(scan.code, products=alike)
        self._desk.draft.entry.multiplier = scan.quantity
        self._desk.hush()
        self._product.offer(scan.code, scan.quantity)
        code = NoticeCode.UNKNOWN_CODE_RESULTS if alike else NoticeCode.UNKNOWN_CODE
        self._desk.say(code, Severity.WARNING, code=scan.code)

    def _failed(self, error: Exception) -> None:
        self._looking = False
        self._then = None
        self._desk.fail(error)
        self._go_on()

    def _go_on(self, went_well: bool = True) -> None:  # noqa: FBT001, FBT002 - yes or no is what it is
        if not went_well:
            self._then = None
        self._advance()
        if not self._looking and not self._product.adding and self._then is not None:
            (sale, act), self._then = self._then, None
            if sale == self._desk.draft.sale:
                act()

    def search(self, text: str | None = None) -> None:
        """List what matches the words in the field (or `text`); an answer the field has outrun is dropped."""
        draft = self._desk.draft
        if text is not None:
            self.edit(text)
        words = draft.entry.text.strip()
        if draft.phase is not Phase.SELLING or draft.entry.mode not in (EntryMode.CODE, EntryMode.CUSTOMER):
            return
        if not words or "*" in words:
            draft.found = Found()
            self._desk.publish()
            return
        lookup = self._desk.till.lookup

        def still_wanted(found: Found) -> None:
            if draft.entry.text.strip() == words and draft.phase is Phase.SELLING:
                draft.found = found

        if draft.entry.mode is EntryMode.CUSTOMER:
            self._desk.run(lambda: Found(words, customers=tuple(lookup.customers(words, MOST_FOUND))), still_wanted)
        else:
            self._desk.run(lambda: Found(words, products=tuple(lookup.products(words, MOST_FOUND))), still_wanted)

    def choose(self, index: int) -> None:
        """Add the product, attach the customer or take up the held sale in this row of the results."""
        draft = self._desk.draft
        found = draft.found
        if found.reasons:
            if 0 <= index < len(found.reasons):
                self._price.submit(EntryMode.REASON, found.reasons[index])
            return
        if self._cart.is_open() and 0 <= index < len(found.products or found.customers or found.held):
            quantity = draft.entry.multiplier
            draft.entry, draft.found = Entry(), Found()
            if found.held:
                self._hold.take(found.held[index].number)
            elif found.products:
                self._cart.add(found.products[index], quantity)
            else:
                self._customer.attach(found.customers[index])
        self._desk.publish()


def _is_scan(text: str) -> bool:
    """Whether what came instead of a price is a barcode: a product was scanned while the field asked for a figure."""
    if len(text) < _FEWEST_OF_A_BARCODE or not text.isdecimal():
        return False
    try:
        read_barcode(text)
    except Refusal:
        return False
    return True


def _check_reading(code: str) -> None:
    """Raise Refusal(BARCODE_MISREAD) for a barcode whose check digit is wrong: scanned again it may be known."""
    try:
        read_barcode(code)
    except Refusal as refusal:
        if refusal.code is RefusalCode.BARCODE_MISREAD:
            raise
