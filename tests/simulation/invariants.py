"""What must hold, one function for each: after every event, and once the world has healed.

The numbers are those of the proof that nothing is overdrawn, lost or doubled. A new check is a function here and its
place in AFTER_EVENT or AFTER_HEALING. Must never be weakened for a seed that fails.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from tests.simulation.counter_node import CounterNode
from tests.simulation.evidence import Evidence, Receipt, signed_receipts, stored_receipts
from tests.simulation.world import Violation
from urs_desktop.central import verification
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.protocol.tombstones import mark

Findings = Iterable[str]
Check = Callable[[Evidence], Findings]

_VERIFIED: Final = 0.25
_SUMS: Final = "SELECT kind, coalesce(sum(points), 0) FROM entries GROUP BY kind"
_EXPIRED: Final = "SELECT coalesce(sum(amount), 0) FROM postings WHERE account = 'EXPIRED'"
_ON_RECEIPTS: Final = "SELECT coalesce(sum(points_paid), 0), coalesce(sum(points_posted), 0) FROM transactions"
_UNEXPLAINED: Final = """
SELECT t.receipt, t.points_promised, t.points_posted FROM transactions AS t JOIN operations AS o ON o.op_id = t.op_id
WHERE t.points_promised <> t.points_posted AND o.result = 'applied'
"""
_BALANCE: Final = "SELECT coalesce(sum(pending + available + held), 0) FROM wallets"
_TAKEN_BACK: Final = """
SELECT t.receipt, t.points_paid, t.points_posted,
  coalesce(sum(CASE WHEN e.kind IN ('UNREDEEM', 'UNLATE') THEN e.points END), 0),
  coalesce(sum(CASE WHEN e.kind IN ('CLAWBACK', 'DEBT') THEN e.points END), 0)
FROM refunds AS r JOIN transactions AS t ON t.op_id = r.sale_op_id JOIN entries AS e ON e.op_id = r.op_id
GROUP BY t.op_id
"""
_PIECES: Final = """
SELECT t.device_id, t.receipt, l.n, l.quantity, sum(b.quantity)
FROM refunds AS r JOIN transactions AS t ON t.op_id = r.sale_op_id AND t.device_id = r.device_id
JOIN refund_lines AS b ON b.op_id = r.op_id
JOIN transaction_lines AS l ON l.op_id = t.op_id AND l.n = b.line
GROUP BY t.op_id, l.n HAVING sum(b.quantity) > l.quantity
"""
_CHAIN_AT_CENTRE: Final = """
SELECT seq, hash FROM operations WHERE device_id = ?1 AND epoch = ?2
UNION ALL
SELECT seq, hash FROM repeated_operations WHERE device_id = ?1 AND epoch = ?2
ORDER BY seq
"""
_EPOCH: Final = "SELECT epoch FROM counters WHERE device_id = ?"
_FLOOR: Final = """
SELECT coalesce(sum(p.points), 0) FROM point_entries AS p JOIN sales AS s ON s.receipt = p.receipt
WHERE p.kind = 'FLOOR' AND s.seq > (SELECT acknowledged FROM chain)
"""
_FLOOR_SALES: Final = """
SELECT o.op_id, p.points FROM point_entries AS p JOIN sales AS s ON s.receipt = p.receipt
JOIN operations AS o ON o.seq = s.seq WHERE p.kind = 'FLOOR'
"""
_FLOOR_LIMIT: Final = "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM settings WHERE name = 'floor_counter'"
_HINTS: Final = """
SELECT c.card_code, w.available + w.held FROM customer_records AS c JOIN wallets AS w ON w.customer_id = c.customer_id
JOIN customer_vendors AS v ON v.customer_id = c.customer_id WHERE v.vendor_id = ? AND c.consent_at IS NOT NULL
"""

_POLICIES: Final = "SELECT policy_id, version FROM {table} WHERE category = ? ORDER BY policy_id, version"


def i1_nobody_is_below_zero(evidence: Evidence) -> Findings:
    """A >= 0, in every wallet and in every lot of points."""
    for lot, customer in evidence.lots_below_zero:
        yield f"lot {lot.hex()} of {customer} is below zero"
    for customer, wallet in evidence.wallets.items():
        if wallet.available < 0 or wallet.held < 0:
            yield f"wallet {customer} is below zero: {wallet.available}, {wallet.held}"


def i2_spends_in_flight_are_covered(evidence: Evidence) -> Findings:
    """A customer's balance covers every spend of an open lease that is still on its way."""
    in_flight: Counter[str] = Counter()
    spent = {lease: row.spent for rows in evidence.counter_leases.values() for lease, row in rows.items()}
    for lease in evidence.leases:
        if lease.is_open and lease.customer is not None:
            in_flight[lease.customer] += max(0, spent.get(lease.lease_id, 0) - lease.settled)
    for customer, points in in_flight.items():
        wallet = evidence.wallets[customer]
        if wallet.available + wallet.held < points:
            yield f"{points} points of {customer} are on their way and only {wallet.available + wallet.held} there"


def i3_leases_are_not_overspent(evidence: Evidence) -> Findings:
    """S + R <= g <= G, s <= S and s + r <= G: neither end spends, settles or believes more than was granted."""
    central = {lease.lease_id: lease for lease in evidence.leases}
    for lease in evidence.leases:
        if lease.rest < 0:
            yield f"the centre settled more of {lease.lease_id} than it granted"
    for name, rows in evidence.counter_leases.items():
        for lease_id, row in rows.items():
            if row.spent + row.returned > row.granted:
                yield f"{name} spent more of {lease_id} than it was granted"
            there = central.get(lease_id)
            if row.granted > (there.granted if there else 0):
                yield f"{name} has {row.granted} points in {lease_id}, the centre granted {there and there.granted}"
            if there is not None and there.settled > row.spent and name not in evidence.put_back:
                yield f"the centre settled {there.settled} of {lease_id}, {name} spent {row.spent}"


def i4_held_is_what_open_leases_hold(evidence: Evidence) -> Findings:
    """What a wallet has set aside is the rest of its open leases, and a closed lease holds nothing."""
    rests: Counter[str] = Counter()
    for lease in evidence.leases:
        if lease.is_open and lease.customer is not None:
            rests[lease.customer] += lease.rest
    for customer, wallet in evidence.wallets.items():
        if wallet.held != rests[customer]:
            yield f"wallet {customer} holds {wallet.held}, its leases {rests[customer]}"


def i5_balances_are_their_postings(evidence: Evidence) -> Findings:
    """Every stored balance is the sum of its postings."""
    for customer, wallet in evidence.wallets.items():
        if (wallet.available, wallet.held) != (wallet.available_posted, wallet.held_posted):
            yield f"wallet {customer} is not what was posted: {wallet}"


def i6_the_centre_has_a_prefix_of_each_chain(evidence: Evidence) -> Findings:
    """The centre has the beginning of each counter's chain, the whole of it where the counter is not lost."""
    for counter in evidence.shop.all_counters.values():
        look, device = evidence.shop.central.machine.look, counter.identity.device_id
        epoch = look(_EPOCH, device)[0][0]
        there = look(_CHAIN_AT_CENTRE, device, epoch)
        own = [(each.seq, each.hash) for each in counter.store.read(lambda book: book.operations.all())]
        if counter.is_lost and counter.was_put_back:
            continue
        if there != own[: len(there)]:
            yield f"the centre has another chain than {counter.name}"
        elif len(there) < len(own) and not counter.is_lost:
            yield f"{len(own) - len(there)} operations of {counter.name} are not at the centre"


def i7_each_receipt_is_at_the_centre_once(evidence: Evidence) -> Findings:
    """Every receipt has one sale or refund at the centre, with the same figures, and numbers have no gap."""
    centre = evidence.receipts_at_the_centre()
    for counter in evidence.shop.all_counters.values():
        own, there = signed_receipts(counter), centre.get(counter.identity.device_id, [])
        if own != stored_receipts(counter):
            yield f"{counter.name}: the receipts and the signed operations differ"
        if counter.was_put_back:
            yield from _what_is_left_is_there(counter, own, there)
            continue
        if [receipt[0] for receipt in own] != list(range(1, len(own) + 1)):
            yield f"{counter.name}: receipt numbers have a gap: {[receipt[0] for receipt in own]}"
        if there != (own[: len(there)] if counter.is_lost else own):
            yield f"{counter.name}: receipts {own}, at the centre {there}"


def _what_is_left_is_there(counter: CounterNode, own: list[Receipt], there: list[Receipt]) -> Findings:
    """A counter that was put back has forgotten some receipts: those it has are at the centre, each once."""
    missing = Counter(own) - Counter(there)
    if missing and not counter.is_lost:
        yield f"{counter.name}: receipts {sorted(missing)} are not at the centre"
    numbers = Counter(receipt[0] for receipt in there)
    if not counter.lost_sentinel and (twice := [number for number, times in numbers.items() if times > 1]):
        yield f"{counter.name}: receipts {twice} are at the centre more than once"


def i8_points_paid_are_debited_once(evidence: Evidence) -> Findings:
    """What receipts say was paid is what wallets and vendors were debited; what they say was earned is credited."""
    look = evidence.shop.central.machine.look
    sums: Counter[str] = Counter(dict(look(_SUMS)))
    paid, earned = look(_ON_RECEIPTS)[0]
    redeemed, late = sums["REDEEM"], sums["LATE"]
    if redeemed + late != paid:
        yield f"paid on receipts {paid}, redeemed {redeemed} and late {late}"
    if sums["EARN"] != earned:
        yield f"earned on receipts {earned}, posted {sums['EARN']}"
    for receipt, promised, posted in look(_UNEXPLAINED):
        yield f"receipt {receipt} promised {promised} points, {posted} were posted, and nobody was told why"
    back, taken = sums["UNREDEEM"], sums["CLAWBACK"] + sums["RECOVER"]
    left = earned - redeemed + back - taken - look(_EXPIRED)[0][0]
    if (balance := look(_BALANCE)[0][0]) != left:
        yield f"wallets hold {balance}, not {left}: earned {earned}, redeemed {redeemed}, back {back}, taken {taken}"


def i9_late_spends_were_outstanding(evidence: Evidence) -> Findings:
    """What a vendor owes for a lease that was closed over its head is at most what was outstanding then."""
    granted = {lease.lease_id: lease.granted for lease in evidence.leases if lease.device in evidence.put_back_devices}
    for lease, points in evidence.late.items():
        # A counter that was put back may spend once more what its old copy of a lease had: no more than was granted.
        if points > max(evidence.reclaimed.get(lease, 0), granted.get(lease, 0)):
            yield f"{points} points late on {lease}, of which {evidence.reclaimed.get(lease, 0)} were outstanding"


def the_floor_has_a_limit(evidence: Evidence) -> Findings:
    """During one outage no counter takes more without a lease than its vendor answers for."""
    for counter in evidence.shop.all_counters.values():
        taken, limit = counter.machine.look(_FLOOR)[0][0], counter.machine.look(_FLOOR_LIMIT)[0][0]
        if taken > limit and (taken := _not_at_the_centre(evidence, counter)) > limit:
            yield f"{counter.name} took {taken} points without a lease, of {limit}"


def _not_at_the_centre(evidence: Evidence, counter: CounterNode) -> int:
    """Return the points taken without a lease of which the centre has not heard.

    A counter that rejoins counts nothing as acknowledged, though the centre may have it.
    """
    there = {row[0] for row in evidence.shop.central.machine.look("SELECT op_id FROM operations")}
    return sum(points for op_id, points in counter.machine.look(_FLOOR_SALES) if op_id not in there)


def i10_no_refund_beyond_the_sale(evidence: Evidence) -> Findings:
    """No sale gives back more points than it was paid with, takes back more than it earned, nor more pieces."""
    look = evidence.shop.central.machine.look
    for receipt, paid, posted, back, taken in look(_TAKEN_BACK):
        if back > paid or taken > posted:
            yield f"of receipt {receipt} {back} of {paid} points were given back, {taken} of {posted} taken"
    for device, receipt, line, sold, returned in look(_PIECES):
        # A counter that was put back, and cannot ask, has forgotten what it refunded: its vendor pays for those goods.
        if device in evidence.put_back_devices:
            continue
        yield f"{returned} of {sold} pieces of receipt {receipt}, line {line}, came back to the counter that sold them"


def outboxes_are_empty(evidence: Evidence) -> Findings:
    """Nobody waits, and nobody is fenced whose history nobody touched."""
    for counter in evidence.shop.counters:
        head = counter.store.read(lambda book: book.operations.head())
        if head.state.value != "open":
            yield f"{counter.name} is fenced, though nobody touched its history"
        if head.seq != head.acknowledged:
            yield f"{counter.name}: {head.seq - head.acknowledged} operations still wait in a healed world"


def customers_hold_what_is_stored(evidence: Evidence) -> Findings:
    """Every receipt in a customer's hand is stored with the figures on it, and none has the number of another."""
    world = evidence.shop.world
    stored: dict[tuple[str, str], tuple[int, ...]] = {}
    for counter in evidence.shop.all_counters.values():
        if counter.was_put_back:
            continue
        number = counter.identity.number
        stored |= {(counter.name, f"{number}-{row[0]:06d}"): row[1:] for row in stored_receipts(counter)}
    held = [((each.counter, each.number), (each.total, each.points_paid, each.earned)) for each in world.printed]
    held += [((each.counter, each.number), (-each.total, -each.points_back, -each.clawed)) for each in world.refunded]
    forgetful = {counter.name for counter in evidence.shop.all_counters.values() if counter.lost_sentinel}
    for key, times in Counter(key for key, _ in held).items():
        if times > 1 and key[0] not in forgetful:
            yield f"receipt number {key} was printed {times} times"
    for key, figures in (each for each in held if each[0][0] not in evidence.put_back):
        if key not in stored:
            yield f"receipt {key} was printed and is not stored"
        elif stored[key] != figures:
            yield f"receipt {key} says {figures}, stored is {stored[key]}"


def counters_know_their_customers_points(evidence: Evidence) -> Findings:
    """What the feed brought a counter about its vendor's customers is what the centre says now."""
    for counter in evidence.shop.counters:
        hints = dict(counter.machine.look("SELECT card, available FROM customers"))
        for card, available in evidence.shop.central.machine.look(_HINTS, counter.identity.vendor_id):
            if hints.get(card) != available:
                yield f"{counter.name} shows {hints.get(card)} points of {card}, the centre has {available}"


def the_erased_are_forgotten(evidence: Evidence) -> Findings:
    """No counter knows a customer who was erased, and the centre has nobody with such a card."""
    look = evidence.shop.central.machine.look
    marks = {row[0] for row in look("SELECT mark FROM erasures")}
    known = [("the centre", mark(row[0])) for row in look("SELECT card_code FROM customer_records")]
    for counter in evidence.shop.counters:
        known += [(counter.name, row[0]) for row in counter.machine.look("SELECT mark FROM customers")]
    for name, card in known:
        if card in marks:
            yield f"{name} still knows an erased customer"


def counters_know_the_policy(evidence: Evidence) -> Findings:
    """Every version of the policy of a counter's category is at the counter."""
    for counter in evidence.shop.counters:
        known = counter.machine.look(_POLICIES.format(table="policies"), counter.category.value)
        there = evidence.shop.central.machine.look(_POLICIES.format(table="reward_policies"), counter.category.value)
        if known != there:
            yield f"{counter.name} knows the policies {known}, the centre has {there}"


def nothing_is_locked(evidence: Evidence) -> Findings:
    """No counter that is there keeps points locked once it has started anew and synced, but those kept ready.

    One that was put back has forgotten what it asked for, and asking moves no chain: that ends with its window.
    """
    counters = evidence.shop.all_counters.values()
    gone = {counter.identity.device_id for counter in counters if counter.is_lost or counter.was_put_back}
    for lease in evidence.leases:
        if lease.is_open and not lease.is_standing and lease.device not in gone:
            yield f"{lease.rest} points are still locked in {lease.lease_id} in a healed world"


def no_lease_outlives_its_window(evidence: Evidence) -> Findings:
    """Once the time to settle is over, the centre holds nothing for any lease, whoever is lost."""
    for lease in evidence.leases:
        if lease.is_open:
            yield f"lease {lease.lease_id} holds {lease.rest} points beyond its window"


def both_ends_verify(evidence: Evidence) -> Findings:
    """The programs' own `verify` finds nothing at either end; asked in some of the runs, because it takes its time."""
    if evidence.shop.world.chance.share("verify") > _VERIFIED:
        return
    for counter in evidence.shop.all_counters.values():
        for finding in verify(counter.store, counter.key.public_key):
            yield f"{counter.name}: {finding}"
    with evidence.shop.central.database.read() as connection:
        yield from verification.verify(connection)


AFTER_EVENT: Final[tuple[Check, ...]] = (
    i1_nobody_is_below_zero,
    i2_spends_in_flight_are_covered,
    i3_leases_are_not_overspent,
    i4_held_is_what_open_leases_hold,
    i5_balances_are_their_postings,
    i9_late_spends_were_outstanding,
    the_floor_has_a_limit,
)
"""What holds after every event, in the middle of every outage."""

WHEN_QUIET: Final[tuple[Check, ...]] = (
    outboxes_are_empty,
    nothing_is_locked,
    counters_know_their_customers_points,
    counters_know_the_policy,
    the_erased_are_forgotten,
)
"""What holds as soon as everybody could speak to everybody again."""

AFTER_HEALING: Final[tuple[Check, ...]] = (
    i6_the_centre_has_a_prefix_of_each_chain,
    i7_each_receipt_is_at_the_centre_once,
    i8_points_paid_are_debited_once,
    i10_no_refund_beyond_the_sale,
    outboxes_are_empty,
    customers_hold_what_is_stored,
    no_lease_outlives_its_window,
    both_ends_verify,
)
"""What holds when also every window is over."""


def hold(evidence: Evidence, checks: Iterable[Check]) -> None:
    """Raise Violation for the first check that finds something."""
    for check in checks:
        for finding in check(evidence):
            raise Violation(check.__name__, finding)
