"""Double entry: which accounts move, with which sign, and that every entry sums to zero in each unit.

Must never let an entry exist that does not balance.
"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain import ledger
from urs_desktop.domain.ledger import Account, AccountKind, Entry, EntryKind, Posting, Unit
from urs_desktop.domain.points import Points

amounts = st.integers(1, 10**15).map(Points)


def moves(entry: Entry) -> dict[tuple[str, str], int]:
    """Return what an entry does to each account, by kind and unit."""
    totals: Counter[tuple[str, str]] = Counter()
    for posting in entry.postings:
        totals[posting.account.kind.value, posting.unit.value] += posting.amount
    return dict(totals)


@given(amounts)
def test_the_table_of_entries(points: Points) -> None:
    assert moves(ledger.earn("v", "c", points)) == {
        ("ISSUE", "points"): -points,
        ("AVAIL", "points"): points,
        ("DUE", "money"): -points,
        ("POOL", "money"): points,
    }
    assert moves(ledger.hold("c", "l", points)) == {("AVAIL", "points"): -points, ("HELD", "points"): points}
    assert moves(ledger.void("c", "l", points)) == {("AVAIL", "points"): points, ("HELD", "points"): -points}
    assert moves(ledger.redeem("v", "c", "l", points)) == {
        ("HELD", "points"): -points,
        ("REDEEMED", "points"): points,
        ("POOL", "money"): -points,
        ("DUE", "money"): points,
    }
    assert moves(ledger.late(points)) == {}


@given(amounts)
def test_every_entry_sums_to_zero_and_says_how_many_points_it_is_about(points: Points) -> None:
    for entry in (
        ledger.earn("v", "c", points),
        ledger.hold("c", "l", points),
        ledger.void("c", "l", points),
        ledger.redeem("v", "c", "l", points),
        ledger.late(points),
    ):
        assert entry.points == points
        for unit in Unit:
            assert sum(posting.amount for posting in entry.postings if posting.unit is unit) == 0


def test_owners_and_leases_are_on_the_right_accounts() -> None:
    for entry in (
        ledger.earn("v", "c", Points(1)),
        ledger.hold("c", "l", Points(1)),
        ledger.redeem("v", "c", "l", Points(1)),
    ):
        for posting in entry.postings:
            kind = posting.account.kind
            owner = {"ISSUE": "v", "REDEEMED": "v", "DUE": "v", "AVAIL": "c", "HELD": "c", "POOL": ""}[kind.value]
            assert posting.account.owner == owner
            assert posting.account.lease == ("l" if kind is AccountKind.HELD else "")


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
