"""Goods that come back without a receipt: scanned one by one, at the price of the catalogue.

Must never take a price from anybody, nor complete anything itself.
"""

import re
from functools import partial
from typing import Final

from urs_desktop.counter.values import Product
from urs_desktop.domain.basket import Basket, LineItem, parse_quantity
from urs_desktop.domain.refusals import Refusal
from urs_desktop.ui.presenters.refund_draft import RefundDesk
from urs_desktop.ui.presenters.refund_state import RefundPhase

_TIMES: Final = re.compile(r"(?P<quantity>[0-9]{1,12})\*(?P<code>.+)", re.ASCII | re.DOTALL)


class GoodsDesk:
    """Gathers goods."""

    def __init__(self, desk: RefundDesk) -> None:
        """Take the desk the parts share."""
        self._desk = desk

    def begin(self) -> None:
        """Begin to gather; the caller publishes."""
        self._desk.start_anew(RefundPhase.GATHERING)
        self._desk.draft.goods = Basket(self._desk.till.identity.currency)

    def add(self, text: str) -> None:
        """Look a code up (`3*code` for three pieces) and add the product; the caller publishes."""
        times = _TIMES.fullmatch(text.strip())
        code = times["code"].strip() if times else text.strip()
        self._desk.draft.text = ""
        try:
            quantity = parse_quantity(times["quantity"]) if times else 1
        except Refusal as refusal:
            self._desk.fail(refusal)
            return
        draft = self._desk.draft

        def found(product: Product) -> None:
            if draft is self._desk.draft and draft.phase is RefundPhase.GATHERING:
                self._put(product, quantity)

        self._desk.do(partial(self._desk.till.lookup.product, code), found, self._desk.fail)

    def _put(self, product: Product, quantity: int) -> None:
        draft = self._desk.draft
        line = LineItem(product.sku, product.description, quantity, product.unit_price, product.tax)
        try:
            if draft.goods is not None:
                draft.goods = draft.goods.add(line)
                skus = [each.sku for each in draft.goods.lines]
                draft.selected, draft.notice = skus.index(product.sku), None
        except Refusal as refusal:
            self._desk.fail(refusal)

    def take(self, place: int, pieces: int) -> None:
        """Have so many pieces of the line in this place (from 0) come back; none takes it out. The caller publishes."""
        draft = self._desk.draft
        goods = draft.goods
        if goods is None or not 0 <= place < len(goods.lines):
            return
        try:
            draft.goods = goods.with_quantity(place, pieces) if pieces > 0 else goods.without(place)
            draft.selected = min(place, len(draft.goods.lines) - 1) if draft.goods.lines else None
            draft.notice = None
        except Refusal as refusal:
            self._desk.fail(refusal)

    def pieces(self, place: int) -> int:
        """Return how many pieces the line in this place has."""
        goods = self._desk.draft.goods
        return goods.lines[place].quantity if goods is not None and 0 <= place < len(goods.lines) else 0
