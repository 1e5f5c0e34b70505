"""Double entry: which accounts move, with which sign, and that every entry sums to zero in each unit.

The table of ledger.md stands here once more, account by account. Must never let an entry exist that does not balance.
"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain import ledger
from urs_desktop.domain.ledger import PROGRAMME, Account, AccountKind, Entry, EntryKind, Posting, Unit
from urs_desktop.domain.points import NO_POINTS, Points

amounts = st.integers(1, 10**15).map(Points)
signed = st.integers(-(10**15), 10**15).filter(bool)
IN_MONEY = {"DUE", "POOL", "FEES", "BREAKAGE", "BANK"}


@st.composite
def parts(draw: st.DrawFn) -> tuple[Points, Points]:
    """A number of points and a part of it, which may be none or all."""
    whole = draw(st.integers(1, 10**15))
    return Points(whole), Points(draw(st.integers(0, whole)))


def moves(entry: Entry) -> dict[str, int]:
    """Return what an entry does to each account, each in its one unit."""
    totals: Counter[str] = Counter()
    for posting in entry.postings:
        kind = posting.account.kind.value
        assert posting.unit is (Unit.MONEY if kind in IN_MONEY else Unit.POINTS) is posting.account.kind.unit
        assert posting.amount, "a posting of nothing"
        totals[kind] += posting.amount
    assert len(totals) == len(entry.postings), "an account twice in one entry"
    return dict(totals)


def without_nothing(expected: dict[str, int]) -> dict[str, int]:
    return {kind: amount for kind, amount in expected.items() if amount}


@given(amounts)
def test_the_table_of_entries(points: Points) -> None:
    p = int(points)
    issued = {"ISSUE": -p, "DUE": -p, "POOL": p}
    taken = {"ISSUE": p, "DUE": p, "POOL": -p}
    table = {
        ledger.earn("v", "c", points): {**issued, "AVAIL": p},
        ledger.earn("v", "c", points, pending=True): {**issued, "PENDING": p},
        ledger.vest("c", points): {"PENDING": -p, "AVAIL": p},
        ledger.hold("c", "l", points): {"AVAIL": -p, "HELD": p},
        ledger.void("c", "l", points): {"AVAIL": p, "HELD": -p},
        ledger.redeem("v", "c", "l", points): {"HELD": -p, "REDEEMED": p, "POOL": -p, "DUE": p},
        ledger.late(points): {},
        ledger.unlate(points): {},
        ledger.expire("c", points): {"AVAIL": -p, "EXPIRED": p, "POOL": -p, "BREAKAGE": p},
        ledger.unredeem("v", "c", points): {"REDEEMED": -p, "AVAIL": p, "DUE": -p, "POOL": p},
        ledger.unredeem("v", "c", points, points): {"REDEEMED": -p, "EXPIRED": p, "DUE": -p, "BREAKAGE": p},
        ledger.clawback("v", "c", points): {**taken, "AVAIL": -p},
        ledger.clawback("v", "c", points, points): {**taken, "PENDING": -p},
        ledger.debt("v", "c", points): {"DEBT": -p, "ISSUE": p},
        ledger.recover("v", "c", points): {"AVAIL": -p, "DEBT": p, "POOL": -p, "DUE": p},
        ledger.adjust("c", points): {**issued, "AVAIL": p},
        ledger.adjust("c", -points): {**taken, "AVAIL": -p},
    }
    for entry, expected in table.items():
        assert entry.points == points
        assert moves(entry) == expected, entry.kind


@given(amounts)
def test_what_moves_from_one_customer_to_another(points: Points) -> None:
    for entry, account, given_up in (
        (ledger.merge("c", "d", points), AccountKind.AVAIL, -points),
        (ledger.merge("c", "d", points, pending=True), AccountKind.PENDING, -points),
        (ledger.assume("c", "d", points), AccountKind.DEBT, points),
    ):
        assert entry.points == points
        assert entry.postings == (
            Posting(Account(account, "c"), Unit.POINTS, given_up),
            Posting(Account(account, "d"), Unit.POINTS, -given_up),
        )


@given(signed)
def test_what_is_booked_between_programme_and_vendor(amount: int) -> None:
    for entry, expected in (
        (ledger.fee("v", amount), {"DUE": -amount, "FEES": amount}),
        (ledger.share("v", amount), {"DUE": amount, "BREAKAGE": -amount}),
        (ledger.settle("v", amount), {"DUE": -amount, "BANK": amount}),
    ):
        assert entry.points == abs(amount)
        assert moves(entry) == expected


@given(parts())
def test_points_given_back_and_taken_back_in_parts(figures: tuple[Points, Points]) -> None:
    whole, part = figures
    rest = whole - part
    assert moves(ledger.unredeem("v", "c", whole, part)) == without_nothing(
        {"REDEEMED": -whole, "AVAIL": rest, "EXPIRED": part, "DUE": -whole, "POOL": rest, "BREAKAGE": part}
    )
    assert moves(ledger.clawback("v", "c", whole, part)) == without_nothing(
        {"AVAIL": -rest, "PENDING": -part, "ISSUE": whole, "POOL": -whole, "DUE": whole}
    )


@pytest.mark.parametrize("part", [-1, 6])
def test_no_part_is_less_than_nothing_or_more_than_the_whole(part: int) -> None:
    with pytest.raises(AssertionError, match="is no part of 5 points"):
        ledger.unredeem("v", "c", Points(5), Points(part))
    with pytest.raises(AssertionError, match="is no part of 5 points"):
        ledger.clawback("v", "c", Points(5), Points(part))


def every_entry() -> list[Entry]:
    """Return an entry of every kind, and of every way to make one."""
    five, two = Points(5), Points(2)
    return [
        ledger.earn("v", "c", five),
        ledger.earn("v", "c", five, pending=True),
        ledger.vest("c", five),
        ledger.hold("c", "l", five),
        ledger.void("c", "l", five),
        ledger.redeem("v", "c", "l", five),
        ledger.late(five),
        ledger.expire("c", five),
        ledger.unredeem("v", "c", five, two),
        ledger.unlate(five),
        ledger.clawback("v", "c", five, two),
        ledger.debt("v", "c", five),
        ledger.recover("v", "c", five),
        ledger.merge("c", "c", five),
        ledger.merge("c", "c", five, pending=True),
        ledger.assume("c", "c", five),
        ledger.adjust("c", 5),
        ledger.adjust("c", -5),
        ledger.fee("v", 5),
        ledger.share("v", 5),
        ledger.settle("v", -5),
    ]


def test_every_kind_can_be_made() -> None:
    assert {entry.kind for entry in every_entry()} == set(EntryKind)


@pytest.mark.parametrize("entry", every_entry(), ids=lambda entry: entry.kind.value)
def test_every_entry_balances_and_covers_every_point_in_a_wallet(entry: Entry) -> None:
    totals: Counter[str] = Counter()
    for posting in entry.postings:
        totals[posting.unit.value] += posting.amount
        totals[posting.account.kind.value] += posting.amount
    assert totals["points"] == totals["money"] == 0
    assert totals["POOL"] == totals["PENDING"] + totals["AVAIL"] + totals["HELD"]


@pytest.mark.parametrize("entry", every_entry(), ids=lambda entry: entry.kind.value)
def test_owners_and_leases_are_on_the_right_accounts(entry: Entry) -> None:
    vendor = PROGRAMME if entry.kind is EntryKind.ADJUST else "v"
    owners = dict.fromkeys(("ISSUE", "REDEEMED", "DUE"), vendor)
    owners |= dict.fromkeys(("PENDING", "AVAIL", "HELD", "DEBT"), "c")
    for posting in entry.postings:
        kind = posting.account.kind
        assert posting.account.owner == owners.get(kind.value, "")
        assert posting.account.lease == ("l" if kind is AccountKind.HELD else "")


@pytest.mark.parametrize("points", [0, -1])
def test_no_entry_is_about_nothing(points: int) -> None:
    for make in (ledger.late, ledger.unlate):
        with pytest.raises(AssertionError, match="does not balance"):
            make(Points(points))
    with pytest.raises(AssertionError):
        ledger.earn("v", "c", Points(points))
    with pytest.raises(AssertionError):
        ledger.vest("c", NO_POINTS)


def test_no_adjustment_fee_share_or_payment_of_nothing() -> None:
    with pytest.raises(AssertionError):
        ledger.adjust("c", 0)
    for make in (ledger.fee, ledger.share, ledger.settle):
        with pytest.raises(AssertionError):
            make("v", 0)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-3, 3))
def test_an_entry_that_does_not_balance_cannot_be_made(one: int, other: int, points: int) -> None:
    postings = (
        Posting(Account(AccountKind.AVAIL, "c"), Unit.POINTS, one),
        Posting(Account(AccountKind.POOL, ""), Unit.MONEY, other),
    )
    if one == other == 0 and points > 0:
        Entry(EntryKind.HOLD, Points(points), postings)
        return
    with pytest.raises(AssertionError, match="does not balance"):
        Entry(EntryKind.HOLD, Points(points), postings)


@given(st.integers(1, 5), st.integers(-5, 5))
def test_an_entry_that_puts_points_into_a_wallet_for_nothing_cannot_be_made(points: int, paid: int) -> None:
    """It sums to zero in each unit, and the pool has not what is in the wallet."""
    postings = (
        Posting(Account(AccountKind.AVAIL, "c"), Unit.POINTS, points),
        Posting(Account(AccountKind.ISSUE, "v"), Unit.POINTS, -points),
        Posting(Account(AccountKind.POOL), Unit.MONEY, paid),
        Posting(Account(AccountKind.DUE, "v"), Unit.MONEY, -paid),
    )
    if paid == points:
        Entry(EntryKind.EARN, Points(points), postings)
        return
    with pytest.raises(AssertionError, match="points not in the pool"):
        Entry(EntryKind.EARN, Points(points), postings)
