"""What printing needs of the outside, as protocols with their values: the jobs that are kept, and the printers.

Must never name a device's library, SQL or Qt.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from urs_desktop.counter.paper.document import Document


class JobKind(StrEnum):
    """What a job prints; a DRAWER job prints nothing and opens the drawer."""

    RECEIPT = "receipt"
    COPY = "copy"
    REPORT = "report"
    TEST = "test"
    DRAWER = "drawer"


class JobState(StrEnum):
    """Where a job stands; a state of `OVER` never changes again.

    SENDING is on disk before the first byte goes out, PRINTED once the printer has taken all of it. KEPT: nothing
    reached the printer. UNKNOWN: part or all of it may have come out, so only a person may say that it is sent again.
    DROPPED: a drawer that was not opened in time, and never will be by this job.
    """

    WAITING = "waiting"
    SENDING = "sending"
    PRINTED = "printed"
    KEPT = "kept"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


OVER: Final = frozenset({JobState.PRINTED, JobState.KEPT, JobState.UNKNOWN, JobState.DROPPED})
"""What is not going to be sent by itself."""

FAILED: Final = frozenset({JobState.KEPT, JobState.UNKNOWN, JobState.DROPPED})
"""What the cashier has to know of."""


class Trouble(StrEnum):
    """Why a job did not come out; stored, so a name keeps its meaning."""

    NO_PRINTER = "no_printer"
    ADDRESS = "address"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    STALLED = "stalled"
    SYSTEM = "system"
    STOPPED = "stopped"
    TOO_LATE = "too_late"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One sheet to print: `subject` is the number of the receipt, as printed, or a report's title.

    `made_at` in milliseconds; `kick` opens the drawer with it; `trouble` says why it did not come out.
    """

    job_id: str
    kind: JobKind
    subject: str
    made_at: int
    document: Document
    kick: bool = False
    state: JobState = JobState.WAITING
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class ListedReceipt:
    """A sale or refund in a list: `total` in minor units, the customer's `card` and, if known here, `name`."""

    receipt: int
    is_refund: bool
    happened_at: int
    total: int
    card: str
    name: str


class Prints(Protocol):
    """What is or was to be printed, and the receipts that can be printed again."""

    def put(self, job: PrintJob) -> None:
        """Add a job behind the others; raises for an id that is there."""

    def get(self, job_id: str) -> PrintJob | None:
        """Return the job with this id."""

    def of_subject(self, subject: str) -> Sequence[PrintJob]:
        """Return the jobs about this, in the order in which they were added."""

    def next_waiting(self) -> PrintJob | None:
        """Return the first job that waits."""

    def move(self, job_id: str, before: JobState, after: JobState, trouble: Trouble | None = None) -> bool:
        """Change a job's state if it is `before`, and say whether it was: of two that try, one does.

        A job that is over lets go of its document, which may name a customer and is not sent again.
        """

    def interrupted(self) -> Sequence[PrintJob]:
        """Return the jobs whose sending has begun and not ended."""

    def count_waiting(self) -> int:
        """Return how many jobs wait or are being sent."""

    def latest_failed(self) -> PrintJob | None:
        """Return the job added last of those that failed."""

    def prune(self, before: int) -> int:
        """Delete the jobs made before this time (milliseconds) that are over; returns how many."""

    def receipts(self, text: str, receipt: int | None, limit: int) -> Sequence[ListedReceipt]:
        """Return up to `limit` sales and refunds, newest first.

        With `text`, those whose customer's card, name or phone holds it, and the one with the number `receipt`.
        """


class PrinterError(Exception):
    """A printer could not be given all of a job; `reached` whether any byte of it may have come out."""

    def __init__(self, trouble: Trouble, *, reached: bool, detail: str = "") -> None:
        """Take what is wrong, whether the printer got any of it, and what the machine said, for the log."""
        super().__init__(detail or trouble.value)
        self.trouble = trouble
        self.reached = reached


class Printers(Protocol):
    """The printers of this machine and its network, by address."""

    def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
        """Give a printer all of `data`, once; gives up in time, and soon once `stop` is set. Raises PrinterError."""


class Roll(Protocol):
    """The paper of the virtual printer."""

    def sheets(self) -> Sequence[bytes]:
        """Return what was sent to it, job by job, the latest last."""
