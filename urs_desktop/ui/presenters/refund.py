"""The refund room's presenter: finds a sale, lets pieces be chosen, says what goes back, and refunds them once.

What is quoted is reckoned by the use case, and looked at again inside the transaction. Must never refund at a second
press, nor show a figure that was not reckoned.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import MAX_REFERENCE, Override, RefundOrder
from urs_desktop.counter.use_cases.refundable import Refundable, quote
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.money import Money
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.refund_completing import RefundInDoubtError, complete
from urs_desktop.ui.presenters.refund_draft import RefundDesk, RefundDraft
from urs_desktop.ui.presenters.refund_finding import SaleFinder
from urs_desktop.ui.presenters.refund_goods import GoodsDesk
from urs_desktop.ui.presenters.refund_state import RefundPhase, RefundState
from urs_desktop.ui.presenters.refund_view import by_card, refund_state
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import Watched, ignore

_CONFIRMED: Final = (RefundPhase.CHOOSING, RefundPhase.GATHERING)
"""From here a refund is confirmed."""


class RefundPresenter(Watched[RefundState]):
    """Presents the refund room of one counter."""

    def __init__(self, till: Till, runner: Runner, formats: Formats, gate: Gate) -> None:
        """Take the counter's use cases, the runner, the formats, and who knows what is allowed."""
        super().__init__(RefundState())
        self._till = till
        self._gate = gate
        self._desk = RefundDesk(till, runner, formats, self._publish)
        self._finder = SaleFinder(self._desk)
        self._goods = GoodsDesk(self._desk)

    def _publish(self) -> None:
        self._show(refund_state(self._desk.draft, self._till.identity, self._desk.formats))

    def begin(self, about: str = "") -> None:
        """Begin anew, with the receipt `about` if there is one; a refund being completed is waited for."""
        if self._desk.draft.phase is not RefundPhase.COMPLETING:
            if about.strip():
                self._finder.find(about)
            else:
                self._desk.start_anew()
                self._finder.list_fitting("")
            self._publish()

    def without_receipt(self) -> None:
        """Begin to gather goods that come back without a receipt."""
        if self._desk.draft.phase in (RefundPhase.LOOKING, RefundPhase.DONE):
            self._goods.begin()
            self._publish()

    def toggle_card(self) -> None:
        """Have the terminal give the money back that it took, or cash."""
        draft = self._desk.draft
        if draft.phase is RefundPhase.CHOOSING and draft.sale is not None and draft.sale.card_left:
            draft.by_card, draft.notice = not draft.by_card, None
            self._publish()

    def edit(self, text: str) -> None:
        """Take over what is in the field: while the pieces are chosen the terminal's reference, else what to find."""
        draft = self._desk.draft
        if draft.phase is RefundPhase.CHOOSING:
            draft.reference = text[:MAX_REFERENCE]
        else:
            draft.text = text
        draft.notice = None
        if draft.phase is RefundPhase.GATHERING:
            self._publish()

    def search(self, text: str) -> None:
        """List this counter's receipts that fit what is typed."""
        if self._desk.draft.phase is RefundPhase.LOOKING:
            self._desk.draft.text = text
            self._finder.list_fitting(text)

    def choose(self, row: int) -> None:
        """Find the sale in this row of the list."""
        draft = self._desk.draft
        if draft.phase is RefundPhase.LOOKING and 0 <= row < len(draft.found):
            self._finder.find(draft.found[row][0])
            self._publish()

    def submit(self) -> None:
        """Do what Enter does: find what was typed, confirm what was chosen, or begin the next refund."""
        phase = self._desk.draft.phase
        if phase is RefundPhase.LOOKING:
            self._desk.draft.notice = None
            self._finder.look()
            self._publish()
        elif phase is RefundPhase.GATHERING and self._desk.draft.text.strip():
            self._goods.add(self._desk.draft.text)
            self._publish()
        elif phase in (RefundPhase.CHOOSING, RefundPhase.GATHERING):
            self.confirm()
        elif phase is RefundPhase.DONE:
            self.begin()

    def select(self, row: int) -> None:
        """Choose a line of the sale."""
        if 0 <= row < len(self.state.lines):
            self._desk.draft.selected = row
            self._publish()

    def step(self, pieces: int) -> None:
        """Take one more piece of the chosen line back, or one less."""
        draft = self._desk.draft
        if draft.selected is not None:
            n = draft.selected + 1
            gathering = draft.phase is RefundPhase.GATHERING
            chosen = self._goods.pieces(draft.selected) if gathering else draft.pieces.get(n, 0)
            self.take(n, chosen + pieces)

    def take(self, n: int, pieces: int) -> None:
        """Take so many pieces of line `n` (from 1) back: never below none nor above what is left."""
        draft = self._desk.draft
        if draft.phase is RefundPhase.GATHERING:
            self._goods.take(n - 1, pieces)
            self._publish()
        elif draft.phase is RefundPhase.CHOOSING and draft.sale is not None and 0 < n <= len(draft.sale.remaining):
            draft.selected = n - 1
            draft.pieces[n] = max(0, min(pieces, draft.sale.remaining[n - 1]))
            draft.notice = None
            self._publish()

    def press(self, key: str) -> None:
        """Take a key of the pad: a digit of the receipt number, or of the pieces of the chosen line; `back` deletes."""
        draft = self._desk.draft
        if draft.phase in (RefundPhase.LOOKING, RefundPhase.GATHERING):
            draft.text = draft.text[:-1] if key == "back" else draft.text + key
            self._publish()
        elif draft.phase is RefundPhase.CHOOSING and draft.selected is not None:
            n = draft.selected + 1
            typed = str(draft.pieces.get(n, 0))
            self.take(n, int((typed[:-1] if key == "back" else typed + key.strip(".")) or "0"))

    def take_all(self) -> None:
        """Take everything back that is left; once more, nothing."""
        draft = self._desk.draft
        if draft.phase is RefundPhase.CHOOSING and draft.sale is not None:
            every = {n: left for n, left in enumerate(draft.sale.remaining, 1) if left}
            draft.pieces = {} if draft.chosen() == every else every
            draft.notice = None
            self._publish()

    def confirm(self) -> None:
        """Refund what is chosen, once; whoever may not is asked for somebody who may.

        Goods without a receipt take a second person in any case.
        """
        draft = self._desk.draft
        goods, sale = draft.goods, draft.sale
        if draft.phase is RefundPhase.GATHERING and goods is not None and goods.lines:
            act = partial(self._complete, RefundOrder(goods=goods, operator=self._till.session.operator))
            self._gate.demand(Permission.REFUND_WITHOUT_RECEIPT, "", act)
        elif draft.phase is RefundPhase.CHOOSING and sale is not None and draft.chosen():
            self._gate.demand(Permission.REFUND, sale.number, partial(self._complete, _order(draft, sale, self._till)))
        elif draft.phase in (RefundPhase.CHOOSING, RefundPhase.GATHERING):
            self._desk.fail(Refusal(RefusalCode.REFUND_EMPTY))
            self._publish()

    def _complete(self, order: RefundOrder, override: Override | None) -> None:
        draft = self._desk.draft
        before = draft.phase
        if before in _CONFIRMED and (draft.sale, draft.goods) == (order.sale, order.goods):
            draft.phase, draft.notice = RefundPhase.COMPLETING, None
            self._publish()
            work = partial(complete, self._till, replace(order, override=override))
            self._desk.do(work, self._completed, partial(self._not_completed, before))

    def _completed(self, receipt: RefundReceipt) -> None:
        draft = self._desk.draft
        draft.phase, draft.done = RefundPhase.DONE, receipt
        self._desk.say(NoticeCode.REFUND_DONE, Severity.SUCCESS, number=receipt.number)
        self._desk.do(partial(self._till.printing.completed, receipt), ignore, ignore)

    def _not_completed(self, before: RefundPhase, error: Exception) -> None:
        if isinstance(error, RefundInDoubtError):
            # Found again, the sale shows what came back; the pieces chosen here may have.
            self._desk.start_anew()
            self._desk.fail(error.cause)
            return
        self._desk.draft.phase = before
        self._desk.fail(error)
        if isinstance(error, Refusal) and before is RefundPhase.CHOOSING:
            self._finder.find_again()

    def back(self) -> bool:
        """Go a step back: from the sale to the list; False where there is no step left."""
        if self._desk.draft.phase in (RefundPhase.CHOOSING, RefundPhase.FINDING, RefundPhase.GATHERING):
            self.begin()
            return True
        return self._desk.draft.phase is RefundPhase.COMPLETING


def _order(draft: RefundDraft, sale: Refundable, till: Till) -> RefundOrder:
    """Return what is asked for: the pieces chosen, and by card what the terminal took if it shall give it back."""
    card = by_card(sale, quote(sale, draft.chosen())) if draft.by_card else 0
    paid = CardPayment(Money(card, till.identity.currency), draft.reference) if card else None
    return RefundOrder(sale, draft.chosen(), operator=till.session.operator, by_card=paid)
