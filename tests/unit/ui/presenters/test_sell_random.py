"""The sell presenter under intents in any order, with answers late and out of order.

What is shown is what is stored, one payment makes one sale, what a card paid is neither paid again nor lost, and no
points stay locked.
"""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import present
from urs_desktop.domain.money import parse_amount
from urs_desktop.ui.presenters.pay_desk import EXACT
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import UNDECIDED, EntryMode, Overlay, PayField, PayState, Phase, SellState

CODES = ("MUG", "LANTERN", "5012345678900", "nope", "3*BAG", "2*", "*4", "C-1001", "CAKE", "0*MUG", "")
TEXTS = ("", "0", "5", "12.50", "100", "625", "abc", "99999999999")


class Watched(RuleBasedStateMachine):
    """A shop with a cashier, and what must hold whatever is pressed."""

    shop: Shop
    runner: ManualRunner
    sell: SellPresenter

    @initialize(code=st.sampled_from(("GBP", "SEK", "JPY")), display=st.booleans(), above=st.sampled_from((0, 60)))
    def open(self, code: str, display: bool, above: int) -> None:
        self.shop, self.runner = open_shop(code=code), ManualRunner()
        self.shop.prefer(customer_display=display, consent_above=above)
        self.above, self.agreed = above, 0
        self.sell = present(self.shop, self.runner)
        self.completing = 0
        self.seen = Phase.SELLING
        self.paying: PayState | None = None
        self.sell.watch(self.count)

    def count(self, state: SellState) -> None:
        self.completing += state.phase is Phase.COMPLETING and self.seen is not Phase.COMPLETING
        taken = self.paying.cards if self.paying else ()
        if state.phase is Phase.RECEIPT and self.seen is Phase.COMPLETING:
            self.is_what_was_shown(state, taken)
        elif self.seen is not Phase.RECEIPT and state.pay is None:
            assert not taken, "what the card terminal took is lost"
        if state.phase is Phase.SELLING:
            self.agreed = 0
        self.seen, self.paying = state.phase, state.pay

    def agree(self, *, on_display: bool) -> None:
        """Note what the customer agrees to with the next answer."""
        consent = self.sell.state.pay.consent if self.sell.state.pay else None
        if consent is not None and (consent.on_display or not on_display):
            self.agreed = max(self.agreed, int(consent.points.replace(",", "")))

    def is_what_was_shown(self, state: SellState, taken: tuple[tuple[str, str], ...]) -> None:
        assert self.paying is not None
        assert state.receipt is not None
        (sale,) = self.shop.store.read(lambda book: book.sales.latest(1))
        assert sale.body.total == self.minor(self.paying.total) == self.minor(state.receipt.total)
        by_card = [tender.amount for tender in sale.body.tenders if tender.kind == "card"]
        assert by_card == [self.minor(amount) for amount, _ in taken]
        assert sum(tender.amount for tender in sale.body.tenders) == sale.body.total
        if self.above:
            assert sale.body.points_paid <= max(self.above, self.agreed), "the customer did not agree"

    def minor(self, shown: str) -> int:
        text = "".join(c for c in shown if c.isascii() and (c.isdigit() or c in ".-"))
        return parse_amount(text, self.shop.till.identity.currency).minor

    @invariant()
    def total_is_the_sum_of_the_lines(self) -> None:
        state = self.sell.state
        if state.phase is Phase.RECEIPT:
            return
        lines, shown = sum(self.minor(line.total) for line in state.lines), self.minor(state.totals.total)
        assert 0 <= shown <= lines
        if not self.sell.state.lines:
            assert not state.totals.discount
        elif all(not line.discount for line in state.lines):
            assert shown - (self.minor(state.totals.discount) if state.totals.discount else 0) == lines

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        pay = self.sell.state.pay
        if pay is not None:
            assert self.minor(pay.due) >= 0

    @invariant()
    def no_payment_makes_two_sales(self) -> None:
        assert self.shop.receipts() <= self.completing
        assert (self.sell.state.pay is not None) == (self.sell.state.phase in (*UNDECIDED, Phase.COMPLETING))

    @invariant()
    def a_choice_is_a_line(self) -> None:
        selected = self.sell.state.selected
        assert selected is None or 0 <= selected < len(self.sell.state.lines)

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        self.sell.close()
        self.runner.drain()
        if self.sell.state.phase is Phase.PAYING:
            self.sell.pay.cancel()
            self.runner.drain()
        self.shop.central.sync(self.shop.store)
        assert all(self.shop.central.held(card) == 0 for card in self.shop.central.wallets)
        assert all(points >= 0 for points in self.shop.central.wallets.values())


class Priced(Watched):
    """Works on prices, takes cards, touches tiles, scans, holds and recalls."""

    @rule(
        mode=st.sampled_from(
            (EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.RECEIPT_DISCOUNT, EntryMode.CHECK, EntryMode.QUANTITY)
        ),
        text=st.sampled_from(("10", "100%", "-0.55", "0", "2.55", "0.001", "-1", "5012345678900", "x", "MUG")),
        reason=st.sampled_from(("1", "torn", "")),
    )
    def work_on_a_price(self, mode: EntryMode, text: str, reason: str) -> None:
        self.sell.entry.start(mode)
        self.sell.entry.submit(text)
        self.sell.entry.submit(reason)

    @rule(code=st.sampled_from(("7310865004703", "HANDMADE", "MUG")), price=st.sampled_from(TEXTS), late=st.booleans())
    def add_a_product(self, code: str, price: str, late: bool) -> None:
        self.sell.entry.submit(code)
        self.runner.drain()
        self.sell.entry.start(EntryMode.PRICE)
        self.sell.entry.submit(price)
        self.sell.entry.submit("Jam")
        if not late:
            self.runner.drain()

    @rule(
        amount=st.sampled_from(("", "1", "5.00", "0", "x")), reference=st.sampled_from(("", "A1", "4111111111111111"))
    )
    def take_a_card(self, amount: str, reference: str) -> None:
        self.sell.pay.focus(PayField.CARD)
        self.sell.pay.edit(PayField.CARD, amount)
        self.sell.pay.accept_card()
        self.sell.pay.edit(PayField.REFERENCE, reference)
        self.sell.pay.accept_card()

    @rule()
    def give_a_card_back(self) -> None:
        if self.paying is not None and self.sell.state.phase is Phase.PAYING:
            self.paying = replace(self.paying, cards=self.paying.cards[:-1])
        self.sell.pay.remove_card()

    @rule(category=st.integers(0, 2), place=st.integers(-1, 6))
    def touch_a_tile(self, category: int, place: int) -> None:
        self.sell.shelf.choose(category)
        self.sell.shelf.take(place)

    @rule(code=st.sampled_from(("5012345678900", "C-1001", "1-000001", "7310865004703")))
    def scan(self, code: str) -> None:
        if code == "C-1001" and self.sell.state.customer and self.sell.state.customer.code == code:
            self.agree(on_display=False)
        self.sell.entry.scanned(code)

    @rule(held=st.booleans(), place=st.integers(0, 2))
    def hold_and_recall(self, held: bool, place: int) -> None:
        if held:
            self.sell.hold_sale()
        else:
            self.sell.hold.recall()
            self.sell.entry.choose(place)

    @rule(yes=st.booleans())
    def press_on_the_display(self, yes: bool) -> None:
        if yes:
            self.agree(on_display=True)
        self.sell.pay.consent.pressed(yes)


class Cashier(Priced):
    """Presses whatever else can be pressed."""

    @rule(code=st.sampled_from(CODES))
    def submit(self, code: str) -> None:
        self.sell.entry.submit(code)

    @rule(
        codes=st.lists(st.sampled_from(("MUG", "LANTERN", "CAKE")), min_size=1, max_size=3),
        field=st.sampled_from(PayField),
    )
    def ring_up_and_pay(self, codes: list[str], field: PayField) -> None:
        self.sell.customer.find("C-1001")
        for code in codes:
            self.sell.entry.submit(code)
        self.sell.begin_pay(field)
        self.runner.drain()

    @rule(amount=st.sampled_from((MAXIMUM, "100", 50)))
    def have_points(self, amount: int | str) -> None:
        self.sell.pay.offer_points(amount)
        self.runner.drain()

    @rule(presses=st.integers(1, 3), answered=st.booleans())
    def press_enter(self, presses: int, answered: bool) -> None:
        for _ in range(presses):
            self.sell.accept()
        if answered:
            self.runner.drain()

    @rule(amount=st.sampled_from((MAXIMUM, 50)), yes=st.booleans())
    def pay_with_points(self, amount: int | str, yes: bool) -> None:
        """Buy something with many points, answer whatever is asked on the display, and finish."""
        self.sell.entry.submit("CAKE")
        self.runner.drain()
        self.ring_up_and_pay([], PayField.CASH)
        self.sell.pay.offer_points(amount)
        self.runner.drain()
        self.press_on_the_display(yes)
        self.sell.pay.tender_cash(EXACT)
        self.runner.drain()

    @rule(text=st.sampled_from(TEXTS))
    def type_cash(self, text: str) -> None:
        self.sell.pay.edit(PayField.CASH, text)

    @rule(text=st.sampled_from(TEXTS))
    def type_points(self, text: str) -> None:
        self.sell.pay.edit(PayField.POINTS, text)

    @rule(amount=st.sampled_from((MAXIMUM, "100", "0", 50, "x")))
    def offer(self, amount: int | str) -> None:
        self.sell.pay.offer_points(amount)

    @rule(text=st.sampled_from((EXACT, "20.00", "500")))
    def tender(self, text: str) -> None:
        self.sell.pay.tender_cash(text)

    @rule(text=st.sampled_from(("C-1001", "C-1002", "NEW", "+46709876543", "+1999", "lindq")))
    def customer(self, text: str) -> None:
        self.sell.customer.find(text)

    @rule(place=st.integers(-1, 4), quantity=st.sampled_from((0, 1, 7, 1_000_000, "3", "x")))
    def quantity(self, place: int, quantity: int | str) -> None:
        self.sell.cart.select(place)
        self.sell.cart.change_quantity(quantity)

    @rule(
        press=st.sampled_from(("accept", "back", "begin_pay", "redeem", "new_sale", "toggle_theme", "refresh_status"))
    )
    def press(self, press: str) -> None:
        getattr(self.sell, press)()

    @rule(key=st.sampled_from(("1", "00", ".", "back")))
    def key(self, key: str) -> None:
        self.sell.press(key)

    @rule(what=st.sampled_from(("void_line", "void_sale")))
    def void(self, what: str) -> None:
        getattr(self.sell.cart, what)()

    @rule(mode=st.sampled_from(EntryMode), overlay=st.sampled_from(Overlay))
    def turn(self, mode: EntryMode, overlay: Overlay) -> None:
        self.sell.entry.start(mode)
        self.sell.show(overlay)

    @rule(text=st.sampled_from(("mug", "lan", "zzz")), place=st.integers(0, 2))
    def search(self, text: str, place: int) -> None:
        self.sell.entry.search(text)
        self.sell.entry.choose(place)

    @rule()
    def detach(self) -> None:
        self.sell.customer.detach()

    @rule(online=st.booleans(), passed=st.sampled_from((0, 700, 400_000)))
    def world(self, online: bool, passed: int) -> None:
        self.shop.connect(online=online)
        self.shop.clock.advance(passed)

    @rule(index=st.integers(0, 3))
    def answer(self, index: int) -> None:
        if self.runner.waiting:
            self.runner.step(index % len(self.runner.waiting))

    @rule()
    def answer_all(self) -> None:
        self.runner.drain()


TestCashier = Cashier.TestCase
TestCashier.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
