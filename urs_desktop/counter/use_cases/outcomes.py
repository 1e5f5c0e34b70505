"""What the central store answers of operations: parked, or receipts posted otherwise than they promised.

What a customer was promised and did not get is said on the customer's next receipt, once. Must never change a receipt:
what was promised stays what was promised.
"""

from collections.abc import Iterable

from urs_desktop.counter.ports import Book
from urs_desktop.counter.values import AdjustedReceipt, ParkedOperation
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import Became, PushResult
from urs_desktop.protocol.operations import Operation, RefundBody, SaleBody

_ADJUSTED = "adjusted"
_PARKED = "parked"
_SALE_UNKNOWN = "sale_unknown"
"""The code of a refund that waits for its sale: what it promised is posted when that arrives."""


def parked_in(book: Book, results: Iterable[PushResult]) -> list[ParkedOperation]:
    """Return the operations of this counter that an answer says are parked."""
    return [
        ParkedOperation(operation.seq, operation.kind, became.code)
        for operation, became in _known(book, results)
        if became.result == _PARKED
    ]


def take_in(book: Book, results: Iterable[PushResult]) -> None:
    """Store what an answer says was posted otherwise than promised; what is known already stays as it is."""
    for operation, became in _known(book, results):
        if became.result == _ADJUSTED:
            _store(book, operation, became)


def tell(book: Book, card: str | None, told_on: int) -> None:
    """Note on a customer's sale with the receipt `told_on` every receipt the customer has to be told of."""
    if card is not None:
        for adjusted in book.outcomes.untold(card):
            book.outcomes.tell(adjusted.receipt, told_on)


def _known(book: Book, results: Iterable[PushResult]) -> Iterable[tuple[Operation, Became]]:
    for result in results:
        operation = book.operations.at(result.seq) if result.now or result.result == _PARKED else None
        if operation is not None:
            yield operation, result.now or Became(result=result.result, code=result.code)


def _store(book: Book, operation: Operation, became: Became) -> None:
    body = decode_body(operation.kind, operation.schema, operation.body)
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
