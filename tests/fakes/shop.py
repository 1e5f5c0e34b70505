"""A counter over fakes, ready to sell: identity, policy, a few products and customers, a clock that tests move.

The use cases are the ones that ship. Must never read the machine's clock.
"""

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import msgspec

from tests.fakes.central import FakeCentralStore
from tests.fakes.printers import FakePrinters, ImmediateSpool
from tests.fakes.store import FakeStore
from urs_desktop.counter.use_cases.dashboard import Dashboard
from urs_desktop.counter.use_cases.enrolling import Enrolling
from urs_desktop.counter.use_cases.events import Events
from urs_desktop.counter.use_cases.holding import Holding
from urs_desktop.counter.use_cases.lookup import Lookup
from urs_desktop.counter.use_cases.preferences import Setup
from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import RingUp
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.use_cases.spooling import Spooling
from urs_desktop.counter.use_cases.staffing import staffing_of
from urs_desktop.counter.use_cases.statements import WalletStatements
from urs_desktop.counter.use_cases.stocking import Stocking
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.use_cases.timekeeping import LAST_SYNC
from urs_desktop.counter.values import Customer, Identity, Product
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol.signatures import SEED_BYTES, SigningKey
from urs_desktop.system.envelope import Cost
from urs_desktop.system.pin_vault import PinVault
from urs_desktop.ui.presenters.stationery import PaperStationery

NOON = 1_800_000_000_000
"""When a fake shop opens, in milliseconds since the epoch."""

CHEAP = Cost(1, 8)
"""What a guess costs in tests: nearly nothing."""

ANNA_PIN, BO_PIN, CAS_PIN = "284619", "730514", "915372"
ANNA_BADGE, CAS_BADGE = "STAFF-BADGE-ANNA", "STAFF-BADGE-CAS"


@dataclass
class FakeClock:
    """A clock that stands until it is moved."""

    time: int = NOON

    def now(self) -> int:
        return self.time

    def advance(self, milliseconds: int) -> None:
        self.time += milliseconds


@dataclass
class CountingRandomness:
    """Random bytes that are all different and always the same."""

    count: int = 0

    def token_bytes(self, count: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(count, "big")


@dataclass
class Shop:
    """A counter and its surroundings."""

    till: Till
    store: FakeStore
    central: FakeCentralStore
    clock: FakeClock
    recorder: Recorder
    policy: RewardPolicy
    printers: FakePrinters
    spool: ImmediateSpool
    products: dict[str, Product] = field(default_factory=dict)

    def stock(self, sku: str, description: str, price: str, barcode: str = "") -> Product:
        """Add a product."""
        product = Product(sku, description, parse_unit_price(price, self.till.identity.currency), barcode)
        self.store.write(lambda book: book.catalogue.put(product))
        return product

    def know(self, customer: Customer) -> None:
        """Make a customer known to this counter."""
        self.store.write(lambda book: book.customers.put(customer))

    def connect(self, *, online: bool) -> None:
        """Set whether the central store answers, which the status line shows, after one exchange just now."""
        self.central.online = online
        self.store.write(lambda book: book.settings.put(LAST_SYNC, str(self.clock.now())))

    def hire(self) -> None:
        """Have three people work here: Anna manages, Bo supervises, Cas is a cashier."""
        people = self.till.staffing.people
        people.add("ANNA", "Anna Lindqvist", Role.MANAGER, ANNA_PIN, ANNA_BADGE)
        self.till.staffing.sign_in.by_badge(ANNA_BADGE)
        people.add("BO", "Bo Ek", Role.SUPERVISOR, BO_PIN)
        people.add("7", "Cas de Vries", Role.CASHIER, CAS_PIN, CAS_BADGE)
        self.till.staffing.sign_in.sign_out()

    def prefer(self, **changes: Any) -> None:  # noqa: ANN401 - whatever a preference is
        """Change preferences of this counter."""
        setup = self.till.setup
        setup.keep(msgspec.structs.replace(setup.read(), **changes))

    def receipts(self) -> int:
        """Return the number of sales on disk."""
        return len(self.store.read(lambda book: book.sales.latest(1_000_000)))


def make_identity(category: Category, code: str, central_key: bytes) -> Identity:
    """Return the identity of counter 1 of a vendor whose central store signs with the key of `central_key`."""
    return Identity(
        device_id=b"d" * 16,
        number=1,
        epoch=1,
        nonce=b"n" * 32,
        vendor_id="vendor-1",
        vendor_name="Lindqvist & Daughters",
        category=category,
        currency=currency(code),
        location="Harbour Street 4",
        central_url="https://localhost:8443",
        central_key=central_key,
        ca_certificate=b"",
    )


def open_shop(category: Category = Category.MEDIUM, code: str = "GBP", threshold: int = 1000) -> Shop:
    """Return a shop with five products, Maria (1,240 points, known here) and Jonas (known to the programme alone)."""
    central_key, counter_key = SigningKey(b"\x01" * SEED_BYTES), SigningKey(b"\x02" * SEED_BYTES)
    identity = make_identity(category, code, central_key.public_key)
    policy = RewardPolicy("policy-1", 3, category, None, code, threshold, 500, 5000, NOON - 86_400_000)
    clock, store = FakeClock(), FakeStore()
    central = FakeCentralStore(central_key, identity, clock, [policy])
    recorder = Recorder(counter_key, clock, CountingRandomness())
    store.write(lambda book: book.settings.put_identity(identity))
    store.write(lambda book: book.policies.put(policy))
    printers = FakePrinters()
    spooling = Spooling(store, clock, printers, Setup(store))
    spool = ImmediateSpool(spooling)
    till = Till(
        identity,
        RingUp(store, recorder),
        Redeem(store, recorder, central),
        Lookup(store, central),
        Reporting(store, clock, lambda: central.online),
        Refunding(store, recorder, central),
        Holding(store, clock),
        Events(store, recorder),
        Setup(store),
        Shifts(store, recorder),
        Stocking(store, recorder),
        recorder.session,
        staffing_of(store, recorder, PinVault(b"p" * 32, CHEAP)),
        Printing(store, recorder, Setup(store), PaperStationery(), spooling, spool.wake, printers),
        Enrolling(store, recorder, Lookup(store, central), CountingRandomness()),
        WalletStatements(store, central),
        Dashboard(store, clock, central, UTC),
    )
    shop = Shop(till, store, central, clock, recorder, policy, printers, spool)
    _fill(shop)
    return shop


def _fill(shop: Shop) -> None:
    shop.stock("MUG", "White metal mug", "2.55", "5012345678900")
    shop.stock("LANTERN", "Hanging lantern with glass", "12.50", "4006381333931")
    shop.stock("BAG", "Red retro spot lunch bag", "1.65")
    shop.stock("CLOCK", "Alarm clock bakelike green", "3.75")
    shop.stock("CAKE", "Set of three cake tins", "100.00")
    maria = Customer("C-1001", "Maria Lindqvist", "+46701234567", available=Points(1240), as_of=NOON - 3_600_000)
    shop.know(maria)
    shop.central.add(maria, 1240)
    shop.central.add(Customer("C-1002", "Jonas Berg", "+46709876543"), 300)
    shop.connect(online=True)
