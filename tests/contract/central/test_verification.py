"""Verify is silent about a sound store and names every planted fault."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import leases
from urs_desktop.central.schema import (
    counters,
    entries,
    lot_uses,
    lots,
    operations,
    parked_operations,
    postings,
    tenders,
    transaction_lines,
    transactions,
    wallets,
)
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.protocol.operations import ProductItem, SaleSpend


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A store in which everything has happened once."""
    till = shop.till
    shop.earn(300)
    shop.earn(200, "C-2")
    grant = shop.grant(200)
    till.sale(900, points_paid=150, spends=(SaleSpend(grant.lease_id, 150, 50),), policy=shop.policy)
    till.sale(900, points_paid=20, spends=(SaleSpend("never", 20, 0),))
    till.products(ProductItem("A", "a", 1, 2))
    till.enrolment("C-3")
    first = till.make_raw("riddle", 1, b"?")
    shop.push()
    till.make_raw(first.kind, first.schema, first.body, first.op_id)
    till.give_back("unknown", 0)
    shop.push()
    shop.grant(70, lease_id="reclaimed")
    with shop.database.write() as connection:
        leases.reclaim_due(connection, NOW + EXACT_SETTLE_MS + 1)
    shop.grant(60, lease_id="open")
    assert shop.findings() == []
    return shop


FAULTS = {
    "a body changed": (operations.update().where(operations.c.seq == 1).values(body=b"{}"), "operation 1"),
    "a hash changed": (operations.update().where(operations.c.seq == 2).values(hash=b"\x01" * 32), "operation 2"),
    "a signature changed": (operations.update().where(operations.c.seq == 2).values(sig=b"\x01" * 64), "not signed"),
    "a kind changed": (operations.update().where(operations.c.seq == 5).values(kind="sale"), "operation 5"),
    "a result changed": (operations.update().where(operations.c.seq == 1).values(result="parked"), "parked"),
    "an operation gone": (operations.delete().where(operations.c.seq == 6), "operation 6 is missing"),
    "the last operation gone": (operations.delete().where(operations.c.seq == 9), "the chain ends at operation 8"),
    "the counter set back": (counters.update().values(last_seq=3), "the counter's row says 3"),
    "the counter's head changed": (counters.update().values(head=b"\x01" * 32), "another hash"),
    "another public key": (counters.update().values(public_key=b"\x01" * 32), "not signed by the counter"),
    "a total changed": (transactions.update().where(transactions.c.receipt == 1).values(total=1), "receipt 1"),
    "a customer changed": (
        transactions.update().where(transactions.c.receipt == 1).values(customer_id=None),
        "receipt 1",
    ),
    "points posted changed": (
        transactions.update().where(transactions.c.receipt == 1).values(points_posted=1),
        "1 points earned",
    ),
    "points paid changed": (
        transactions.update().where(transactions.c.receipt == 3).values(points_paid=1),
        "receipt 3",
    ),
    "a line changed": (transaction_lines.update().values(total=transaction_lines.c.total + 1), "receipt 1"),
    "a line gone": (transaction_lines.delete().where(transaction_lines.c.n == 2), "is not what was signed"),
    "a tender changed": (tenders.update().values(kind="card"), "is not what was signed"),
    "a sale gone": (transactions.delete().where(transactions.c.receipt == 4), "a sale that is not stored"),
    "a posting changed": (
        postings.update().where(postings.c.account == "AVAIL").values(amount=postings.c.amount + 1),
        "does not balance",
    ),
    "a posting gone": (postings.delete().where(postings.c.account == "POOL"), "does not balance"),
    "an entry's points changed": (entries.update().values(points=entries.c.points + 1), "has postings over"),
    "an entry's kind changed": (entries.update().where(entries.c.kind == "EARN").values(kind="HOLD"), "points earned"),
    "a late entry gone": (entries.delete().where(entries.c.kind == "LATE"), "20 paid"),
    "a wallet raised": (wallets.update().values(available=wallets.c.available + 1), "its postings"),
    "a wallet moved": (
        wallets.update().where(wallets.c.held > 0).values(available=wallets.c.available + wallets.c.held, held=0),
        "its postings",
    ),
    "a lot raised": (
        lots.update().where(lots.c.remaining < lots.c.granted).values(remaining=lots.c.granted),
        "the lots of customer",
    ),
    "a lot regranted": (lots.update().values(granted=lots.c.granted + 1), "its lot was granted"),
    "a lot use gone": (lot_uses.delete(), "lots gave 0"),
    "a lease closed": (lease_rows.update().where(lease_rows.c.lease_id == "open").values(state="closed"), "lease open"),
    "a lease raised": (lease_rows.update().where(lease_rows.c.lease_id == "open").values(granted=61), "lease open"),
    "a lease gone": (lease_rows.delete().where(lease_rows.c.lease_id == "open"), "for lease open"),
    "a reason gone": (parked_operations.delete(), "without a reason"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(busy: Shop, fault: str) -> None:
    statement, words = FAULTS[fault]
    raw = busy.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys = OFF")  # a fault does not ask what it breaks; a no-op in a transaction
    raw.close()
    with busy.database.write() as connection:
        assert connection.execute(statement).rowcount > 0
    findings = busy.findings()
    assert any(words in finding for finding in findings), findings


def test_balanced_lies_are_found_too(busy: Shop) -> None:
    """Points moved from one vendor's issue to another's, balancing in every entry."""
    with busy.database.write() as connection:
        connection.execute(postings.update().where(postings.c.account == "ISSUE").values(owner="elsewhere"))
    assert any("DUE" in finding for finding in busy.findings())


def test_a_pool_that_does_not_cover_the_wallets(busy: Shop) -> None:
    with busy.database.write() as connection:
        money = sa.and_(postings.c.unit == "money", postings.c.account.in_(("POOL", "DUE")))
        connection.execute(postings.delete().where(money))
    findings = busy.findings()
    assert any("the pool has 0" in finding for finding in findings)
