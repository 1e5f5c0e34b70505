"""Values and counters to test with, made from the parts a test cares about; the rest has a plain default.

Everything here is the code that ships over a store in memory. Must never read the machine's clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.fakes import shop
from tests.fakes.central import FakeCentralStore
from tests.fakes.shop import NOON, CountingRandomness, FakeClock
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.store.book import store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Customer, Identity, Product
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money, parse_unit_price
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol.operations import Operation
from urs_desktop.protocol.signatures import SEED_BYTES, SigningKey

GBP, JPY, BHD, CLF = currency("GBP"), currency("JPY"), currency("BHD"), currency("CLF")
CENTRAL_KEY = SigningKey(b"\x01" * SEED_BYTES)
COUNTER_KEY = SigningKey(b"\x02" * SEED_BYTES)
CARD = "C-1001"
DAY_MS = 86_400_000

T = TypeVar("T")


def make_policy(  # noqa: PLR0913 - each test names the one or two figures it is about
    threshold: int = 1000,
    reward_bp: int = 500,
    redeemable_bp: int = 5000,
    *,
    category: Category = Category.MEDIUM,
    vendor_id: str | None = None,
    code: str = "GBP",
    version: int = 1,
    valid_from: int = NOON - DAY_MS,
    policy_id: str = "policy-1",
    valid_until: int | None = None,
    vests_after: int = 0,
    expires_after: int = 0,
) -> RewardPolicy:
    """Return a policy: 5 % above 10.00, half of a total payable with points, since yesterday."""
    return RewardPolicy(
        policy_id,
        version,
        category,
        vendor_id,
        code,
        threshold,
        reward_bp,
        redeemable_bp,
        valid_from,
        valid_until,
        vests_after,
        expires_after,
    )


def make_identity(category: Category = Category.MEDIUM, code: str = "GBP") -> Identity:
    """Return the identity of counter 1 of a vendor."""
    return shop.make_identity(category, code, CENTRAL_KEY.public_key)


def make_line(
    price: str = "2.55", quantity: int = 1, sku: str = "MUG", description: str = "White metal mug"
) -> LineItem:
    """Return a line in pounds."""
    return LineItem(sku, description, quantity, parse_unit_price(price, GBP))


def make_basket(*lines: LineItem) -> Basket:
    """Return a basket in pounds, of one mug if nothing else is asked for."""
    basket = Basket(GBP)
    for line in lines or (make_line(),):
        basket = basket.add(line)
    return basket


def pounds(minor: int) -> Money:
    """Return an amount in pence."""
    return Money(minor, GBP)


@dataclass
class Counter:
    """A counter over a store, with the central store it asks and a clock that tests move."""

    store: Store
    central: FakeCentralStore
    clock: FakeClock
    recorder: Recorder
    redeem: Redeem
    ring_up: RingUp
    identity: Identity = field(default_factory=make_identity)

    @property
    def refunding(self) -> Refunding:
        """Return who refunds at this counter, sending what waits before it asks."""
        return Refunding(self.store, self.recorder, self.central, self._push)

    def _push(self) -> None:
        if not self.central.online:
            raise self.central.failure
        self.central.sync(self.store)

    def read(self, work: Callable[[Book], T]) -> T:
        """Do `work` in a reading transaction."""
        return self.store.read(work)

    def sell(self, *lines: LineItem, card: str | None = CARD) -> None:
        """Ring a basket up for cash."""
        self.ring_up.complete(SaleOrder(make_basket(*lines), card=card))

    def operations(self) -> list[Operation]:
        """Return the whole chain."""
        return list(self.read(lambda book: book.operations.all()))


def make_counter(
    store: Store | None = None, category: Category = Category.MEDIUM, policy: RewardPolicy | None = None
) -> Counter:
    """Return an enrolled counter with one policy, one customer (1,240 points at the centre) and one product."""
    store = store or store_in_memory()
    identity, policy = make_identity(category), policy or make_policy(category=category)
    clock = FakeClock()
    central = FakeCentralStore(CENTRAL_KEY, identity, clock, [policy])
    recorder = Recorder(COUNTER_KEY, clock, CountingRandomness())
    maria = Customer(CARD, "Maria Lindqvist", "+46701234567", available=Points(1240), as_of=NOON - 3_600_000)
    central.add(maria, 1240)
    mug = Product("MUG", "White metal mug", parse_unit_price("2.55", GBP), "5012345678900")

    def fill(book: Book) -> None:
        book.settings.put_identity(identity)
        book.policies.put(policy)
        book.customers.put(maria)
        book.catalogue.put(mug)

    store.write(fill)
    redeem = Redeem(store, recorder, central)
    return Counter(store, central, clock, recorder, redeem, RingUp(store, recorder), identity)
