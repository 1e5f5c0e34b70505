"""What a counter did, as signed operations: the envelope and the bodies by kind and schema.

A body is canonical JSON of integers and text (RFC 8785), hashed as it travels and never serialised again. Signed for
ever: a field is never renamed, removed or given another meaning; a change is a new schema number. Must never hold a
personal field: customers are named by card code.
"""

from typing import Final

import msgspec

MAX_BODY_BYTES: Final = 256 * 1024
"""One operation's body may be this large."""

MAX_PUSH_OPERATIONS: Final = 200
MAX_PUSH_BYTES: Final = 1024 * 1024
"""A push holds at most this many operations and this many bytes of bodies."""

SCHEMA: Final = 1


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope of one operation.

    `seq` 1, 2, 3 ... per counter and epoch without a gap; `op_id` a UUIDv7 (16 bytes), minted once and kept for ever;
    `prev` and `hash` 32 bytes; `sig` the counter's Ed25519 signature (64 bytes) over `hash`.
    """

    seq: int
    op_id: bytes
    kind: str
    schema: int
    body: bytes
    prev: bytes
    hash: bytes = b""
    sig: bytes = b""


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every body says: `recorded_at` and `hlc` in milliseconds since the epoch, `operator` who did it or None.

    `hlc` is the counter's hybrid clock: never below the wall clock at the time, strictly growing over operations.
    """

    hlc: int
    recorded_at: int
    operator: str | None = None


class SaleLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: `quantity` pieces at price / 10**scale major units; `total` in minor units; `earned` its share."""

    sku: str
    description: str
    quantity: int
    price: int
    scale: int
    total: int
    earned: int


class SaleTender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One payment line in minor units: the `amount` of the total it covers and what was `tendered`."""

    kind: str
    amount: int
    tendered: int


class SaleSpend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points taken from a lease: `points` spent on this sale, `returned` given back with it.

    With an empty `lease` they were taken without one, within the limit up to which the vendor takes the risk.
    """

    lease: str
    points: int
    returned: int


class SalePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy version the receipt was reckoned with; `hash` is its SHA-256 in hexadecimal."""

    policy_id: str
    version: int
    hash: str


class SaleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a replayed sale comes from: journal name, invoice, SHA-256 (hexadecimal) of the invoice's rows."""

    journal: str
    invoice: str
    digest: str


class SaleBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A completed sale (kind `sale`).

    `receipt` numbers the counter's receipts without a gap; `happened_at` in milliseconds; `total` = `points_paid` +
    what was paid otherwise, in minor units of `currency`; `card` the customer or None; `engine` the version of the
    arithmetic.
    """

    receipt: int
    happened_at: int
    currency: str
    total: int
    points_paid: int
    earned: int
    lines: tuple[SaleLine, ...]
    tenders: tuple[SaleTender, ...]
    card: str | None
    policy: SalePolicy | None
    spends: tuple[SaleSpend, ...]
    engine: int
    source: SaleSource | None = None


class PricedLine(SaleLine, frozen=True, forbid_unknown_fields=True):
    """A line whose price was worked on: `total` is what is owed for it, discounts taken off and tax included.

    In minor units `discount` is all that was taken off, the line's share of a receipt discount among it, and `tax` the
    tax in `total` at `tax_rate` basis points: part of the price where `tax_included`, else added to it. `list_price` /
    10**`list_scale` is the catalogue's price where another was charged, or None. `reason` is why, in a few words.
    """

    discount: int = 0
    tax: int = 0
    tax_rate: int = 0
    tax_included: bool = True
    list_price: int | None = None
    list_scale: int = 0
    reason: str = ""


class PaidTender(SaleTender, frozen=True, forbid_unknown_fields=True):
    """A payment line with the `reference` of the terminal that took it; never a card number."""

    reference: str = ""


class SaleOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who allowed `what` (a permission) in a sale on line `n`, or 0 for all of it, and why."""

    what: str
    n: int
    operator: str
    reason: str


class PricedSaleBody(SaleBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A completed sale with discounts, taxes, several tenders (kind `sale`, schema 2).

    `rounding` in minor units is what rounding cash adds to what is taken in cash, or takes off: cash change is what was
    tendered less the tender's amount less `rounding`.
    """

    lines: tuple[PricedLine, ...]
    tenders: tuple[PaidTender, ...]
    rounding: int = 0
    overrides: tuple[SaleOverride, ...] = ()


class EnrolBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A customer enrolled (kind `enrol`), an upsert by `card`.

    `customer_id` is a random UUID the centre uses only if the card is new to it; `person` is a salted hash of the
    person's record, which travels beside the operation, or None when there is none.
    """

    card: str
    customer_id: str
    person: str | None = None


class ProductItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product of the vendor: price / 10**scale major units; `barcode` and `category` may be empty.

    `learned` from a journal that sold it: it is added where nobody knows the product, and never changes one.
    """

    sku: str
    description: str
    price: int
    scale: int
    barcode: str = ""
    category: str = ""
    learned: bool = False


class ProductsBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Products added or changed at the counter (kind `products`); the later hlc wins."""

    items: tuple[ProductItem, ...]


class TaxedItem(ProductItem, frozen=True, forbid_unknown_fields=True):
    """A product with its tax of `tax_rate` basis points: part of the price where `tax_included`, else added to it."""

    tax_rate: int = 0
    tax_included: bool = True


class TaxedProductsBody(ProductsBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Products with their taxes added or changed at the counter (kind `products`, schema 2)."""

    items: tuple[TaxedItem, ...]


class ReturnBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lease given back (kind `lease.return`): the counter will never spend from it again.

    `points` is the rest the counter knew of, 0 when the grant never reached it. The centre closes the lease and frees
    whatever it still holds, which may be more than `points`; a lease it does not know is closed before it ever opens.
    """

    lease: str
    points: int


class RefundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came back: `quantity` pieces of line `n` (from 1) of the sale, or 0 where no receipt names one.

    `total` is what this refund gives for them, in minor units.
    """

    n: int
    sku: str
    description: str
    quantity: int
    total: int


class RefundOverride(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who allowed what a cashier may not do alone, and why in a code or a few words, never about a customer."""

    operator: str
    reason: str


class RefundBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A completed refund (kind `refund`).

    `receipt` numbers it among the counter's receipts; `sale` is the op id of the sale (hexadecimal) or None without a
    receipt, which takes an `override`. `total` = `cash_back` + `points_back` in minor units of `currency`: what this
    refund adds to those before it; `clawed` the points earned by the sale that it takes back. `tenders` say how it
    went back, points and cash: `tendered` is what was handed out, rounded to the smallest coin.
    The centre reckons anew from all refunds of the sale it knows; these figures are what the customer's receipt
    promises. `policy` is that of the sale.
    """

    receipt: int
    happened_at: int
    currency: str
    sale: str | None
    total: int
    cash_back: int
    points_back: int
    clawed: int
    lines: tuple[RefundLine, ...]
    tenders: tuple[SaleTender, ...]
    card: str | None
    policy: SalePolicy | None
    engine: int
    override: RefundOverride | None = None
    source: SaleSource | None = None


class ResolveBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What shall become of an operation of this counter that the centre parked (kind `parked.resolve`).

    `op_id` names it in hexadecimal. `action`: `retry` applies its own body once more, `repair` the `replacement`
    instead, a body of the same kind and schema as text, which no receipt can have; `write_off` leaves it without effect
    for ever and takes an `override`.
    """

    op_id: str
    action: str
    replacement: str | None = None
    override: RefundOverride | None = None


class EventBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What happened at the counter beside sales and refunds (kind `event`): a drawer opened, a sale voided.

    `what` is a stable code, `subject` what it is about (a receipt, an SKU, a member of staff), never a customer;
    `amount` in minor units, 0 where there is none. The centre keeps it and does nothing.
    """

    what: str
    subject: str
    amount: int
    override: RefundOverride | None = None


class Denomination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` coins or notes of `value` minor units each."""

    value: int
    count: int


class ShiftFigure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure of a shift's report, in minor units or points: what it is by a stable code, and how much."""

    what: str
    amount: int


class ShiftBody(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step of a shift (kind `shift`): `action` is `open`, `pay_in`, `pay_out` or `close`.

    Shifts of a counter are numbered 1, 2, 3 ...; one holds the operations between its opening and its closing.
    `amount` in minor units is the float, what was paid in or out, or the cash counted, whose coins and notes are
    `counted`; `expected` is what should have been there, `figures` the Z report. `last_receipt` is the newest receipt
    number. The centre keeps it and does nothing.
    """

    shift: int
    action: str
    currency: str
    amount: int
    reason: str = ""
    expected: int = 0
    counted: tuple[Denomination, ...] = ()
    figures: tuple[ShiftFigure, ...] = ()
    last_receipt: int = 0
    override: RefundOverride | None = None


KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("sale", SCHEMA): SaleBody,
    ("sale", 2): PricedSaleBody,
    ("enrol", SCHEMA): EnrolBody,
    ("products", SCHEMA): ProductsBody,
    ("products", 2): TaxedProductsBody,
    ("lease.return", SCHEMA): ReturnBody,
    ("refund", SCHEMA): RefundBody,
    ("parked.resolve", SCHEMA): ResolveBody,
    ("event", SCHEMA): EventBody,
    ("shift", SCHEMA): ShiftBody,
}
"""The body of every operation by kind and schema."""

KIND_OF: Final[dict[type[Body], tuple[str, int]]] = {body: name for name, body in KINDS.items()}
"""The kind and schema of every body."""
