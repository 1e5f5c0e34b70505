"""A central store of an earlier program goes on: what its leases hold can be spent, what it sold can be refunded.

Must never write to a frozen file: tests work on copies.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import urs_desktop.central
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, CountedRandomness, Till
from urs_desktop.central import policies
from urs_desktop.central.origin import counter
from urs_desktop.central.schema import counters, customer_records, leases, lots, operations, wallets
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import upgrade
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.protocol.messages import EnrolReply
from urs_desktop.protocol.operations import Operation, SaleSpend
from urs_desktop.protocol.signatures import SigningKey

SCRIPTS = Path(urs_desktop.central.__file__).with_name("migrations")
FROZEN = Path(__file__).with_name("central_0002.sqlite")
SEED = b"\x01" * 32
"""Of the first counter of the frozen store."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A copy of the frozen store, upgraded, and its first counter where it stands."""
    shutil.copy(FROZEN, tmp_path / "central.sqlite")
    database = Database(sqlite_engine(tmp_path / "central.sqlite"))
    upgrade(database, SCRIPTS)
    till = resumed(database)
    with database.read() as connection:
        [policy] = policies.every(connection)
    yield Shop(database, till.identity.vendor.vendor_id, policy, till, CountedRandomness(5000))
    database.close()


def resumed(database: Database) -> Till:
    """Return the counter whose key the seed makes, with its chain as the store has it."""
    key = SigningKey(SEED)
    with database.read() as connection:
        device = connection.execute(
            sa.select(counters.c.device_id).where(counters.c.public_key == key.public_key)
        ).scalar_one()
        known = counter(connection, device)
        rows = connection.execute(sa.select(operations).where(operations.c.device_id == device)).all()
    chain = {row.seq: Operation(row.seq, row.op_id, row.kind, row.schema, row.body, row.prev, row.hash) for row in rows}
    last = Operation(known.last_seq, b"", "", 0, b"", b"", known.head)
    made = [chain.get(seq, last) for seq in range(1, known.last_seq)] + [last]
    identity = EnrolReply(
        device_id=device,
        number=known.number,
        epoch=known.epoch,
        nonce=known.nonce,
        central_key=b"",
        vendor=known.vendor,
    )
    return Till(identity, key, CountedRandomness(9), made, receipt=100)


def card_of(shop: Shop, lease_id: str) -> str:
    statement = (
        sa.select(customer_records.c.card_code)
        .select_from(leases.join(customer_records, customer_records.c.customer_id == leases.c.customer_id))
        .where(leases.c.lease_id == lease_id)
    )
    with shop.database.read() as connection:
        return str(connection.execute(statement).scalar_one())


def sales(shop: Shop) -> list[Operation]:
    """Return the sales of the counter in their order, with what they were signed as."""
    return [operation for operation in shop.till.operations if operation.kind == "sale"]


def answer(shop: Shop, operation: Operation) -> tuple[str, str]:
    last = shop.push(operation).results[-1]
    return last.result, last.code


def test_what_it_held_and_had_is_what_it_holds_and_has(shop: Shop) -> None:
    assert shop.findings() == []
    with shop.database.read() as connection:
        balances = {(row.available, row.held) for row in connection.execute(sa.select(wallets))}
        parts = [(row.granted, row.available, row.held) for row in connection.execute(sa.select(lots))]
    assert balances == {(340, 60), (260, 0), (0, 0)}
    assert sorted(parts) == [(60, 60, 0), (200, 200, 0), (250, 250, 0), (300, 90, 60)]


def test_an_open_lease_can_be_spent(shop: Shop) -> None:
    card = card_of(shop, "open")
    before = shop.balances(card)
    spend = SaleSpend("open", 45, 15)
    sale = shop.till.sale(card=card, policy=shop.policy, points_paid=45, spends=(spend,), sold=[(3, 900)])
    assert answer(shop, sale) == ("applied", "")
    assert before == (0, 340, 60, 0)
    assert shop.balances(card) == (0, 355, 0, 0)
    assert shop.findings() == []
    refund = shop.till.refund(sale, {1: 3}, policy=shop.policy)
    assert answer(shop, refund) == ("applied", "")
    assert shop.balances(card) == (0, 400, 0, 0)
    assert shop.findings() == []


def test_an_open_lease_is_taken_back(shop: Shop) -> None:
    card = card_of(shop, "open")
    shop.tidy(NOW + 3 * EXACT_SETTLE_MS)
    assert shop.balances(card) == (0, 400, 0, 0)
    assert shop.findings() == []


def test_old_sales_can_be_refunded(shop: Shop) -> None:
    """Whatever was redeemed, given by the vendor or earned before the upgrade comes to nothing."""
    for sale in sales(shop):
        refund = shop.till.refund(sale, {1: 1, 2: 1}, policy=shop.policy)
        assert answer(shop, refund)[0] in {"applied", "adjusted"}
        assert shop.findings() == []
    own = {operation.op_id for operation in sales(shop)}
    allocations = [row for row in shop.rows("reward_allocations") if row["transaction_id"] in own]
    assert {(row["reward_points"], row["redeemed_points"]) for row in allocations} == {(0, 0)}
