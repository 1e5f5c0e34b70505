"""Double entry for points and the money behind them: which accounts each kind of entry moves.

Wallet accounts are positive, issuers' negative; every entry sums to zero in points and in money. Must never be
bypassed: no posting exists that one of these functions did not make. Source: ledger.md "Double entry".
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from urs_desktop.domain.points import NO_POINTS, Points

PROGRAMME: Final = "programme"
"""The owner of the accounts of the programme itself, which issues what two people adjust."""


class Unit(StrEnum):
    """What a posting counts."""

    POINTS = "points"
    MONEY = "money"


class AccountKind(StrEnum):
    """The accounts of the programme; `owner` names whose, `lease` which lease for HELD."""

    ISSUE = "ISSUE"
    PENDING = "PENDING"
    AVAIL = "AVAIL"
    HELD = "HELD"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    DEBT = "DEBT"
    DUE = "DUE"
    POOL = "POOL"
    FEES = "FEES"
    BREAKAGE = "BREAKAGE"
    BANK = "BANK"

    @property
    def unit(self) -> Unit:
        """What is counted in accounts of this kind."""
        return Unit.MONEY if self in _IN_MONEY else Unit.POINTS


_IN_MONEY: Final = frozenset(
    {AccountKind.DUE, AccountKind.POOL, AccountKind.FEES, AccountKind.BREAKAGE, AccountKind.BANK}
)


class EntryKind(StrEnum):
    """What happened to points, or to what the programme owes a vendor."""

    EARN = "EARN"
    VEST = "VEST"
    HOLD = "HOLD"
    VOID = "VOID"
    REDEEM = "REDEEM"
    LATE = "LATE"
    EXPIRE = "EXPIRE"
    UNREDEEM = "UNREDEEM"
    UNLATE = "UNLATE"
    CLAWBACK = "CLAWBACK"
    DEBT = "DEBT"
    RECOVER = "RECOVER"
    ADJUST = "ADJUST"
    FEE = "FEE"
    SHARE = "SHARE"
    SETTLE = "SETTLE"
    MERGE = "MERGE"
    ASSUME = "ASSUME"


_UNREDEEMED: Final = (AccountKind.PENDING, AccountKind.AVAIL, AccountKind.HELD)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of `owner`.

    ISSUE, REDEEMED and DUE belong to a vendor or the PROGRAMME, PENDING, AVAIL, HELD and DEBT to a customer, the others
    to nobody ('').
    """

    kind: AccountKind
    owner: str = ""
    lease: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount added to one account, in points or in minor units of the programme's currency."""

    account: Account
    unit: Unit
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced set of postings; `points` is the number of points (or minor units) it is about."""

    kind: EntryKind
    points: Points
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Raise AssertionError for an entry that does not balance: a bug, never a refusal.

        It sums to zero in each unit, and the pool has one minor unit for each point it puts into wallets.
        """
        sums: Counter[Unit] = Counter()
        uncovered = 0
        for posting in self.postings:
            sums[posting.unit] += posting.amount
            if posting.account.kind in _UNREDEEMED:
                uncovered += posting.amount
            elif posting.account.kind is AccountKind.POOL:
                uncovered -= posting.amount
        if any(sums.values()) or uncovered or self.points <= 0:
            message = f"{self.kind} of {self.points} does not balance: {dict(sums)}, {uncovered} points not in the pool"
            raise AssertionError(message)


_POOL: Final = Account(AccountKind.POOL)
_EXPIRED: Final = Account(AccountKind.EXPIRED)
_BREAKAGE: Final = Account(AccountKind.BREAKAGE)


def earn(vendor: str, customer: str, points: Points, *, pending: bool = False) -> Entry:
    """Points a vendor gives a customer for a purchase, at first pending or not; the vendor pays them into the pool."""
    return Entry(EntryKind.EARN, points, _issued(vendor, customer, points, pending=pending))


def vest(customer: str, points: Points) -> Entry:
    """Pending points that can be spent from now."""
    return _entry(
        EntryKind.VEST,
        points,
        (_points(Account(AccountKind.PENDING, customer), -points), _points(_avail(customer), points)),
    )


def hold(customer: str, lease: str, points: Points) -> Entry:
    """Points a lease sets aside for a counter."""
    return _entry(EntryKind.HOLD, points, (_points(_avail(customer), -points), _points(_held(customer, lease), points)))


def void(customer: str, lease: str, points: Points) -> Entry:
    """Held points that come back to the customer: returned, abandoned or reclaimed."""
    return _entry(EntryKind.VOID, points, (_points(_held(customer, lease), -points), _points(_avail(customer), points)))


def redeem(vendor: str, customer: str, lease: str, points: Points) -> Entry:
    """Held points that paid for a purchase; the pool pays the vendor for them."""
    return _entry(
        EntryKind.REDEEM,
        points,
        (
            _points(_held(customer, lease), -points),
            _points(Account(AccountKind.REDEEMED, vendor), points),
            _money(_POOL, -points),
            _money(_due(vendor), points),
        ),
    )


def late(points: Points) -> Entry:
    """Points a vendor accepted after the lease was over or beyond it: the vendor gave them, no account moves."""
    return Entry(EntryKind.LATE, points, ())


def unlate(points: Points) -> Entry:
    """Points accepted late for goods that came back: the vendor's exposure is less by them, no account moves."""
    return Entry(EntryKind.UNLATE, points, ())


def expire(customer: str, points: Points) -> Entry:
    """Points whose time is over; the money behind them is breakage."""
    return _entry(
        EntryKind.EXPIRE,
        points,
        (
            _points(_avail(customer), -points),
            _points(_EXPIRED, points),
            _money(_POOL, -points),
            _money(_BREAKAGE, points),
        ),
    )


def unredeem(vendor: str, customer: str, points: Points, expired: Points = NO_POINTS) -> Entry:
    """Points paid with that a refund gives back; `expired` of them belong to lots that are over and expire again."""
    alive = _rest(points, expired)
    return _entry(
        EntryKind.UNREDEEM,
        points,
        (
            _points(Account(AccountKind.REDEEMED, vendor), -points),
            _points(_avail(customer), alive),
            _points(_EXPIRED, expired),
            _money(_due(vendor), -points),
            _money(_POOL, alive),
            _money(_BREAKAGE, expired),
        ),
    )


def clawback(vendor: str, customer: str, taken: Points, pending: Points = NO_POINTS) -> Entry:
    """Points earned by goods that came back, as far as the wallet has them; `pending` of them had not vested."""
    return Entry(EntryKind.CLAWBACK, taken, _withdrawn(vendor, customer, taken, pending))


def debt(vendor: str, customer: str, owed: Points) -> Entry:
    """Points to be taken back that the wallet has not: the customer owes them, and the vendor gets them."""
    return _entry(
        EntryKind.DEBT,
        owed,
        (_points(Account(AccountKind.DEBT, customer), -owed), _points(Account(AccountKind.ISSUE, vendor), owed)),
    )


def recover(beneficiary: str, customer: str, points: Points) -> Entry:
    """Points that repay a debt; the pool pays its beneficiary."""
    return _entry(
        EntryKind.RECOVER,
        points,
        (
            _points(_avail(customer), -points),
            _points(Account(AccountKind.DEBT, customer), points),
            _money(_POOL, -points),
            _money(_due(beneficiary), points),
        ),
    )


def merge(customer: str, into: str, points: Points, *, pending: bool = False) -> Entry:
    """Points of a customer who was merged into another, pending or not: they are the other's from now."""
    kind = AccountKind.PENDING if pending else AccountKind.AVAIL
    return _entry(
        EntryKind.MERGE, points, (_points(Account(kind, customer), -points), _points(Account(kind, into), points))
    )


def assume(customer: str, into: str, owed: Points) -> Entry:
    """The rest of a debt of a customer who was merged into another: the other owes it from now."""
    return _entry(
        EntryKind.ASSUME,
        owed,
        (
            _points(Account(AccountKind.DEBT, customer), owed),
            _points(Account(AccountKind.DEBT, into), -owed),
        ),
    )


def adjust(customer: str, points: int) -> Entry:
    """Points two people gave a customer (more than 0) or took (less), at the programme's cost."""
    size = Points(abs(points))
    if points > 0:
        return Entry(EntryKind.ADJUST, size, _issued(PROGRAMME, customer, size))
    return Entry(EntryKind.ADJUST, size, _withdrawn(PROGRAMME, customer, size))


def fee(vendor: str, amount: int) -> Entry:
    """A fee the programme charges a vendor, in minor units."""
    return _owed(EntryKind.FEE, vendor, -amount, AccountKind.FEES)


def share(vendor: str, amount: int) -> Entry:
    """A vendor's share of the breakage, in minor units."""
    return _owed(EntryKind.SHARE, vendor, amount, AccountKind.BREAKAGE)


def settle(vendor: str, amount: int) -> Entry:
    """A payment that settles what is due: to the vendor (more than 0) or from it (less), in minor units."""
    return _owed(EntryKind.SETTLE, vendor, -amount, AccountKind.BANK)


def _owed(kind: EntryKind, vendor: str, amount: int, other: AccountKind) -> Entry:
    return _entry(kind, Points(abs(amount)), (_money(_due(vendor), amount), _money(Account(other), -amount)))


def _issued(vendor: str, customer: str, points: Points, *, pending: bool = False) -> tuple[Posting, ...]:
    wallet = Account(AccountKind.PENDING, customer) if pending else _avail(customer)
    return (
        _points(Account(AccountKind.ISSUE, vendor), -points),
        _points(wallet, points),
        _money(_due(vendor), -points),
        _money(_POOL, points),
    )


def _withdrawn(vendor: str, customer: str, taken: Points, pending: Points = NO_POINTS) -> tuple[Posting, ...]:
    return _moving(
        (
            _points(_avail(customer), -_rest(taken, pending)),
            _points(Account(AccountKind.PENDING, customer), -pending),
            _points(Account(AccountKind.ISSUE, vendor), taken),
            _money(_POOL, -taken),
            _money(_due(vendor), taken),
        )
    )


def _rest(whole: Points, part: Points) -> int:
    if not 0 <= part <= whole:
        message = f"{part} is no part of {whole} points"
        raise AssertionError(message)
    return whole - part


def _entry(kind: EntryKind, points: Points, postings: tuple[Posting, ...]) -> Entry:
    return Entry(kind, points, _moving(postings))


def _moving(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    return tuple(posting for posting in postings if posting.amount)


def _avail(customer: str) -> Account:
    return Account(AccountKind.AVAIL, customer)


def _held(customer: str, lease: str) -> Account:
    return Account(AccountKind.HELD, customer, lease)


def _due(vendor: str) -> Account:
    return Account(AccountKind.DUE, vendor)


def _points(account: Account, amount: int) -> Posting:
    return Posting(account, Unit.POINTS, amount)


def _money(account: Account, amount: int) -> Posting:
    return Posting(account, Unit.MONEY, amount)
