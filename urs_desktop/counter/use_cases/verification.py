"""Proving the counter's own records: the chain, its signatures, the receipts' numbers and what the tables say of them.

Recomputes everything from the signed operations. Must never repair anything: it names what is wrong.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.policies import policy_cited
from urs_desktop.counter.use_cases.refundable import pieces_in, promised, sold_of
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.use_cases.shift_proof import shift_findings
from urs_desktop.counter.values import Identity, KnownRefund
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refund import pieces_of, refund_state
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.chain import genesis, is_signed, operation_hash
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import Body, Operation, RefundBody, SaleBody

_PAGE: Final = 1000
_RECEIPTS: Final = ("sale", "refund")
"""The kinds of operation that number receipts."""


def verify(store: Store, public_key: bytes) -> list[str]:
    """Return one sentence for everything that does not fit, none if all does; raises Refusal(NOT_ENROLLED)."""

    def find(book: Book) -> list[str]:
        shifts = shift_findings(book, list(_bodies(book, "shift")))
        return [*_chain(book, public_key), *_receipts(book), *shifts, *_records(book), *_leases(book)]

    return store.read(find)


def _chain(book: Book, public_key: bytes) -> Iterator[str]:
    identity, head, epochs = identity_of(book), book.operations.head(), book.epochs.all()
    seq, previous = 0, b""
    for epoch in epochs:
        after, seq, previous = 0, 0, genesis(identity.device_id, epoch.epoch, epoch.nonce)
        of_epoch = replace(identity, epoch=epoch.epoch, nonce=epoch.nonce)
        while page := book.epochs.chain(epoch.epoch, after, _PAGE):
            after = page[-1].seq
            for operation in page:
                seq += 1
                yield from _link(of_epoch, operation, seq, previous, public_key)
                previous = operation.hash
    if not epochs or (epochs[-1].epoch, epochs[-1].nonce) != (identity.epoch, identity.nonce):
        yield f"The counter says it is in epoch {identity.epoch}; that is not the last one that began."
    if seq != head.seq or previous != head.head:
        yield f"The chain's head says operation {head.seq}; the chain ends at {seq} or with another hash."
    if head.acknowledged > seq:
        yield f"Operation {head.acknowledged} is marked as acknowledged; the chain ends at {seq}."


def _link(identity: Identity, operation: Operation, seq: int, previous: bytes, public_key: bytes) -> Iterator[str]:
    if operation.seq != seq:
        yield f"Operation {seq} is missing: the next one is {operation.seq}."
    if operation.prev != previous:
        yield f"Operation {operation.seq} does not follow the one before it."
    if operation.hash != operation_hash(identity.device_id, identity.epoch, operation):
        yield f"Operation {operation.seq} was changed: its hash does not fit its content."
    if not is_signed(public_key, operation):
        yield f"Operation {operation.seq} is not signed by this counter."


@dataclass(slots=True)
class _Signed:
    """What the signed operations say of sales and refunds, in the order in which they were made."""

    refunded: frozenset[str]
    receipt: int = 0
    count: Counter[str] = field(default_factory=Counter)
    sales: dict[str, SaleBody] = field(default_factory=dict)
    refunds: dict[str, list[KnownRefund]] = field(default_factory=dict)


def _receipts(book: Book) -> Iterator[str]:
    """Check every signed sale and refund; sales that were refunded are kept in mind for their refunds."""
    bodies = [body for _, body in _bodies(book, "refund") if isinstance(body, RefundBody)]
    signed = _Signed(frozenset(body.sale for body in bodies if body.sale is not None))
    policies = {(each.policy_id, each.version): each for each in book.policies.all()}
    skipped = deque(book.epochs.skipped())
    for operation, body in _bodies(book, *_RECEIPTS):
        while skipped and skipped[0].after_seq < operation.seq:
            signed.receipt = max(signed.receipt, skipped.popleft().receipt)
        signed.receipt += 1
        signed.count[operation.kind] += 1
        if not isinstance(body, SaleBody | RefundBody) or body.receipt != signed.receipt:
            yield f"Receipt {signed.receipt} is missing or out of order (operation {operation.seq})."
        if isinstance(body, SaleBody):
            if operation.op_id.hex() in signed.refunded:
                signed.sales[operation.op_id.hex()] = body
            yield from _sale(book, body)
            yield from _policy(body, policies)
        elif isinstance(body, RefundBody):
            yield from _refund(book, operation, body, signed)
    signed.receipt = max(signed.receipt, *(each.receipt for each in skipped), 0)
    if book.operations.head().receipt != signed.receipt:
        yield f"The newest receipt should be {signed.receipt}, the counter says {book.operations.head().receipt}."
    for kind, stored in (("sale", book.sales.count()), ("refund", book.refunds.count())):
        if stored > signed.count[kind]:
            yield f"There are {stored} {kind}s, of which only {signed.count[kind]} were signed."


def _bodies(book: Book, *kinds: str) -> Iterator[tuple[Operation, Body | None]]:
    """Yield the operations of these kinds with their bodies, None for one that cannot be read."""
    for operation in book.operations.all():
        if operation.kind in kinds:
            try:
                yield operation, decode_body(operation.kind, operation.schema, operation.body)
            except MalformedError:
                yield operation, None


def _sale(book: Book, body: SaleBody) -> Iterator[str]:
    stored = book.sales.by_receipt(body.receipt)
    if stored is None:
        yield f"Receipt {body.receipt} was signed but is not among the sales."
    elif stored.body != body or not book.sales.agrees(stored):
        yield f"Receipt {body.receipt} among the sales is not the one that was signed."


def _policy(body: SaleBody, policies: Mapping[tuple[str, int], RewardPolicy]) -> Iterator[str]:
    if body.policy is None:
        return
    policy = policies.get((body.policy.policy_id, body.policy.version))
    if policy is None or policy.digest().hex() != body.policy.hash:
        named = f"version {body.policy.version} of policy {body.policy.policy_id}"
        yield f"Receipt {body.receipt} was reckoned with {named}, which is not as it was then."


def _refund(book: Book, operation: Operation, body: RefundBody, signed: _Signed) -> Iterator[str]:
    stored = book.refunds.by_receipt(body.receipt)
    if stored is None:
        yield f"Receipt {body.receipt} was signed but is not among the refunds."
    elif (stored.op_id, stored.body) != (operation.op_id, body) or not book.refunds.agrees(stored):
        yield f"Receipt {body.receipt} among the refunds is not the one that was signed."
    if not _adds_up(body):
        yield f"Receipt {body.receipt} is a refund whose lines, cash and points do not add up."
    sale = signed.sales.get(body.sale or "")
    if body.sale is None or sale is None:
        return
    before = signed.refunds.setdefault(body.sale, [])
    known = {refund.op_id: refund for refund in (*before, *(stored.others if stored else ()))}
    own = KnownRefund(operation.op_id, pieces_in(body.lines))
    yield from _figures(book, body, sale, pieces_of([refund.pieces for refund in known.values()]), own.pieces)
    before.append(own)


def _adds_up(body: RefundBody) -> bool:
    totals = {body.total, body.cash_back + body.points_back, sum(line.total for line in body.lines)}
    right = totals == {sum(tender.amount for tender in body.tenders)}
    loose = (body.points_back, body.clawed, body.card) == (0, 0, None) and body.override is not None
    return right and (body.sale is not None or loose)


def _figures(
    book: Book, body: RefundBody, sale: SaleBody, before: Counter[int], pieces: Mapping[int, int]
) -> Iterator[str]:
    """Reckon a refund of one of this counter's sales anew, after the refunds it was made after."""
    try:
        sold = sold_of(sale, policy_cited(book, sale.policy), identity_of(book).currency)
    except Refusal as refusal:
        yield f"Receipt {body.receipt} cannot be reckoned anew: {refusal}."
        return
    after = before + Counter(pieces)
    # Of its own lines alone: on others two counters that could not speak to each other may have refunded too much.
    if any(after[n] > (sale.lines[n - 1].quantity if 1 <= n <= len(sale.lines) else 0) for n in pieces):
        yield f"Receipt {body.receipt} refunds more than was left of receipt {sale.receipt}."
    due = refund_state(sold, after).since(refund_state(sold, before))
    if due != promised(body):
        yield f"Receipt {body.receipt} does not say what refunding from receipt {sale.receipt} comes to."
    if (body.card, body.policy) != (sale.card, sale.policy):
        yield f"Receipt {body.receipt} names another customer or policy than receipt {sale.receipt}."


def _records(book: Book) -> Iterator[str]:
    for policy in book.policies.altered():
        yield f"Version {policy.version} of policy {policy.policy_id} was changed since it came."
    for card in book.customers.overdrawn():
        yield f"Customer {card} has less than no points."


def _leases(book: Book) -> Iterator[str]:
    for lease in book.leases.unfinished():
        if lease.rest < 0:
            yield f"Lease {lease.lease_id} has spent more than it was granted."
