"""Verify is silent about a sound store and names every planted fault."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.tampering import Tampering
from urs_desktop.central import records
from urs_desktop.central.schema import (
    counters,
    customer_merges,
    customer_records,
    entries,
    erasures,
    lot_moves,
    lots,
    operations,
    parked_operations,
    parked_resolutions,
    postings,
    refund_lines,
    refund_tenders,
    refunds,
    repeated_operations,
    reward_policies,
    tenders,
    transaction_lines,
    transactions,
    wallets,
)
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.central.schema.base import SEAL, seal


def change(table: sa.Table, column: str, value: object, **where: object) -> sa.Update:
    return sa.update(table).where(*(table.c[name] == wanted for name, wanted in where.items())).values({column: value})


def gone(table: sa.Table, **where: object) -> sa.Delete:
    return sa.delete(table).where(*(table.c[name] == wanted for name, wanted in where.items()))


FIRST_TILL = sa.select(sa.func.min(counters.c.device_id)).scalar_subquery()
LAST_SEQ = sa.select(sa.func.max(operations.c.seq)).scalar_subquery()
PARKED = sa.select(sa.func.min(parked_operations.c.op_id)).scalar_subquery()
FIRST_SALE = sa.select(transactions.c.op_id).where(transactions.c.receipt == 1).limit(1).scalar_subquery()
REDEEMED = sa.select(sa.func.min(entries.c.entry_id)).where(entries.c.kind == "REDEEM").scalar_subquery()
FIRST_LOT = sa.select(sa.func.min(lot_moves.c.lot_id)).where(lot_moves.c.entry_id == REDEEMED).scalar_subquery()

MOVED = sa.select(entries.c.entry_id).where(entries.c.kind == "MERGE").scalar_subquery()
ERASED = sa.select(erasures.c.customer_id).scalar_subquery()

FAULTS: dict[str, tuple[sa.Update | sa.Delete, str]] = {
    "a merge by nobody": (change(customer_merges, "merged_by", "nobody"), "is by nobody who is known"),
    "a merge gone": (gone(customer_merges), "who was not merged into its customer"),
    "a debt assumed without a merge": (gone(customer_merges), "(ASSUME) repays no debt"),
    "a moved lot of another time": (
        sa.update(lots).where(lots.c.lot_id.in_(MOVED)).values(created_at=1),
        "is not as the one it came from",
    ),
    "an erasure gone": (gone(erasures), "came before its lots' time"),
    "a receipt of nobody": (gone(erasures), "its policy gives 75"),
    "a tombstone with a name": (
        sa.update(customer_records).where(customer_records.c.customer_id == ERASED).values(name="Ann"),
        "there is a record of somebody",
    ),
    "a body changed": (change(operations, "body", b"{}", seq=1, device_id=FIRST_TILL), "operation 1"),
    "a hash changed": (change(operations, "hash", b"\x01" * 32, seq=2, device_id=FIRST_TILL), "operation 2"),
    "a signature changed": (change(operations, "sig", b"\x01" * 64, seq=2), "operation 2 is not signed"),
    "a kind changed": (change(operations, "kind", "sale", seq=5), "operation 5"),
    "a result changed": (change(operations, "result", "parked", seq=1, device_id=FIRST_TILL), "parked"),
    "an operation gone": (gone(operations, seq=6), "operation 6 is missing"),
    "the last operation gone": (gone(operations, seq=LAST_SEQ), "the chain ends at operation"),
    "a repetition gone": (gone(repeated_operations), "operation 4 is missing"),
    "a repetition signed by nobody": (change(repeated_operations, "sig", b"\x01" * 64), "operation 4 is not signed"),
    "an operation of another epoch": (change(operations, "epoch", 2, seq=1, device_id=FIRST_TILL), "is in no chain"),
    "the counter set back": (change(counters, "last_seq", 3, device_id=FIRST_TILL), "the counter's row says 3"),
    "the counter's head changed": (change(counters, "head", b"\x01" * 32), "another hash"),
    "another public key": (change(counters, "public_key", b"\x01" * 32), "not signed by the counter"),
    "another beginning": (change(counters, "nonce", b"\x01" * 32), "operation 1 does not follow"),
    "the counter gone": (gone(counters, device_id=FIRST_TILL), "is in no chain"),
    "a total changed": (change(transactions, "total", 1, receipt=1), "receipt 1"),
    "a customer changed": (change(transactions, "customer_id", None, receipt=1), "receipt 1"),
    "points posted changed": (change(transactions, "points_posted", 1, op_id=FIRST_SALE), "1 points earned"),
    "points paid changed": (change(transactions, "points_paid", 1, receipt=6), "receipt 6"),
    "points paid below zero": (change(transactions, "points_paid", -1, receipt=6), "receipt 6"),
    "a line changed": (sa.update(transaction_lines).values(total=transaction_lines.c.total + 1), "receipt 1"),
    "a line gone": (gone(transaction_lines, n=2), "is not what was signed"),
    "a tender changed": (change(tenders, "kind", "card"), "is not what was signed"),
    "a sale gone": (gone(transactions, receipt=5), "a sale that is not stored"),
    "a refund's sale changed": (change(refunds, "sale_op_id", b"?"), "is not what was signed"),
    "a refund's figure changed": (sa.update(refunds).values(clawed=refunds.c.clawed + 1), "the stored refund"),
    "a refunded line changed": (sa.update(refund_lines).values(quantity=9), "the stored refund"),
    "a refunded line gone": (gone(refund_lines), "the rules say"),
    "a refund's tender gone": (gone(refund_tenders), "the stored refund"),
    "a refund gone": (gone(refunds), "a refund that is not stored"),
    "a posting changed": (
        sa.update(postings).where(postings.c.account == "AVAIL").values(amount=postings.c.amount + 1),
        "does not balance",
    ),
    "a posting gone": (gone(postings, account="POOL"), "does not balance"),
    "a posting on another account": (change(postings, "account", "EXPIRED", account="REDEEMED"), "do not make"),
    "an entry's points changed": (sa.update(entries).values(points=entries.c.points + 1), "the rules do not make"),
    "an entry's kind changed": (change(entries, "kind", "HOLD", kind="EARN"), "points earned"),
    "an entry gone": (gone(entries, entry_id=REDEEMED), "belong to no entry"),
    "a late entry gone": (gone(entries, kind="LATE"), "20 paid"),
    "another policy cited": (change(entries, "policy_version", 2, kind="EARN"), "says something else"),
    "a debt of another vendor": (
        change(entries, "vendor_id", None, kind="RECOVER"),
        "repays no debt of its customer to its vendor",
    ),
    "a debt repaid too much": (change(entries, "points", 14, kind="DEBT"), "was repaid with 15"),
    "a policy changed": (change(reward_policies, "reward_percentage", 501, version=1), "is not what its hash says"),
    "a policy gone": (gone(reward_policies, version=1), "names a policy that is not there"),
    "a wallet raised": (sa.update(wallets).values(available=wallets.c.available + 1), "its postings"),
    "a wallet moved": (
        sa.update(wallets).where(wallets.c.held > 0).values(available=wallets.c.available + wallets.c.held, held=0),
        "its postings",
    ),
    "a debt forgiven": (sa.update(wallets).values(owed=wallets.c.owed + 1), "its postings"),
    "a wallet gone": (gone(wallets), "who has no wallet"),
    "a lot raised": (
        sa.update(lots).where(lots.c.available < lots.c.granted).values(available=lots.c.granted),
        "the lots of customer",
    ),
    "a lot regranted": (sa.update(lots).values(granted=lots.c.granted + 1), "is not what its entry granted"),
    "a lot that lasts longer": (
        sa.update(lots).where(lots.c.expires_at.is_not(None)).values(expires_at=lots.c.expires_at + 1),
        "other times",
    ),
    "a lot that never vests": (sa.update(lots).where(lots.c.pending > 0).values(vests_at=None), "other times"),
    "a lot gone": (gone(lots), "points that are in no lot"),
    "a move of a lot gone": (gone(lot_moves), "its moves come to"),
    "a move of another lot": (
        sa.update(lot_moves)
        .where(lot_moves.c.entry_id == REDEEMED, lot_moves.c.lot_id == FIRST_LOT)
        .values(lot_id=sa.select(lots.c.lot_id).where(lots.c.pending > 0).scalar_subquery()),
        "its moves come to",
    ),
    "a lease closed": (change(lease_rows, "state", "closed", lease_id="open"), "lease open"),
    "a lease opened": (change(lease_rows, "state", "open", lease_id="reclaimed"), "lease reclaimed"),
    "a lease raised": (change(lease_rows, "granted", 61, lease_id="open"), "lease open"),
    "a lease gone": (gone(lease_rows, lease_id="open"), "for lease open"),
    "a settled lease gone": (gone(lease_rows, lease_id="reclaimed"), "for lease reclaimed"),
    "a reason gone": (gone(parked_operations, op_id=PARKED), "without a reason"),
    "a resolution gone": (gone(parked_resolutions), "and nothing says so"),
    "a resolution nobody signed": (change(parked_resolutions, "by_op_id", None), "was asked for by nobody"),
    "a resolution signed for another": (change(parked_resolutions, "op_id", PARKED), "is not what its counter signed"),
    "another leave to write off": (change(parked_resolutions, "override_reason", "x"), "not what its counter signed"),
    "a write-off that was applied": (change(parked_resolutions, "result", "applied"), "says applied of what was asked"),
    "a resolution of what was not parked": (
        change(parked_resolutions, "op_id", FIRST_SALE),
        "is of one that was never parked",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(busy: Shop, tampering: Tampering, fault: str) -> None:
    """Named by more than its seal, which whoever changes a row can make anew."""
    statement, words = FAULTS[fault]
    with tampering() as connection:
        _without_checks(connection)
        assert connection.execute(statement).rowcount > 0
        _seal_anew(connection)
    findings = busy.findings()
    assert any(words in finding for finding in findings), findings
    assert not any("is not as it was written" in finding for finding in findings)


def _without_checks(connection: sa.Connection) -> None:
    """Take the CHECKs away for as long as the transaction lasts; they are no part of what verify looks at."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        return
    query = "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint WHERE contype = 'c'"
    for table, name in connection.exec_driver_sql(f"{query} AND conrelid <> 0").all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _seal_anew(connection: sa.Connection) -> None:
    """Make every seal anew, as somebody does who knows how they are made."""
    for name, shape in records._SHAPES.items():
        table = sa.table(name, *(sa.column(column) for column in (*shape.names, SEAL)))
        for row in connection.execute(shape.every).all():
            *values, stored = row
            fresh = seal(name, values)
            if fresh != stored:
                connection.execute(sa.update(table).where(table.c[SEAL] == stored).values({SEAL: fresh}))


def test_balanced_lies_are_found_too(busy: Shop, tampering: Tampering) -> None:
    """Points moved from one vendor's issue to another's, balancing in every entry."""
    with tampering() as connection:
        connection.execute(change(postings, "owner", "elsewhere", account="ISSUE"))
    assert any("DUE" in finding for finding in busy.findings())


def test_a_pool_that_does_not_cover_the_wallets(busy: Shop, tampering: Tampering) -> None:
    with tampering() as connection:
        money = sa.and_(postings.c.unit == "money", postings.c.account.in_(("POOL", "DUE", "BREAKAGE")))
        connection.execute(sa.delete(postings).where(money))
    assert any("the pool has 0" in finding for finding in busy.findings())


Forgery = Callable[[sa.Connection], None]


def _ghost(connection: sa.Connection) -> None:
    """An earning that no sale made, with everything that belongs to one, down to its seals."""
    old = connection.execute(sa.select(entries).where(entries.c.kind == "EARN").limit(1)).mappings().one()
    new = old["entry_id"][:-3] + b"\x7f" + old["entry_id"][-2:]
    lot = connection.execute(sa.select(lots).where(lots.c.lot_id == old["entry_id"])).mappings().one()
    whole = {"pending": 0, "available": old["points"], "held": 0}
    connection.execute(sa.insert(lots), {**lot, **whole, "lot_id": new})
    for row in connection.execute(sa.select(postings).where(postings.c.entry_id == old["entry_id"])).mappings().all():
        records.write(connection, postings, [{**row, "entry_id": new}])
    records.write(connection, lot_moves, [{"entry_id": new, "lot_id": new, **whole}])
    records.write(connection, entries, [{**old, "entry_id": new, "op_id": None}])
    connection.execute(sa.update(lots).where(lots.c.lot_id == new).values(op_id=None))
    owner = wallets.c.customer_id == old["customer_id"]
    connection.execute(sa.update(wallets).where(owner).values(available=wallets.c.available + old["points"]))


def test_an_earning_that_no_sale_made(busy: Shop, tampering: Tampering) -> None:
    with tampering() as connection:
        _ghost(connection)
    findings = busy.findings()
    assert any("(EARN) comes from no sale of its vendor" in finding for finding in findings), findings


def test_an_earning_taken_away_whole(shop: Shop, tampering: Tampering) -> None:
    """The sale is as it was signed; that it earned nothing is a lie however well the rows agree."""
    shop.earn(300)
    with tampering() as connection:
        for table in (postings, lot_moves, lots, entries):
            connection.execute(sa.delete(table))
        connection.execute(sa.update(wallets).values(available=0))
        connection.execute(sa.update(transactions).values(points_posted=0))
        connection.execute(sa.update(operations).values(code="policy_unknown", result="adjusted"))
        _seal_anew(connection)
    findings = shop.findings()
    assert findings == [f"sale {shop.till.operations[0].op_id.hex()} earned 0 points, its policy gives 300"]


def test_the_person_behind_a_wallet_is_no_part_of_the_proof(busy: Shop) -> None:
    """A record may be erased: nothing that is proved names a person."""
    with busy.database.write() as connection:
        connection.execute(sa.update(customer_records).values(name="", phone="", email="", person=None))
    assert busy.findings() == []
