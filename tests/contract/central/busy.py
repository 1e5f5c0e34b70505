"""A store in which everything has happened: every kind of entry is booked, and every table that counts has rows.

Must never leave a kind of entry or a table out: what tampers with all of them begins here.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import replace

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.test_persons import enrolled
from tests.contract.central.till import NOW
from tests.drivers import driver_of
from tests.postgresql.databases import Databases
from urs_desktop.central import adjustments, erasing, merging, persons, proposals, settlement, standing, vendors
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import METADATA, entries, repeated_operations
from urs_desktop.central.vendors import Changes
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import append_only, guard
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.policy import DAY_MS, Category
from urs_desktop.protocol.operations import ProductItem, RefundOverride, SaleSource, SaleSpend

LATER = NOW + 40 * DAY_MS
"""When the store in which everything has happened stands still."""


class BusyStores:
    """Makes a busy store of each kind once, in two seconds, and copies it in a tenth of one."""

    def __init__(self, servers: Callable[[], Databases]) -> None:
        """Take the databases on PostgreSQL, asked for when one is wanted."""
        self._servers = servers
        self._made: dict[bool, Shop] = {}

    def copy_to(self, database: Database) -> Shop:
        """Put a copy in the place of all that is in a database; returns its shop, which nobody else works on."""
        made = self._made.get(database.is_sqlite)
        if made is None:
            made = self._made[database.is_sqlite] = self._make(is_sqlite=database.is_sqlite)
        if database.is_sqlite:
            driver_of(made.database).backup(driver_of(database))
        else:
            self._servers().put_copy(made.database, database)
        till = replace(made.till, operations=list(made.till.operations), randomness=copy(made.till.randomness))
        return replace(made, database=database, till=till, randomness=copy(made.randomness))

    def _make(self, *, is_sqlite: bool) -> Shop:
        if is_sqlite:
            database = Database(sqlite_engine(None, guard=guard(METADATA)))
            empty_shop(database)
        else:
            database = self._servers().kept()
        shop = open_shop(database)
        make_busy(shop)
        return shop

    def close(self) -> None:
        """Close what was made in memory; what is on a server goes with it."""
        if True in self._made:
            self._made[True].database.close()


def make_busy(shop: Shop) -> None:
    """Let everything happen at least once."""
    _sell(shop)
    _spend(shop)
    _refund(shop)
    _decide(shop)
    _resolve(shop)
    _enrol(shop)
    _become_others(shop)
    _let_time_pass(shop)
    _start_anew(shop)
    booked = shop.booked()
    assert set(booked) == set(EntryKind), set(EntryKind) - set(booked)
    assert not [table for table in append_only(METADATA) if not shop.rows(table)]
    assert shop.rows(repeated_operations)
    assert len(shop.rows(entries)) > len(EntryKind)
    assert shop.findings() == []


def _sell(shop: Shop) -> None:
    till = shop.till
    till.products(ProductItem("A", "a", 1, 2))
    till.enrolment("C-9")
    first = till.make_raw("riddle", 1, b"?")
    shop.push()
    till.make_raw(first.kind, first.schema, first.body, first.op_id)
    till.give_back("unknown", 0)
    shop.push()
    plain = shop.policy
    shop.change_policy(expires_after=12)
    shop.earn(300)
    shop.change_policy(expires_after=30, vests_after=2)
    shop.earn(200, "C-2")
    shop.change_policy(valid_until=NOW + DAY_MS)
    shop.policy = plain
    shop.earn(200)
    till.sale(9000, policy=plain, source=SaleSource("retail", "536365", "ab" * 32), operator="op")
    till.sale(700, card=None)
    shop.push()


def _spend(shop: Shop) -> None:
    till = shop.till
    grant = shop.grant(400)
    till.sale(points_paid=350, policy=shop.policy, spends=(SaleSpend(grant.lease_id, 350, 50),), sold=[(2, 1800)])
    till.sale(900, points_paid=20, spends=(SaleSpend("never", 20, 0),))
    shop.push()
    shop.grant(70, lease_id="reclaimed")
    shop.tidy(NOW + EXACT_SETTLE_MS + 1)


def _refund(shop: Shop) -> None:
    till, policy = shop.till, shop.policy
    sales = [operation for operation in till.operations if operation.kind == "sale"]
    paid, late = sales[5], sales[6]
    till.refund(paid, {1: 1}, policy=policy)
    till.refund(late, {1: 1}, policy=policy)
    earned = till.sale(6000, "C-3", policy=policy)
    shop.push()
    grant = shop.grant(300, card="C-3")
    spend = SaleSpend(grant.lease_id, 300, 0)
    till.sale(6000, "C-3", policy=policy, points_paid=300, spends=(spend,))
    shop.push()
    till.refund(earned, {1: 1, 2: 1}, policy=policy, override=RefundOverride("op", "damaged"), operator="op")
    till.refund(earned, {2: 1}, sale="ff" * 16)
    shop.push()
    other = shop.another_till(shop.another_vendor())
    other.sale(1500, "C-3", policy=policy)
    shop.push(till=other)


def _decide(shop: Shop) -> None:
    ann, bob = operator(shop), operator(shop, "Bob")
    own = shop.another_vendor()
    with shop.database.write() as connection:
        first = adjustments.propose(connection, "C-1", 60, "gone wrong", ann, NOW, shop.randomness)
        second = adjustments.propose(connection, "C-1", -10, "gone right", bob, NOW, shop.randomness)
        adjustments.approve(connection, first, bob, NOW)
        adjustments.approve(connection, second, ann, NOW)
        third = adjustments.propose(connection, "C-2", 5, "a whim", ann, NOW, shop.randomness)
        adjustments.reject(connection, third, bob, NOW)
        terms = Terms(1200, 400, 4000, NOW)
        proposal = proposals.propose(connection, own, terms, "Vera", NOW, shop.randomness)
        proposals.approve(connection, proposal, ann, NOW, shop.randomness)
        settlement.fee(connection, shop.vendor_id, 12, NOW, shop.randomness)
        settlement.settle(connection, shop.vendor_id, -40, NOW, shop.randomness)
        former = vendors.add(connection, "Former", Category.SMALL, "GBP", "York", NOW, shop.randomness)
        vendors.change(connection, former, Changes(category=Category.LARGE), NOW)


def _resolve(shop: Shop) -> None:
    second = shop.till.make_raw("riddle", 2, b"??")
    shop.push()
    shop.till.resolve(second, "write_off", operator="op", override=RefundOverride("boss", "nobody knows"))
    shop.push()


def _enrol(shop: Shop) -> None:
    record = enrolled(shop.till)
    shop.push()
    with shop.database.write() as connection:
        persons.take(connection, shop.till.device_id, record, NOW)


def _become_others(shop: Shop) -> None:
    till, by = shop.another_till(shop.another_vendor()), operator(shop)
    earned = till.sale(6000, "C-7", policy=shop.policy)
    shop.push(till=till)
    spend = SaleSpend(shop.grant(300, card="C-7", till=till).lease_id, 300, 0)
    till.sale(6000, "C-7", policy=shop.policy, points_paid=300, spends=(spend,))
    till.refund(earned, {1: 1, 2: 1}, policy=shop.policy)
    shop.push(till=till)
    shop.earn(200, "C-6", till)
    shop.earn(100, "C-8", till)
    with shop.database.write() as connection:
        merging.merge(connection, "C-7", "C-8", by, "enrolled twice", NOW)
        merging.merge(connection, "C-6", "C-8", by, "enrolled twice", NOW)
    shop.push(till.sale(1500, "C-6", policy=shop.policy), till=till)
    shop.earn(100, "C-5", till)
    with shop.database.write() as connection:
        erasing.erase(connection, "C-5", by.operator_id, NOW)
    shop.push(till.sale(1500, "C-5", policy=shop.policy), till=till)


def _let_time_pass(shop: Shop) -> None:
    shop.tidy(LATER)
    with shop.database.write() as connection:
        settlement.share(connection, shop.vendor_id, 3, LATER, shop.randomness)
    shop.policy = shop.change_policy(LATER, vests_after=5, expires_after=50)
    shop.till.sale(5000, "C-2", policy=shop.policy)
    shop.push(now=LATER)
    shop.grant(60, lease_id="open", now=LATER)


def _start_anew(shop: Shop) -> None:
    """One counter rejoins and sends all it has again, another is taken out of service and still sends something."""
    other = shop.another_till()
    other.sale(700, card=None)
    shop.push(till=other)
    with shop.database.write() as connection:
        other.begin(other.rejoin(connection, now=LATER))
    other.sale(800, card=None)
    shop.push(till=other, now=LATER)
    with shop.database.write() as connection:
        standing.revoke(connection, other.device_id, LATER)
    other.sale(900, card=None)
    shop.push(till=other, now=LATER)
