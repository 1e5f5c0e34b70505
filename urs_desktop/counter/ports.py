"""What the counter's use cases need of the outside, as protocols; the values that pass through them are in `values`.

One contract suite runs against every implementation. Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from urs_desktop.counter.catalogue_ports import Catalogue, Customers
from urs_desktop.counter.figure_ports import Analytics
from urs_desktop.counter.people_ports import People
from urs_desktop.counter.print_ports import Prints
from urs_desktop.counter.shift_ports import Shifts
from urs_desktop.counter.staff_ports import Staff
from urs_desktop.counter.values import (
    AdjustedReceipt,
    ChainHead,
    Epoch,
    HeldSale,
    Identity,
    Link,
    ParkedOperation,
    ReplayedReturns,
    SkippedReceipts,
    StoredRefund,
    StoredSale,
)
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    LineRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.operations import Operation

T = TypeVar("T")


class Policies(Protocol):
    """The reward policies as the central store published them."""

    def all(self) -> Sequence[RewardPolicy]:
        """Return every version of every policy."""

    def put(self, policy: RewardPolicy) -> None:
        """Add one version with its digest; one that is there already stays as it is."""

    def altered(self) -> Sequence[RewardPolicy]:
        """Return the versions that no longer have the digest (32 bytes) with which they were added."""


class Sales(Protocol):
    """The completed sales of this counter."""

    def put(self, sale: StoredSale) -> None:
        """Store a sale with its lines and tenders."""

    def by_receipt(self, receipt: int) -> StoredSale | None:
        """Return the sale with this receipt number."""

    def by_operation(self, op_id: bytes) -> StoredSale | None:
        """Return the sale whose operation has this id (16 bytes)."""

    def by_source(self, journal: str, invoice: str) -> StoredSale | None:
        """Return the sale replayed from this invoice of this journal."""

    def of_customer(self, card: str, sku: str, until: int) -> Sequence[StoredSale]:
        """Return a customer's sales of a product, none later than `until` (milliseconds), oldest first."""

    def agrees(self, sale: StoredSale) -> bool:
        """Return whether the rows kept for reports (sale, lines, tenders, points) say what the signed body says."""

    def latest(self, limit: int) -> Sequence[StoredSale]:
        """Return the newest sales, newest first."""

    def floor_taken(self, card: str | None = None) -> int:
        """Return the points that sales not acknowledged yet took without a lease, of one card or in all."""

    def count(self) -> int:
        """Return the number of sales."""


class Refunds(Protocol):
    """The refunds made at this counter, which number their receipts together with its sales."""

    def put(self, refund: StoredRefund) -> None:
        """Store a refund with its lines, tenders and the refunds of others it was reckoned after."""

    def by_receipt(self, receipt: int) -> StoredRefund | None:
        """Return the refund with this receipt number."""

    def by_source(self, journal: str, invoice: str) -> Sequence[StoredRefund]:
        """Return the refunds replayed from this invoice of this journal, in the order of their receipts."""

    def of_sale(self, sale: bytes) -> Sequence[StoredRefund]:
        """Return the refunds of the sale whose operation has this id (16 bytes), in the order of their receipts."""

    def agrees(self, refund: StoredRefund) -> bool:
        """Return whether the rows kept for reports (refund, lines, tenders) say what the signed body says."""

    def count(self) -> int:
        """Return the number of refunds."""

    def put_returns(self, returns: ReplayedReturns) -> None:
        """Store that the returns of an invoice have been dealt with; once for each invoice."""

    def returns_of(self, journal: str, invoice: str) -> ReplayedReturns | None:
        """Return what became of the returns of this invoice of this journal, or None when nothing did yet."""


class Operations(Protocol):
    """The counter's chain of operations, which is also the outbox."""

    def head(self) -> ChainHead:
        """Return where the chain stands."""

    def append(self, operation: Operation, hlc: int, receipt: int) -> None:
        """Add a sealed operation and move the head in the same transaction."""

    def waiting(self, limit: int, limit_bytes: int) -> Sequence[Operation]:
        """Return the first operations not acknowledged yet, in order, at least one if any waits."""

    def at(self, seq: int) -> Operation | None:
        """Return the operation with this seq."""

    def acknowledge(self, seq: int, parked: Sequence[ParkedOperation]) -> None:
        """Mark everything up to `seq` as confirmed by the central store, and what it parked."""

    def rewind(self, seq: int) -> None:
        """Mark everything after `seq` as not confirmed: the central store lost it, so it must be sent again."""

    def parked(self) -> Sequence[ParkedOperation]:
        """Return the operations the central store parked and that are not resolved."""

    def resolve(self, seq: int, result: str, code: str) -> None:
        """Note what became of a parked operation in the end (protocol.messages.Became); the first word stays."""

    def receipts_waiting(self) -> Sequence[int]:
        """Return the receipt numbers whose operations are not acknowledged, in order."""

    def fence(self) -> None:
        """Mark the counter's history as in doubt: it sells and earns on, and redeems no more."""

    def all(self) -> Sequence[Operation]:
        """Return the whole chain in order, for verification."""


class Epochs(Protocol):
    """The lives of the counter's chain, of which `operations` shows the current one."""

    def all(self) -> Sequence[Epoch]:
        """Return every epoch in order."""

    def chain(self, epoch: int, after: int, limit: int) -> Sequence[Operation]:
        """Return up to `limit` operations after seq `after` as that epoch signed them, none made in a later one."""

    def begin(self, epoch: Epoch, links: Sequence[Link]) -> None:
        """Begin an epoch with the `links` of every operation there is: nothing is acknowledged in it, nothing fenced.

        Raises ValueError unless it follows the current epoch and the links are one for each operation.
        """

    def skip_receipts(self, receipt: int) -> None:
        """Let receipt numbers go on above `receipt`; changes nothing if they do."""

    def skipped(self) -> Sequence[SkippedReceipts]:
        """Return where receipt numbers were skipped, in order."""


class HeldSales(Protocol):
    """The sales put aside. One that is taken is kept until it is completed or let go, and is no longer listed."""

    def put(self, sale: HeldSale) -> None:
        """Put a sale aside under its number, in the place of the one that was there."""

    def waiting(self) -> Sequence[HeldSale]:
        """Return those that nobody has taken, in the order of their numbers."""

    def newest(self) -> int:
        """Return the highest number there is, taken or not; 0 when there is none."""

    def take(self, number: int) -> HeldSale | None:
        """Return the waiting sale with this number and mark it as taken; None if there is none."""

    def release(self) -> None:
        """Let all that were taken wait again, as at a start: who took them is gone."""

    def remove(self, number: int) -> None:
        """Remove a sale for good, taken or not; one that is not there is no fault."""


class Outcomes(Protocol):
    """What the central store made of receipts otherwise than they promised, and where customers were told of it."""

    def put(self, adjusted: AdjustedReceipt) -> None:
        """Store what was posted for a receipt; one that is there already stays as it is."""

    def of_receipt(self, receipt: int) -> AdjustedReceipt | None:
        """Return what was posted for this receipt, or None where it is as it promised."""

    def all(self) -> Sequence[AdjustedReceipt]:
        """Return every adjusted receipt, in the order of their numbers."""

    def untold(self, card: str) -> Sequence[AdjustedReceipt]:
        """Return those this customer has not been told of, in the order of their numbers."""

    def tell(self, receipt: int, told_on: int) -> None:
        """Note that the sale with the receipt `told_on` tells the customer of this one; once for each."""

    def told_on(self, receipt: int) -> Sequence[AdjustedReceipt]:
        """Return those the sale with this receipt tells of, in the order of their numbers."""


class Leases(Protocol):
    """The points set aside for this counter."""

    def put(self, lease: CounterLease) -> None:
        """Store or replace a lease by its id."""

    def get(self, lease_id: str) -> CounterLease | None:
        """Return the lease with this id."""

    def unfinished(self) -> Sequence[CounterLease]:
        """Return the leases that were asked for and are neither spent out nor given back."""

    def line(self, card: str) -> Sequence[CounterLease]:
        """Return the unfinished standing leases of a card, the one that can be spent the shortest first."""

    def recall(self, lease_id: str) -> None:
        """Mark a standing lease as wanted back; an unknown or finished one is left alone."""

    def wanting(self, since: int, asked_before: int, limit: int) -> Sequence[str]:
        """Return up to `limit` cards that should have a line, those that bought last first.

        Their customers bought here lately and after `since`, which the central store has acknowledged, are not known to
        have no points, have no unfinished standing lease, and none was asked for since they bought last, or at or after
        `asked_before` (milliseconds).
        """

    def ask(self, card: str, at: int) -> None:
        """Note that a standing lease is asked for; at 0 it may be asked for again at once."""

    def finish(self, lease_id: str) -> None:
        """Mark a lease as spent out or given back: it never takes part again."""


class Settings(Protocol):
    """The counter's own facts: identity, feed cursor, last contact."""

    def identity(self) -> Identity | None:
        """Return who this counter is, or None before enrolment."""

    def put_identity(self, identity: Identity) -> None:
        """Store who this counter is and start its chain; later calls update the vendor's particulars only."""

    def move(self, central_url: str) -> None:
        """Note that the same central store answers at another address now."""

    def get(self, name: str) -> str | None:
        """Return a setting."""

    def put(self, name: str, value: str) -> None:
        """Store a setting."""


class Book(Protocol):
    """Everything the counter keeps, seen from inside one transaction."""

    @property
    def catalogue(self) -> Catalogue:
        """Return the products."""

    @property
    def customers(self) -> Customers:
        """Return the customers."""

    @property
    def policies(self) -> Policies:
        """Return the reward policies."""

    @property
    def sales(self) -> Sales:
        """Return the completed sales."""

    @property
    def refunds(self) -> Refunds:
        """Return the refunds."""

    @property
    def operations(self) -> Operations:
        """Return the chain of operations."""

    @property
    def epochs(self) -> Epochs:
        """Return the lives of the chain."""

    @property
    def outcomes(self) -> Outcomes:
        """Return what was posted otherwise than promised."""

    @property
    def held(self) -> HeldSales:
        """Return the sales put aside."""

    @property
    def staff(self) -> Staff:
        """Return the people."""

    @property
    def shifts(self) -> Shifts:
        """Return the shifts."""

    @property
    def prints(self) -> Prints:
        """Return the print jobs."""

    @property
    def analytics(self) -> Analytics:
        """Return the sales in figures."""

    @property
    def people(self) -> People:
        """Return the persons enrolled here."""

    @property
    def leases(self) -> Leases:
        """Return the points set aside."""

    @property
    def settings(self) -> Settings:
        """Return the counter's own facts."""


class Store(Protocol):
    """Opens transactions on the counter's book."""

    def write(self, work: Callable[[Book], T]) -> T:
        """Do `work` in the one writing transaction: on disk when this returns, or nothing of it is kept."""

    def read(self, work: Callable[[Book], T]) -> T:
        """Do `work` in a reading transaction of its own."""


class LineStore(Protocol):
    """What the counter asks of the central store while nobody waits."""

    def line(self, request: LineRequest) -> GrantReply:
        """Ask for a standing lease; raises Refusal with the centre's reason or CentralUnavailableError."""


class CentralStore(Protocol):
    """What the counter asks of the central store while a cashier waits. Every call raises CentralUnavailableError."""

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points to spend; raises Refusal with the centre's reason."""

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Look a customer up; raises Refusal(CUSTOMER_UNKNOWN)."""

    def sale(self, request: SaleRequest) -> SaleReply:
        """Find a sale of this counter's vendor and its refunds; raises Refusal(RECEIPT_UNKNOWN)."""


class CentralUnavailableError(Exception):
    """The central store cannot be reached or does not answer as it should; `str` says what was seen."""


class CentralDistrustedError(CentralUnavailableError):
    """What answered is not the central store this counter trusts; `str` is one sentence."""
