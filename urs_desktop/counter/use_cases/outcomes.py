"""What the central store answers of operations: parked, or receipts posted otherwise than they promised.

What a customer was promised and did not get is said on the customer's next receipt, once. Must never change a receipt:
what was promised stays what was promised.
"""

from collections.abc import Iterable, Mapping

from urs_desktop.counter.ports import Book
from urs_desktop.counter.values import AdjustedReceipt, ParkedOperation
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol import tombstones
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import Became, PushResult, Resolved
from urs_desktop.protocol.operations import Body, EnrolBody, Operation, RefundBody, ResolveBody, SaleBody

WRITE_OFF = "write_off"
"""The action of a `parked.resolve` by which an operation stays without effect for ever."""

_APPLIED, _ADJUSTED, _PARKED, _WRITTEN_OFF = "applied", "adjusted", "parked", "written_off"
_RESOLVE = "parked.resolve"
_SALE_UNKNOWN = "sale_unknown"
"""The code of a refund that waits for its sale: what it promised is posted when that arrives."""


def parked_in(book: Book, results: Iterable[PushResult]) -> list[ParkedOperation]:
    """Return the operations of this counter that an answer says are parked.

    What it says of an operation that resolves another is about that other, unless it is parked itself.
    """
    parked = []
    for result in results:
        for operation, became in _known(book, [result]):
            about_itself = operation.kind != _RESOLVE or result.result == _PARKED
            if about_itself and became.result == _PARKED:
                parked.append(ParkedOperation(operation.seq, operation.kind, became.code))
    return parked


def take_in(book: Book, results: Iterable[PushResult]) -> None:
    """Store what an answer says was posted otherwise than promised, and what became of parked operations.

    What is known already stays as it is.
    """
    parked = _parked(book)
    for operation, became in _known(book, results, every=bool(parked)):
        about = operation
        if operation.kind == _RESOLVE:
            about = parked.get(_named(operation), operation)
        _settle(book, about, became, parked)


def take_resolved(book: Book, resolved: Iterable[Resolved]) -> None:
    """Store what became of parked operations of this counter that the store's operators resolved."""
    parked = _parked(book)
    for each in resolved:
        operation = parked.get(each.op_id)
        if operation is not None:
            _settle(book, operation, each.became, parked)


def tell(book: Book, card: str | None, told_on: int) -> None:
    """Note on a customer's sale with the receipt `told_on` every receipt the customer has to be told of."""
    if card is not None:
        for adjusted in book.outcomes.untold(card):
            book.outcomes.tell(adjusted.receipt, told_on)


def _known(book: Book, results: Iterable[PushResult], *, every: bool = False) -> Iterable[tuple[Operation, Became]]:
    """Yield the operations that results are about, unless they are simply applied, or `every` one."""
    for result in results:
        wanted = every or result.now or result.result == _PARKED
        operation = book.operations.at(result.seq) if wanted else None
        if operation is not None:
            yield operation, result.now or _plainly(operation, result)


def _plainly(operation: Operation, result: PushResult) -> Became:
    """Return what became of an operation, or of the one it resolves, whose answer says no more than its result."""
    if operation.kind == _RESOLVE:
        if result.result != _APPLIED:
            return Became(result=_PARKED)
        body = _body(operation)
        if isinstance(body, ResolveBody) and body.action == WRITE_OFF:
            return Became(result=_WRITTEN_OFF)
    return Became(result=result.result, code=result.code)


def _parked(book: Book) -> dict[bytes, Operation]:
    found = (book.operations.at(parked.seq) for parked in book.operations.parked())
    return {operation.op_id: operation for operation in found if operation is not None}


def _named(operation: Operation) -> bytes:
    """Return the op id of the operation that this one resolves."""
    body = _body(operation)
    return bytes.fromhex(body.op_id) if isinstance(body, ResolveBody) else b""


def _body(operation: Operation) -> Body | None:
    return decode_body(operation.kind, operation.schema, operation.body)


def _settle(book: Book, operation: Operation, became: Became, parked: Mapping[bytes, Operation]) -> None:
    if became.result == _PARKED:
        return
    if operation.op_id in parked:
        book.operations.resolve(operation.seq, became.result, became.code)
    if became.result == _ADJUSTED:
        _store(book, operation, became)
    if became.code == RefusalCode.CUSTOMER_ERASED:
        _forget(book, operation)


def _forget(book: Book, operation: Operation) -> None:
    """Forget whom an operation made known here after the feed had said that the card was erased."""
    body = _body(operation)
    if isinstance(body, SaleBody | EnrolBody) and body.card is not None:
        book.customers.forget(tombstones.mark(body.card))


def _store(book: Book, operation: Operation, became: Became) -> None:
    body = _body(operation)
    if not isinstance(body, SaleBody | RefundBody):
        return
    book.outcomes.put(
        AdjustedReceipt(
            receipt=body.receipt,
            seq=operation.seq,
            code=became.code,
            card=body.card if _concerns_customer(body, became) else None,
            earned=became.earned,
            late=became.late,
            back=became.back,
            clawed=became.clawed,
        )
    )


def _concerns_customer(body: SaleBody | RefundBody, became: Became) -> bool:
    """Return whether the customer's points are others than the receipt promised; what a vendor gives are not."""
    if isinstance(body, SaleBody):
        return body.earned != became.earned
    return became.code != _SALE_UNKNOWN and (body.points_back, body.clawed) != (became.back, became.clawed)
