"""Writing an operation into the counter's chain: stamped, sealed and signed inside the caller's transaction.

The one place where operations are made. Must never open a transaction of its own: sale and outbox row stand or fall
together.
"""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from urs_desktop.counter.ports import Book
from urs_desktop.counter.use_cases.session import Session
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import carried
from urs_desktop.protocol.chain import seal
from urs_desktop.protocol.codec import encode_body
from urs_desktop.protocol.messages import GrantRequest
from urs_desktop.protocol.operations import MAX_BODY_BYTES, Body, Operation, RefundBody, SaleBody
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock
from urs_desktop.system.ids import Randomness, uuid7

_B = TypeVar("_B", bound=Body)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an operation is made: `now` by the clock, `hlc` by the counter's hybrid clock, both in milliseconds."""

    now: int
    hlc: int


class Recorder:
    """Makes the counter's operations with its key, its clock and its randomness; `session` says who makes them."""

    def __init__(self, key: SigningKey, clock: Clock, randomness: Randomness) -> None:
        """Take the counter's signing key, the clock and the source of ids."""
        self._key = key
        self._clock = clock
        self._randomness = randomness
        self.session = Session()

    def now(self) -> int:
        """Return milliseconds since the epoch."""
        return self._clock.now()

    def request_text(self, device_id: bytes, request: GrantRequest) -> str:
        """Return a request signed by this counter, for a phone to carry."""
        return carried.request_text(self._key, device_id, request)

    def new_id(self) -> str:
        """Return a new UUIDv7 as text."""
        return str(uuid7(self._clock.now(), self._randomness))

    def stamp(self, book: Book) -> Stamp:
        """Return the stamp of the next operation: never behind the clock, always after the one before."""
        now = self._clock.now()
        return Stamp(now, max(now, book.operations.head().hlc + 1))

    def by_whom(self, body: _B) -> _B:
        """Return the body with the code of who is signed in, unless it names somebody already."""
        operator = self.session.operator
        return (
            body if operator is None or body.operator is not None else msgspec.structs.replace(body, operator=operator)
        )

    def append(self, book: Book, body: Body) -> Operation:
        """Seal `body` into the chain and the outbox, as the deed of who is signed in if it names nobody.

        Raises Refusal(NOT_ENROLLED) or Refusal(RECEIPT_TOO_LARGE).
        """
        body = self.by_whom(body)
        identity = book.settings.identity()
        if identity is None:
            raise Refusal(RefusalCode.NOT_ENROLLED)
        kind, schema, data = encode_body(body)
        if len(data) > MAX_BODY_BYTES:
            raise Refusal(RefusalCode.RECEIPT_TOO_LARGE, size=len(data), maximum=MAX_BODY_BYTES)
        head = book.operations.head()
        draft = Operation(
            seq=head.seq + 1,
            op_id=uuid7(body.hlc, self._randomness).bytes,
            kind=kind,
            schema=schema,
            body=data,
            prev=head.head,
        )
        operation = seal(self._key, identity.device_id, identity.epoch, draft)
        receipt = body.receipt if isinstance(body, SaleBody | RefundBody) else 0
        book.operations.append(operation, body.hlc, receipt)
        return operation
