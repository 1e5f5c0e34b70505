"""Each defence of the ledger by itself: the booking's own guard, the database's checks, the feed's second look."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import ledger
from urs_desktop.central.feed_items import Key, contents
from urs_desktop.central.ledger import Cause, LedgerError
from urs_desktop.central.origin import counter
from urs_desktop.central.schema import entries, leases, lots, transactions, wallets
from urs_desktop.domain import ledger as rules
from urs_desktop.domain.ledger import Entry, EntryKind
from urs_desktop.domain.points import Points


def customer_id(shop: Shop) -> str:
    return str(shop.rows("customers")[0]["customer_id"])


def book(shop: Shop, entry: Entry, entry_id: bytes = b"test") -> None:
    cause = Cause(entry_id, shop.vendor_id, customer_id(shop), NOW)
    with shop.database.write() as connection:
        ledger.book(connection, entry, cause)


@pytest.mark.parametrize("points", [301, 10**12])
def test_no_entry_takes_what_is_not_there(shop: Shop, points: int) -> None:
    shop.earn(300)
    with pytest.raises(LedgerError):
        book(shop, rules.hold(customer_id(shop), "L", Points(points)))
    with pytest.raises(LedgerError):
        book(shop, rules.void(customer_id(shop), "L", Points(points)))
    assert shop.wallet() == (300, 0)
    assert len(shop.rows(entries)) == 1


def test_no_entry_redeems_what_no_lot_holds(shop: Shop) -> None:
    shop.earn(300)
    shop.grant(300)
    with shop.database.write() as connection:
        connection.execute(lots.update().values(remaining=299))
    with pytest.raises(LedgerError, match="lack 1 of 300"):
        book(shop, rules.redeem(shop.vendor_id, customer_id(shop), "L", Points(300)))


def test_no_wallet_is_made_by_booking(shop: Shop) -> None:
    entry = rules.earn(shop.vendor_id, "nobody", Points(5))
    with shop.database.write() as connection, pytest.raises(LedgerError):
        ledger.book(connection, entry, Cause(b"test", shop.vendor_id, None, NOW))


def test_a_cause_is_booked_once(shop: Shop) -> None:
    shop.earn(300)
    entry = rules.earn(shop.vendor_id, customer_id(shop), Points(5))
    book(shop, entry)
    with pytest.raises(sa.exc.IntegrityError):
        book(shop, entry)
    assert shop.wallet() == (305, 0)


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    earned = rules.earn("v", "c", Points(5))
    with pytest.raises(AssertionError):
        Entry(EntryKind.EARN, Points(5), earned.postings[:3])


@pytest.mark.parametrize(
    "statement",
    [
        wallets.update().values(available=-1),
        wallets.update().values(held=-1),
        lots.update().values(remaining=-1),
        lots.update().values(remaining=lots.c.granted + 1),
        leases.update().values(settled=leases.c.granted, returned=1),
        leases.update().values(state="half open"),
        entries.update().values(points=0),
        transactions.update().values(total=sa.cast(1.5, sa.Float)),
        transactions.update().values(total="many"),
        transactions.update().values(customer_id="nobody"),
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(shop: Shop, statement: sa.Update) -> None:
    shop.earn(300)
    shop.grant(100)
    with pytest.raises(sa.exc.IntegrityError), shop.database.write() as connection:
        connection.execute(statement)


def test_a_feed_item_of_another_vendors_customer_says_nothing(shop: Shop) -> None:
    shop.earn(300)
    other = shop.another_till(shop.another_vendor())
    key = Key("customer", customer_id(shop))
    with shop.database.read() as connection:
        assert list(contents(connection, counter(connection, shop.till.device_id), [key], NOW)) == [key]
        assert contents(connection, counter(connection, other.device_id), [key], NOW) == {}
