"""Each defence of the ledger by itself: the booking's own guard, the database's checks, the feed's second look."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import ledger
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.feed_items import Key, contents
from urs_desktop.central.ledger import LedgerError, LotMove, NewLot
from urs_desktop.central.origin import counter
from urs_desktop.central.schema import (
    adjustment_decisions,
    counters,
    customer_records,
    entries,
    leases,
    lot_moves,
    lots,
    operators,
    postings,
    transactions,
    wallets,
)
from urs_desktop.domain import ledger as rules
from urs_desktop.domain.ledger import Entry, EntryKind
from urs_desktop.domain.points import Points


def customer_id(shop: Shop) -> str:
    return str(shop.rows(customer_records)[0]["customer_id"])


def first_lot(shop: Shop) -> bytes:
    return next(iter(shop.lots()))


def book(shop: Shop, entry: Entry, *moves: LotMove, cause: bytes = b"test", lot: NewLot | None = None) -> None:
    because = Cause(entry_ids(cause), shop.vendor_id, customer_id(shop), NOW)
    with shop.database.write() as connection:
        ledger.book(connection, entry, because, moves, lot=lot)


@pytest.mark.parametrize("points", [301, 10**12])
def test_no_entry_takes_what_is_not_there(shop: Shop, points: int) -> None:
    shop.earn(300)
    lot = first_lot(shop)
    with pytest.raises(sa.exc.IntegrityError):
        book(shop, rules.hold(customer_id(shop), "L", Points(points)), LotMove(lot, available=-points, held=points))
    with pytest.raises(sa.exc.IntegrityError):
        book(shop, rules.void(customer_id(shop), "L", Points(points)), LotMove(lot, available=points, held=-points))
    assert shop.wallet() == (300, 0)
    assert len(shop.rows(entries)) == 1
    assert shop.findings() == []


def test_no_entry_redeems_what_no_lot_holds(shop: Shop) -> None:
    shop.earn(300)
    shop.earn(300)
    other = list(shop.lots())[1]
    grant = shop.grant(300)
    entry = rules.redeem(shop.vendor_id, customer_id(shop), grant.lease_id, Points(300))
    with pytest.raises(sa.exc.IntegrityError):
        book(shop, entry, LotMove(other, held=-300))
    assert shop.wallet() == (300, 300)


@pytest.mark.parametrize(
    "moves",
    [
        (),
        ((0, -299, 299),),
        ((0, -300, 0),),
        ((0, 0, 300),),
        ((-300, 0, 300),),
        ((0, 300, -300),),
        ((0, -301, 300),),
        ((0, -300, 300), (0, -1, 1)),
    ],
)
def test_lots_move_by_what_is_posted_and_by_nothing_else(shop: Shop, moves: tuple[tuple[int, int, int], ...]) -> None:
    shop.earn(300)
    shop.earn(300)
    own = list(shop.lots())
    entry = rules.hold(customer_id(shop), "L", Points(300))
    wrong = [LotMove(lot, *move) for lot, move in zip(own, moves, strict=False)]
    with pytest.raises(LedgerError, match="its lots move by"):
        book(shop, entry, *wrong)
    assert shop.wallet() == (600, 0)


def test_no_lot_is_made_by_moving_it(shop: Shop) -> None:
    shop.earn(300)
    with pytest.raises((LedgerError, sa.exc.IntegrityError)):
        book(shop, rules.hold(customer_id(shop), "L", Points(5)), LotMove(b"nowhere", available=-5, held=5))
    assert shop.findings() == []


def test_no_wallet_is_made_by_booking(shop: Shop) -> None:
    shop.earn(300)
    entry = rules.hold("nobody", "L", Points(5))
    with pytest.raises(LedgerError, match="who has no wallet"):
        book(shop, entry, LotMove(first_lot(shop), available=-5, held=5))
    assert shop.findings() == []


def test_a_cause_is_booked_once(shop: Shop) -> None:
    shop.earn(300)
    entry = rules.earn(shop.vendor_id, customer_id(shop), Points(5))
    book(shop, entry, lot=NewLot())
    with pytest.raises(sa.exc.DBAPIError):
        book(shop, entry, lot=NewLot())
    assert shop.wallet() == (305, 0)


def test_a_customer_owes_nothing_below_zero(shop: Shop) -> None:
    shop.earn(300)
    with pytest.raises(sa.exc.IntegrityError):
        book(
            shop,
            rules.recover(shop.vendor_id, customer_id(shop), Points(5)),
            LotMove(first_lot(shop), available=-5),
        )
    assert shop.balances() == (0, 300, 0, 0)


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    earned = rules.earn("v", "c", Points(5))
    with pytest.raises(AssertionError):
        Entry(EntryKind.EARN, Points(5), earned.postings[:3])


def test_a_lot_that_begins_expires_and_vests_as_it_is_told(shop: Shop) -> None:
    shop.earn(300)
    entry = rules.earn(shop.vendor_id, customer_id(shop), Points(5), pending=True)
    book(shop, entry, lot=NewLot(vests_at=NOW + 1, expires_at=NOW + 2))
    assert shop.balances() == (5, 300, 0, 0)
    row = next(row for row in shop.rows(lots) if row["pending"])
    assert (row["vests_at"], row["expires_at"], row["granted"]) == (NOW + 1, NOW + 2, 5)


@pytest.mark.parametrize(
    "statement",
    [
        wallets.update().values(pending=-1),
        wallets.update().values(available=-1),
        wallets.update().values(held=-1),
        wallets.update().values(owed=-1),
        lots.update().values(pending=-1),
        lots.update().values(available=-1),
        lots.update().values(held=-1),
        lots.update().values(available=lots.c.granted + 1),
        lots.update().values(pending=lots.c.granted, available=1),
        leases.update().values(settled=leases.c.granted, returned=1),
        leases.update().values(state="half open"),
        leases.update().values(state="closed"),
        leases.update().values(settled=leases.c.granted),
        counters.update().values(state="asleep"),
        lots.update().values(available="1.5"),
        wallets.update().values(available="many"),
        lots.update().values(customer_id="nobody"),
        wallets.update().values(customer_id="nobody"),
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(shop: Shop, statement: sa.Update) -> None:
    shop.earn(300)
    shop.grant(100)
    with pytest.raises(sa.exc.DBAPIError), shop.database.write() as connection:
        connection.execute(statement)
    assert shop.findings() == []


ENTRY = {"entry_id": b"e", "kind": "LATE", "points": 1, "created_at": 1, "seal": b"s"}
POSTING = {"entry_id": b"e", "n": 1, "account": "AVAIL", "owner": "c", "lease_id": "", "unit": "points", "amount": 1}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (entries, {**ENTRY, "points": 0}),
        (entries, {**ENTRY, "points": -1}),
        (entries, {**ENTRY, "kind": "GIFT"}),
        (entries, {**ENTRY, "customer_id": "nobody"}),
        (entries, {**ENTRY, "vendor_id": "nobody"}),
        (entries, {**ENTRY, "debt_id": b"none"}),
        (entries, {**ENTRY, "op_id": b"none"}),
        (entries, {**ENTRY, "seal": None}),
        (postings, {**POSTING, "seal": b"s"}),
        (postings, {**POSTING, "seal": b"s", "account": "CASH"}),
        (postings, {**POSTING, "seal": b"s", "unit": "pounds"}),
        (postings, {**POSTING, "seal": b"s", "unit": "money"}),
        (postings, {**POSTING, "seal": b"s", "account": "POOL"}),
        (postings, {**POSTING, "seal": b"s", "amount": 0}),
        (lot_moves, {"entry_id": b"e", "lot_id": b"l", "pending": 0, "available": 0, "held": 0, "seal": b"s"}),
        (lot_moves, {"entry_id": b"e", "lot_id": b"l", "pending": 0, "available": 1, "held": 0, "seal": b"s"}),
        (
            adjustment_decisions,
            {
                "adjustment_id": "a",
                "made_by": "one",
                "decision": "approved",
                "checked_by": "one",
                "checked_at": 1,
                "seal": b"s",
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, sa.Table) else None,
)
def test_no_row_is_written_that_cannot_be(shop: Shop, table: sa.Table, row: dict[str, object]) -> None:
    """Refused at once, or at the commit where a row may be written before the one it names."""
    with shop.database.write() as connection:
        operator = {"operator_id": "one", "name": "One", "role": "admin", "password_hash": "", "created_at": 1}
        connection.execute(sa.insert(operators), operator)
    with pytest.raises(sa.exc.DBAPIError), shop.database.write() as connection:
        connection.execute(sa.insert(table), row)
    assert shop.rows(entries) == []


def test_an_entry_is_closed_by_its_row(shop: Shop) -> None:
    """No posting joins it, and none without it stays."""
    shop.earn(300)
    [entry] = shop.rows(entries)
    for amounts in ((1,), (1, -1)):
        rows = [
            {**POSTING, "entry_id": entry["entry_id"], "n": n, "amount": amount, "seal": b"s"}
            for n, amount in enumerate(amounts, 90)
        ]
        with pytest.raises(sa.exc.DBAPIError), shop.database.write() as connection:
            connection.execute(sa.insert(postings), rows)
    assert shop.findings() == []


def test_a_sale_names_a_customer_who_is_there(shop: Shop) -> None:
    shop.earn(300)
    [sale] = shop.rows(transactions)
    forged = {**sale, "op_id": b"\x01" * 16, "receipt": 99, "customer_id": "nobody"}
    with pytest.raises(sa.exc.DBAPIError), shop.database.write() as connection:
        connection.execute(sa.insert(transactions), forged)


def test_a_feed_item_of_another_vendors_customer_says_nothing(shop: Shop) -> None:
    shop.earn(300)
    other = shop.another_till(shop.another_vendor())
    key = Key("customer", customer_id(shop))
    with shop.database.read() as connection:
        assert list(contents(connection, counter(connection, shop.till.device_id), [key], NOW)) == [key]
        assert contents(connection, counter(connection, other.device_id), [key], NOW) == {}
