"""What moved a customer's points of late, with reasons: by the central store, or by this counter's receipts alone.

Must never pass off what one counter knows as the whole wallet: `is_whole` says which it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from urs_desktop.counter.people_ports import Movement, Statements
from urs_desktop.counter.ports import CentralUnavailableError, Store
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import Identity
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.people import StatementEntry, StatementReply, StatementRequest

NEWEST: Final = 20
"""A statement shows so many entries."""


class Reason(StrEnum):
    """Why points moved, in the terms of a customer."""

    EARNED = "earned"
    VESTED = "vested"
    SPENT = "spent"
    SET_ASIDE = "set_aside"
    FREED = "freed"
    EXPIRED = "expired"
    GIVEN_BACK = "given_back"
    TAKEN_BACK = "taken_back"
    OWED = "owed"
    REPAID = "repaid"
    VENDOR_GAVE = "vendor_gave"
    CORRECTED = "corrected"
    MOVED = "moved"


_REASONS: Final[dict[EntryKind, Reason]] = {
    EntryKind.EARN: Reason.EARNED,
    EntryKind.VEST: Reason.VESTED,
    EntryKind.HOLD: Reason.SET_ASIDE,
    EntryKind.VOID: Reason.FREED,
    EntryKind.REDEEM: Reason.SPENT,
    EntryKind.LATE: Reason.VENDOR_GAVE,
    EntryKind.EXPIRE: Reason.EXPIRED,
    EntryKind.UNREDEEM: Reason.GIVEN_BACK,
    EntryKind.UNLATE: Reason.VENDOR_GAVE,
    EntryKind.CLAWBACK: Reason.TAKEN_BACK,
    EntryKind.DEBT: Reason.OWED,
    EntryKind.RECOVER: Reason.REPAID,
    EntryKind.ADJUST: Reason.CORRECTED,
    EntryKind.MERGE: Reason.MOVED,
    EntryKind.ASSUME: Reason.OWED,
}
_PLUS: Final = frozenset({Reason.EARNED, Reason.GIVEN_BACK})
_MINUS: Final = frozenset({Reason.SPENT, Reason.EXPIRED, Reason.TAKEN_BACK, Reason.REPAID})


@dataclass(frozen=True, slots=True)
class Line:
    """One movement at `at` (milliseconds): `points` more or less, 0 sign for what only changes their state.

    `moved` is always how many points it is about; `number` the receipt as printed where this vendor made it; `own`
    whether this vendor did it.
    """

    reason: Reason
    at: int
    moved: int
    points: int
    own: bool = True
    number: str = ""


@dataclass(frozen=True, slots=True)
class WalletStatement:
    """The newest movements, newest first; `balances` of the wallet are available, held, pending and owed points.

    Not `is_whole` where the central store could not be asked: then these are this counter's receipts, without balances.
    """

    card: str
    lines: tuple[Line, ...]
    is_whole: bool
    available: int | None = None
    held: int = 0
    pending: int = 0
    owed: int = 0


class WalletStatements:
    """Tells what moved a customer's points."""

    def __init__(self, store: Store, central: Statements) -> None:
        """Take the store and the way to the central store."""
        self._store = store
        self._central = central

    def of(self, card: str) -> WalletStatement:
        """Return a wallet's statement; without an answer that of this counter's receipts. Waits for the answer.

        A customer whom the central store does not know as this vendor's has this counter's receipts too.
        """
        try:
            return _told(card, self._central.statement(StatementRequest(card=card, limit=NEWEST)))
        except CentralUnavailableError:
            return self._here(card)
        except Refusal as refusal:
            if refusal.code not in (RefusalCode.CUSTOMER_UNKNOWN, RefusalCode.CUSTOMER_ERASED):
                raise
            return self._here(card)

    def _here(self, card: str) -> WalletStatement:
        identity, moved = self._store.read(lambda book: (identity_of(book), book.people.movements(card, NEWEST)))
        return WalletStatement(card, _of_receipts(identity, moved), is_whole=False)


def _told(card: str, reply: StatementReply) -> WalletStatement:
    lines = tuple(line for entry in reply.entries if (line := _line(entry)) is not None)
    return WalletStatement(
        card,
        lines,
        is_whole=True,
        available=reply.available,
        held=reply.held,
        pending=reply.pending,
        owed=reply.owed,
    )


def _line(entry: StatementEntry) -> Line | None:
    try:
        reason = _REASONS[EntryKind(entry.kind)]
    except (ValueError, KeyError):
        return None  # a kind of a newer store, or none of a customer's
    sign = 1 if reason in _PLUS else -1 if reason in _MINUS else 0
    return Line(reason, entry.at, entry.points, sign * entry.points, entry.own, entry.number)


def _of_receipts(identity: Identity, moved: Sequence[Movement]) -> tuple[Line, ...]:
    lines = []
    for each in moved:
        parts = (
            (Reason.EARNED, each.earned),
            (Reason.SPENT, -each.spent),
            (Reason.GIVEN_BACK, each.back),
            (Reason.TAKEN_BACK, -each.clawed),
        )
        number = printed(identity.number, each.receipt)
        lines += [Line(reason, each.at, abs(points), points, number=number) for reason, points in parts if points]
    return tuple(lines)
