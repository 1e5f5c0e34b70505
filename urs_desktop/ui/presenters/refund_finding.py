"""Finding the sale that is to be refunded: by its number, or by whose it was among this counter's receipts.

Must never open a sale that was not asked for last.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from urs_desktop.counter.print_ports import ListedReceipt, PrintJob
from urs_desktop.counter.use_cases.refundable import Refundable
from urs_desktop.counter.values import Customer
from urs_desktop.domain.money import Money
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.refund_draft import RefundDesk
from urs_desktop.ui.presenters.refund_state import RefundPhase

_LISTED: Final = 50
_SHOWN: Final = 40
_NUMBER: Final = re.compile(r"(?:[0-9]{1,9}-)?[0-9]{1,15}", re.ASCII)
_Listed = Sequence[tuple[ListedReceipt, str, PrintJob | None]]


class SaleFinder:
    """Finds the sale to refund."""

    def __init__(self, desk: RefundDesk) -> None:
        """Take the desk the parts share."""
        self._desk = desk

    def list_fitting(self, text: str) -> None:
        """List this counter's receipts that fit a number, a card or a name; those of late for nothing."""
        self._desk.ask(partial(self._desk.till.printing.receipts, text), self._listed)

    def _listed(self, found: _Listed) -> None:
        moment, money = self._desk.formats.moment, self._desk.formats.money
        own = self._desk.till.identity.currency
        self._desk.draft.found = tuple(
            (
                number,
                moment(each.happened_at),
                money(Money(each.total, own)),
                plain(each.name or each.card),
            )
            for each, number, _ in found[:_LISTED]
            if not each.is_refund
        )

    def look(self) -> None:
        """Find the receipt whose number was typed; of other words the only receipt that fits them."""
        text = self._desk.draft.text.strip()
        if _NUMBER.fullmatch(text):
            self.find(text)
        elif text:
            self._desk.ask(partial(self._desk.till.printing.receipts, text), self._fitting)

    def _fitting(self, found: _Listed) -> None:
        self._listed(found)
        rows = self._desk.draft.found
        if len(rows) == 1:
            self.find(rows[0][0])
        elif rows:
            self._desk.say(NoticeCode.CHOOSE_RECEIPT)
        else:
            self._desk.fail(Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=self._desk.draft.text[:_SHOWN]))

    def find(self, number: str) -> None:
        """Find the sale with this receipt number, here or at the central store; the caller publishes."""
        self._desk.start_anew(RefundPhase.FINDING, number.strip())
        refunding, lookup = self._desk.till.refunding, self._desk.till.lookup

        def work() -> tuple[Refundable, Customer | None]:
            sale = refunding.find(number)
            return sale, None if sale.sale.card is None else lookup.customer_here(sale.sale.card)

        self._desk.ask(work, self._found, self._not_found)

    def _found(self, answer: tuple[Refundable, Customer | None]) -> None:
        draft = self._desk.draft
        draft.sale, draft.customer = answer
        draft.phase = RefundPhase.CHOOSING
        draft.selected = next((n for n, left in enumerate(draft.sale.remaining) if left), 0)
        if not any(draft.sale.remaining):
            self._desk.say(NoticeCode.ALL_REFUNDED, Severity.WARNING)
        elif not draft.sale.confirmed:
            self._desk.say(NoticeCode.REFUNDS_ELSEWHERE, Severity.WARNING)

    def _not_found(self, error: Exception) -> None:
        self._desk.draft.phase = RefundPhase.LOOKING
        self._desk.fail(error)

    def find_again(self) -> None:
        """Look at the sale in hand once more: somebody else may have refunded some of it."""
        sale = self._desk.draft.sale
        if sale is not None:
            self._desk.ask(partial(self._desk.till.refunding.find, sale.number), self._found_again, _keep)

    def _found_again(self, sale: Refundable) -> None:
        draft = self._desk.draft
        if draft.phase is RefundPhase.CHOOSING:
            draft.sale = sale
            draft.pieces = {n: min(count, sale.remaining[n - 1]) for n, count in draft.pieces.items()}


def _keep(_: Exception) -> None:
    """Leave the sale as it was shown: it is looked at again inside the transaction."""
