"""How the counter stands: what waits, what is missing at the central store, what the policy in force is.

Reads only. Must never call something done that the central store has not acknowledged.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.receipts import (
    Adjustment,
    Receipt,
    RefundReceipt,
    adjustment_of,
    receipt_of,
    refund_receipt_of,
)
from urs_desktop.counter.use_cases.ring_up import identity_of, policy_now
from urs_desktop.counter.use_cases.timekeeping import clock_is_suspect, last_contact
from urs_desktop.counter.values import CounterState, Identity, ParkedOperation
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.system.clock import Clock


@dataclass(frozen=True, slots=True)
class Connection:
    """How the counter stands with its central store, for the status line; times in milliseconds.

    `newest_parked` is the newest operation set aside, if there is one.
    """

    online: bool
    waiting: int
    parked: int
    last_sync: int | None
    fenced: bool = False
    clock_suspect: bool = False
    newest_parked: ParkedOperation | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The counter in figures: `receipts` of sales and refunds, `missing` those the centre has not acknowledged.

    `adjusted` are those for which it posted something else than they promised.
    """

    enrolled: bool
    vendor: str
    category: str
    counter: int
    connection: Connection
    receipts: int
    acknowledged: int
    missing: tuple[int, ...]
    parked: tuple[tuple[int, str, str], ...]
    adjusted: tuple[Adjustment, ...] = ()


class Reporting:
    """Answers how the counter stands."""

    def __init__(self, store: Store, clock: Clock, online: Callable[[], bool] | None = None) -> None:
        """Take the counter's store and clock, and who knows whether the central store answers (None: it does not)."""
        self._store = store
        self._clock = clock
        self._online = online or (lambda: False)

    def connection(self) -> Connection:
        """Return how the counter stands with its central store, as of the last exchange."""
        return replace(self._store.read(lambda book: _connection(book, self._clock.now())), online=self._online())

    def status(self) -> Status:
        """Return the counter in figures."""
        status = self._store.read(lambda book: _status(book, self._clock.now()))
        return replace(status, connection=replace(status.connection, online=self._online()))

    def policy(self) -> RewardPolicy | None:
        """Return the reward policy in force now; raises Refusal(NOT_ENROLLED)."""
        return self._store.read(lambda book: policy_now(book, identity_of(book), self._clock.now()))

    def receipt(self, number: int) -> Receipt:
        """Return a past sale's receipt; raises Refusal(RECEIPT_UNKNOWN), also for the number of a refund."""
        return self._store.read(lambda book: _receipt(book, number))

    def refund_receipt(self, number: int) -> RefundReceipt:
        """Return a past refund's receipt; raises Refusal(RECEIPT_UNKNOWN), also for the number of a sale."""
        return self._store.read(lambda book: _refund_receipt(book, number))


def _receipt(book: Book, number: int) -> Receipt:
    sale = book.sales.by_receipt(number)
    if sale is None:
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=number)
    return receipt_of(book, identity_of(book), sale.body)


def _refund_receipt(book: Book, number: int) -> RefundReceipt:
    refund = book.refunds.by_receipt(number)
    if refund is None:
        raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=number)
    return refund_receipt_of(book, identity_of(book), refund)


def _connection(book: Book, now: int) -> Connection:
    head = book.operations.head()
    parked = book.operations.parked()
    return Connection(
        online=False,
        waiting=head.seq - head.acknowledged,
        parked=len(parked),
        last_sync=last_contact(book),
        fenced=head.state is CounterState.FENCED,
        clock_suspect=clock_is_suspect(book, now),
        newest_parked=parked[-1] if parked else None,
    )


def _status(book: Book, now: int) -> Status:
    identity = book.settings.identity()
    receipts = book.sales.count() + book.refunds.count()
    missing = tuple(book.operations.receipts_waiting())
    return Status(
        enrolled=identity is not None,
        vendor=identity.vendor_name if identity else "",
        category=identity.category.value if identity else "",
        counter=identity.number if identity else 0,
        connection=_connection(book, now),
        receipts=receipts,
        acknowledged=receipts - len(missing),
        missing=missing,
        parked=tuple((operation.seq, operation.kind, operation.code) for operation in book.operations.parked()),
        adjusted=_adjusted(book, identity) if identity else (),
    )


def _adjusted(book: Book, identity: Identity) -> tuple[Adjustment, ...]:
    return tuple(adjustment_of(book, identity, each) for each in book.outcomes.all())
