"""What must hold: after every event, and once the world has healed.

Reads tables and receipts only. Must never be weakened for a seed that fails.
"""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from tests.simulation.central_node import CentralNode
from tests.simulation.counter_node import CounterNode
from tests.simulation.world import Printed, Refunded, Violation, World
from urs_desktop.central import verification
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import StoredRefund, StoredSale
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import SCHEMA, RefundBody, SaleBody

_WALLETS = """
SELECT w.customer_id, w.available, w.held,
  coalesce((SELECT sum(p.amount) FROM postings p WHERE p.account = 'AVAIL' AND p.owner = w.customer_id), 0),
  coalesce((SELECT sum(p.amount) FROM postings p WHERE p.account = 'HELD' AND p.owner = w.customer_id), 0),
  coalesce((SELECT sum(l.granted - l.settled - l.returned) FROM leases l
            WHERE l.customer_id = w.customer_id AND l.state = 'open'), 0)
FROM wallets w
"""
_POINTS = "SELECT kind, coalesce(sum(points), 0) FROM entries GROUP BY kind"
_EXPIRED = "SELECT coalesce(sum(amount), 0) FROM postings WHERE account = 'EXPIRED'"


def after_event(central: CentralNode, counters: Sequence[CounterNode]) -> None:
    """Raise Violation unless no wallet is below zero, balances are their postings, and every lease is covered."""
    with central.database.read() as connection:
        for customer, available, held, avail_sum, held_sum, leased in connection.exec_driver_sql(_WALLETS):
            _must(available >= 0 and held >= 0, f"wallet {customer} is below zero: {available}, {held}")
            _must(available == avail_sum, f"wallet {customer}: available {available}, postings {avail_sum}")
            _must(held == held_sum == leased, f"wallet {customer}: held {held}, postings {held_sum}, leases {leased}")
    for counter in counters:
        for lease in counter.store.read(lambda book: book.leases.unfinished()):
            _must(lease.rest >= 0, f"{counter.name} spent more of {lease.lease_id} than it was granted")


def after_healing(world: World, central: CentralNode, counters: Sequence[CounterNode]) -> None:
    """Raise Violation unless every receipt is at the centre exactly once with its points, and nothing is locked."""
    for counter in counters:
        _outbox_is_empty(counter)
    receipts = _receipts_at_the_centre(central)
    for counter in counters:
        _same_receipts(counter, receipts.get(counter.identity.device_id, []))
    _customers_hold_what_is_stored(world.printed, counters)
    _refunds_are_stored(world.refunded, counters)
    _points_add_up(central, counters)
    nothing_is_locked(central)
    with central.database.read() as connection:
        findings = verification.verify(connection)
        _must(not findings, f"the central store's verify: {findings[:3]}")


def nothing_is_locked(central: CentralNode) -> None:
    """Raise Violation if points are still held, but by lines, though every counter has started anew and synced."""
    with central.database.read() as connection:
        held = connection.exec_driver_sql("SELECT coalesce(sum(held), 0) FROM wallets").scalar_one()
        lines = connection.exec_driver_sql(
            "SELECT coalesce(sum(granted - settled - returned), 0) FROM leases WHERE state = 'open' AND total = 0"
        ).scalar_one()
    _must(held == lines, f"{held} points are still locked in a healed world, {lines} of them in lines")


def _outbox_is_empty(counter: CounterNode) -> None:
    head = counter.store.read(lambda book: book.operations.head())
    _must(head.state.value == "open", f"{counter.name} is fenced, though nobody touched its history")
    waiting = head.seq - head.acknowledged
    _must(waiting == 0, f"{counter.name}: {waiting} operations still wait in a healed world")
    findings = verify(counter.store, counter.key.public_key)
    _must(not findings, f"{counter.name}'s verify: {findings[:3]}")


def _receipts_at_the_centre(central: CentralNode) -> dict[bytes, list[tuple[int, ...]]]:
    found: dict[bytes, list[tuple[int, ...]]] = {}
    query = sa.text(
        "SELECT device_id, receipt, total, points_paid, points_posted FROM transactions "
        "UNION ALL SELECT device_id, receipt, -total, -points_back, -clawed FROM refunds ORDER BY device_id, receipt"
    )
    with central.database.read() as connection:
        for device, *numbers in connection.execute(query):
            found.setdefault(device, []).append(tuple(numbers))
    return found


def _same_receipts(counter: CounterNode, at_the_centre: list[tuple[int, ...]]) -> None:
    own = []
    for operation in counter.store.read(lambda book: book.operations.all()):
        body = decode_body(operation.kind, SCHEMA, operation.body)
        if isinstance(body, SaleBody):
            own.append((body.receipt, body.total, body.points_paid, body.earned))
        elif isinstance(body, RefundBody):
            own.append((body.receipt, -body.total, -body.points_back, -body.clawed))
    stored = [(s.receipt, s.body.total, s.body.points_paid, s.body.earned) for s in _sales(counter)]
    stored += [(r.receipt, -r.body.total, -r.body.points_back, -r.body.clawed) for r in _refunds(counter)]
    _must(own == sorted(stored), f"{counter.name}: the receipts and the signed operations differ")
    _must([row[0] for row in own] == list(range(1, len(own) + 1)), f"{counter.name}: receipt numbers have a gap")
    _must(own == at_the_centre, f"{counter.name}: receipts {own}, at the centre {at_the_centre}")


def _sales(counter: CounterNode) -> list[StoredSale]:
    return list(reversed(counter.store.read(lambda book: book.sales.latest(10_000))))


def _refunds(counter: CounterNode) -> list[StoredRefund]:
    numbers = range(1, counter.store.read(lambda book: book.operations.head().receipt) + 1)
    found = counter.store.read(lambda book: [book.refunds.by_receipt(number) for number in numbers])
    return [refund for refund in found if refund is not None]


def _refunds_are_stored(refunded: Sequence[Refunded], counters: Sequence[CounterNode]) -> None:
    stored = {
        (counter.name, f"{counter.identity.number}-{refund.receipt:06d}"): refund.body
        for counter in counters
        for refund in _refunds(counter)
    }
    for receipt in refunded:
        body = stored.get((receipt.counter, receipt.number))
        _must(body is not None, f"refund {receipt.counter}/{receipt.number} was printed and is not stored")
        same = body is not None and (body.total, body.points_back, body.clawed) == (
            receipt.total,
            receipt.points_back,
            receipt.clawed,
        )
        _must(same, f"refund {receipt.counter}/{receipt.number} says other figures than what is stored")


def _customers_hold_what_is_stored(printed: Sequence[Printed], counters: Sequence[CounterNode]) -> None:
    stored = {
        (counter.name, f"{counter.identity.number}-{sale.receipt:06d}"): sale.body
        for counter in counters
        for sale in _sales(counter)
    }
    numbers = Counter((receipt.counter, receipt.number) for receipt in printed)
    _must(max(numbers.values(), default=1) == 1, f"a receipt number was printed twice: {numbers.most_common(1)}")
    for receipt in printed:
        body = stored.get((receipt.counter, receipt.number))
        _must(body is not None, f"receipt {receipt.counter}/{receipt.number} was printed and is not stored")
        same = body is not None and (body.total, body.earned, body.points_paid) == (
            receipt.total,
            receipt.earned,
            receipt.points_paid,
        )
        _must(same, f"receipt {receipt.counter}/{receipt.number} says other figures than what is stored")


def _points_add_up(central: CentralNode, counters: Sequence[CounterNode]) -> None:
    sales = [sale.body for counter in counters for sale in _sales(counter)]
    earned, paid = sum(body.earned for body in sales), sum(body.points_paid for body in sales)
    with central.database.read() as connection:
        sums: dict[str, int] = {row[0]: row[1] for row in connection.exec_driver_sql(_POINTS)}
        balance = connection.exec_driver_sql(
            "SELECT coalesce(sum(pending + available + held), 0) FROM wallets"
        ).scalar_one()
        expired = connection.exec_driver_sql(_EXPIRED).scalar_one()
    redeemed, late = sums.get("REDEEM", 0), sums.get("LATE", 0)
    _must(sums.get("EARN", 0) == earned, f"earned on receipts {earned}, posted {sums.get('EARN', 0)}")
    _must(redeemed + late == paid, f"paid on receipts {paid}, redeemed {redeemed} and late {late}")
    back = sums.get("UNREDEEM", 0)
    taken = sums.get("CLAWBACK", 0) + sums.get("RECOVER", 0)
    left = earned - redeemed + back - taken - expired
    _must(
        balance == left,
        f"wallets hold {balance}: earned {earned}, redeemed {redeemed}, given back {back}, taken {taken}, "
        f"expired {expired}",
    )
    _must(back + sums.get("UNLATE", 0) <= paid, f"{back} points given back of {paid} paid")
    _must(sums.get("CLAWBACK", 0) + sums.get("DEBT", 0) <= earned, f"more was taken back than {earned} earned")


def _must(holds: bool, message: str) -> None:
    if not holds:
        raise Violation(message)
