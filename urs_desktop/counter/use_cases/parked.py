"""Operations the central store set aside: what they are, and what a person decides about them.

A decision is a signed operation like any other, and is done when the central store says so. Must never change what was
signed, nor let one person alone write anything off.
"""

from dataclasses import dataclass

import msgspec

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.outcomes import WRITE_OFF
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override, allowed
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import ParkedOperation
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE, card_code, clean_text
from urs_desktop.protocol.codec import MalformedError, decode_body, encode_body
from urs_desktop.protocol.operations import (
    Body,
    EnrolBody,
    Operation,
    RefundBody,
    RefundOverride,
    ResolveBody,
    SaleBody,
)


@dataclass(frozen=True, slots=True)
class SetAside:
    """An operation the central store parked: its seq, its kind, the code why, and the receipt if it makes one.

    `repairable` if its card code can be put right.
    """

    seq: int
    kind: str
    code: str
    receipt: str
    repairable: bool


class Resolving:
    """Decides about parked operations at one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the counter's store and the recorder of its operations."""
        self._store = store
        self._recorder = recorder

    def every(self) -> tuple[SetAside, ...]:
        """Return the operations that are parked still, in their order; raises Refusal(NOT_ENROLLED)."""
        return self._store.read(lambda book: tuple(_set_aside(book, each) for each in book.operations.parked()))

    def retry(self, seq: int, operator: str | None = None) -> None:
        """Have a parked operation applied once more as it is; raises Refusal(OPERATION_NOT_PARKED)."""
        self._store.write(lambda book: self._record(book, _parked(book, seq), "retry", operator))

    def write_off(self, seq: int, override: Override, operator: str | None) -> None:
        """Have a parked operation stay without effect for ever, which somebody else allows.

        Raises Refusal(OPERATION_NOT_PARKED, OVERRIDE_NEEDED, OVERRIDE_BY_SAME_PERSON, TEXT_MALFORMED).
        """
        by = allowed(override, _name(operator))
        self._store.write(lambda book: self._record(book, _parked(book, seq), WRITE_OFF, operator, override=by))

    def repair(self, seq: int, card: str, operator: str | None = None) -> None:
        """Have an enrolment applied with another card code.

        Raises Refusal(OPERATION_NOT_PARKED, REPAIR_NOT_POSSIBLE for any other operation, CARD_MALFORMED).
        """
        right = card_code(card)

        def record(book: Book) -> None:
            operation = _parked(book, seq)
            body = _body(operation)
            if not isinstance(body, EnrolBody):
                raise Refusal(RefusalCode.REPAIR_NOT_POSSIBLE, operation=seq)
            replacement = encode_body(msgspec.structs.replace(body, card=right))[2].decode()
            self._record(book, operation, "repair", operator, replacement=replacement)

        self._store.write(record)

    def _record(
        self,
        book: Book,
        operation: Operation,
        action: str,
        operator: str | None,
        *,
        replacement: str | None = None,
        override: RefundOverride | None = None,
    ) -> None:
        stamp = self._recorder.stamp(book)
        body = ResolveBody(
            hlc=stamp.hlc,
            recorded_at=stamp.now,
            operator=_name(operator),
            op_id=operation.op_id.hex(),
            action=action,
            replacement=replacement,
            override=override,
        )
        self._recorder.append(book, body)


def _name(operator: str | None) -> str | None:
    return clean_text(operator, MAX_CODE) or None if operator is not None else None


def _parked(book: Book, seq: int) -> Operation:
    operation = book.operations.at(seq) if any(each.seq == seq for each in book.operations.parked()) else None
    if operation is None:
        raise Refusal(RefusalCode.OPERATION_NOT_PARKED, operation=seq)
    return operation


def _body(operation: Operation) -> Body | None:
    try:
        return decode_body(operation.kind, operation.schema, operation.body)
    except MalformedError:
        return None


def _set_aside(book: Book, parked: ParkedOperation) -> SetAside:
    operation = book.operations.at(parked.seq)
    body = None if operation is None else _body(operation)
    receipt = printed(identity_of(book).number, body.receipt) if isinstance(body, SaleBody | RefundBody) else ""
    return SetAside(parked.seq, parked.kind, parked.code, receipt, isinstance(body, EnrolBody))
