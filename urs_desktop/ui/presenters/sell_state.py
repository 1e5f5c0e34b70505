"""What the sell screen shows, whole and frozen: the widgets render it and know nothing else.

Figures are formatted text, words are codes. Must never hold anything a widget could change.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from urs_desktop.ui.presenters.formatting import NO_AGE, Age
from urs_desktop.ui.presenters.notices import Code, Notice
from urs_desktop.ui.presenters.print_view import PrintView


class Phase(StrEnum):
    """Where a sale stands; only PAYING leads to ASKING and COMPLETING, and only their results lead out of them.

    HOLDING while a sale is put aside or taken up, which leads back to SELLING. CONSENT while the customer is
    asked, which leads back to PAYING.
    """

    SELLING = "selling"
    HOLDING = "holding"
    PAYING = "paying"
    ASKING = "asking"
    CONSENT = "consent"
    COMPLETING = "completing"
    RECEIPT = "receipt"


PAYMENT: Final = (Phase.PAYING, Phase.ASKING, Phase.CONSENT, Phase.COMPLETING)
"""The phases in which a payment is open."""

UNDECIDED: Final = (Phase.PAYING, Phase.ASKING, Phase.CONSENT)
"""The phases in which a payment can still be left."""


class EntryMode(StrEnum):
    """What the entry field is asking for."""

    CODE = "code"
    QUANTITY = "quantity"
    CUSTOMER = "customer"
    PRICE = "price"
    LINE_DISCOUNT = "line_discount"
    RECEIPT_DISCOUNT = "receipt_discount"
    REASON = "reason"
    CHECK = "check"
    NEW_PRICE = "new_price"
    NEW_NAME = "new_name"


class PayField(StrEnum):
    """Which field of the pay panel takes the digits."""

    CASH = "cash"
    POINTS = "points"
    CARD = "card"
    REFERENCE = "reference"


class Overlay(StrEnum):
    """A page over the first zone: explanations, or what waits when the counter is to be left."""

    NONE = "none"
    KEYS = "keys"
    WHY = "why"
    LEAVING = "leaving"


class ResultKind(StrEnum):
    """What the results table lists."""

    PRODUCTS = "products"
    CUSTOMERS = "customers"
    HELD = "held"
    REASONS = "reasons"


class Link(StrEnum):
    """How the counter stands with its central store."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"
    FENCED = "fenced"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class EntryView:
    """The entry field; `multiplier` is the quantity the next product will have, `subject` what is asked about.

    `unknown` is a code nobody knows, which may become a product.
    """

    text: str = ""
    mode: EntryMode = EntryMode.CODE
    multiplier: str = ""
    subject: str = ""
    busy: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class ResultsView:
    """What a search found, as rows of text; `query` is what was searched, empty when nothing was."""

    kind: ResultKind = ResultKind.PRODUCTS
    query: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A product to touch; `initial` is its first letter, `colour` the number of its category's colour."""

    name: str
    price: str
    initial: str
    colour: int


@dataclass(frozen=True, slots=True)
class ShelfView:
    """The categories to choose from, the place of the chosen one (0 is all), and its products."""

    categories: tuple[str, ...] = ()
    chosen: int = 0
    tiles: tuple[Tile, ...] = ()


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of the cart; `list_price` where another is charged, `discount` what is taken off, `tax` its rate."""

    sku: str
    description: str
    quantity: str
    unit_price: str
    total: str
    list_price: str = ""
    discount: str = ""
    tax: str = ""
    tax_included: bool = True

    @property
    def row(self) -> tuple[str, ...]:
        """Return the cells of the cart's table."""
        return (self.description, self.quantity, self.unit_price, self.total)


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The customer of this sale.

    `asking` while the central store is looking; `pending` when nobody is attached yet because it alone can know;
    `new` for a card nobody knows yet; `points` is empty when no balance is known; `spendable` the points this sale
    takes at most, `why_not` why it takes none; `here` the points this counter can let the customer spend without a
    connection, empty when it can none.
    """

    code: str
    name: str = ""
    phone: str = ""
    points: str = ""
    worth: str = ""
    spendable: str = ""
    here: str = ""
    why_not: Code | None = None
    age: Age = NO_AGE
    asking: bool = False
    pending: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class TotalsView:
    """The sum of the cart and the points it earns; `earns_is_sure` needs a customer, `has_policy` a policy.

    `is_final` for the sale just made, which earned them. `discount` is all that was taken off, `tax` what is in the
    total; empty where there is none.
    """

    total: str
    pieces: str = "0"
    lines: int = 0
    earns: str = "0"
    earns_is_sure: bool = False
    has_policy: bool = False
    is_final: bool = False
    discount: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class WhyView:
    """The arithmetic behind the points of the cart: `base` is compared with `threshold`, then multiplied by `rate`."""

    policy_id: str = ""
    version: str = ""
    own_policy: bool = False
    base: str = ""
    threshold: str = ""
    exceeds: bool = False
    rate: str = ""
    product: str = ""
    earns: str = "0"
    redeemable: str = ""
    redeems: bool = False
    valid_from: str = ""
    points_paid: str = ""


@dataclass(frozen=True, slots=True)
class ConsentView:
    """The points the customer is asked about and what they are worth; `on_display` where that can be answered there."""

    points: str
    worth: str
    on_display: bool


@dataclass(frozen=True, slots=True)
class PayState:
    """The pay panel: `due` is what is left to take in cash, `change` and `missing` follow from what was typed.

    `replaces` when the next digit begins the field anew; `points_refused` why points cannot pay, if they cannot.
    `cards` are the amounts and references the terminal took, `card_offer` what is left for the next; `rounded` what is
    taken in cash where that is not `due`. `may_carry` when the customer's phone may ask for points; `carried` is the
    address to show it as a QR code.
    """

    total: str
    due: str
    field: PayField = PayField.CASH
    cash_text: str = ""
    change: str = ""
    missing: str = ""
    unreadable: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    points_text: str = ""
    points_applied: str = ""
    points_worth: str = ""
    points_maximum: str = ""
    points_refused: Code | None = None
    earns: str = "0"
    has_customer: bool = False
    nothing_due: bool = False
    replaces: bool = False
    may_carry: bool = False
    carried: str = ""
    card_text: str = ""
    card_offer: str = ""
    reference_text: str = ""
    cards: tuple[tuple[str, str], ...] = ()
    rounded: str = ""
    consent: ConsentView | None = None


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a receipt; `list_price` where another was charged, `discount` what was taken off."""

    description: str
    amount: str
    total: str
    list_price: str = ""
    discount: str = ""


@dataclass(frozen=True, slots=True)
class TaxView:
    """The tax of one rate on a receipt: the rate, what it is reckoned on, and the tax; `included` in the prices."""

    rate: str
    net: str
    tax: str
    included: bool


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """A receipt that was posted otherwise than it promised, in formatted points, with the code of the reason.

    Of a refund `promised` and `posted` are points given back, and beside them are those taken back; `late` is empty
    unless the vendor pays for points.
    """

    number: str
    code: str
    promised: str
    posted: str
    late: str = ""
    is_refund: bool = False
    promised_clawed: str = ""
    posted_clawed: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A completed sale as the customer sees it; `tenders` are kind and formatted amount handed over.

    `balance` is what the central store said last, `balance_is_before` when that was before this sale. `adjustments` are
    this receipt, if it was posted otherwise, and the customer's earlier ones that this receipt tells of.
    """

    number: str
    vendor: str
    location: str
    moment: str
    lines: tuple[ReceiptLine, ...]
    total: str
    tenders: tuple[tuple[str, str], ...]
    change: str
    has_change: bool
    card: str = ""
    customer: str = ""
    earned: str = "0"
    redeemed: str = "0"
    balance: str = ""
    balance_age: Age = NO_AGE
    balance_is_before: bool = False
    adjustments: tuple[AdjustmentView, ...] = ()
    discount: str = ""
    taxes: tuple[TaxView, ...] = ()
    rounding: str = ""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """How the counter stands; `waiting` and `parked` are numbers of operations, formatted.

    `shift` is the open one's number; `shift_closed` where this counter has shifts and none is open.
    """

    link: Link = Link.UNKNOWN
    waiting: str = "0"
    parked: str = ""
    last_sync: Age = NO_AGE
    vendor: str = ""
    counter: str = ""
    shift: str = ""
    shift_closed: bool = False


@dataclass(frozen=True, slots=True)
class SellState:
    """Everything the sell screen shows; `left` once the window shall close."""

    totals: TotalsView
    phase: Phase = Phase.SELLING
    overlay: Overlay = Overlay.NONE
    entry: EntryView = field(default_factory=EntryView)
    results: ResultsView = field(default_factory=ResultsView)
    lines: tuple[CartLine, ...] = ()
    selected: int | None = None
    customer: CustomerCard | None = None
    why: WhyView = field(default_factory=WhyView)
    pay: PayState | None = None
    receipt: ReceiptView | None = None
    status: StatusLine = field(default_factory=StatusLine)
    printing: PrintView = field(default_factory=PrintView)
    notice: Notice | None = None
    shelf: ShelfView = ShelfView()
    theme: str = "light"
    left: bool = False
