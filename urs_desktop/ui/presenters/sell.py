"""The sell screen's presenter: takes what the cashier does, keeps the sale in hand, gives out frozen states.

A state machine: selling -> paying -> asking or completing -> receipt -> selling. Its parts share one desk:
`entry` (codes, searches), `cart` (lines), `customer`, `hold` and `pay`. Every intent returns at once; slow work goes to
the runner and its result comes back as another state. Must never import Qt, wait, or decide a rule of the programme.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.reporting import Connection
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.customer_desk import CustomerDesk
from urs_desktop.ui.presenters.entry_desk import EntryDesk
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate, OpenGate
from urs_desktop.ui.presenters.hand_over import HandOver
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.key_bindings import Action, KeyBindings
from urs_desktop.ui.presenters.leave_desk import LeaveDesk
from urs_desktop.ui.presenters.notices import REASON_CODE, NoticeCode, Severity
from urs_desktop.ui.presenters.pay_desk import PayDesk
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.price_desk import PriceDesk
from urs_desktop.ui.presenters.print_desk import PrintDesk
from urs_desktop.ui.presenters.product_desk import ProductDesk
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.scan_desk import ScanDesk
from urs_desktop.ui.presenters.sell_state import UNDECIDED, EntryMode, Overlay, PayField, Phase, SellState
from urs_desktop.ui.presenters.sell_view import SellView
from urs_desktop.ui.presenters.shelf_desk import ShelfDesk
from urs_desktop.ui.presenters.shift_reminder import ShiftReminder
from urs_desktop.ui.presenters.watched import ignore

THEMES: Final = ("light", "dark", "contrast")
"""The themes in the order in which toggling goes through them."""

RECEIPT_STAYS_MS: Final = 600
"""A key that would begin the next sale does nothing this soon after a receipt: it was meant for the payment."""


_Reading = tuple[Connection, RewardPolicy | None, Shift | None, str]


def _read(till: Till) -> _Reading:
    newest = till.shifts.latest(1)
    key = KeyBindings(till.setup.read().keys).key(Action.SHIFT) if newest and newest[0].closed_seq is not None else ""
    return till.reporting.connection(), till.reporting.policy(), newest[0] if newest else None, key


class SellPresenter:
    """Presents the sell screen of one counter."""

    def __init__(
        self,
        till: Till,
        runner: Runner,
        clock: Clock,
        formats: Formats,
        changed: Callable[[SellState], None] = ignore,
        theme: str = "light",
        gate: Gate | None = None,
    ) -> None:
        """Take the counter's use cases, the runner, the clock, the formats, who is told of states, and the gate."""
        self._changed = changed
        self._desk = Desk(till, runner, clock, formats, self._publish)
        self._desk.draft.theme = theme
        self._view = SellView(till.identity, formats)
        self._clock = clock
        self._till = till
        self._refreshing = False
        self._told_parked = 0
        self._reminder = ShiftReminder(self._desk)
        self.customer = CustomerDesk(self._desk)
        self.hold = HoldDesk(self._desk, self.customer)
        self._gate = gate or OpenGate()
        self.cart = CartDesk(self._desk, self.hold, self._gate)
        self.price = PriceDesk(self._desk, self.cart, self._gate)
        self.product = ProductDesk(self._desk, self.cart, self._gate)
        self.scans = ScanDesk(self._desk, self.cart, self.customer, self.product)
        self.entry = EntryDesk(self._desk, self.cart, self.customer, self.hold, self.price, self.product, self.scans)
        self.shelf = ShelfDesk(self._desk, self.entry)
        self.printing = PrintDesk(self._desk, self._gate)
        self.pay = PayDesk(self._desk, self.printing)
        self.leave = LeaveDesk(self._desk, self.pay)
        self.entry.grant_scanned = self.pay.offer_points
        self.entry.card_shown = self.pay.consent.card_shown
        self.hand_over = HandOver(self._desk, self.hold, self.pay)
        self.state = self._view.state(self._desk.draft, clock.now())

    def watch(self, changed: Callable[[SellState], None]) -> None:
        """Have `changed` told of every state from now on, and of the present one at once."""
        self._changed = changed
        changed(self.state)

    def _publish(self) -> None:
        self.scans.say_missed()
        self.state = self._view.state(self._desk.draft, self._clock.now())
        self._changed(self.state)

    def start(self) -> None:
        """Learn where the receipts stand and how the counter is connected; call once."""
        self._desk.run(lambda: self._till.reporting.status().receipts, self._receipts_known)
        self.shelf.start()
        self.refresh_status()

    def _receipts_known(self, receipts: int) -> None:
        if self._desk.draft.last_receipt is None:
            self._desk.draft.last_receipt = receipts

    def refresh_status(self) -> None:
        """Read the connection, the policy in force and the printer; while one reading is under way no other begins."""
        self.shelf.look()
        if not self._refreshing:
            self.printing.look()
            self._refreshing = True
            self._desk.run(partial(_read, self._till), self._refreshed, self._not_refreshed)

    def _refreshed(self, reading: _Reading) -> None:
        self._refreshing = False
        self._desk.draft.connection, self._desk.draft.policy, self._desk.draft.shift, key = reading
        newest = reading[0].newest_parked
        if newest is None or newest.seq <= self._told_parked or self._desk.draft.notice is not None:
            self._reminder.look(self._desk.draft.shift, key)
            return
        self._told_parked = newest.seq
        said = {"kind": newest.kind, REASON_CODE: newest.code}
        self._desk.say(NoticeCode.SET_ASIDE, Severity.WARNING, **said)

    def _not_refreshed(self, error: Exception) -> None:
        self._refreshing = False
        if self._desk.draft.notice is None:
            self._desk.fail(error)

    def hold_sale(self) -> None:
        """Put the sale aside once every scan has found its product."""
        self.scans.after_scans(partial(self.price.settled, self.hold.hold))

    def begin_pay(self, field: PayField = PayField.CASH) -> None:
        """Open the payment once every scan has found its product."""
        begin = partial(self.price.settled, partial(self.pay.begin, field))
        self._gate.demand(Permission.SELL, "", lambda _: self.scans.after_scans(begin))

    def redeem(self) -> None:
        """Go where points are entered; from there, ask for as many as this sale takes."""
        pay = self.state.pay
        if self.state.phase is Phase.SELLING:
            self.begin_pay(PayField.POINTS)
        elif pay is not None and pay.field is PayField.POINTS and not pay.points_applied:
            self.pay.offer_points(MAXIMUM)
        else:
            self.pay.focus(PayField.POINTS)

    def press(self, key: str) -> None:
        """Take a key of the number pad: digits or a point to append where the cashier is typing, or `back`."""
        draft = self._desk.draft
        if draft.phase is Phase.PAYING:
            payment = draft.payment
            field = payment.field
            text = {
                PayField.CASH: payment.cash_text,
                PayField.POINTS: payment.points_text,
                PayField.CARD: payment.card_text,
                PayField.REFERENCE: payment.reference_text,
            }[field]
            if payment.replace_next:
                text = ""
            self.pay.edit(field, _typed(text, key))
        elif draft.phase in (Phase.SELLING, Phase.RECEIPT):
            if draft.phase is Phase.RECEIPT:
                self._desk.fresh_sale()
            self.entry.edit(_typed(draft.entry.text, key))
            self._publish()

    def accept(self) -> None:
        """Do what Enter does here: act on the entry, on the points typed, on the payment, or begin the next sale.

        Where leaving was asked for, it stays.
        """
        phase = self.state.phase
        if self.state.overlay is Overlay.LEAVING:
            self.show(Overlay.NONE)
        elif phase is Phase.SELLING:
            self.entry.submit()
        elif phase is Phase.PAYING:
            payment = self._desk.draft.payment
            if payment.field is PayField.POINTS and not payment.points_text:
                self.pay.focus(PayField.CASH)
            elif payment.field is PayField.POINTS:
                self.pay.offer_points(payment.points_text)
            elif payment.field in (PayField.CARD, PayField.REFERENCE):
                self.pay.accept_card()
            else:
                self.pay.confirm()
        elif phase is Phase.RECEIPT and self._clock.now() - self._desk.draft.receipt_at >= RECEIPT_STAYS_MS:
            self.new_sale()

    def back(self) -> None:
        """Do what Esc does here: close a page, clear the entry, leave the payment, or begin the next sale."""
        draft = self._desk.draft
        if draft.overlay is not Overlay.NONE:
            self.show(Overlay.NONE)
        elif draft.phase in UNDECIDED:
            self.pay.cancel()
        elif draft.phase is Phase.RECEIPT:
            self.new_sale()
        elif draft.phase is Phase.SELLING:
            draft.entry.multiplier, draft.new_product = 1, None
            self.entry.start(EntryMode.CODE)

    def new_sale(self) -> None:
        """Put the receipt away and begin the next sale."""
        if self._desk.draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        self._publish()

    def show(self, overlay: Overlay) -> None:
        """Open a page of explanations; asking for the open one closes it."""
        draft = self._desk.draft
        draft.overlay = Overlay.NONE if draft.overlay is overlay else overlay
        self._publish()

    def may_be_left(self) -> bool:
        """Return whether another room may be entered now; while a payment is open the cashier is told why not."""
        if self.state.phase in (Phase.SELLING, Phase.RECEIPT):
            return True
        self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        self._publish()
        return False

    def toggle_theme(self, to: str = "") -> None:
        """Go on to the next theme, which is kept for the next start; or show the one that is named."""
        draft = self._desk.draft
        draft.theme = to if to in THEMES else THEMES[(THEMES.index(draft.theme) + 1) % len(THEMES)]
        self._publish()
        if to not in THEMES:
            self._desk.run(partial(self._till.setup.choose_theme, draft.theme), ignore)

    def close(self) -> None:
        """Give back what an open payment holds; nobody is told of states any more."""
        self._changed = ignore
        self.pay.close()

    def report(self, error: BaseException) -> None:
        """Tell the cashier of a failure nobody expected; the sale in hand stays as it is."""
        self._desk.fail(error)
        self._publish()


def _typed(text: str, key: str) -> str:
    return text[:-1] if key == "back" else text + key
