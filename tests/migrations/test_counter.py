"""Counters made by earlier programs: each frozen file is opened by this one, upgraded, and proves itself as before.

Made by the program of its time with the key of bytes 0 to 31. Must never write to a frozen file: tests work on copies.
"""

import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

import urs_desktop.counter.store
from tests.builders import CARD, COUNTER_KEY, DAY_MS, make_counter, make_policy
from tests.fakes.shop import NOON
from tests.unit.counter.faults import content
from urs_desktop.counter.store.book import SqlStore, open_store, store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import upgrade
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.tombstones import mark

KEY = bytes(range(32))
SCRIPTS = Path(urs_desktop.counter.store.__file__).with_name("migrations")
FROZEN = Path(__file__).parent


def opened(tmp_path: Path, name: str) -> SqlStore:
    """Return a copy of a frozen file, opened and thereby upgraded."""
    shutil.copy(FROZEN / f"{name}.sqlite", tmp_path / "counter.sqlite")
    return open_store(tmp_path, KEY)


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """Return the rows of a table as the file has them."""
    database = Database(sqlite_engine(path, KEY))
    try:
        with database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY 1, 2')]
    finally:
        database.close()


@pytest.fixture
def first(tmp_path: Path) -> SqlStore:
    return opened(tmp_path, "counter_0001")


def test_a_counter_of_the_first_schema_keeps_every_row(tmp_path: Path) -> None:
    before = tmp_path / "before.sqlite"
    shutil.copy(FROZEN / "counter_0001.sqlite", before)
    kept = ("operations", "sales", "sale_lines", "tenders", "point_entries", "customers", "leases", "settings", "chain")
    expected = {table: rows(before, table) for table in kept}
    expected["leases"] = [(*lease, 0, 0, 0, 0) for lease in expected["leases"]]  # all were for one sale each
    assert len(expected["sales"]) == 5
    expected["customers"] = [
        (number, *row, 0, mark(str(row[0]))) for number, row in enumerate(expected["customers"], 1)
    ]
    store = opened(tmp_path, "counter_0001")
    found = store.read(lambda book: book.customers.search("INDQV", 10))
    store.close()
    assert [customer.name for customer in found] == ["Maria Lindqvist"]
    assert {table: rows(tmp_path / "counter.sqlite", table) for table in kept} == expected
    assert list(tmp_path.glob("counter.sqlite.before-*"))


def test_it_proves_itself_and_its_policies_have_the_digests_sales_cite(first: SqlStore) -> None:
    assert verify(first, COUNTER_KEY.public_key) == []
    assert first.check() == []
    policies = {(each.policy_id, each.version): each for each in first.read(lambda book: book.policies.all())}
    assert policies["policy-1", 1] == make_policy()
    assert policies["policy-1", 2] == make_policy(version=2, reward_bp=1000, valid_from=NOON + 5 * DAY_MS)
    assert policies["policy-9", 1].vendor_id == "vendor-1"
    stored = {row[:2]: row[-1] for row in content(first)["policies"]}
    assert stored == {key: policy.digest() for key, policy in policies.items()}
    first.close()


def test_it_sells_and_refunds_what_it_sold_before(first: SqlStore) -> None:
    counter = make_counter(store_in_memory())
    recorder = Recorder(COUNTER_KEY, counter.clock, counter.recorder._randomness)
    counter.clock.advance(10 * DAY_MS)
    refunding = Refunding(first, recorder, counter.central)
    counter.central.online = False
    sold = refunding.find("1-000001")
    receipt = refunding.complete(RefundOrder(sold, {1: 1}))
    assert (receipt.number, receipt.refund.total, receipt.refund.card) == ("1-000006", 2000, CARD)
    refunding.complete(RefundOrder(refunding.find("3")))
    with pytest.raises(Refusal):
        refunding.complete(RefundOrder(refunding.find("3")))
    counter.store, counter.recorder = first, recorder
    assert verify(first, COUNTER_KEY.public_key) == []
    first.close()


def test_the_scripts_and_the_model_make_the_same() -> None:
    migrated, modelled = Database(sqlite_engine(None)), store_in_memory().database
    upgrade(migrated, SCRIPTS)
    by_scripts, by_model = shape(migrated), shape(modelled)
    migrated.close()
    modelled.close()
    assert by_scripts.keys() == by_model.keys()
    for name, words in by_model.items():
        assert by_scripts[name] == words, name


def shape(database: Database) -> dict[str, list[str]]:
    """Return the definitions of everything a database holds, by name, each as its sorted words."""
    with database.read() as connection:
        found = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'"))
        return {name: sorted(re.sub(r"[\s(),\"]+", " ", sql or "").split()) for name, sql in found}


def test_what_was_sold_before_is_in_the_sums(first: SqlStore) -> None:
    """The sums made by the upgrade are those that the rows would have made one by one."""
    with first.database.read() as connection:
        sold = connection.exec_driver_sql("SELECT count(*), sum(total), sum(earned), sum(points_paid) FROM sales").one()
        pieces = connection.exec_driver_sql("SELECT sum(quantity), sum(total) FROM sale_lines").one()
    week = [NOON - NOON % DAY_MS + day * DAY_MS for day in range(-2000, 2000)]
    figures = first.read(lambda book: book.analytics.figures([week[0], week[-1]]))[0]
    assert (figures.sales, figures.revenue, figures.issued, figures.redeemed) == tuple(sold)
    products = first.read(lambda book: book.analytics.products(week[0], week[-1], 100))
    assert (sum(each.pieces for each in products), sum(each.revenue for each in products)) == tuple(pieces)
    assert sold[0] == 5
