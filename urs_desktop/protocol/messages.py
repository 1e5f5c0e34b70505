"""The messages between counter and central store, as MessagePack structs that both ends share.

Times are milliseconds since the epoch, points whole, money in minor units. Must never carry a personal field except in
the feed's customers and the answer to a look-up.
"""

from typing import Final

import msgspec

from urs_desktop.protocol.operations import (
    Operation,
    PricedSaleBody,
    RefundLine,
    SaleBody,
    SaleLine,
    SaleTender,
    TaxedItem,
)

PROTOCOL: Final = 1
"""The version of these messages; a counter names the one it speaks when it enrols and when it says hello."""


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a counter sends: the central store refuses fields it does not know."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the central store sends: a counter passes over fields it does not know, so a newer store can say more."""


class Problem(Reply, frozen=True, kw_only=True):
    """The body of every answer that is no success: a stable code (domain.refusals or below) and its figures."""

    code: str
    details: dict[str, str | int] = {}


class Vendor(Reply, frozen=True, kw_only=True):
    """The vendor a counter belongs to.

    `floor_customer` and `floor_counter` are the points it lets a counter take without a lease during one outage, from
    one customer and in all: it bears what the wallet does not cover.
    """

    vendor_id: str
    name: str
    category: str
    currency: str
    location: str
    floor_customer: int = 0
    floor_counter: int = 0


class EnrolRequest(Message, frozen=True, kw_only=True):
    """Spends a one-time enrolment code: its secret, the counter's new public key (32 bytes), its machine's name."""

    secret: bytes
    public_key: bytes
    name: str
    protocol: int = PROTOCOL


class EnrolReply(Reply, frozen=True, kw_only=True):
    """A new counter's identity; `nonce` starts its chain; the same secret and key again get the same answer."""

    device_id: bytes
    number: int
    epoch: int
    nonce: bytes
    central_key: bytes
    vendor: Vendor


class Challenge(Reply, frozen=True, kw_only=True):
    """Random bytes a counter signs in its next hello; spent by it."""

    challenge: bytes


class HelloRequest(Message, frozen=True, kw_only=True):
    """Where a counter's chain stands, signed (see protocol.sessions) with the challenge it was given.

    `receipt` is the number of its newest receipt, sent or not: receipts have no gap, so the centre knows what it lacks.
    """

    epoch: int
    seq: int
    head: bytes
    receipt: int
    challenge: bytes
    wall: int
    sig: bytes
    protocol: int = PROTOCOL


class Became(Reply, frozen=True, kw_only=True):
    """What the central store's book says became of an operation: `applied`, `adjusted`, `parked` or `written_off`.

    `code` says why it is not `applied`. Of an adjusted receipt it says, in points, what was posted: `earned` by a sale
    and `late`, those of the points paid that the vendor gives; `back` and `clawed` by a refund.
    """

    result: str
    code: str = ""
    earned: int = 0
    late: int = 0
    back: int = 0
    clawed: int = 0


class Resolved(Reply, frozen=True, kw_only=True):
    """What became of a parked operation (its op id, 16 bytes) of the counter, which the store's operators resolved."""

    op_id: bytes
    became: Became


class HelloReply(Reply, frozen=True, kw_only=True):
    """The centre's answer to a hello.

    `verdict`: `hi`, `epoch` (the counter's epoch is over) or `fork` (the centre knows more of the chain, or other
    hashes, than the counter does). `seq` and `head` are where the centre's copy stands; `token` opens the other
    endpoints until `expires_at`, and is empty unless the verdict is `hi`. `resolved` are the newest operations of the
    counter that had been parked and that the store's operators resolved.
    """

    verdict: str
    epoch: int
    seq: int
    head: bytes
    token: str
    expires_at: int
    server_time: int
    vendor: Vendor
    resolved: tuple[Resolved, ...] = ()


class RejoinRequest(Message, frozen=True, kw_only=True):
    """Asks for a new epoch because the counter's history is in doubt, signed (see protocol.sessions).

    `seen_epoch` is the newest epoch it knows of, `nonce` names this wish: asked again with it, it gets the same answer.
    """

    seen_epoch: int
    nonce: bytes
    challenge: bytes
    wall: int
    sig: bytes
    protocol: int = PROTOCOL


class RejoinReply(Reply, frozen=True, kw_only=True):
    """The centre's answer to a rejoin.

    `verdict`: `joined` (the new `epoch` begins at `nonce`) or `epoch` (the one seen is over already: ask again having
    seen `epoch`). `receipt` is the highest receipt number the centre knows from this counter.
    """

    verdict: str
    epoch: int
    nonce: bytes
    receipt: int
    server_time: int


class PushRequest(Message, frozen=True, kw_only=True):
    """Operations in the order of their seq, at most MAX_PUSH_OPERATIONS and MAX_PUSH_BYTES."""

    request_id: bytes
    epoch: int
    operations: tuple[Operation, ...]


class PushResult(Reply, frozen=True, kw_only=True):
    """What became of one operation: `applied`, `adjusted`, `duplicate` or `parked`, with a code where not applied.

    `now` is there unless it was simply applied: what became of it by now, of a duplicate the original, of a
    `parked.resolve` the operation it names.
    """

    seq: int
    result: str
    code: str = ""
    now: Became | None = None


class PushReply(Reply, frozen=True, kw_only=True):
    """How far the centre's copy of the chain now reaches; a prefix of what was pushed is a valid answer.

    `verdict`: `ok`, `epoch`, `fork`, `bad_sig` or `gap`; nothing advanced unless it is `ok`. `head` is the hash at
    `seq`: a counter believes the answer only if its own operation there has that hash.
    """

    request_id: bytes
    verdict: str
    epoch: int
    seq: int
    head: bytes
    results: tuple[PushResult, ...]


class GrantRequest(Message, frozen=True, kw_only=True):
    """Asks for points to spend on one sale: an exact grant.

    `lease_id` is minted by the counter and names the lease for ever, so that asking again gets the same answer.
    `total` in minor units; the policy is the one the counter reckons with.
    """

    lease_id: str
    epoch: int
    card: str
    want: int
    total: int
    policy_id: str
    policy_version: int


class LineRequest(Message, frozen=True, kw_only=True):
    """Asks for a standing lease of up to `want` points of a customer, to be spent without a connection.

    `lease_id` as in GrantRequest. The answer is a GrantReply.
    """

    lease_id: str
    epoch: int
    card: str
    want: int


class GrantReply(Reply, frozen=True, kw_only=True):
    """The points set aside: `granted` <= want, spendable until `spend_until`; signed (see protocol.grants).

    `lasts` milliseconds from when the centre made it: the two clocks need not agree.
    """

    lease_id: str
    epoch: int
    card: str
    granted: int
    spend_until: int
    sig: bytes
    lasts: int = 0


class CustomerRequest(Message, frozen=True, kw_only=True):
    """Looks one customer up by card code or by phone number (digits, + kept); exactly one is not empty."""

    card: str = ""
    phone: str = ""


class CustomerReply(Reply, frozen=True, kw_only=True):
    """What a counter may know of a customer who stands before it: points `available` now, and `held` by leases.

    One that is `blocked` earns but redeems nothing.
    """

    card: str
    name: str
    phone: str
    email: str
    available: int
    as_of: int
    held: int = 0
    blocked: bool = False


class FeedProduct(Reply, frozen=True, kw_only=True):
    """A product as the vendor's counters shall have it; the greater `hlc` wins."""

    item: TaxedItem
    hlc: int


class FeedPolicy(Reply, frozen=True, kw_only=True):
    """One version of a reward policy, as domain.policy.RewardPolicy."""

    policy_id: str
    version: int
    category: str
    vendor_id: str | None
    currency: str
    threshold: int
    reward_bp: int
    redeemable_bp: int
    valid_from: int
    valid_until: int | None = None
    vests_after: int = 0
    expires_after: int = 0


class SaleRequest(Message, frozen=True, kw_only=True):
    """Asks for a sale of the counter's own vendor to refund it: `counter` and `receipt` as on the receipt."""

    counter: int
    receipt: int


class SaleRefund(Reply, frozen=True, kw_only=True):
    """One refund of a sale that the centre knows: its op id (16 bytes) and its lines."""

    op_id: bytes
    lines: tuple[RefundLine, ...]


class SaleReply(Reply, frozen=True, kw_only=True):
    """A sale as signed by its counter, the policy it names, and all refunds of it that the centre knows.

    `priced` is the sale whole where it was signed with discounts and taxes; `sale` then is what both schemas say.
    """

    op_id: bytes
    sale: SaleBody
    policy: FeedPolicy | None
    refunds: tuple[SaleRefund, ...]
    priced: PricedSaleBody | None = None

    @property
    def signed(self) -> SaleBody:
        """The sale as it was signed."""
        return self.priced or self.sale


def sale_told(body: SaleBody) -> tuple[SaleBody, PricedSaleBody | None]:
    """Return a signed sale as a SaleReply says it: `sale` and `priced`."""
    if not isinstance(body, PricedSaleBody):
        return body, None
    fields = {name: getattr(body, name) for name in SaleBody.__struct_fields__}
    fields["lines"] = tuple(_cut(line, SaleLine) for line in body.lines)
    fields["tenders"] = tuple(_cut(tender, SaleTender) for tender in body.tenders)
    return SaleBody(**fields), body


def _cut(part: msgspec.Struct, kind: type[msgspec.Struct]) -> msgspec.Struct:
    return kind(**{name: getattr(part, name) for name in kind.__struct_fields__})


class FeedItem(Reply, frozen=True, kw_only=True):
    """One piece of news: one of them is set, or none when it is of a kind this program does not know.

    `recall` names a standing lease the centre wants back. `gone` is the mark (protocol.tombstones) of a customer the
    counter shall forget; with `customer` beside it, all it knew before is forgotten first.
    """

    policy: FeedPolicy | None = None
    product: FeedProduct | None = None
    customer: CustomerReply | None = None
    recall: str | None = None
    gone: str = ""


class FeedReply(Reply, frozen=True, kw_only=True):
    """Items after the cursor that was sent, the new cursor, and whether more wait already."""

    items: tuple[FeedItem, ...]
    cursor: str
    more: bool
