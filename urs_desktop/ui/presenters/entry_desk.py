"""The entry field's part of the sell presenter: scanned and typed codes, quantities, searches.

What is a code goes on to the scans. Must never decide what a code stands for, nor drop one unsaid.
"""

import re
from collections.abc import Callable

from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.domain.basket import parse_quantity
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.carried import GRANT
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.customer_desk import MOST_FOUND, CustomerDesk
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.price_desk import PriceDesk
from urs_desktop.ui.presenters.product_desk import ProductDesk
from urs_desktop.ui.presenters.sale_draft import Desk, Entry, Found
from urs_desktop.ui.presenters.scan_desk import NO_CART, ScanDesk
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase
from urs_desktop.ui.presenters.watched import ignore

_TIMES = re.compile(r"(?P<quantity>[0-9]{1,12})\*(?P<code>.*)", re.ASCII | re.DOTALL)
_LINE_QUANTITY = re.compile(r"\*(?P<quantity>[0-9]{1,12})", re.ASCII)

_LONGEST_ENTRY = 200
_FEWEST_OF_A_BARCODE = 8


PRICING = frozenset({EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.RECEIPT_DISCOUNT})
"""What the field asks for when a price is to be worked on."""

NAMING = frozenset({EntryMode.NEW_PRICE, EntryMode.NEW_NAME})
ASKING = PRICING | {EntryMode.REASON}


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
        scans: ScanDesk,
    ) -> None:
        """Take the desk the parts share and the parts a code can lead to."""
        self._desk = desk
        self._cart = cart
        self._price = price
        self._product = product
        self._scans = scans
        self.grant_scanned: Callable[[str], None] = ignore
        """What is done with the grant a customer's phone shows; the payment takes it."""
        self.card_shown: Callable[[str], None] = ignore
        """What is done with a card shown while the customer is asked; the payment takes it for a yes."""
        self._customer = customer
        self._hold = hold

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
        if draft.phase in NO_CART:
            self._scans.miss(code)
            self._desk.publish()
        elif draft.phase is Phase.PAYING:
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
            self._scans.look_up(code.strip(), pieces)
        self._desk.publish()

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
