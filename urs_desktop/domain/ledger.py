"""Double entry for points and the money behind them: which accounts each kind of entry moves.

Wallet accounts are positive, issuers' negative; every entry sums to zero in points and in money. Must never be
bypassed: no posting exists that one of these functions did not make. Source: ledger.md "Double entry".
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from urs_desktop.domain.points import Points


class Unit(StrEnum):
    """What a posting counts."""

    POINTS = "points"
    MONEY = "money"


class AccountKind(StrEnum):
    """The accounts of the programme; `owner` names whose, `lease` which lease for HELD."""

    ISSUE = "ISSUE"
    AVAIL = "AVAIL"
    HELD = "HELD"
    REDEEMED = "REDEEMED"
    DUE = "DUE"
    POOL = "POOL"


class EntryKind(StrEnum):
    """What happened to points."""

    EARN = "EARN"
    HOLD = "HOLD"
    VOID = "VOID"
    REDEEM = "REDEEM"
    LATE = "LATE"


@dataclass(frozen=True, slots=True)
class Account:
    """One account: ISSUE, REDEEMED and DUE belong to a vendor, AVAIL and HELD to a customer, POOL to nobody ('')."""

    kind: AccountKind
    owner: str
    lease: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount added to one account, in points or in minor units of the programme's currency."""

    account: Account
    unit: Unit
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of postings; `points` is the number of points it is about."""

    kind: EntryKind
    points: Points
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Raise AssertionError for an entry that does not sum to zero in each unit: a bug, never a refusal."""
        sums: Counter[Unit] = Counter()
        for posting in self.postings:
            sums[posting.unit] += posting.amount
        if any(sums.values()) or self.points <= 0:
            message = f"{self.kind} of {self.points} does not balance: {dict(sums)}"
            raise AssertionError(message)


_POOL = Account(AccountKind.POOL, "")


def _points(kind: AccountKind, owner: str, amount: int, lease: str = "") -> Posting:
    return Posting(Account(kind, owner, lease), Unit.POINTS, amount)


def _money(account: Account, amount: int) -> Posting:
    return Posting(account, Unit.MONEY, amount)


def earn(vendor: str, customer: str, points: Points) -> Entry:
    """Points a vendor gives a customer for a purchase; the vendor pays for them into the pool."""
    return Entry(
        EntryKind.EARN,
        points,
        (
            _points(AccountKind.ISSUE, vendor, -points),
            _points(AccountKind.AVAIL, customer, points),
            _money(Account(AccountKind.DUE, vendor), -points),
            _money(_POOL, points),
        ),
    )


def hold(customer: str, lease: str, points: Points) -> Entry:
    """Points a lease sets aside for a counter."""
    return Entry(
        EntryKind.HOLD,
        points,
        (_points(AccountKind.AVAIL, customer, -points), _points(AccountKind.HELD, customer, points, lease)),
    )


def void(customer: str, lease: str, points: Points) -> Entry:
    """Held points that come back to the customer: returned, abandoned or reclaimed."""
    return Entry(
        EntryKind.VOID,
        points,
        (_points(AccountKind.HELD, customer, -points, lease), _points(AccountKind.AVAIL, customer, points)),
    )


def redeem(vendor: str, customer: str, lease: str, points: Points) -> Entry:
    """Held points that paid for a purchase; the pool pays the vendor for them."""
    return Entry(
        EntryKind.REDEEM,
        points,
        (
            _points(AccountKind.HELD, customer, -points, lease),
            _points(AccountKind.REDEEMED, vendor, points),
            _money(_POOL, -points),
            _money(Account(AccountKind.DUE, vendor), points),
        ),
    )


def late(points: Points) -> Entry:
    """Points a vendor accepted after the lease was over or beyond it: the vendor gave them, no account moves."""
    return Entry(EntryKind.LATE, points, ())
