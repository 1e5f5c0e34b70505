"""Fees, shares of the breakage and payments: booked in both directions, never more than there is."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import due, policies, settlement
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import entries, postings
from urs_desktop.central.settlement import Account, SettlementError
from urs_desktop.domain.policy import DAY_MS, Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import SaleSpend

Booking = Callable[..., bytes]


def book(shop: Shop, booking: Booking, amount: int, vendor_id: str | None = None) -> bytes:
    with shop.database.write() as connection:
        return booking(connection, vendor_id or shop.vendor_id, amount, NOW, shop.randomness)


def account(shop: Shop, vendor_id: str | None = None) -> Account:
    with shop.database.read() as connection:
        return settlement.account(connection, vendor_id or shop.vendor_id)


@pytest.fixture
def expired(shop: Shop) -> Shop:
    """A store in which a customer let 100 points expire."""
    with shop.database.write() as connection:
        terms = Terms(0, 500, 5000, NOW, expires_after=1)
        short = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
    shop.push(shop.till.sale(2000, policy=short))
    with shop.database.write() as connection:
        assert due.everybody(connection, NOW + DAY_MS) == 1
    return shop


def test_a_new_vendor_stands_at_nothing(shop: Shop) -> None:
    assert account(shop) == Account(0, 0, 0, 0, 0, 0, 0)


def test_where_a_vendor_stands_after_sales(shop: Shop) -> None:
    """It pays for what it gives, is paid for what it takes, and bears what no lease covers."""
    shop.earn(300)
    grant = shop.grant(200)
    spends = (SaleSpend(grant.lease_id, 150, 50), SaleSpend("never", 20, 0))
    shop.push(shop.till.sale(900, points_paid=170, spends=spends, policy=shop.policy))
    spent = shop.till.operations[-1]
    assert account(shop) == Account(due=-150, redeemed=150, issued=300, exposure=20, fees=0, shares=0, settled=0)
    other = shop.another_vendor()
    assert account(shop, other) == Account(0, 0, 0, 0, 0, 0, 0)
    shop.push(shop.till.refund(spent, {1: 1, 2: 1}, policy=shop.policy))
    assert account(shop) == Account(due=-300, redeemed=0, issued=300, exposure=0, fees=0, shares=0, settled=0)
    assert account(shop, other) == Account(0, 0, 0, 0, 0, 0, 0)
    assert shop.findings() == []


def test_a_fee_and_a_fee_given_back(shop: Shop) -> None:
    book(shop, settlement.fee, 500)
    assert account(shop) == Account(due=-500, redeemed=0, issued=0, exposure=0, fees=500, shares=0, settled=0)
    with pytest.raises(SettlementError, match="fees"):
        book(shop, settlement.fee, -501)
    book(shop, settlement.fee, -500)
    assert account(shop) == Account(0, 0, 0, 0, 0, 0, 0)
    assert shop.findings() == []


def test_payments_in_either_direction(shop: Shop) -> None:
    book(shop, settlement.settle, 700)
    assert (account(shop).due, account(shop).settled) == (-700, 700)
    book(shop, settlement.settle, -900)
    assert (account(shop).due, account(shop).settled) == (200, -200)
    assert shop.findings() == []


def test_the_breakage_is_shared_to_the_last_unit(expired: Shop) -> None:
    other = expired.another_vendor()
    with pytest.raises(SettlementError, match="breakage"):
        book(expired, settlement.share, 101)
    book(expired, settlement.share, 60)
    with pytest.raises(SettlementError, match="breakage"):
        book(expired, settlement.share, 41, other)
    book(expired, settlement.share, 40, other)
    assert (account(expired).shares, account(expired, other).shares) == (60, 40)
    assert account(expired, other).due == 40
    with expired.database.read() as connection:
        assert settlement.breakage(connection) == 0
    assert expired.findings() == []


def test_a_share_is_taken_back_from_who_has_it(expired: Shop) -> None:
    other = expired.another_vendor()
    book(expired, settlement.share, 60)
    with pytest.raises(SettlementError, match="shares"):
        book(expired, settlement.share, -1, other)
    with pytest.raises(SettlementError, match="shares"):
        book(expired, settlement.share, -61)
    book(expired, settlement.share, -60)
    with expired.database.read() as connection:
        assert settlement.breakage(connection) == 100
    assert expired.findings() == []


@pytest.mark.parametrize("booking", [settlement.fee, settlement.share, settlement.settle])
def test_what_cannot_be_booked(shop: Shop, booking: Booking) -> None:
    for amount in (0, 10**15, -(10**15)):
        with pytest.raises(SettlementError):
            book(shop, booking, amount)
    with pytest.raises(Refusal) as refusal:
        book(shop, booking, 1, "nobody")
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN
    assert shop.rows(entries) == []


def test_an_entry_of_it_concerns_the_vendor_alone(shop: Shop) -> None:
    entry_id = book(shop, settlement.fee, 5)
    with shop.database.read() as connection:
        entry = connection.execute(sa.select(entries)).one()
        posted = connection.execute(sa.select(postings.c.account, postings.c.owner, postings.c.amount)).all()
    assert entry.entry_id == entry_id
    assert entry_id.startswith(b"fee/")
    assert (entry.kind, entry.points, entry.vendor_id) == ("FEE", 5, shop.vendor_id)
    assert (entry.customer_id, entry.op_id, entry.lease_id) == (None, None, None)
    assert [tuple(row) for row in posted] == [("DUE", shop.vendor_id, -5), ("FEES", "", 5)]
