"""Proving the counter's own records: the chain, its signatures, the receipts' numbers and what the tables say of them.

Recomputes everything from the signed operations. Must never repair anything: it names what is wrong.
"""

from collections.abc import Iterator

from urs_desktop.counter.ports import Book, Identity, Store
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.protocol.chain import genesis, is_signed, operation_hash
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import Operation, SaleBody


def verify(store: Store, public_key: bytes) -> list[str]:
    """Return one sentence for everything that does not fit, none if all does; raises Refusal(NOT_ENROLLED)."""
    return store.read(lambda book: [*_chain(book, public_key), *_receipts(book), *_leases(book)])


def _chain(book: Book, public_key: bytes) -> Iterator[str]:
    identity, head = identity_of(book), book.operations.head()
    previous = genesis(identity.device_id, identity.epoch, identity.nonce)
    seq = 0
    for operation in book.operations.all():
        seq += 1
        yield from _link(identity, operation, seq, previous, public_key)
        previous = operation.hash
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


def _receipts(book: Book) -> Iterator[str]:
    receipt = 0
    for operation in book.operations.all():
        if operation.kind != "sale":
            continue
        receipt += 1
        try:
            body = decode_body(operation.kind, operation.schema, operation.body)
        except MalformedError:
            body = None
        if not isinstance(body, SaleBody) or body.receipt != receipt:
            yield f"Receipt {receipt} is missing or out of order (operation {operation.seq})."
            continue
        yield from _sale(book, body)
    if book.operations.head().receipt != receipt:
        yield f"The newest receipt should be {receipt}, the counter says {book.operations.head().receipt}."


def _sale(book: Book, body: SaleBody) -> Iterator[str]:
    stored = book.sales.by_receipt(body.receipt)
    if stored is None:
        yield f"Receipt {body.receipt} was signed but is not among the sales."
    elif stored.body != body or not book.sales.agrees(stored):
        yield f"Receipt {body.receipt} among the sales is not the one that was signed."


def _leases(book: Book) -> Iterator[str]:
    for lease in book.leases.unfinished():
        if lease.rest < 0:
            yield f"Lease {lease.lease_id} has spent more than it was granted."
