"""Codes that were scanned or typed, looked up one after the other in the order they came.

So a fast scanner fills the cart in order, and Pay never overtakes a scan. Must never drop a scan unsaid.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from urs_desktop.counter.use_cases.barcodes import read_barcode
from urs_desktop.counter.values import Customer, Product
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.customer_desk import MOST_FOUND, CustomerDesk
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.product_desk import ProductDesk
from urs_desktop.ui.presenters.sale_draft import Desk, Found
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.presenters.watched import ignore

RECEIPT = re.compile(r"[0-9]{1,9}-[0-9]{6,15}", re.ASCII)
"""A receipt number as it is printed."""

NO_CART: Final = frozenset({Phase.HOLDING, Phase.COMPLETING})
"""While a sale is put aside, taken up or stored, nobody knows whose a scan is."""


@dataclass(frozen=True, slots=True)
class _Scan:
    code: str
    quantity: int
    sale: int


_Answer = Product | Customer | tuple[Product, ...]


class ScanDesk:
    """Finds what codes stand for, and puts it where it belongs."""

    def __init__(self, desk: Desk, cart: CartDesk, customer: CustomerDesk, product: ProductDesk) -> None:
        """Take the desk the parts share and the parts a code can lead to."""
        self._desk = desk
        self._cart = cart
        self._customer = customer
        self._product = product
        product.settled = self._go_on
        self.to_receipt: Callable[[str], None] = ignore
        """What is done with the number of a receipt that was scanned; the window leads to its refund."""
        self._scans: deque[_Scan] = deque()
        self._looking = False
        self._then: tuple[int, Callable[[], None]] | None = None

    def after_scans(self, act: Callable[[], None]) -> None:
        """Call `act` once every scan so far has found its product, or made it; a scan that fails cancels it."""
        if self._looking or self._scans or self._product.adding:
            self._then = self._desk.draft.sale, act
        else:
            act()

    def look_up(self, code: str, quantity: int) -> None:
        """Look a code up after those that came before it. The caller publishes."""
        self._scans.append(_Scan(code, quantity, self._desk.draft.sale))
        self._advance()

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
        if self._desk.draft.sale == scan.sale:
            if self._cart.is_open():
                self._take(scan, answer)
            elif self._desk.draft.phase in NO_CART:
                self.miss(scan.code)
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

    def miss(self, code: str) -> None:
        """Keep in mind what was scanned while the sale is put aside, taken up or stored: nobody knows whose it is.

        The caller publishes.
        """
        self._desk.draft.missed += (code.strip(),)

    def say_missed(self) -> None:
        """Say what has to be scanned again, once a cart is open or the receipt is shown. The caller publishes."""
        draft = self._desk.draft
        if draft.missed and draft.phase not in NO_CART:
            codes, draft.missed = ", ".join(map(plain, draft.missed)), ()
            self._desk.say(NoticeCode.SCAN_MISSED, Severity.WARNING, codes=codes)


def _check_reading(code: str) -> None:
    """Raise Refusal(BARCODE_MISREAD) for a barcode whose check digit is wrong: scanned again it may be known."""
    try:
        read_barcode(code)
    except Refusal as refusal:
        if refusal.code is RefusalCode.BARCODE_MISREAD:
            raise
