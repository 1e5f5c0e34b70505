"""The sale in hand, as the parts of the sell presenter work on it, and the desk they share.

The draft is changed on one thread alone and never shown: sell_view makes the frozen state out of it. Must never be
kept by work that runs elsewhere; what that needs is taken out before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.printing import Paper
from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.redeem import NOTHING_HERE, Carried, Here
from urs_desktop.counter.use_cases.reporting import Connection
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.counter.values import Customer, HeldSale, Product
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.lease import NO_BACKING, Backing
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.notices import Code, Notice, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Entry:
    """What is in the entry field and how many of the next product are meant."""

    text: str = ""
    mode: EntryMode = EntryMode.CODE
    multiplier: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found for `query`, products or customers; or the sales that are held, or reasons to choose from."""

    query: str = ""
    products: tuple[Product, ...] = ()
    customers: tuple[Customer, ...] = ()
    held: tuple[HeldSale, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is offered to touch: categories, the chosen one (empty for all), and its products."""

    categories: tuple[str, ...] = ()
    chosen: str = ""
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A code of a sale that nobody knew, how many pieces were meant, and the price once it was said."""

    sale: int
    code: str
    quantity: int
    price: UnitPrice | None = None


@dataclass(frozen=True, slots=True)
class NewPrice:
    """Another price for the line in a place of a sale, of which the reason is still to be said."""

    sale: int
    place: int
    line: LineItem
    price: UnitPrice
    list_price: UnitPrice


@dataclass(frozen=True, slots=True)
class Attached:
    """The customer of the sale: `text` was typed; without `customer` the central store alone can know who that is.

    `here` is what this counter can let them spend by itself.
    """

    text: str
    customer: Customer | None = None
    here: Here = NOTHING_HERE
    asking: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """How many points the customer is asked about, and whether the answer can be given on the customer display."""

    points: Points
    on_display: bool


@dataclass(slots=True)
class Payment:
    """A payment being made; `points` of `backing` will pay. `doubted` is an order that a failure may have kept.

    `carried` is what a customer's phone is asking for, `carried_points` how many. `cards` is what the card terminal
    took so far. `consent` is what the customer is being asked, `consented` the most points they agreed to.
    """

    field: PayField = PayField.CASH
    cash_text: str = ""
    points_text: str = ""
    replace_next: bool = False
    backing: Backing = NO_BACKING
    points: Points = NO_POINTS
    doubted: SaleOrder | None = None
    carried: Carried | None = None
    carried_points: Points = NO_POINTS
    card_text: str = ""
    reference_text: str = ""
    cards: tuple[CardPayment, ...] = ()
    consent: Consent | None = None
    consented: Points = NO_POINTS


@dataclass(slots=True)
class Draft:
    """Everything a sell screen is working on; `sale` numbers the sales of this session, so that answers find theirs.

    `held` is the number under which the sale was put aside before; `allowed_off` how many minor units somebody who may
    has allowed to take off; `missed` are codes that were scanned while no cart was open for them.
    """

    basket: Basket
    phase: Phase = Phase.SELLING
    selected: int | None = None
    entry: Entry = field(default_factory=Entry)
    found: Found = field(default_factory=Found)
    customer: Attached | None = None
    payment: Payment = field(default_factory=Payment)
    receipt: Receipt | None = None
    receipt_at: int = 0
    last_receipt: int | None = None
    policy: RewardPolicy | None = None
    connection: Connection | None = None
    paper: Paper | None = None
    notice: Notice | None = None
    overlay: Overlay = Overlay.NONE
    left: bool = False
    void_armed: bool = False
    busy: bool = False
    theme: str = "light"
    sale: int = 0
    held: int | None = None
    allowed_off: int = 0
    missed: tuple[str, ...] = ()
    new_price: NewPrice | None = None
    new_product: NewProduct | None = None
    shelf: Shelf = Shelf()
    shift: Shift | None = None


class Desk:
    """What the parts of the presenter share: the till, the draft, and ways to speak and to have work done."""

    def __init__(self, till: Till, runner: Runner, clock: Clock, formats: Formats, publish: Callable[[], None]) -> None:
        """Take the till, the runner, the clock, the formats and what to call after each change."""
        self.till = till
        self.clock = clock
        self.formats = formats
        self.publish = publish
        self.draft = Draft(Basket(till.identity.currency))
        self._runner = runner

    def say(self, code: Code, severity: Severity = Severity.INFO, /, **values: str) -> None:
        """Put a notice on the screen; the caller publishes."""
        self.draft.notice = notice(code, severity, **values)

    def fail(self, error: BaseException, *, in_sale: bool = False) -> None:
        """Put a failure on the screen; one that is no refusal is logged. The caller publishes."""
        said = of_error(error, self.formats, self.till.identity.currency, in_sale=in_sale)
        if said.severity is Severity.ERROR:
            _log.error("the sell screen met %s", said.code, exc_info=error)
        self.draft.notice = said

    def hush(self) -> None:
        """Take the notice away and disarm what waits for a second press."""
        self.draft.notice = None
        self.draft.void_armed = False
        self.draft.overlay = Overlay.NONE

    def run(
        self,
        work: Callable[[], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Have work done elsewhere; an error nobody takes is put on the screen. Publishes afterwards."""

        def finish(result: _T) -> None:
            done(result)
            self.publish()

        def stumble(error: Exception) -> None:
            (failed or self.fail)(error)
            self.publish()

        self._runner.run(work, finish, stumble)

    def only_now(self, act: Callable[[_T], None]) -> Callable[[_T], None]:
        """Return `act` for this sale only: once another has begun it does nothing."""
        sale = self.draft.sale

        def guarded(value: _T) -> None:
            if self.draft.sale == sale:
                act(value)

        return guarded

    def fresh_sale(self) -> None:
        """Begin the next sale with an empty cart and no customer; answers to older questions find nothing to change."""
        draft = self.draft
        draft.sale += 1
        draft.basket = Basket(draft.basket.currency)
        draft.selected = draft.customer = draft.receipt = draft.held = None
        draft.entry, draft.found, draft.payment, draft.new_price = Entry(), Found(), Payment(), None
        draft.new_product, draft.allowed_off = None, 0
        draft.phase = Phase.SELLING
        self.hush()
