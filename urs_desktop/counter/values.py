"""What the counter keeps and knows, as values that pass through its ports.

Must never name SQL, HTTP, Qt or a file, nor decide anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from urs_desktop.domain.basket import Basket
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.pricing import NO_TAX, TaxRate
from urs_desktop.protocol.operations import RefundBody, SaleBody


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this counter is and where its central store answers; `ca_certificate` is in DER."""

    device_id: bytes
    number: int
    epoch: int
    nonce: bytes
    vendor_id: str
    vendor_name: str
    category: Category
    currency: Currency
    location: str
    central_url: str
    central_key: bytes
    ca_certificate: bytes


class CounterState(StrEnum):
    """Whether the counter may redeem: a fenced one sells and earns but its history is in doubt."""

    OPEN = "open"
    FENCED = "fenced"


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the counter's chain stands.

    `seq` and `head` of its newest operation, `hlc` the newest stamp in milliseconds, `receipt` the newest receipt
    number, `acknowledged` the newest seq the central store confirmed.
    """

    seq: int
    head: bytes
    hlc: int
    receipt: int
    acknowledged: int
    state: CounterState


@dataclass(frozen=True, slots=True)
class Epoch:
    """One life of the counter's chain, which begins at the centre's `nonce` (32 bytes).

    Operations before `first_seq` were made in earlier epochs and signed anew as it began, at `began_at` milliseconds.
    """

    epoch: int
    nonce: bytes
    first_seq: int
    began_at: int


@dataclass(frozen=True, slots=True)
class Link:
    """The place of an operation in the chain of one epoch: the hash before it, its own, and its signature."""

    seq: int
    prev: bytes
    hash: bytes
    sig: bytes


@dataclass(frozen=True, slots=True)
class SkippedReceipts:
    """After operation `after_seq` receipt numbers go on above `receipt`: lower ones were printed in a life now lost."""

    after_seq: int
    receipt: int


@dataclass(frozen=True, slots=True)
class HeldSale:
    """A sale put aside at `held_at` (milliseconds), to be gone on with later; `card` the customer or None."""

    number: int
    held_at: int
    basket: Basket
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """An article of the catalogue; `hlc` says how new this version is (milliseconds)."""

    sku: str
    description: str
    unit_price: UnitPrice
    barcode: str = ""
    category: str = ""
    hlc: int = 0
    tax: TaxRate = NO_TAX


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as this counter knows one; `available` points as the central store said at `as_of`, or None.

    They are all the customer could spend, those that leases keep ready at counters among them.
    One that is `blocked` earns but redeems nothing.
    """

    card: str
    name: str = ""
    phone: str = ""
    email: str = ""
    available: Points | None = None
    as_of: int | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works at this counter, by `code`.

    `sealed` is the secret their PIN opens, `badge` the mark of their badge (32 bytes) or None. `failures` wrong guesses
    in a row were made, the last at `failed_at` (milliseconds).
    """

    code: str
    name: str
    role: Role
    sealed: bytes = field(repr=False)
    badge: bytes | None = field(default=None, repr=False)
    active: bool = True
    failures: int = 0
    failed_at: int = 0


@dataclass(frozen=True, slots=True)
class StoredSale:
    """A sale as stored: its receipt number, its signed body and the op id (16 bytes) and seq of its operation."""

    receipt: int
    op_id: bytes
    seq: int
    body: SaleBody


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """A refund of a sale as far as the next one needs it: its op id (16 bytes), line number to quantity."""

    op_id: bytes
    pieces: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class StoredRefund:
    """A refund as stored: its receipt number, its signed body and the op id (16 bytes) and seq of its operation.

    `others` are the refunds of other counters that it was reckoned after, by op id.
    """

    receipt: int
    op_id: bytes
    seq: int
    body: RefundBody
    others: tuple[KnownRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayedReturns:
    """The returns of a journal's invoice, dealt with once for ever.

    `digest` is that of the invoice's rows then; of the returned rows `stored` are refunded, `without_sale` had no
    purchase, and for `exceeding` not all was left to refund.
    """

    journal: str
    invoice: str
    digest: str
    stored: int
    without_sale: int
    exceeding: int


@dataclass(frozen=True, slots=True)
class ParkedOperation:
    """An operation the central store keeps but could not apply, and its stable reason."""

    seq: int
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class AdjustedReceipt:
    """What the central store posted for a receipt (and the seq of its operation) that promised something else.

    `code` is its stable reason. In points: `earned` by a sale and `late`, those it was paid with that the vendor gives;
    `back` and `clawed` by a refund. `card` names the customer who has to be told, None where nothing differs for one.
    """

    receipt: int
    seq: int
    code: str
    card: str | None = None
    earned: int = 0
    late: int = 0
    back: int = 0
    clawed: int = 0
