"""What the counter keeps of persons until the central store has it, and of a customer's receipts here, as a protocol.

Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from urs_desktop.domain.person import Person
from urs_desktop.protocol.people import StatementReply, StatementRequest


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """The person enrolled by the operation `op_id` (16 bytes) with its `seq`; `salt` as in protocol.people."""

    op_id: bytes
    seq: int
    card: str
    salt: bytes
    person: Person


@dataclass(frozen=True, slots=True)
class Movement:
    """A receipt of this counter that moved a customer's points: what it `earned`, or a refund gave `back`.

    `spent` are points a sale was paid with, `clawed` those a refund took back; `at` in milliseconds.
    """

    receipt: int
    at: int
    is_refund: bool
    earned: int = 0
    spent: int = 0
    back: int = 0
    clawed: int = 0


class People(Protocol):
    """The persons enrolled here whom the central store does not have yet, and what customers did here."""

    def put(self, enrolled: EnrolledPerson) -> None:
        """Keep a person until the central store has the record."""

    def waiting(self, limit: int) -> Sequence[EnrolledPerson]:
        """Return up to `limit` persons whose enrolment the central store acknowledged and who were not refused."""

    def remove(self, op_id: bytes) -> None:
        """Let go of the person of this enrolment; one that is not there is no fault."""

    def refuse(self, op_id: bytes, code: str) -> None:
        """Note why the central store does not take this record: it is not offered again."""

    def refused(self) -> Sequence[tuple[int, str]]:
        """Return the seq of each enrolment whose record was refused, and why."""

    def movements(self, card: str, limit: int) -> Sequence[Movement]:
        """Return the newest receipts of this counter with this card, newest first."""


class Statements(Protocol):
    """What the counter asks of the central store about a wallet while a cashier waits."""

    def statement(self, request: StatementRequest) -> StatementReply:
        """Return a wallet's newest entries; raises Refusal(CUSTOMER_UNKNOWN) or CentralUnavailableError."""
